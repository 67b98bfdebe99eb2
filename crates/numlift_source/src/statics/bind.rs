//! Names and what is bound to them: targets of assignments and loops, and the names that statements may bind.

use std::collections::BTreeSet;

use numlift_ir::table::ArgTy;

use super::flow::{Env, Infer};
use super::{Type, Typed};
use crate::syntax::{Kind, NodeId};

impl<'s> Infer<'_, 's> {
    /// What iterating gives.
    pub fn item(items: &Typed) -> Typed {
        let ty = match &items.ty {
            Type::Array {
                dtype,
                ndim: Some(ndim),
            } if *ndim > 1 => Type::Array {
                dtype: *dtype,
                ndim: Some(ndim - 1),
            },
            Type::Array { .. } | Type::Plain(_) => Type::from_table(items.ty.argument().item()),
            Type::Unknown | Type::Other => Type::Unknown,
        };
        Typed { ty, trust: items.trust }
    }

    pub fn assign(&mut self, target: NodeId, typed: &Typed, value: Option<NodeId>) {
        match self.tree.kind(target) {
            Kind::Name(name) => {
                self.note(target, typed.clone());
                self.bind(name, typed.clone());
            }
            Kind::Tuple(parts) | Kind::List(parts) => {
                let has_star = parts
                    .iter()
                    .any(|part| matches!(self.tree.kind(*part), Kind::Starred(_)));
                if let Some(value) = value.filter(|_| !has_star) {
                    self.narrow_by_unpacking(value, parts.len());
                }
                let items = match &typed.ty {
                    Type::Plain(ArgTy::Tuple(items)) if items.len() == parts.len() && !has_star => Some(items.clone()),
                    _ => None,
                };
                let each = Self::item(typed);
                for (place, part) in parts.iter().enumerate() {
                    let item = match &items {
                        Some(items) => Typed {
                            ty: Type::from_table(items[place].clone()),
                            trust: typed.trust,
                        },
                        None if has_star => Typed::UNKNOWN,
                        None => each.clone(),
                    };
                    self.assign(*part, &item, None);
                }
            }
            Kind::Starred(inner) => self.assign(*inner, &Typed::certain(Type::list()), None),
            Kind::Attribute { value, attr } => {
                self.expr(*value);
                // Other names of the same array change with it.
                if matches!(*attr, "shape" | "dtype" | "strides" | "data") {
                    self.forget_arrays();
                }
            }
            Kind::Subscript { .. } => drop(self.expr(target)),
            _ => {}
        }
    }

    /// Somebody changes an array's shape or dtype in place.
    pub fn forget_arrays(&mut self) {
        let Some(env) = &mut self.env else { return };
        for typed in env.values_mut() {
            if typed.is_array() {
                typed.ty = Type::Array {
                    dtype: None,
                    ndim: None,
                };
            }
        }
    }

    /// The same, with nothing known of what some statements bind.
    pub fn without(&self, mut env: Env<'s>, suite: &[NodeId]) -> Env<'s> {
        for name in self.bound_in(suite) {
            if let Some(typed) = env.get_mut(name) {
                *typed = Typed::UNKNOWN;
            }
        }
        env
    }

    /// Names that statements may bind, nested functions left out.
    pub fn bound_in(&self, suite: &[NodeId]) -> BTreeSet<&'s str> {
        let mut bound = BTreeSet::new();
        let mut targets = Vec::new();
        for id in suite.iter().flat_map(|stmt| self.tree.inside(*stmt)) {
            match self.tree.kind(id) {
                Kind::Assign { targets: all, .. } | Kind::Delete(all) => targets.extend(all.iter().copied()),
                Kind::AugAssign { target, .. }
                | Kind::AnnAssign { target, .. }
                | Kind::For { target, .. }
                | Kind::Named { target, .. } => targets.push(*target),
                Kind::With { items, .. } => targets.extend(items.iter().filter_map(|(_, target)| *target)),
                Kind::Try { handlers, .. } => bound.extend(handlers.iter().filter_map(|handler| handler.name)),
                Kind::Match { binds, .. } => bound.extend(binds),
                Kind::Import(names) => bound.extend(names),
                Kind::Function { name, .. } | Kind::Class { name, .. } => {
                    bound.insert(*name);
                }
                _ => {}
            }
        }
        for target in targets {
            for id in self.tree.inside(target) {
                bound.extend(self.tree.name(id));
            }
        }
        bound
    }

    /// `rows, columns = x.shape`
    pub fn narrow_by_unpacking(&mut self, value: NodeId, parts: usize) {
        let Kind::Attribute {
            value: array,
            attr: "shape",
        } = self.tree.kind(value)
        else {
            return;
        };
        let Some(name) = self.tree.name(*array) else { return };
        let typed = self.variable(name);
        if let Type::Array { dtype, ndim: None } = typed.ty {
            self.bind(
                name,
                Typed {
                    ty: Type::Array {
                        dtype,
                        ndim: Some(parts),
                    },
                    trust: typed.trust,
                },
            );
        }
    }
}
