//! `# numlift: ignore[…]` with a code that no rule has. What it looks at is in [`crate::suppress`].

use crate::rule::{Fixes, Page, Rule};

pub static RULE: Rule = Rule {
    code: "NL902",
    name: "unknown-code",
    summary: "`# numlift: ignore` with a code that no rule has",
    page: Page {
        what: "A code in `# numlift: ignore[…]` that is no rule's code, name or beginning of codes.",
        why: "It keeps nothing quiet, though whoever wrote it meant it to.",
        example: "import numpy as np\n\n\ndef f(m):\n    return np.count_nonzero(m)  # numlift: ignore[NL999]\n",
        instead: "import numpy as np\n\n\ndef f(m):\n    return np.count_nonzero(m)\n",
        when_not: "Never: mend the code or remove it.",
    },
    fixes: Fixes::Never,
    looks_at: &[],
    check: |_, _| {},
};
