//! The few arguments for which a definition calls another function, in a loop that is vectorized.
//!
//! ```text
//! sin(x) = if |x| < 2**30 { … } else { large(x) }     a lane's           8 lanes, by LLVM's loop vectorizer
//!                                                                        =>  large.8(x, |x| >= 2**30), where a test of
//!                                                                            the mask goes round the work
//! ```
//!
//! The vectorizer takes a loop with a call only if the call says which functions do the same for 2, 4, 8 … lanes and a
//! mask. These are written here: each asks whether there is any such lane, and calls the scalar function for each of
//! them. Inlined behind the vectorizer, the question is all that stays in the loop: two instructions.

use std::fmt::Write;

use super::ATTRIBUTES;

/// For so many lanes a loop may ask. Where it takes another number of them LLVM tests each lane by itself, which is
/// slower but no less right; the loop is taken as soon as one is named, and each costs time to compile.
fn width(ty: &str) -> usize {
    if ty == "float" { 16 } else { 8 }
}

/// The call of the function for one lane.
pub(super) fn call(function: &str, ty: &str, arguments: &[String]) -> String {
    let places = "v".repeat(arguments.len());
    let width = width(ty);
    let variant = format!("_ZGV_LLVM_M{width}{places}_{function}({})", variant(function, width));
    let arguments: Vec<String> = arguments.iter().map(|argument| format!("{ty} {argument}")).collect();
    let arguments = arguments.join(", ");
    format!("call {ty} @{function}({arguments}) {ATTRIBUTES} \"vector-function-abi-variant\"=\"{variant}\"")
}

fn variant(function: &str, width: usize) -> String {
    format!("{function}.{width}")
}

/// The function and its variant.
pub(super) fn definition(function: &str, ty: &str, names: &[&str], lines: &str, result: &str) -> String {
    let joined = |item: &dyn Fn(&str) -> String| {
        let items: Vec<String> = names.iter().map(|name| item(name)).collect();
        items.join(", ")
    };
    let params = joined(&|name| format!("{ty} %{name}"));
    let mut text = format!(
        "define internal {ty} @{function}({params}) noinline cold {ATTRIBUTES} {{\nentry:\n{lines}  ret {ty} {result}\n}}\n\n"
    );
    let width = width(ty);
    let variant = variant(function, width);
    let params = joined(&|name| format!("<{width} x {ty}> %{name}"));
    let elements: String = names
        .iter()
        .map(|name| format!("  %{name}.lane = extractelement <{width} x {ty}> %{name}, i{width} %lane\n"))
        .collect();
    let arguments = joined(&|name| format!("{ty} %{name}.lane"));
    let _ = write!(
        text,
        "define internal <{width} x {ty}> @{variant}({params}, <{width} x i1> %mask) alwaysinline {ATTRIBUTES} {{
entry:
  %lanes = bitcast <{width} x i1> %mask to i{width}
  %none = icmp eq i{width} %lanes, 0
  br i1 %none, label %done, label %each, !prof !{{!\"branch_weights\", i32 4000, i32 1}}
each:
  %left = phi i{width} [ %lanes, %entry ], [ %others, %each ]
  %before = phi <{width} x {ty}> [ %x, %entry ], [ %after, %each ]
  %lane = call i{width} @llvm.cttz.i{width}(i{width} %left, i1 true)
{elements}  %found = call {ty} @{function}({arguments})
  %after = insertelement <{width} x {ty}> %before, {ty} %found, i{width} %lane
  %less = add i{width} %left, -1
  %others = and i{width} %left, %less
  %last = icmp eq i{width} %others, 0
  br i1 %last, label %done, label %each
done:
  %result = phi <{width} x {ty}> [ %x, %entry ], [ %after, %each ]
  ret <{width} x {ty}> %result
}}

"
    );
    text
}

/// Keeps the variants alive until the vectorizer has run.
pub(super) fn kept<'a>(functions: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let names: Vec<String> = functions
        .map(|(function, ty)| format!("ptr @{}", variant(function, width(ty))))
        .collect();
    format!(
        "@llvm.compiler.used = appending global [{} x ptr] [{}], section \"llvm.metadata\"\n",
        names.len(),
        names.join(", ")
    )
}
