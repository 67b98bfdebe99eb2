//! What leaves a loop and what stays, on IR as text.

use insta::assert_snapshot;
use numlift_ir::function::{BlockId, Function};
use numlift_ir::op::Kind;
use numlift_ir::text::{compact, parse};
use numlift_ir::validate::{Form, validate};

use super::super::{Options, raise};

/// A loop over the arrays `x` and `y`, which others know, and `out`, which the function makes; `last` is carried.
fn looped(body: &str, yielded: &str) -> Function {
    let text = format!(
        "\
func f(%0 x: array<float64>[s0], %1 y: array<float64>[s0]) -> (out, last) {{
  %2 n = len 0 %0 : int[0..]
  %3 out = call numpy.zeros() %2 : arrayc<float64>[s0]
  %4 = const 0 : int[0..0]
  %5 = const 1 : int[1..1]
  %6 = const 0.5 : float
  %7 last = for %4, %2, %5, %6 : oneof<float, np.float64> {{ (%8 i: int[0..], %9 last: oneof<float, np.float64>)
    %10 = index [at] %0, %8 : np.float64
    %11 t = mul.np %10, %10 : np.float64
{body}
    yield {yielded}
  }}
  return %3, %7
}}
"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The raised function, checked.
fn raised(func: &Function) -> Function {
    let raised = raise(
        func,
        Options {
            split: true,
            conditional: false,
        },
    )
    .func;
    validate(&raised, Form::Raised).unwrap_or_else(|violation| panic!("{violation}\n{raised}"));
    compact(&raised)
}

/// What the body does, in order: index space by name, loops with what they do.
fn outline(body: &str, yielded: &str) -> String {
    let func = raised(&looped(body, yielded));
    effects(&func, func.body).join("; ")
}

fn effects(func: &Function, block: BlockId) -> Vec<String> {
    let mut told = Vec::new();
    for op in &func.block(block).ops {
        let data = func.op(*op);
        let inside = || {
            data.blocks
                .iter()
                .flat_map(|block| effects(func, *block))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match &data.kind {
            Kind::For => told.push(format!("for {{ {} }}", inside())),
            Kind::If => told.extend(data.blocks.iter().flat_map(|block| effects(func, *block))),
            Kind::Scatter { .. } => told.push("scatter".to_owned()),
            Kind::Comp => told.push("comp".to_owned()),
            Kind::Fold { .. } => told.push("fold".to_owned()),
            Kind::SetIndex(_) => told.push("store".to_owned()),
            Kind::Opaque { text, .. } => told.push(text.clone()),
            _ => {}
        }
    }
    told
}

const STORE: &str = "    setindex [at] %3, %8, %11\n";

fn print(name: &str, value: &str) -> String {
    format!("    opaque quiet \"print({name})\" reads ({name}) binds () because \"\" {value}\n")
}

#[test]
fn a_map_leaves_a_loop_that_prints() {
    let body = format!("{STORE}{}", print("i", "%8"));
    assert_snapshot!(raised(&looped(&body, "%9")), @r#"
    func f(%0 x: array<float64>[s0], %1 y: array<float64>[s0]) -> (out, last) {
      %2 n = len 0 %0 : int[0..]
      %3 out = call numpy.zeros() %2 : arrayc<float64>[s0]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %6 = const 0.5 : float
      scatter 1 %3, %2 { (%7 i: int[0..9223372036854775807])
        %8 = index [at] %0, %7 : np.float64
        %9 t = mul.np %8, %8 : np.float64
        yield %7, %9
      }
      for %4, %2, %5 { (%10 i: int[0..])
        opaque quiet "print(i)" reads (i) binds () because "" %10
      }
      return %3, %6
    }
    "#);
}

#[test]
fn what_is_printed_is_stored_before_or_behind() {
    let look = |place: &str| {
        let next = "    %12 = add.py %8, %5 : int[1..]\n";
        let print = "opaque quiet \"print(out[i])\" reads (out) looks (0 1) binds () because \"\"";
        outline(&format!("{next}{STORE}    {print} %3, {place}\n"), "%9")
    };
    assert_snapshot!(look("%8"), @"scatter; for { print(out[i]) }");
    assert_snapshot!(look("%12"), @"for { print(out[i]) }; scatter");
}

#[test]
fn a_print_of_the_whole_array_sees_it_half_filled() {
    assert_snapshot!(outline(&format!("{STORE}{}", print("out", "%3")), "%9"), @"for { store, print(out) }");
}

#[test]
fn an_unknown_call_changes_what_others_know() {
    let call = |name: &str, value: &str| {
        format!("{STORE}    opaque \"g({name})\" reads ({name}) binds () because \"\" {value}\n")
    };
    // `x` is read: the call may change it.
    assert_snapshot!(outline(&call("i", "%8"), "%9"), @"for { store, g(i) }");
    let own = looped(&call("i", "%8"), "%9")
        .to_string()
        .replace("index [at] %0, %8", "index [at] %3, %8");
    let own = raised(&parse(&own).expect("one operand is another"));
    assert_snapshot!(effects(&own, own.body).join("; "), @"scatter; for { g(i) }");
    let given = looped(&call("out", "%3"), "%9")
        .to_string()
        .replace("index [at] %0, %8", "index [at] %3, %8");
    let given = raised(&parse(&given).expect("one operand is another"));
    assert_snapshot!(effects(&given, given.body).join("; "), @"for { store, g(out) }");
}

#[test]
fn what_an_exception_leaves_behind_stays_in_order() {
    let to_argument = |value: &str| format!("    setindex [at] %1, %8, {value}\n{}", print("i", "%8"));
    assert_snapshot!(outline(&to_argument("%11"), "%9"), @"for { store, print(i) }");
    // What is costly is computed ahead and stored in its turn.
    let costly = "    %12 = sin.ufunc %11 : np.float64\n";
    assert_snapshot!(outline(&format!("{costly}{}", to_argument("%12")), "%9"), @"comp; for { store, print(i) }");
}

#[test]
fn what_is_carried_stays() {
    let carried = "    %12 last = mul.np %9, %11 : np.float64\n    %13 next = add.np %12, %9 : np.float64\n";
    assert_snapshot!(outline(&format!("{carried}{STORE}"), "%13"), @"scatter; for {  }");
}

#[test]
fn nothing_leaves_a_loop_that_is_left_early_or_reads_the_clock() {
    let test = "    %12 = lt.np %11, %6 : np.bool\n    %13 = truth %12 : bool\n    if %13 {\n";
    let early = format!(
        "{STORE}{test}{}      break 0 %9\n    }} else {{\n    }}\n",
        print("i", "%8")
    );
    assert_snapshot!(outline(&early, "%9"), @"for { store, print(i) }");
    let clock = "    opaque timing \"print(time())\" reads () binds () because \"\"\n";
    assert_snapshot!(outline(&format!("{STORE}{clock}"), "%9"), @"for { store, print(time()) }");
}
