//! `# numlift: ignore[…]` where nothing is found. What it looks at is in [`crate::suppress`].

use crate::rule::{Fixes, Page, Rule};

pub static RULE: Rule = Rule {
    code: "NL901",
    name: "unused-ignore",
    summary: "`# numlift: ignore` that keeps nothing quiet",
    page: Page {
        what: "A comment `# numlift: ignore`, or a code in its list, for a rule that finds nothing there. Rules that are \
               not selected do not count, and neither do `# noqa` comments, which other tools read, too.",
        why: "The code has changed, or the rule has; the comment says something that is no longer so, and would hide \
              what comes next.",
        example: "import numpy as np\n\n\ndef f(m):\n    return np.count_nonzero(m)  # numlift: ignore[NL303]\n",
        instead: "import numpy as np\n\n\ndef f(m):\n    return np.count_nonzero(m)\n",
        when_not: "Never: remove the comment.",
    },
    fixes: Fixes::Never,
    looks_at: &[],
    check: |_, _| {},
};
