use super::*;
use numlift_ir::build::Builder;
use numlift_ir::dtype::Dtype;
use numlift_ir::op::Term;
use numlift_ir::ty::{Dim, Ty};

/// `points`, n × 3, and `n`; the function that `build` makes of them, at n = 1000.
fn peak(build: impl FnOnce(&mut Builder, ValueId, ValueId) -> Vec<ValueId>) -> (u64, bool) {
    let mut builder = Builder::new("f");
    let body = builder.func.body;
    let ty = Ty::array(Dtype::F64, vec![Dim::Sym(0), Dim::Const(3)]);
    let points = builder.func.add_param(body, ty, Some("points"));
    let n = builder.func.add_param(body, Ty::INT, Some("n"));
    let results = build(&mut builder, points, n);
    builder.func.outputs = (0..results.len()).map(|number| format!("out{number}")).collect();
    builder.func.block_mut(body).end = Term::Return(results);
    let given = BTreeMap::from([
        ("points".to_owned(), Extent::Shape(vec![1000, 3])),
        ("n".to_owned(), Extent::Int(1000)),
    ]);
    let found = footprint(&builder.func, &given);
    (found.peak, found.is_open)
}

/// `points[:, None, :] - points`
fn differences(builder: &mut Builder, points: ValueId) -> ValueId {
    let rows = builder.value(Kind::Index(vec![Sub::FULL, Sub::NewAxis, Sub::FULL]), &[points]);
    builder.ufunc(F::Sub, &[rows, points])
}

fn call(name: &str) -> Kind {
    Kind::Call {
        callee: format!("numpy.{name}"),
        keywords: Vec::new(),
    }
}

#[test]
fn a_broadcast_counts_and_its_result_does_not() {
    let (bytes, open) = peak(|builder, points, _| {
        let d = differences(builder, points);
        let text = builder.constant(Const::Str("ijk,ijk->ij".to_owned()));
        let squares = builder.value(call("einsum"), &[text, d, d]);
        vec![builder.ufunc(F::Sqrt, &[squares])]
    });
    // The differences, and the sums while their roots are taken.
    assert_eq!((bytes, open), (1000 * 1000 * 3 * 8 + 1000 * 1000 * 8, false));
}

#[test]
fn what_is_used_once_goes_when_it_was_used() {
    let (bytes, _) = peak(|builder, points, _| {
        let mut value = differences(builder, points);
        for f in [F::Abs, F::Sqrt, F::Neg] {
            value = builder.ufunc(f, &[value]);
        }
        vec![value]
    });
    assert_eq!(bytes, 2 * 1000 * 1000 * 3 * 8);
}

#[test]
fn a_name_keeps_what_it_means() {
    let (bytes, _) = peak(|builder, points, _| {
        let mut value = differences(builder, points);
        for f in [F::Abs, F::Sqrt, F::Neg] {
            builder.func.values[value.index()].name = Some(f.name().to_owned());
            value = builder.ufunc(f, &[value]);
        }
        vec![value]
    });
    assert_eq!(bytes, 3 * 1000 * 1000 * 3 * 8);
}

#[test]
fn arrays_that_pick_elements_are_broadcast() {
    let (bytes, open) = peak(|builder, points, n| {
        let rows = builder.value(call("arange"), &[n]);
        let rows = builder.value(Kind::Index(vec![Sub::FULL, Sub::NewAxis]), &[rows]);
        let three = builder.int(3);
        let columns = builder.value(call("arange"), &[three]);
        let picked = builder.value(Kind::Index(vec![Sub::At, Sub::At]), &[points, rows, columns]);
        vec![builder.ufunc(F::Sqrt, &[picked])]
    });
    assert_eq!((bytes, open), (1000 * 8 + 3 * 8 + 1000 * 3 * 8, false));
}

#[test]
fn views_are_free() {
    let (bytes, open) = peak(|builder, points, n| {
        let one = builder.int(1);
        let slice = Sub::Slice {
            lo: true,
            hi: true,
            step: false,
        };
        let inner = builder.value(Kind::Index(vec![slice]), &[points, one, n]);
        let turned = builder.value(Kind::Attr("T".to_owned()), &[inner]);
        vec![builder.ufunc(F::Neg, &[turned])]
    });
    assert_eq!((bytes, open), (0, false));
}

#[test]
fn shapes_come_from_ints_and_tuples() {
    let (bytes, open) = peak(|builder, points, n| {
        let two = builder.int(2);
        let twice = builder.operator(F::Mul, &[n, two]);
        let rows = builder.value(Kind::Len { axis: 0 }, &[points]);
        let shape = builder.value(Kind::MakeTuple, &[rows, twice]);
        let zeros = builder.value(call("zeros"), &[shape]);
        let indices = builder.value(call("arange"), &[twice]);
        let sum = builder.ufunc(F::Add, &[zeros, indices]);
        vec![builder.ufunc(F::Neg, &[sum])]
    });
    let matrix = 1000 * 2000 * 8;
    assert_eq!((bytes, open), (matrix + 2000 * 8 + matrix, false));
}

#[test]
fn an_unknown_shape_is_said_to_be_open() {
    let (bytes, open) = peak(|builder, points, _| {
        let found = builder.typed_op(
            call("unheard_of"),
            &[points],
            &[Ty::array(Dtype::F64, vec![Dim::Unknown; 4])],
        );
        let found = builder.func.result(found);
        vec![builder.ufunc(F::Neg, &[found])]
    });
    assert_eq!((bytes, open), (0, true));
}
