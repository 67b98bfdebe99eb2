//! `cargo xtask fuzz`: random programs against a property. The generators are Python, under `tests/generator`.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::setup;

const HELP: &str = "\
cargo xtask fuzz TARGET [options]

  lift    random loop programs, labelled by construction as liftable, to be refused, or open;
          old and new are compared on random and hostile inputs
            --count N   how many programs (default 100000)
            --seed S    where the sequence starts; a failure prints the seed that repeats it

  compile  random programs under CPython against compiled, by class: results, effects, exceptions, warnings
            --count N, --seed S likewise; --class NAME for one class, --processes N

  operators  every operator on every pair of types, and programs that exit, under CPython against compiled
            --count N   how many programs (default 2000)

  math  the elementary functions of machine code against mpmath, over all exponents: the largest error in ulp
            --count N   how many arguments a function (default 100000)

Options are handed to the script in tests/generator or tests/math, whose own --help may list more.
";

const GENERATOR: &str = "tests/generator/run.py";
const COMPILING: &str = "tests/generator/compiling.py";
const COMPILED: &str = "tests/generator/compiled.py";
const MATH: &str = "tests/math/accuracy.py";
const DEFAULT_COUNT: &str = "100000";

pub fn command(args: &[String]) -> Result<ExitCode> {
    let Some((target, options)) = args.split_first().filter(|_| !crate::asks_for_help(args)) else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    match target.as_str() {
        "lift" => counted(GENERATOR, options),
        "compile" => counted(COMPILING, options),
        "operators" => setup::run_script(COMPILED, options),
        "math" => setup::run_script(MATH, options),
        other => bail!("no fuzz target `{other}`; there are `lift`, `compile`, `operators` and `math`"),
    }
}

fn counted(generator: &str, options: &[String]) -> Result<ExitCode> {
    let mut options = options.to_vec();
    if !options
        .iter()
        .any(|option| option == "--count" || option.starts_with("--count="))
    {
        options.extend(["--count".to_owned(), DEFAULT_COUNT.to_owned()]);
    }
    setup::run_script(generator, &options)
}
