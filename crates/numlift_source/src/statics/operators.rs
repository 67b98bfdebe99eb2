//! Types of expressions: literals, operators, attributes.

use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::{self, F, Flavour, ScalarTy, Typing};
use numlift_ir::table::{self, ArgTy, FunctionKind};

use super::flow::Infer;
use super::{Trust, Type, Typed, declared};
use crate::syntax::{Binary, Comparison, Kind, NodeId, Unary};

impl<'s> Infer<'_, 's> {
    pub fn exprs(&mut self, all: &[NodeId]) {
        for id in all {
            self.expr(*id);
        }
    }

    /// The type of an expression, and of all parts of it.
    pub fn expr(&mut self, id: NodeId) -> Typed {
        let typed = self.expr_type(id);
        self.note(id, typed)
    }

    fn expr_type(&mut self, id: NodeId) -> Typed {
        let tree = self.tree;
        let plain = |ty: ArgTy| Typed::certain(Type::Plain(ty));
        match tree.kind(id) {
            Kind::Name(name) => self.named(id, name),
            Kind::Int(Some(value)) => plain(ArgTy::Int(*value)),
            Kind::Int(None) => plain(ArgTy::INT),
            Kind::Float(_) => plain(ArgTy::FLOAT),
            Kind::Complex => plain(ArgTy::Scalar(ScalarTy::PyComplex)),
            Kind::Str(text) => plain(ArgTy::Str(Some(text.to_string()))),
            Kind::Format(parts) => {
                self.exprs(parts);
                plain(ArgTy::Str(None))
            }
            Kind::Bool(value) => plain(ArgTy::Bool(*value)),
            Kind::None => plain(ArgTy::None),
            Kind::Bytes => Typed::certain(Type::Other),
            Kind::Attribute { value, attr } => {
                let of = self.expr(*value);
                self.attribute(id, &of, attr)
            }
            Kind::Call { .. } => self.call(id),
            Kind::Subscript { value, index } => self.subscript(*value, *index),
            Kind::Slice { lower, upper, step } => {
                for part in [lower, upper, step].into_iter().flatten() {
                    self.expr(*part);
                }
                Typed::certain(Type::Other)
            }
            Kind::Binary { op, left, right } => {
                let (left, right) = (self.expr(*left), self.expr(*right));
                binary(*op, &left, &right)
            }
            Kind::Unary { op, operand } => {
                let operand = self.expr(*operand);
                unary(*op, &operand)
            }
            Kind::Compare { left, rest } => {
                let left = self.expr(*left);
                let rest: Vec<(Comparison, Typed)> = rest.iter().map(|(op, right)| (*op, self.expr(*right))).collect();
                match &rest[..] {
                    [(op, right)] => compare(*op, &left, right),
                    _ => Typed::UNKNOWN,
                }
            }
            Kind::Logic { is_and, values } => self.logic(*is_and, values),
            Kind::Tuple(parts) => {
                let items: Vec<Typed> = parts.iter().map(|part| self.expr(*part)).collect();
                if parts.iter().any(|part| matches!(tree.kind(*part), Kind::Starred(_))) {
                    return Typed::certain(Type::Other);
                }
                Typed {
                    ty: Type::Plain(ArgTy::Tuple(items.iter().map(|item| item.ty.argument()).collect())),
                    trust: Self::trust_of(&items),
                }
            }
            Kind::List(parts) => {
                let items: Vec<Typed> = parts.iter().map(|part| self.expr(*part)).collect();
                if parts.iter().any(|part| matches!(tree.kind(*part), Kind::Starred(_))) {
                    return Typed::certain(Type::list());
                }
                let joined = items.iter().map(|item| item.ty.argument()).reduce(|a, b| a.join(&b));
                Typed {
                    ty: Type::Plain(ArgTy::List(
                        Box::new(joined.unwrap_or(ArgTy::Unknown)),
                        Some(parts.len()),
                    )),
                    trust: Self::trust_of(&items),
                }
            }
            Kind::Set(parts) => {
                self.exprs(parts);
                Typed::certain(Type::Other)
            }
            Kind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| drop(self.expr(*key)));
                    self.expr(*value);
                }
                Typed::certain(Type::Other)
            }
            Kind::Comprehension { .. } => self.comprehension(id),
            Kind::Lambda { parameters, body } => {
                self.lambda(parameters, *body);
                Typed::certain(Type::Other)
            }
            Kind::IfElse { test, body, orelse } => self.choice(*test, *body, *orelse),
            Kind::Starred(inner) | Kind::Await(inner) => {
                self.expr(*inner);
                Typed::UNKNOWN
            }
            Kind::Yield(inner) => {
                inner.iter().for_each(|inner| drop(self.expr(*inner)));
                Typed::UNKNOWN
            }
            Kind::Named { target, value } => {
                let typed = self.expr(*value);
                self.assign(*target, &typed, None);
                typed
            }
            _ => Typed::UNKNOWN,
        }
    }

    fn named(&self, id: NodeId, name: &str) -> Typed {
        if self.env.as_ref().is_some_and(|env| env.contains_key(name)) {
            return match self.variable(name) {
                // `from numpy import float32` is in the table of names.
                typed if typed.ty == Type::Unknown => self.dtype_named(id).unwrap_or(typed),
                typed => typed,
            };
        }
        self.dtype_named(id).unwrap_or(Typed::UNKNOWN)
    }

    /// `float`, `np.float32`: types that stand for dtypes.
    fn dtype_named(&self, id: NodeId) -> Option<Typed> {
        let word = match self.tree.kind(id) {
            Kind::Name(word) | Kind::Attribute { attr: word, .. } => *word,
            _ => return None,
        };
        // Most names are none, and looking up what they mean takes its time.
        let may_be = match word {
            "float" | "int" | "bool" | "complex" | "bool_" | "int_" | "double" | "single" | "half" => true,
            "intp" | "uintp" | "uint" | "intc" | "uintc" | "short" | "ushort" | "byte" | "ubyte" => true,
            "longlong" | "ulonglong" | "csingle" | "cdouble" => true,
            _ => word.ends_with(|letter: char| letter.is_ascii_digit()) && Dtype::from_attribute(word).is_some(),
        };
        let qualified = may_be.then(|| self.qualified(id)).flatten()?;
        declared::dtype_of_name(&qualified).map(|dtype| Typed::certain(Type::Plain(ArgTy::Dtype(dtype))))
    }

    fn attribute(&mut self, id: NodeId, of: &Typed, attr: &str) -> Typed {
        if let Some(typed) = self.dtype_named(id) {
            return typed;
        }
        if matches!(attr, "pi" | "e" | "inf" | "nan" | "newaxis") {
            match self.qualified(id).as_deref() {
                Some("numpy.newaxis") => return Typed::certain(Type::Plain(ArgTy::None)),
                Some(name) if name.starts_with("numpy.") || name.starts_with("math.") => {
                    return Typed::certain(Type::Plain(ArgTy::FLOAT));
                }
                _ => {}
            }
        }
        // Whatever has a shape has a tuple of ints.
        if attr == "shape" && of.ty == Type::Unknown {
            return Typed::certain(Type::Plain(ArgTy::TupleOf(Box::new(ArgTy::INT))));
        }
        if !of.is_array() {
            return Typed::UNKNOWN;
        }
        match table::method("ndarray", attr).filter(|info| info.kind == FunctionKind::Attribute) {
            Some(info) => self.result_of(info, std::slice::from_ref(of), &[], of.trust),
            None => Typed::UNKNOWN,
        }
    }

    fn logic(&mut self, is_and: bool, values: &[NodeId]) -> Typed {
        let before = self.env.clone();
        let mut joined: Option<Typed> = None;
        for value in values {
            let typed = self.expr(*value);
            // Behind `and` the ones before hold.
            self.narrow(*value, is_and);
            joined = Some(match joined {
                Some(joined) => joined.join(&typed),
                None => typed,
            });
        }
        self.env = before;
        joined.unwrap_or(Typed::UNKNOWN)
    }

    fn choice(&mut self, test: NodeId, body: NodeId, orelse: NodeId) -> Typed {
        self.expr(test);
        let before = self.env.clone();
        self.narrow(test, true);
        let first = self.expr(body);
        self.env.clone_from(&before);
        self.narrow(test, false);
        let second = self.expr(orelse);
        self.env = before;
        first.join(&second)
    }

    pub fn augmented(&mut self, target: NodeId, op: Binary, value: NodeId) {
        let old = self.expr(target);
        let operand = self.expr(value);
        let Some(name) = self.tree.name(target) else { return };
        let new = match (&old.ty, &operand.ty) {
            // In place, whatever is added, as long as it is nothing that takes over.
            (Type::Array { .. }, Type::Array { .. } | Type::Plain(_)) if op != Binary::MatMul => {
                old.clone().trusted(operand.trust)
            }
            (Type::Array { .. }, _) => Typed::UNKNOWN,
            (Type::Plain(ArgTy::List(..)), _) if op == Binary::Add => Typed::certain(Type::list()),
            _ => binary(op, &old, &operand),
        };
        self.bind(name, new);
    }
}

fn function(op: Binary) -> (F, &'static str) {
    match op {
        Binary::Add => (F::Add, "numpy.add"),
        Binary::Sub => (F::Sub, "numpy.subtract"),
        Binary::Mul => (F::Mul, "numpy.multiply"),
        Binary::MatMul => (F::Mul, "numpy.matmul"),
        Binary::Div => (F::TrueDiv, "numpy.divide"),
        Binary::FloorDiv => (F::FloorDiv, "numpy.floor_divide"),
        Binary::Mod => (F::Mod, "numpy.remainder"),
        Binary::Pow => (F::Pow, "numpy.power"),
        Binary::LeftShift => (F::Shl, "numpy.left_shift"),
        Binary::RightShift => (F::Shr, "numpy.right_shift"),
        Binary::And => (F::And, "numpy.bitwise_and"),
        Binary::Or => (F::Or, "numpy.bitwise_or"),
        Binary::Xor => (F::Xor, "numpy.bitwise_xor"),
    }
}

pub(super) fn binary(op: Binary, left: &Typed, right: &Typed) -> Typed {
    let trust = left.trust.min(right.trust);
    let typed = |ty: Type| Typed { ty, trust };
    if let (Some(a), Some(b)) = (left.scalar(), right.scalar()) {
        if op == Binary::MatMul {
            return Typed::UNKNOWN;
        }
        let flavour = match a.is_python() && b.is_python() {
            true => Flavour::Py,
            false => Flavour::NpScalar,
        };
        return match scalar::result(function(op).0, flavour, &[a, b]) {
            Typing::Is(ty) => typed(Type::Plain(ArgTy::Scalar(ty))),
            Typing::Either(..) | Typing::Error => Typed::UNKNOWN,
        };
    }
    if left.is_array() || right.is_array() {
        return array_operation(function(op).1, &[left, right], trust);
    }
    match (&left.ty, &right.ty, op) {
        (Type::Plain(ArgTy::List(..)), Type::Plain(ArgTy::List(..)), Binary::Add)
        | (Type::Plain(ArgTy::List(..)), Type::Plain(ArgTy::Int(_) | ArgTy::Scalar(ScalarTy::PyInt)), Binary::Mul) => {
            typed(Type::list())
        }
        (Type::Plain(ArgTy::Str(_)), _, Binary::Mod) => typed(Type::Plain(ArgTy::Str(None))),
        (Type::Plain(ArgTy::Str(_)), Type::Plain(ArgTy::Str(_)), Binary::Add) => typed(Type::Plain(ArgTy::Str(None))),
        _ => Typed::UNKNOWN,
    }
}

fn unary(op: Unary, operand: &Typed) -> Typed {
    let trust = operand.trust;
    match (op, operand.scalar()) {
        (Unary::Not, _) => Typed::certain(Type::BOOL),
        (Unary::Minus, Some(_)) => match &operand.ty {
            Type::Plain(ArgTy::Int(value)) => {
                Typed::certain(Type::Plain(value.checked_neg().map_or(ArgTy::INT, ArgTy::Int)))
            }
            Type::Plain(ArgTy::Scalar(ScalarTy::PyFloat)) => operand.clone(),
            Type::Plain(ArgTy::Scalar(ScalarTy::Np(dtype))) if dtype.is_known() && *dtype != Dtype::Bool => {
                operand.clone()
            }
            Type::Plain(ArgTy::Scalar(ScalarTy::PyInt)) => operand.clone(),
            _ => Typed::UNKNOWN,
        },
        (_, Some(_)) => Typed::UNKNOWN,
        (Unary::Minus, None) if operand.is_array() => array_operation("numpy.negative", &[operand], trust),
        (Unary::Plus, None) if operand.is_array() => operand.clone(),
        (Unary::Invert, None) if operand.is_array() => array_operation("numpy.invert", &[operand], trust),
        _ => Typed::UNKNOWN,
    }
}

fn compare(op: Comparison, left: &Typed, right: &Typed) -> Typed {
    let name = match op {
        Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => {
            return Typed::certain(Type::BOOL);
        }
        Comparison::Equal => "numpy.equal",
        Comparison::NotEqual => "numpy.not_equal",
        Comparison::Less => "numpy.less",
        Comparison::LessEqual => "numpy.less_equal",
        Comparison::Greater => "numpy.greater",
        Comparison::GreaterEqual => "numpy.greater_equal",
    };
    let trust = left.trust.min(right.trust);
    match (left.scalar(), right.scalar()) {
        (Some(a), Some(b)) if a.is_python() && b.is_python() => Typed::certain(Type::BOOL),
        _ if left.is_array() || right.is_array() => {
            let typed = array_operation(name, &[left, right], trust);
            match typed.ty {
                // Objects may be compared to anything.
                Type::Array { dtype: None, ndim } if known(left) && known(right) => Typed {
                    ty: Type::Array {
                        dtype: Some(Dtype::Bool),
                        ndim,
                    },
                    trust,
                },
                _ => typed,
            }
        }
        _ => Typed::UNKNOWN,
    }
}

fn known(typed: &Typed) -> bool {
    typed.known_dtype().is_some() || typed.scalar().is_some()
}

/// What a ufunc gives of arrays and of things that NumPy makes arrays of.
pub(super) fn array_operation(name: &str, operands: &[&Typed], trust: Trust) -> Typed {
    let is_numeric = |typed: &&Typed| match &typed.ty {
        Type::Array { .. } => true,
        Type::Plain(plain) => plain.scalar().is_some() || matches!(plain, ArgTy::List(..) | ArgTy::Tuple(_)),
        Type::Unknown | Type::Other => false,
    };
    // Whoever has `__array_ufunc__` takes over.
    if !operands.iter().all(is_numeric) {
        return Typed::UNKNOWN;
    }
    let args: Vec<ArgTy> = operands.iter().map(|typed| typed.ty.argument()).collect();
    let ty = table::lookup(name).map_or(ArgTy::Unknown, |info| info.result(&args, &[]));
    let ty = match Type::from_table(ty) {
        Type::Unknown if name != "numpy.matmul" => elementwise(operands),
        ty => ty,
    };
    Typed { ty, trust }
}

/// An array of the operands' rank, where that is at least 1: of numbers it might be a number, or an object.
pub(super) fn elementwise(operands: &[&Typed]) -> Type {
    let rank = |typed: &&Typed| match &typed.ty {
        Type::Array { ndim, .. } => *ndim,
        Type::Plain(plain) => plain.ndim(),
        Type::Unknown | Type::Other => None,
    };
    let ranks: Vec<Option<usize>> = operands.iter().map(rank).collect();
    if ranks.iter().all(|rank| rank.is_none_or(|rank| rank == 0)) {
        return Type::Unknown;
    }
    Type::Array {
        dtype: None,
        ndim: ranks
            .into_iter()
            .try_fold(0, |most, rank| rank.map(|rank| most.max(rank))),
    }
}
