//! The few arguments for which a definition calls another function, in a loop that is vectorized.
//!
//! ```text
//! sin(x) = if |x| < 2**30 { … } else { large(x) }     a lane's           8 lanes, by LLVM's loop vectorizer
//!                                                                        =>  large.8(x, |x| >= 2**30), where a test of
//!                                                                            the mask goes round the work
//! ```
//!
//! The vectorizer takes a loop with a call only if the call says which functions do the same for 2, 4, 8 … lanes and a
//! mask. These are written here: each asks whether there is any such lane, and calls the scalar function for each lane
//! if so. Inlined behind the vectorizer, the question is all that stays in the loop: two instructions.

use std::fmt::Write;

use super::ATTRIBUTES;

/// For so many lanes a loop may ask.
const WIDTHS: [usize; 4] = [2, 4, 8, 16];

/// The call of the function for one lane.
pub(super) fn call(function: &str, x: &str) -> String {
    let variants: Vec<String> = WIDTHS
        .iter()
        .map(|width| format!("_ZGV_LLVM_M{width}v_{function}({})", variant(function, *width)))
        .collect();
    let variants = variants.join(",");
    format!("call double @{function}(double {x}) {ATTRIBUTES} \"vector-function-abi-variant\"=\"{variants}\"")
}

fn variant(function: &str, width: usize) -> String {
    format!("{function}.{width}")
}

/// The function and its variants. It is asked of lanes that do not need it, too, and has to bear that.
pub(super) fn definition(function: &str, lines: &str, result: &str) -> String {
    let mut text = format!(
        "define internal double @{function}(double %x) noinline cold {ATTRIBUTES} {{\nentry:\n{lines}  ret double {result}\n}}\n\n"
    );
    for width in WIDTHS {
        let name = variant(function, width);
        let _ = write!(
            text,
            "define internal <{width} x double> @{name}(<{width} x double> %x, <{width} x i1> %mask) alwaysinline {ATTRIBUTES} {{
entry:
  %lanes = bitcast <{width} x i1> %mask to i{width}
  %none = icmp eq i{width} %lanes, 0
  br i1 %none, label %done, label %each, !prof !{{!\"branch_weights\", i32 4000, i32 1}}
each:
  %lane = phi i32 [ 0, %entry ], [ %next, %each ]
  %before = phi <{width} x double> [ %x, %entry ], [ %after, %each ]
  %element = extractelement <{width} x double> %x, i32 %lane
  %found = call double @{function}(double %element)
  %after = insertelement <{width} x double> %before, double %found, i32 %lane
  %next = add i32 %lane, 1
  %more = icmp ult i32 %next, {width}
  br i1 %more, label %each, label %done
done:
  %result = phi <{width} x double> [ %x, %entry ], [ %after, %each ]
  ret <{width} x double> %result
}}

"
        );
    }
    text
}

/// Keeps the variants alive until the vectorizer has run.
pub(super) fn kept<'a>(functions: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = functions
        .flat_map(|function| WIDTHS.map(|width| format!("ptr @{}", variant(function, width))))
        .collect();
    format!(
        "@llvm.compiler.used = appending global [{} x ptr] [{}], section \"llvm.metadata\"\n",
        names.len(),
        names.join(", ")
    )
}
