//! Prints the regions of some files, a JSON object a line: `cargo run -p numlift_region --example regions -- FILE…`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::path::Path;

use numlift_region::discover::discover;
use numlift_source::module::Module;
use numlift_source::text::SourceText;

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("the file can be read");
        let text = SourceText::from_bytes(&path, &bytes).expect("the file is text");
        let module = Module::alone(&text);
        if let Some(error) = module.parsed.first_error() {
            panic!("{path}:{}: {}", error.place.line, error.message);
        }
        for region in discover(&module, Path::new(&path), 0).regions {
            let line = serde_json::json!({
                "spec": region.spec,
                "bound_at_entry": region.code.bound_at_entry,
                "bound_at_exit": region.code.bound_at_exit,
            });
            println!("{line}");
        }
    }
}
