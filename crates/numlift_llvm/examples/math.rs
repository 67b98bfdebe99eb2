//! Prints the definitions of one function: `cargo run -p numlift_llvm --example math -- exp f64 [--without-fma]`.
//!
//! With `all` for the function: all of them, in both precisions. `-- bounds` prints what is announced of their errors.

use numlift_llvm::math::{Function, Library, Precision, bound};

const PRECISIONS: [(Precision, &str); 2] = [(Precision::Single, "f32"), (Precision::Double, "f64")];

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example that is a command"
)]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "bounds") {
        for function in Function::ALL {
            for (precision, suffix) in PRECISIONS {
                println!("{} {suffix} {}", function.name(), bound(function, precision));
            }
        }
        return;
    }
    let mut library = Library::new(!args.iter().any(|arg| arg == "--without-fma"));
    let is_asked = |name: &str| args.iter().any(|arg| arg == name);
    for function in Function::ALL {
        for (precision, suffix) in PRECISIONS {
            if is_asked("all") || is_asked(function.name()) && is_asked(suffix) {
                library.name(function, precision);
            }
        }
    }
    print!("{}", library.definitions());
}
