//! What counts and what does not.

use proptest::prelude::*;

use super::canon;
use crate::generate::function;
use crate::text::{compact, parse};

/// The canonical form of a function of two arrays and an int.
fn form(ops: &str) -> String {
    let head = "func f(%0 x: array<float64>[s0], %1 y: array<float64>[s0], %2 n: int) -> (out) {\n";
    let text = format!("{head}{ops}\n}}");
    canon(&parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

fn same(a: &str, b: &str) {
    assert_eq!(form(a), form(b));
}

fn differ(a: &str, b: &str) {
    assert_ne!(form(a), form(b), "{a}\n{b}");
}

const SUM: &str = "%3 = method sum() %0 : np.float64; %4 = neg.py %2 : int; %5 = tuple %3, %4 : any; return %5";

#[test]
fn the_order_of_pure_ops_does_not_count() {
    same(
        SUM,
        "%3 = neg.py %2 : int; %4 total = method sum() %0 : np.float64; %5 = tuple %4, %3 : any; return %5",
    );
    same(SUM, &format!("%9 = len 0 %1 : int; {SUM}"));
    same(SUM, &SUM.replace("method sum", "call numpy.sum"));
    differ(SUM, &SUM.replace("%0", "%1"));
    differ(SUM, &SUM.replace("%3, %4", "%4, %3"));
    differ(SUM, &SUM.replace("neg", "pos"));
}

#[test]
fn the_order_of_effects_counts() {
    let stores = "%3 = const 0 : int; setindex [at] %0, %3, %2; setindex [at] %1, %3, %2; return %3";
    differ(
        stores,
        "%3 = const 0 : int; setindex [at] %1, %3, %2; setindex [at] %0, %3, %2; return %3",
    );
    let before = "%3 = const 0 : int; %4 = method sum() %0 : any; setindex [at] %0, %3, %2; return %4";
    differ(
        before,
        "%3 = const 0 : int; setindex [at] %0, %3, %2; %4 = method sum() %0 : any; return %4",
    );
    differ(
        "%3 = list : any; append %3, %2; return %3",
        "%3 = list : any; %4 = list : any; append %4, %2; return %3",
    );
}

#[test]
fn constants_count_bit_by_bit() {
    differ(
        "%3 = const 0.0 : float; return %3",
        "%3 = const -0.0 : float; return %3",
    );
    differ("%3 = const 0 : int; return %3", "%3 = const False : bool; return %3");
}

#[test]
fn choices_and_ends_of_axes_have_one_spelling() {
    let chosen = "%3 = const 0 : int; %4 = lt.py %2, %3 : bool; %5 = select %4, %2, %3 : int; return %5";
    same(
        chosen,
        "%3 = const 0 : int; %4 = lt.py %2, %3 : bool; %6 = truth %4 : bool
         %5 = if %6 : int {
           yield %2
         } else {
           yield %3
         }
         return %5",
    );
    differ(chosen, &chosen.replace("%2, %3 : int", "%3, %2 : int"));
    let last = "%3 = const -1 : int; %4 = index [at] %0, %3 : any; return %4";
    let end =
        "%3 = const 1 : int; %5 = len 0 %0 : int; %6 = sub.py %5, %3 : int; %4 = index [at] %0, %6 : any; return %4";
    same(last, end);
    differ(last, &end.replace("len 0 %0", "len 0 %1"));
    differ(last, &end.replace("const 1", "const 2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn numbers_do_not_count(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let func = function(&bytes);
        prop_assert_eq!(canon(&func), canon(&compact(&func)));
    }
}
