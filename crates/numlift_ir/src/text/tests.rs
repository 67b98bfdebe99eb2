//! What is printed is parsed, and what cannot be parsed is named with its place.

use super::{compact, parse, parse_unchecked};
use crate::build::Builder;
use crate::function::ValueId;
use crate::op::{Const, Kind, Term};
use crate::ty::Ty;

/// Text that is printed as it stands here.
fn keeps(text: &str) {
    let func = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(func.to_string(), text);
    assert_eq!(compact(&func), func);
}

fn error(text: &str) -> String {
    match parse(text) {
        Ok(func) => panic!("no error:\n{func}"),
        Err(error) => error.to_string(),
    }
}

/// A line in a function that returns nothing, for errors at line 2.
fn error_in(line: &str) -> String {
    error(&format!(
        "func f(%0: array<float64>[?], %1: int) -> () {{\n  {line}\n  return\n}}\n"
    ))
}

#[test]
fn loops_and_branches() {
    keeps(
        "\
func <module>(%0 x: array<float64>[s0], %1 n: int[0..]) -> (s, \"the last\") {
  %2 = const 0 : int[0..0]
  %3 = const 1 : int[1..1]
  %4 s, %5 = for %2, %1, %3, %2, %0 : oneof<int, np.float64>, any { (%6 i: int[0..], %7 s: oneof<int, np.float64>, %8: any)
    %9 = index [at] %0, %6 : np.float64
    %10 = lt.np %9, %6 : np.bool
    if %10 {
      break 0 %7, %8
    } else {
    }
    %11 = add.np %7, %9 : np.float64
    yield %11, %8
  }
  %12 = while %4 : any { (%13: any)
    %14 = truth %13 : bool
    yield %14
  } do { (%15: any)
    yield %15
  }
  return %12, %5
}
",
    );
}

#[test]
fn index_space() {
    keeps(
        "\
func f(%0 x: arrayc<float32>[s0, 3], %1: list<list<float>[4]>[?]) -> () {
  %2 = len 0 %0 : int[0..9223372036854775807]
  %3 = const 0.0 : float
  %4 = comp %2, %2 : tensor<np.float32>[s0, s0] { (%5: int[0..], %6: int[0..])
    %7 = index [at, at] %0, %5, %6 : np.float32
    yield %7
  }
  %8 = fold min_if_last masked %3, %2 : any { (%9: int)
    %10 = const True : bool
    yield %3, %10
  }
  %11, %12 = argfold maximum 1 %3, %2, %2 : float, int { (%13: int)
    yield %3, %13
  }
  scatter 2 %0, %2 { (%14: int)
    yield %14, %14, %3
  }
  extend depth 1 masked %1, %2, %2 { (%15: int, %16: int)
    %17 = const False : bool
    yield %3, %17
  }
  %18 = first %2 : int { (%19: int)
    %20 = const False : bool
    yield %20
  }
  return
}
",
    );
}

#[test]
fn loop_form() {
    keeps(
        "\
func f(%0 x: array<float64>[s0, 3], %1 i: int) -> () {
  frame (x, i) iterators (\"range(i + 1, n)\", \"zip(a, b)\") computed (10 12 __nl0, 20 25 __nl1) %0, %1
  %2 = const True : bool
  require \"an index\" %2
  %3 = load %0, %1, %1 : np.float64
  frame ()
  store %0, %1, %1, %3
  return
}
",
    );
}

#[test]
fn everything_else() {
    keeps(
        "\
func Heat.step(%0 self: object<Heat>{\"odd name\": float, t: maybe<np.complex64>}, %1: tuple<>, %2: any) -> (return) {
  %3 = extern numpy.sqrt : extern<numpy.sqrt>
  %4 \"a b\" = const \"line\\n\\\"quoted\\\" \\u{7f} ä\" : str
  %5 = const ... : any
  %6 = const (-0.0, inf) : complex
  %7 = const NaN : float
  %8 = const NaN:fff8000000000001 : float
  %9 = const -170141183460469231731687303715884105728 : int[-170141183460469231731687303715884105728..-170141183460469231731687303715884105728]
  %10 = const None : none
  %11 = unbound : unbound
  %12 = index [l:h:s, :, new, ..., at, l:, ::s] %2, %9, %9, %9, %9, %9, %9 : any
  setindex [:h] %2, %9, %7
  setattr t %0, %6
  %13 = call numpy.zeros(dtype, \"not-a-word\") %9, %2, %2 : any
  %14 = method sum() %2 : any
  %15 = attr T %2 : any
  %16 = tuple %7, %9 : tuple<float, int>
  %17 = item 1 %16 : int
  %18 = list : list<never>[0]
  append %18, %17
  %19 = repeat %18, %17 : list<never>[?]
  %20, %21 = opaque \"a = b\" reads (b) binds (a, c) because \"it is\" %2 : any, module<numpy>
  %22 = convert %7 : np.other
  %23 = select %22, %7, %7 : float
  %24 = opaque \"\" reads () binds () because \"\" : generator
  if %23 {
    raise \"no\"
    unreachable
  } else {
  }
  return %24
}
",
    );
}

#[test]
fn the_example_in_the_docs_is_parsed() {
    let docs = include_str!("../../../../docs/ir.md");
    let start = docs.find("```text\nfunc").expect("it has an example") + "```text\n".len();
    let end = docs[start..].find("```").expect("the example ends");
    keeps(&docs[start..start + end]);
}

#[test]
fn comments_and_semicolons() {
    let text =
        "# a function\nfunc f(%7: int) -> () { # one line\n  %3 = truth %7 : bool; %1 = truth %7 : bool;; return }\n";
    let expected = "func f(%0: int) -> () {\n  %1 = truth %0 : bool\n  %2 = truth %0 : bool\n  return\n}\n";
    assert_eq!(parse(text).unwrap().to_string(), expected);
}

#[test]
fn errors_have_a_place() {
    assert_eq!(error(""), "line 1, column 1: expected `func`");
    assert_eq!(error("func f() -> () {\n"), "line 2, column 1: expected an op");
    assert_eq!(
        error("func f() -> () { return }\nx"),
        "line 2, column 1: expected nothing behind the function"
    );
    assert_eq!(
        error_in("%2 = sqrt.np2 %1 : int"),
        "line 2, column 8: `sqrt.np2` is no op"
    );
    assert_eq!(error_in("%2 = truth %1 : Bool"), "line 2, column 19: `Bool` is no type");
    assert_eq!(error_in("%2 = truth %1"), "line 2, column 16: expected `:`");
    assert_eq!(error_in("%2 = truth %9 : bool"), "line 2, column 14: %9 is not defined");
    assert_eq!(
        error_in("%1 = truth %1 : bool"),
        "line 2, column 3: %1 is defined twice"
    );
    assert_eq!(
        error_in("append %0, %1 %1"),
        "line 2, column 17: expected the end of the op"
    );
    assert_eq!(
        error_in("%2 = const \"ä\\q\" : str"),
        "line 2, column 16: an escape that is not known"
    );
    assert_eq!(error_in("%2 = const \"a"), "line 2, column 14: the string does not end");
    assert_eq!(
        error_in("%2 = item 99999999999 %0 : int"),
        "line 2, column 13: expected a number that is not too large"
    );
    assert_eq!(
        error_in("%2 = const 1.2.3 : float"),
        "line 2, column 14: `1.2.3` is no constant"
    );
}

#[test]
fn what_is_parsed_is_valid() {
    assert_eq!(
        error_in("append %0"),
        "line 2, column 3: `Append` has 1 operands, 0 results, 0 blocks"
    );
    let later = "func f(%0: int) -> () {\n  %1 = truth %2 : bool\n  %2 = truth %0 : bool\n  return\n}\n";
    assert_eq!(error(later), "line 2, column 3: %2 is used where it is not defined");
    assert_eq!(parse_unchecked(later).unwrap().to_string(), later);
}

#[test]
fn deep_nesting_is_an_error() {
    let types = format!("func f(%0: {}", "maybe<".repeat(100_000));
    assert_eq!(error(&types), "line 1, column 618: types are nested too deeply");
    let blocks = format!("func f() -> () {{{}", " comp {".repeat(100_000));
    assert_eq!(error(&blocks), "line 1, column 723: blocks are nested too deeply");
}

#[test]
fn compact_leaves_out_what_nothing_reaches() {
    let mut b = Builder::new("f");
    b.func.outputs = vec!["x".to_owned()];
    let dropped = b.int(7);
    let op = b.func.def_op(dropped).unwrap();
    let kept = b.constant(Const::Float(-0.0));
    b.func.add_block();
    b.func
        .add_op(Kind::Unbound, Vec::new(), Vec::new(), &[Ty::Unbound], b.origin);
    b.func.block_mut(b.func.body).ops.retain(|other| *other != op);
    b.end(b.func.body, Term::Return(vec![kept]));
    let small = compact(&b.func);
    assert_eq!((small.values.len(), small.ops.len(), small.blocks.len()), (1, 1, 1));
    assert_eq!(small.block(small.body).end, Term::Return(vec![ValueId(0)]));
    assert_eq!(parse(&b.func.to_string()).unwrap(), small);
}

mod properties {
    use proptest::prelude::*;

    use super::super::{compact, parse, parse_unchecked};
    use crate::generate::function;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn what_is_printed_is_parsed(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let func = function(&bytes);
            let text = func.to_string();
            let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!(parsed.to_string(), compact(&func).to_string());
            prop_assert_eq!(parsed, compact(&func), "{}", text);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = parse(&text);
        }

        /// A function's text with pieces of it cut out, put in elsewhere or replaced.
        #[test]
        fn no_damage_makes_the_parser_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, any::<prop::sample::Index>(), any::<Option<char>>()), 1..6),
        ) {
            let mut chars: Vec<char> = function(&bytes).to_string().chars().collect();
            for (from, count, to, char) in cuts {
                let from = from.index(chars.len());
                let piece: Vec<char> = chars.splice(from..(from + count).min(chars.len()), char).collect();
                let to = to.index(chars.len() + 1);
                chars.splice(to..to, piece);
                if chars.is_empty() {
                    chars.push('f');
                }
            }
            let text: String = chars.into_iter().collect();
            match parse_unchecked(&text) {
                // What is parsed is printed and parsed again, however it looks.
                Ok(func) => prop_assert_eq!(parse_unchecked(&func.to_string()), Ok(func)),
                Err(error) => prop_assert!(error.line >= 1 && error.column >= 1),
            }
            let _ = parse(&text);
        }
    }
}
