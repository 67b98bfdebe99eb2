//! Which values may be the same list.
//!
//! A class is a set of values, and of places in values: the elements of a list are a class of their own, and so are the
//! items of a tuple. Two classes become one with all that is in them.

use numlift_ir::function::{Function, ValueId};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

/// The number of a class; several may be one by now.
type Number = usize;

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// No list: what all of them are together.
    Leaf(Ty),
    List {
        elements: Number,
        /// Python may see it.
        is_shown: bool,
        /// What it may be to Python.
        made: Made,
    },
    Tuple(Vec<Number>),
}

/// Which kinds of lists a class has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Made {
    list: bool,
    queue: bool,
}

/// The classes of a function's values that are lists or hold some.
pub(super) struct Classes {
    parents: Vec<Number>,
    shapes: Vec<Shape>,
    of_values: Vec<Option<Number>>,
    types: Vec<Ty>,
    shown: usize,
}

/// Whether values of a type are lists, or tuples with lists.
pub(super) fn holds_list(ty: &Ty) -> bool {
    match ty {
        Ty::List(..) => true,
        Ty::Tuple(items) => items.iter().any(holds_list),
        Ty::Maybe(ty) => holds_list(ty),
        _ => false,
    }
}

impl Classes {
    /// Every value in a class of its own.
    pub fn of(func: &Function) -> Self {
        let types: Vec<Ty> = func.values.iter().map(|value| value.ty.clone()).collect();
        let mut classes = Self {
            parents: Vec::new(),
            shapes: Vec::new(),
            of_values: Vec::new(),
            types: Vec::new(),
            shown: 0,
        };
        let of_values = types
            .iter()
            .map(|ty| holds_list(ty).then(|| classes.class(ty.bound())))
            .collect();
        classes.of_values = of_values;
        classes.types = types;
        classes
    }

    fn class(&mut self, ty: &Ty) -> Number {
        let shape = match ty {
            Ty::List(elem, _) => Shape::List {
                elements: self.class(elem),
                is_shown: false,
                made: Made::default(),
            },
            Ty::Tuple(items) if items.iter().any(holds_list) => {
                Shape::Tuple(items.iter().map(|item| self.class(item)).collect())
            }
            ty => Shape::Leaf(ty.clone()),
        };
        self.parents.push(self.parents.len());
        self.shapes.push(shape);
        self.parents.len() - 1
    }

    fn find(&self, mut class: Number) -> Number {
        while self.parents[class] != class {
            class = self.parents[class];
        }
        class
    }

    fn shape(&self, class: Number) -> &Shape {
        &self.shapes[self.find(class)]
    }

    fn class_of(&self, value: ValueId) -> Option<Number> {
        self.of_values[value.index()]
    }

    /// Two values may be the same object.
    pub fn same(&mut self, value: ValueId, other: ValueId) {
        match (self.class_of(value), self.class_of(other)) {
            (Some(a), Some(b)) => self.unite(a, b),
            (Some(a), None) => self.meets(a, &self.types[other.index()].clone()),
            (None, Some(b)) => self.meets(b, &self.types[value.index()].clone()),
            (None, None) => {}
        }
    }

    /// A value is the item of a tuple.
    pub fn item(&mut self, tuple: ValueId, number: usize, value: ValueId) {
        let Some(class) = self.class_of(tuple) else {
            return self.show(value);
        };
        let item = match self.shape(class) {
            Shape::Tuple(items) => items.get(number).copied(),
            // The first item of a list, say.
            Shape::List { .. } | Shape::Leaf(_) => None,
        };
        match item {
            Some(item) => self.goes(item, value),
            None => {
                self.show_class(class);
                self.show(value);
            }
        }
    }

    /// A value is an element of a list.
    pub fn put(&mut self, list: ValueId, value: ValueId) {
        match self.elements_of(list) {
            Some(elements) => self.goes(elements, value),
            None => self.show(value),
        }
    }

    /// A value was an element of a list.
    pub fn take(&mut self, list: ValueId, value: ValueId) {
        if self.class_of(value).is_some() {
            self.put(list, value);
        }
    }

    /// Two lists have elements in common.
    pub fn share(&mut self, list: ValueId, other: ValueId) {
        match (self.elements_of(list), self.elements_of(other)) {
            (Some(a), Some(b)) => self.unite(a, b),
            _ => {
                self.show(list);
                self.show(other);
            }
        }
    }

    fn elements_of(&self, list: ValueId) -> Option<Number> {
        match self.shape(self.class_of(list)?) {
            Shape::List { elements, .. } => Some(*elements),
            Shape::Leaf(_) | Shape::Tuple(_) => None,
        }
    }

    /// A value is one of a class.
    fn goes(&mut self, class: Number, value: ValueId) {
        match self.class_of(value) {
            Some(other) => self.unite(class, other),
            None => self.meets(class, &self.types[value.index()].clone()),
        }
    }

    /// Something that is no list is one of a class.
    fn meets(&mut self, class: Number, ty: &Ty) {
        let class = self.find(class);
        match &mut self.shapes[class] {
            Shape::Leaf(known) => *known = known.join(ty),
            Shape::List { .. } | Shape::Tuple(_) if matches!(ty, Ty::Never | Ty::Unbound) => {}
            Shape::List { .. } | Shape::Tuple(_) => self.show_class(class),
        }
    }

    fn unite(&mut self, a: Number, b: Number) {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return;
        }
        let other = self.shapes[b].clone();
        if let Shape::Leaf(ty) = other {
            self.meets(a, &ty);
            if !matches!(self.shapes[a], Shape::Leaf(_)) && !matches!(ty, Ty::Never | Ty::Unbound) {
                return;
            }
            self.parents[b] = a;
            return;
        }
        if let Shape::Leaf(_) = self.shapes[a] {
            return self.unite(b, a);
        }
        match (self.shapes[a].clone(), other) {
            (
                Shape::List {
                    elements,
                    is_shown,
                    made,
                },
                Shape::List {
                    elements: others,
                    is_shown: other_is_shown,
                    made: also,
                },
            ) => {
                self.parents[b] = a;
                self.shapes[a] = Shape::List {
                    elements,
                    is_shown,
                    made: Made {
                        list: made.list || also.list,
                        queue: made.queue || also.queue,
                    },
                };
                if is_shown != other_is_shown {
                    self.show_class(a);
                    self.show_class(elements);
                    self.show_class(others);
                }
                self.unite(elements, others);
            }
            (Shape::Tuple(items), Shape::Tuple(others)) if items.len() == others.len() => {
                self.parents[b] = a;
                for (item, other) in items.into_iter().zip(others) {
                    self.unite(item, other);
                }
            }
            _ => {
                self.show_class(a);
                self.show_class(b);
            }
        }
    }

    /// Python may see a value, and all that is in it.
    pub fn show(&mut self, value: ValueId) {
        if let Some(class) = self.class_of(value) {
            self.show_class(class);
        }
    }

    fn show_class(&mut self, class: Number) {
        let class = self.find(class);
        match self.shapes[class].clone() {
            Shape::Leaf(_) => {}
            Shape::List { is_shown: true, .. } => {}
            Shape::List { elements, made, .. } => {
                self.shown += 1;
                self.shapes[class] = Shape::List {
                    elements,
                    is_shown: true,
                    made,
                };
                self.show_class(elements);
            }
            Shape::Tuple(items) => items.into_iter().for_each(|item| self.show_class(item)),
        }
    }

    /// A value is a list that is made here, where it is one.
    pub fn is_made_list(&mut self, value: ValueId) {
        self.is_made(
            value,
            Made {
                list: true,
                queue: false,
            },
        );
    }

    /// A value is a queue that is made here.
    pub fn is_made_queue(&mut self, value: ValueId) {
        self.is_made(
            value,
            Made {
                list: false,
                queue: true,
            },
        );
    }

    fn is_made(&mut self, value: ValueId, one: Made) {
        let Some(class) = self.class_of(value) else { return };
        let class = self.find(class);
        if let Shape::List { made, .. } = &mut self.shapes[class] {
            made.list |= one.list;
            made.queue |= one.queue;
        }
    }

    /// Whether a value may be a queue.
    pub fn is_queue(&self, value: ValueId) -> bool {
        let shape = self.class_of(value).map(|class| self.shape(class));
        matches!(shape, Some(Shape::List { made, .. }) if made.queue)
    }

    /// How often something was shown that was not before.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Whether a value is a list that Python does not see.
    pub fn is_own(&self, value: ValueId) -> bool {
        let class = self.class_of(value);
        class.is_some_and(|class| matches!(self.shape(class), Shape::List { is_shown: false, .. }))
    }

    /// Whether a value that is taken out of a list is what its elements are.
    pub fn is_element(&self, list: ValueId, value: ValueId) -> bool {
        let Some(elements) = self.elements_of(list) else {
            return false;
        };
        match (self.class_of(value), self.shape(elements)) {
            (Some(_), Shape::List { .. } | Shape::Tuple(_)) => true,
            (None, Shape::Leaf(ty)) => is_same_form(ty, &self.types[value.index()]),
            (Some(_), Shape::Leaf(_)) | (None, Shape::List { .. } | Shape::Tuple(_)) => false,
        }
    }

    /// Whether the elements of a list are numbers, or tuples of them.
    pub fn has_plain_elements(&self, list: ValueId) -> bool {
        let elements = self.elements_of(list);
        elements.is_some_and(|elements| matches!(self.shape(elements), Shape::Leaf(ty) if is_plain(ty)))
    }

    /// Whether `sum` of a list is a number of this type.
    pub fn adds_up_to(&self, list: ValueId, sum: &Ty) -> bool {
        let Some(Shape::Leaf(ty)) = self.elements_of(list).map(|elements| self.shape(elements)) else {
            return false;
        };
        match ty {
            Ty::Bool | Ty::Int(_) => matches!(sum, Ty::Int(_)),
            // An empty one gives an int.
            Ty::Float => *sum == Ty::Float || *sum == Ty::one_of([ScalarTy::PyInt, ScalarTy::PyFloat]),
            _ => false,
        }
    }

    /// Shows lists whose elements have no form of their own.
    pub fn show_unfit(&mut self) {
        for class in 0..self.parents.len() {
            if let Shape::List {
                elements,
                is_shown: false,
                made,
            } = self.shape(class)
                && (!self.is_fit(*elements) || made.list && made.queue)
            {
                self.show_class(class);
            }
        }
    }

    fn is_fit(&self, class: Number) -> bool {
        match self.shape(class) {
            Shape::Leaf(ty) => has_form(ty),
            Shape::List { .. } => true,
            Shape::Tuple(items) => items.iter().all(|item| self.is_fit(*item)),
        }
    }

    /// The type of a value, where it is another one now.
    pub fn type_of(&self, value: ValueId, ty: &Ty) -> Option<Ty> {
        let class = self.class_of(value)?;
        let own = self.rebuilt(class, ty.bound());
        let own = match ty {
            Ty::Maybe(_) => Ty::Maybe(Box::new(own)),
            _ => own,
        };
        (own != *ty).then_some(own)
    }

    fn rebuilt(&self, class: Number, ty: &Ty) -> Ty {
        match (self.shape(class), ty) {
            (
                Shape::List {
                    elements,
                    is_shown: false,
                    ..
                },
                _,
            ) => Ty::Buffer(Box::new(self.element_type(*elements))),
            (Shape::Tuple(items), Ty::Tuple(types)) => Ty::Tuple(
                items
                    .iter()
                    .zip(types)
                    .map(|(item, ty)| self.rebuilt(*item, ty))
                    .collect(),
            ),
            (Shape::List { .. } | Shape::Tuple(_) | Shape::Leaf(_), ty) => ty.clone(),
        }
    }

    fn element_type(&self, class: Number) -> Ty {
        match self.shape(class) {
            Shape::Leaf(ty) => ty.clone(),
            Shape::List {
                elements,
                is_shown: false,
                ..
            } => Ty::Buffer(Box::new(self.element_type(*elements))),
            Shape::List { elements, .. } => {
                Ty::List(Box::new(self.element_type(*elements)), numlift_ir::ty::Dim::Unknown)
            }
            Shape::Tuple(items) => Ty::Tuple(items.iter().map(|item| self.element_type(*item)).collect()),
        }
    }
}

/// Whether elements of a type are compared as numbers are.
fn is_plain(ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(items) => items.iter().all(is_plain),
        Ty::Never => true,
        ty => ty.scalar_options().is_some(),
    }
}

/// Whether elements of a type can lie in a row.
fn has_form(ty: &Ty) -> bool {
    match ty {
        Ty::Never | Ty::None | Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Complex | Ty::OneOf(_) => true,
        Ty::Np(dtype) => dtype.is_known(),
        Ty::Array { dtype, .. } => dtype.is_known(),
        Ty::Tuple(items) => items.iter().all(|item| *item != Ty::Never && has_form(item)),
        _ => false,
    }
}

/// Whether values of two types are the same registers.
fn is_same_form(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Int(_), Ty::Int(_)) => true,
        (Ty::Tuple(a), Ty::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_form(a, b)),
        (
            Ty::Array { dtype, shape, .. },
            Ty::Array {
                dtype: other,
                shape: others,
                ..
            },
        ) => dtype == other && shape.len() == others.len(),
        (a, b) => a == b,
    }
}
