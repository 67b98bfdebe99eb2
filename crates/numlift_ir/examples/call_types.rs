//! Answers questions about the table of functions, for the tests that compare it with NumPy.
//!
//! Without input it prints the table: name, kind, what it does, memory, signature. Each line of standard input,
//!
//! ```text
//! numpy.sum<TAB>array(float32,2)<TAB>axis=int:0
//! ```
//!
//! is answered with the type of the result and whose memory it is.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the library does no I/O, this program is its mouth"
)]

use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::table::{self, ArgTy, Signature};

fn main() {
    let input = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
    if input.is_empty() {
        for info in table::all() {
            println!(
                "{}\t{:?}\t{:?}\t{:?}\t{}",
                info.name,
                info.kind,
                info.does,
                info.memory,
                names(info.signature)
            );
        }
    }
    for line in input.lines() {
        println!("{}", answer(line));
    }
}

fn names(signature: &'static str) -> String {
    Signature::parse(signature)
        .params
        .iter()
        .map(|param| param.name)
        .collect::<Vec<_>>()
        .join(" ")
}

fn answer(line: &str) -> String {
    let mut fields = line.split('\t');
    let name = fields.next().unwrap_or_default();
    let Some(info) = table::lookup(name) else {
        return "missing".to_owned();
    };
    let (mut args, mut keywords) = (Vec::new(), Vec::new());
    for field in fields {
        let (keyword, ty) = match field.split_once('=') {
            Some((keyword, ty)) => (Some(keyword), ty),
            None => (None, field),
        };
        keywords.extend(keyword);
        args.push(parse(ty));
    }
    let memory = info
        .bind(args.len() - keywords.len(), &keywords)
        .map(|bound| info.memory_of(&bound));
    let memory = memory.map_or("refused".to_owned(), |memory| format!("{memory:?}"));
    format!("{}\t{memory}", info.result(&args, &keywords))
}

fn parse(text: &str) -> ArgTy {
    if let Some((word, inner)) = text
        .split_once('(')
        .and_then(|(word, rest)| Some((word, rest.strip_suffix(')')?)))
    {
        let parts = split(inner);
        let number = |part: &str| part.parse::<usize>().ok();
        return match (word, parts.as_slice()) {
            ("array", [dtype, ndim]) => ArgTy::Array {
                dtype: dtype_of(dtype),
                ndim: number(ndim),
            },
            ("list", [item, length]) => ArgTy::List(Box::new(parse(item)), number(length)),
            ("tuple", items) => ArgTy::Tuple(items.iter().map(|item| parse(item)).collect()),
            ("tuple_of", [item]) => ArgTy::TupleOf(Box::new(parse(item))),
            ("iter", [item]) => ArgTy::Iter(Box::new(parse(item))),
            ("dtype", [dtype]) => ArgTy::Dtype(dtype_of(dtype)),
            ("object", ["Generator"]) => ArgTy::Object("Generator"),
            ("object", ["RandomState"]) => ArgTy::Object("RandomState"),
            _ => ArgTy::Unknown,
        };
    }
    match text.split_once(':') {
        Some(("int", value)) => return value.parse().map_or(ArgTy::Unknown, ArgTy::Int),
        Some(("bool", value)) => return ArgTy::Bool(value == "1"),
        Some(("str", value)) => return ArgTy::Str(Some(value.to_owned())),
        _ => {}
    }
    match text {
        "range" => ArgTy::Range,
        "none" => ArgTy::None,
        "str" => ArgTy::Str(None),
        _ => ScalarTy::all()
            .find(|ty| ty.to_string() == text)
            .map_or(ArgTy::Unknown, ArgTy::Scalar),
    }
}

fn dtype_of(name: &str) -> Dtype {
    Dtype::from_text(name).unwrap_or(Dtype::Other)
}

/// Splits at the commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}
