//! Prints the stages of one function of a fixture.
use numlift_ir::dtype::Dtype;
use numlift_ir::function::RETURN;
use numlift_ir::ty::{Dim, Ty};
use numlift_source::project::{ModuleId, ModuleText, ProjectNames};
use numlift_source::read::{Options, read_region};
use numlift_source::text::SourceText;

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let source = std::fs::read_to_string(&path).expect("readable");
    let header = source
        .lines()
        .find_map(|line| line.strip_prefix("# inputs: "))
        .unwrap_or("")
        .to_owned();
    let text = SourceText::from_str("a.py", &source);
    let module = ModuleText {
        name: "a".to_owned(),
        is_package: false,
        is_main: true,
        text,
    };
    let project = ProjectNames::link(&[module]);
    // The last function of the file, its whole body.
    let at = source.rfind("\ndef ").map_or(0, |at| at + 1);
    let body = source[at..].find(":\n").expect("a body") + at + 2;
    let mut start = body + (source[body..].len() - source[body..].trim_start().len());
    if source[start..].starts_with("\"\"\"") {
        let end = source[start + 3..].find("\"\"\"").expect("closed") + start + 6;
        start = end + (source[end..].len() - source[end..].trim_start().len());
    }
    let end = source.trim_end().len();
    let mut syms: Vec<String> = vec![];
    let mut inputs = vec![];
    for part in split(&header) {
        let Some((name, spec)) = part.split_once('=') else {
            continue;
        };
        inputs.push((name.trim().to_owned(), ty(spec.trim(), &mut syms)));
    }
    let outputs = vec![RETURN.to_owned()];
    let options = Options::default();
    let func = read_region(
        &project,
        ModuleId(0),
        (start as u32, end as u32),
        &inputs,
        &outputs,
        &options,
    )
    .expect("there");
    println!("== read\n{func}");
    let raised = numlift_passes::raise::raise(&func);
    println!("== raised\n{}", raised.func);
    for blocker in &raised.blockers {
        println!("blocker {blocker:?}");
    }
    match numlift_passes::lift(&func, &Default::default()) {
        numlift_passes::Lifted::Selected(s) => {
            println!("== selected {:?} {:?}\n{}", s.strength, s.steps, s.func);
            for guard in &s.guards {
                println!("guard {guard:?}");
            }
        }
        numlift_passes::Lifted::NothingToDo => println!("nothing"),
        numlift_passes::Lifted::Blocked(b) => {
            for b in b {
                let o = &func.origins[b.at.index()];
                println!(
                    "BLOCKED {} {} at {:?}",
                    b.kind.name(),
                    b.message,
                    source.get(o.start as usize..o.end as usize)
                );
            }
        }
    }
}

fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new())
        } else {
            parts.last_mut().unwrap().push(c)
        }
    }
    parts
}

fn ty(spec: &str, syms: &mut Vec<String>) -> Ty {
    let spec = spec.to_owned();
    let full = spec.clone();
    let (kind, dims) = full.split_once('[').unwrap_or((&full, ""));
    let dt = |k: &str| match k {
        "f64" => Dtype::F64,
        "f32" => Dtype::F32,
        "i64" => Dtype::I64,
        "i32" => Dtype::I32,
        "i16" => Dtype::I16,
        "i8" => Dtype::I8,
        "u8" => Dtype::U8,
        "b1" => Dtype::Bool,
        "c128" => Dtype::C128,
        _ => Dtype::Other,
    };
    let mut dim = |d: &str| {
        let d = d.trim().trim_end_matches(']').to_owned();
        if let Ok(n) = d.parse() {
            return Dim::Const(n);
        }
        let at = syms.iter().position(|s| *s == d).unwrap_or_else(|| {
            syms.push(d);
            syms.len() - 1
        });
        Dim::Sym(at as u32)
    };
    match kind {
        "int" => Ty::INT,
        "float" => Ty::Float,
        "list" => {
            let (elem, dims) = dims.split_once(']').unwrap();
            let dims = dims.trim_start_matches('[');
            let e = match elem {
                "f64" => Ty::Float,
                "i64" => Ty::INT,
                "b1" => Ty::Bool,
                _ => Ty::Unknown,
            };
            let ds: Vec<Dim> = dims.split(',').map(|d| dim(d)).collect();
            ds.into_iter().rev().fold(e, |t, d| Ty::List(Box::new(t), d))
        }
        k => Ty::array(dt(k), dims.split(',').map(|d| dim(d)).collect()),
    }
}
