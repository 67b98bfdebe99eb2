//! Which lists are the function's own.

use super::check;

/// The lowered types of the lists that an op makes, `list` first.
fn made(text: &str) -> Vec<String> {
    let lowered = check(text);
    let of_list = |line: &str| {
        let (op, ty) = line.trim().split_once(" : ")?;
        op.contains("= list").then(|| ty.to_owned())
    };
    lowered.lines().filter_map(of_list).collect()
}

#[test]
fn one_that_grows_and_is_returned_is() {
    let text = "func f(%0 n: int[0..9]) -> (out) {
      %1 = const 0 : int[0..0]
      %2 = list : list<int[0..8]>[?]
      %3 = const 1 : int[1..1]
      for %1, %0, %3 { (%4 i: int[0..8])
        append %2, %4
      }
      return %2
    }";
    assert_eq!(made(text), ["buffer<int[0..8]>"]);
}

#[test]
fn one_that_python_may_see_is_not_and_neither_is_what_is_in_it() {
    let text = "func f(%0 n: int[0..9]) -> (a, b) {
      %1 = list %0 : list<int[0..9]>[?]
      %2 = list %1 : list<list<int[0..9]>[?]>[?]
      %3 = list %0 : list<int[0..9]>[?]
      frame (n) %0
      opaque \"g(b)\" reads (b) binds () because \"nothing is known of `g`\" %2
      return %1, %3
    }";
    assert_eq!(
        made(text),
        ["list<int[0..9]>[?]", "list<list<int[0..9]>[?]>[?]", "buffer<int[0..9]>"]
    );
}

#[test]
fn what_may_be_the_same_list_is_one() {
    let text = "func f(%0 c: bool, %1 n: int[0..9]) -> (out) {
      %2 = list %1 : list<int[0..9]>[?]
      %3 = list %1, %1 : list<int[0..9]>[?]
      %4 = if %0 : list<int[0..9]>[?] {
        yield %2
      } else {
        yield %3
      }
      frame (n) %1
      opaque \"g(x)\" reads (x) binds () because \"nothing is known of `g`\" %4
      return %1
    }";
    assert_eq!(made(text), ["list<int[0..9]>[?]", "list<int[0..9]>[?]"]);
}

#[test]
fn one_with_elements_of_unknown_objects_is_not() {
    let text = "func f(%0 x: any) -> (out) {
      %1 = list %0 : list<any>[?]
      return %1
    }";
    assert_eq!(made(text), ["list<any>[?]"]);
}
