//! The arguments, declared once; `--help` is written from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use numlift::config::Only;

use crate::units::{parse_duration, parse_size};

/// Makes NumPy programs fast, checks that they still compute the same thing, and says what it proved and what it
/// only tested.
#[derive(Debug, Parser)]
#[command(name = "numlift", version, propagate_version = true, disable_help_subcommand = true, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour the output (NO_COLOR and FORCE_COLOR are respected)
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

const EXAMPLES: &str = "\
Examples:
  numlift optimize simulate.py                 watch, cure, check, report; nothing is touched
  numlift optimize --write simulate.py         the same, and edit the files
  numlift undo                                 take the last --write back
  numlift optimize --for 60s simulate.py       watch one minute of a long run
  numlift optimize -m pytest tests/            a module is as good as a script
  numlift record -o run.cap simulate.py        watch here ...
  numlift optimize --from run.cap              ... and cure there
  numlift run simulate.py                      run it now, hot functions compiled; nothing is edited

Options of numlift stand before the script; what follows the script is the script's own.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch a program, cure what is slow, check every cure, and report
    #[command(after_help = OPTIMIZE_EXAMPLES)]
    Optimize(Optimize),
    /// Watch a program and keep what was seen in one file, to be cured elsewhere
    Record(Record),
    /// Run a program as it is, its hot functions compiled to machine code
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Run a script and say of its functions what they are compiled to, and what stays in Python and why
    Explain(Look),
    /// Run a script and show what one of its functions is compiled to
    Show(Show),
    /// Take the last `optimize --write` back
    Undo(Undo),
    /// Look after the compiled code that is kept on disk
    Cache(CompiledCode),
    /// Find slow NumPy code without running it, and fix it
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Print the page of a rule of `check`
    Rule(RulePage),
}

const OPTIMIZE_EXAMPLES: &str = "\
Examples:
  numlift optimize simulate.py --steps 100     `--steps 100` goes to simulate.py
  numlift optimize --diff simulate.py          only the diff on stdout; exit code 1 if there is one
  numlift optimize -o fast.py simulate.py      write the edited script elsewhere
  numlift optimize --only advance simulate.py  only the function `advance`
  numlift optimize --exact simulate.py         only rewrites that keep every bit

Exit codes: 0 fine, 1 with --diff when there are changes, 2 errors.";

const RUN_EXAMPLES: &str = "\
Examples:
  numlift run simulate.py --steps 100          as `python simulate.py --steps 100`, only faster
  numlift run --report simulate.py             and say at the end what was compiled, and what that gained

Output, exit code and tracebacks are the program's own. With NUMLIFT_CACHE=0 nothing is kept on disk.";

const CHECK_EXAMPLES: &str = "\
Examples:
  numlift check                                all Python files below the current folder
  numlift check --fix src                      apply the fixes that change nothing
  numlift check --fix --unsafe-fixes src       and those that may, which the findings say
  numlift check --diff src                     show what --fix would do; exit code 1 if there is something
  numlift check --select NL3,inverse-times-vector src

Settings are read from [tool.numlift] in pyproject.toml or from numlift.toml. Nothing is said of lines with `# noqa`
or `# numlift: ignore[CODE]`, nor between `# numlift: off` and `# numlift: on`.

Exit codes: 0 nothing found, 1 findings or a diff, 2 errors.";

#[derive(Debug, Args)]
pub struct Check {
    /// Files and folders; `-` for standard input [default: the current folder]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Apply the fixes that are safe
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: also those that may change what the program computes
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print what --fix would change as a diff, and nothing else
    #[arg(long)]
    pub diff: bool,
    /// Only these rules: codes, beginnings of codes, names, ALL
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub select: Option<Vec<String>>,
    /// Not these rules
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    #[arg(long, value_enum, default_value_t = OutputFormat::Full, value_name = "FORMAT")]
    pub output_format: OutputFormat,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// The name of the file that standard input stands for
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Print findings and errors only
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// With the source underlined
    Full,
    /// A line for each
    Concise,
    Json,
    /// For code scanning
    Sarif,
    /// Annotations of GitHub's
    Github,
    /// GitLab's code quality report
    Gitlab,
    Junit,
}

#[derive(Debug, Args)]
pub struct RulePage {
    /// The rule's code or name
    #[arg(value_name = "CODE", required_unless_present = "all")]
    pub code: Option<String>,
    /// All rules
    #[arg(long, conflicts_with = "code")]
    pub all: bool,
    #[arg(long, value_enum, default_value_t = RuleFormat::Text, value_name = "FORMAT")]
    pub output_format: RuleFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuleFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub target: Target,
    /// Say at the end (on stderr) what was compiled, what that gained, and what ran in Python and why
    #[arg(long)]
    pub report: bool,
}

#[derive(Debug, Args)]
pub struct Look {
    /// The script, or FILE.py::FUNCTION for one of its functions, and after it the script's own arguments
    #[arg(value_name = "FILE[::FUNCTION]", trailing_var_arg = true, allow_hyphen_values = true, num_args = 1.., required = true)]
    pub words: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Show {
    /// Which form of it
    #[arg(long, value_enum)]
    pub stage: Stage,
    #[command(flatten)]
    pub look: Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// What the program says, typed
    Read,
    /// Its loops in index space, as lifting raises them
    Raised,
    /// The array form that lifting selects, or what stands in the way
    Selected,
    /// The loops over elements that array operations become
    Loops,
    /// LLVM's language, as it is given to LLVM
    Llvm,
    /// The machine's
    Asm,
}

/// What is run: a script or a module, with its own arguments.
#[derive(Debug, Args)]
pub struct Target {
    /// Run a module, as `python -m` does; everything after it is the module's own
    #[arg(short = 'm', value_name = "MODULE", num_args = 1.., allow_hyphen_values = true)]
    pub module: Vec<String>,
    /// The script, and after it its own arguments
    #[arg(value_name = "SCRIPT", trailing_var_arg = true, allow_hyphen_values = true, num_args = 0..)]
    pub script: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Optimize {
    #[command(flatten)]
    pub target: Target,
    /// Cure from what `numlift record` saw, without running the program
    #[arg(long, value_name = "FILE", conflicts_with_all = ["script", "module"])]
    pub from: Option<PathBuf>,

    /// Edit the files (`numlift undo` takes it back)
    #[arg(long, conflicts_with_all = ["output", "diff"], help_heading = "What to do with the cures")]
    pub write: bool,
    /// Write the edited script to FILE and leave everything else as it is
    #[arg(
        short = 'o',
        long,
        value_name = "FILE",
        conflicts_with = "diff",
        help_heading = "What to do with the cures"
    )]
    pub output: Option<PathBuf>,
    /// Print a unified diff and nothing else on stdout; exit code 1 if there are changes
    #[arg(long, help_heading = "What to do with the cures")]
    pub diff: bool,
    /// Ask for each cure; those accepted are written
    #[arg(short, long, conflicts_with_all = ["diff", "quiet"], help_heading = "What to do with the cures")]
    pub interactive: bool,
    /// Write a pytest file that holds old against new on the captured inputs
    #[arg(long, value_name = "FILE", help_heading = "What to do with the cures")]
    pub emit_tests: Option<PathBuf>,

    /// What the cures may use: array forms and numlift's compiler, Numba's, or array forms alone
    #[arg(long = "target", value_enum, default_value_t = Using::Numlift, value_name = "WITH", help_heading = "Which cures")]
    pub using: Using,
    /// Only rewrites that keep every bit
    #[arg(long, help_heading = "Which cures")]
    pub exact: bool,
    /// Only this function, or the region over this line (may be repeated)
    #[arg(long, value_name = "FUNC|LINE", value_parser = parse_only, help_heading = "Which cures")]
    pub only: Vec<Only>,
    /// Leave a region alone when its cure gains less than this factor
    #[arg(long, value_name = "FACTOR", default_value_t = 1.2, value_parser = parse_factor, help_heading = "Which cures")]
    pub min_speedup: f64,
    /// Refuse rewrites that need more memory than this at their peak [default: a quarter of what is free]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Which cures")]
    pub max_memory: Option<u64>,

    #[command(flatten)]
    pub watching: Watching,
    /// The whole command takes about this long at most; what is not checked by then is not applied
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Watching and checking")]
    pub timeout: Option<f64>,
    /// Run the whole edited program once more, whatever it touches
    #[arg(long, overrides_with = "no_rerun", help_heading = "Watching and checking")]
    pub rerun: bool,
    /// Do not run the whole edited program again [default: run it when nothing but temporary files was touched]
    #[arg(long, overrides_with = "rerun", help_heading = "Watching and checking")]
    pub no_rerun: bool,

    /// Write the report as JSON (no captured data in it)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub json: Option<PathBuf>,
    /// Print errors, and what was asked for, only
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Using {
    /// NumPy, and `@numlift.jit` for what has no array form
    Numlift,
    /// NumPy, and `@numba.njit` for what has no array form
    Numba,
    /// NumPy alone
    Numpy,
}

#[derive(Debug, Args)]
pub struct Watching {
    /// Stop watching after this long and cure from what was seen: 90, 60s, 5m, 1h (Ctrl-C does the same)
    #[arg(long = "for", value_name = "TIME", value_parser = parse_duration, help_heading = "Watching and checking")]
    pub for_seconds: Option<f64>,
    /// Show the program's own output while it is watched (on stderr)
    #[arg(long, help_heading = "Watching and checking")]
    pub echo: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The file holds the sources and captured data of the program: give it only to whom you would give those.")]
pub struct Record {
    /// The file to write
    #[arg(short = 'o', long, value_name = "FILE", required = true)]
    pub output: PathBuf,
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub watching: Watching,
    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Undo {
    /// Only this file [default: every file of the last --write]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
NUMLIFT_CACHE=0 keeps nothing; NUMLIFT_CACHE_DIR, NUMLIFT_CACHE_SIZE (500M, 2G) and NUMLIFT_CACHE_KEY (a secret that
entries are signed with) say where, how much and for whom.")]
pub struct CompiledCode {
    #[command(subcommand)]
    pub action: CacheAction,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum CacheAction {
    /// Print the folder
    Dir,
    /// Print how much is there
    Size,
    /// List what is there, what was used last first
    List,
    /// Remove everything
    Clean,
    /// Read everything and remove what is damaged
    Verify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

fn parse_only(text: &str) -> Result<Only, String> {
    if let Ok(line) = text.parse::<u32>() {
        return if line > 0 {
            Ok(Only::Line(line))
        } else {
            Err("lines count from 1".to_string())
        };
    }
    let is_name = |part: &str| {
        part == "<locals>"
            || part == "<module>"
            || (part.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !part.starts_with(|c: char| c.is_ascii_digit()))
    };
    if !text.is_empty() && text.split('.').all(|part| !part.is_empty() && is_name(part)) {
        Ok(Only::Function(text.to_string()))
    } else {
        Err("expected the name of a function or a line number".to_string())
    }
}

fn parse_factor(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('x').parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor >= 1.0 => Ok(factor),
        _ => Err("expected a factor of at least 1, for example 1.2".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    fn optimize(words: &[&str]) -> Optimize {
        let words = ["numlift", "optimize"].iter().chain(words);
        match Arguments::try_parse_from(words).expect("parses").command {
            Command::Optimize(optimize) => optimize,
            Command::Record(_)
            | Command::Run(_)
            | Command::Explain(_)
            | Command::Show(_)
            | Command::Undo(_)
            | Command::Cache(_)
            | Command::Check(_)
            | Command::Rule(_) => {
                unreachable!("asked for optimize")
            }
        }
    }

    #[test]
    fn what_follows_the_script_is_the_scripts_own() {
        let got = optimize(&["--exact", "a.py", "--write", "-q", "--for", "3"]);
        assert_eq!(got.target.script, ["a.py", "--write", "-q", "--for", "3"]);
        assert!(got.exact && !got.write && !got.quiet);
    }

    #[test]
    fn what_follows_the_module_is_the_modules_own() {
        let got = optimize(&["--exact", "-m", "pytest", "tests/", "-q", "--write"]);
        assert_eq!(got.target.module, ["pytest", "tests/", "-q", "--write"]);
        assert!(got.exact && !got.write && !got.quiet);
    }

    #[test]
    fn only_takes_names_and_lines() {
        assert_eq!(parse_only("12"), Ok(Only::Line(12)));
        assert_eq!(parse_only("Heat.step"), Ok(Only::Function("Heat.step".to_string())));
        assert!(parse_only("0").is_err());
        assert!(parse_only("a b").is_err());
    }
}
