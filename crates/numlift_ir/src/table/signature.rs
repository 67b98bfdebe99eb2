//! Signatures as Python writes them, and the binding of arguments to parameters.
//!
//! ```text
//! "a, axis=None, *, keepdims=False"     one positional and two keywords bind to a, keepdims and axis
//! "*args, sep=' '"                      any number of positional arguments
//! "x, /"                                x only by position
//! ```

/// The parameters of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub params: Vec<Param>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    pub name: &'static str,
    /// The default's source text.
    pub default: Option<&'static str>,
    pub kind: ParamKind,
}

/// How a parameter takes arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    PositionalOnly,
    Either,
    KeywordOnly,
    /// `*args`
    Rest,
    /// `**kwargs`
    Keywords,
}

/// Which argument each parameter has; arguments are counted positional first, then keywords in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    args: Vec<(&'static str, usize)>,
    rest: Vec<usize>,
}

impl Bound {
    /// The index of the argument that a parameter has.
    pub fn get(&self, parameter: &str) -> Option<usize> {
        self.args
            .iter()
            .find(|(name, _)| *name == parameter)
            .map(|&(_, index)| index)
    }

    /// The indices of the arguments of `*args`.
    pub fn rest(&self) -> &[usize] {
        &self.rest
    }

    /// The parameters that have an argument, with its index.
    pub fn given(&self) -> &[(&'static str, usize)] {
        &self.args
    }
}

impl Signature {
    /// Reads the parameters between the parentheses of a `def`.
    pub fn parse(text: &'static str) -> Signature {
        let mut params: Vec<Param> = Vec::new();
        let mut kind = ParamKind::Either;
        for part in split_at_commas(text) {
            let (name, default) = match part.split_once('=') {
                Some((name, default)) => (name.trim(), Some(default.trim())),
                None => (part, None),
            };
            match name {
                "/" => params
                    .iter_mut()
                    .for_each(|param| param.kind = ParamKind::PositionalOnly),
                "*" => kind = ParamKind::KeywordOnly,
                _ if name.starts_with("**") => {
                    params.push(Param {
                        name: &name[2..],
                        default,
                        kind: ParamKind::Keywords,
                    });
                }
                _ if name.starts_with('*') => {
                    params.push(Param {
                        name: &name[1..],
                        default,
                        kind: ParamKind::Rest,
                    });
                    kind = ParamKind::KeywordOnly;
                }
                _ => params.push(Param { name, default, kind }),
            }
        }
        Signature { params }
    }

    /// Binds as Python does; `None` where Python raises `TypeError`.
    pub fn bind(&self, positional: usize, keywords: &[&str]) -> Option<Bound> {
        let mut bound = Bound {
            args: Vec::new(),
            rest: Vec::new(),
        };
        let by_position = |param: &&Param| matches!(param.kind, ParamKind::PositionalOnly | ParamKind::Either);
        let mut params = self.params.iter().filter(by_position);
        for index in 0..positional {
            match params.next() {
                Some(param) => bound.args.push((param.name, index)),
                None if self.params.iter().any(|param| param.kind == ParamKind::Rest) => bound.rest.push(index),
                None => return None,
            }
        }
        for (offset, keyword) in keywords.iter().enumerate() {
            let takes = |param: &&Param| {
                param.name == *keyword && matches!(param.kind, ParamKind::Either | ParamKind::KeywordOnly)
            };
            match self.params.iter().find(takes) {
                Some(param) if bound.get(param.name).is_none() => bound.args.push((param.name, positional + offset)),
                Some(_) => return None,
                None if self.params.iter().any(|param| param.kind == ParamKind::Keywords) => {}
                None => return None,
            }
        }
        let required =
            |param: &&Param| param.default.is_none() && !matches!(param.kind, ParamKind::Rest | ParamKind::Keywords);
        self.params
            .iter()
            .filter(required)
            .all(|param| bound.get(param.name).is_some())
            .then_some(bound)
    }
}

/// Splits at the commas outside of quotes and brackets.
fn split_at_commas(text: &'static str) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(signature: &'static str, positional: usize, keywords: &[&str], expected: Option<&[(&str, usize)]>) {
        let bound = Signature::parse(signature).bind(positional, keywords);
        assert_eq!(bound.as_ref().map(|bound| bound.given()), expected, "{signature}");
    }

    #[test]
    fn binding_is_pythons() {
        let sum = "a, axis=None, dtype=None, *, keepdims=False";
        check(
            sum,
            1,
            &["keepdims", "axis"],
            Some(&[("a", 0), ("keepdims", 1), ("axis", 2)]),
        );
        check(sum, 4, &[], None);
        check(sum, 2, &["axis"], None);
        check(sum, 0, &[], None);
        check("x, /", 0, &["x"], None);
        check(
            "shape, order='C,', like=(1, 2)",
            1,
            &["like"],
            Some(&[("shape", 0), ("like", 1)]),
        );
        check("*args, sep=' '", 3, &["sep"], Some(&[("sep", 3)]));
        check("", 0, &[], Some(&[]));
    }
}
