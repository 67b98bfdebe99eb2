//! An op's kind with its attributes.

use super::super::print::QUIET_NAN;
use super::Parsed;
use super::cursor::Cursor;
use crate::op::{Caller, Const, Kind, Look, Monoid, Sub, Touches};
use crate::scalar::{F, Flavour};

/// A part of a statement that is computed: byte range, and the name of the value.
type Computed = (u32, u32, String);

impl Cursor<'_> {
    pub(super) fn kind(&mut self) -> Parsed<Kind> {
        let at = self.place();
        let kind = match self.word() {
            "const" => Kind::Const(self.constant()?),
            "unbound" => Kind::Unbound,
            "extern" => Kind::Extern(self.name()?),
            "convert" => Kind::Convert,
            "truth" => Kind::Truth,
            "isnone" => Kind::IsNone,
            "present" => Kind::Present,
            "select" => Kind::Select,
            "tuple" => Kind::MakeTuple,
            "list" => Kind::MakeList,
            "repeat" => Kind::Repeat,
            "item" => Kind::Item(self.count()?),
            "len" => Kind::Len { axis: self.count()? },
            "attr" => Kind::Attr(self.name()?),
            "index" => Kind::Index(self.subs()?),
            "call" => Kind::Call {
                callee: self.name()?,
                keywords: self.names()?,
            },
            "method" => Kind::Method {
                name: self.name()?,
                keywords: self.names()?,
            },
            "setindex" => Kind::SetIndex(self.subs()?),
            "setattr" => Kind::SetAttr(self.name()?),
            "append" => Kind::Append,
            "raise" => Kind::Raise(self.string()?),
            "opaque" => self.opaque()?,
            "frame" => self.frame()?,
            "require" => Kind::Require(self.string()?),
            "load" => Kind::Load,
            "store" => Kind::Store,
            "if" => Kind::If,
            "for" => Kind::For,
            "while" => Kind::While,
            "comp" => Kind::Comp,
            "first" => Kind::First,
            "fold" => Kind::Fold {
                monoid: self.monoid()?,
                masked: self.take_word("masked"),
                any_order: self.take_word("anyhow"),
            },
            "argfold" => Kind::ArgFold {
                monoid: self.monoid()?,
                payloads: self.count()?,
                masked: self.take_word("masked"),
            },
            "scan" => Kind::Scan {
                monoid: self.monoid()?,
                seeded: self.take_word("seeded"),
                regrouped: self.take_word("regrouped"),
            },
            "scatterfold" => Kind::ScatterFold {
                monoid: self.monoid()?,
                axes: self.count()?,
                masked: self.take_word("masked"),
            },
            "scatter" => Kind::Scatter {
                axes: self.count()?,
                masked: self.take_word("masked"),
            },
            "extend" => {
                let depth = if self.take_word("depth") { self.count()? } else { 0 };
                let masked = self.take_word("masked");
                Kind::Extend { masked, depth }
            }
            "" => return Err(self.error("expected an op")),
            word => {
                let scalar = word
                    .split_once('.')
                    .and_then(|(f, flavour)| Some((F::from_name(f)?, Flavour::from_name(flavour)?)));
                let (f, flavour) = scalar.ok_or_else(|| self.error_at(at, format!("`{word}` is no op")))?;
                Kind::Scalar { f, flavour }
            }
        };
        Ok(kind)
    }

    fn opaque(&mut self) -> Parsed<Kind> {
        let touches = match (self.take_word("quiet"), self.take_word("timing")) {
            (true, _) => Touches::Nothing,
            (false, true) => Touches::Time,
            (false, false) => Touches::Anything,
        };
        let text = self.string()?;
        self.expect_word("reads")?;
        let reads = self.names()?;
        let looks = if self.take_word("looks") {
            self.looks()?
        } else {
            Vec::new()
        };
        self.expect_word("binds")?;
        let binds = self.names()?;
        self.expect_word("because")?;
        let reason = self.string()?;
        Ok(Kind::Opaque {
            text,
            reads,
            binds,
            reason,
            touches,
            looks,
        })
    }

    fn frame(&mut self) -> Parsed<Kind> {
        let names = self.names()?;
        let (iterators, computed) = self.going_on()?;
        let mut callers = Vec::new();
        while self.take_word("called") {
            self.expect("(")?;
            let statement = (self.position()?, self.position()?);
            let call = (self.position()?, self.position()?);
            self.expect(")")?;
            let (iterators, computed) = self.going_on()?;
            callers.push(Caller {
                statement,
                call,
                iterators,
                computed,
            });
        }
        Ok(Kind::Frame {
            names,
            iterators,
            computed,
            callers,
        })
    }

    /// The loops around a statement, and what is computed of it.
    fn going_on(&mut self) -> Parsed<(Vec<String>, Vec<Computed>)> {
        let iterators = match self.take_word("iterators") {
            true => self.each(Self::string)?,
            false => Vec::new(),
        };
        let computed = match self.take_word("computed") {
            true => self.each(|cursor| Ok((cursor.position()?, cursor.position()?, cursor.name()?)))?,
            false => Vec::new(),
        };
        Ok((iterators, computed))
    }

    /// A byte offset.
    fn position(&mut self) -> Parsed<u32> {
        let at = self.place();
        let number = self.count()?;
        u32::try_from(number).map_err(|_| self.error_at(at, format!("{number} is no place in a file")))
    }

    /// `(a, b, c)`
    fn each<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        self.expect("(")?;
        while !self.take(")") {
            items.push(item(self)?);
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(items)
    }

    /// `(0 1, 2 1)`: numbers of operands and of their subscripts
    fn looks(&mut self) -> Parsed<Vec<Look>> {
        self.each(|cursor| {
            Ok(Look {
                operand: cursor.count()?,
                subscripts: cursor.count()?,
            })
        })
    }

    fn monoid(&mut self) -> Parsed<Monoid> {
        let at = self.place();
        let word = self.word();
        let found = Monoid::ALL.into_iter().find(|monoid| monoid.name() == word);
        found.ok_or_else(|| self.error_at(at, format!("`{word}` is no way to combine")))
    }

    /// `[at, l:h:s, new, ...]`
    fn subs(&mut self) -> Parsed<Vec<Sub>> {
        let mut subs = Vec::new();
        self.expect("[")?;
        while !self.take("]") {
            subs.push(self.sub()?);
            if !self.take(",") {
                self.expect("]")?;
                break;
            }
        }
        Ok(subs)
    }

    fn sub(&mut self) -> Parsed<Sub> {
        let at = self.place();
        let sub = match self.literal() {
            "at" => Sub::At,
            "new" => Sub::NewAxis,
            "..." => Sub::Ellipsis,
            slice => {
                let (range, step) = match slice.strip_suffix(":s") {
                    // `:s` alone would be a slice without its colon.
                    Some(range) if range.contains(':') => (range, true),
                    _ => (slice, false),
                };
                let (lo, hi) = match range {
                    ":" => (false, false),
                    "l:" => (true, false),
                    ":h" => (false, true),
                    "l:h" => (true, true),
                    _ => return Err(self.error_at(at, format!("`{slice}` is no subscript"))),
                };
                Sub::Slice { lo, hi, step }
            }
        };
        Ok(sub)
    }

    fn constant(&mut self) -> Parsed<Const> {
        if self.is_at("\"") {
            return Ok(Const::Str(self.string()?));
        }
        if self.take("(") {
            let re = self.float()?;
            self.expect(",")?;
            let im = self.float()?;
            self.expect(")")?;
            return Ok(Const::Complex(re, im));
        }
        let at = self.place();
        let constant = match self.literal() {
            "None" => Const::None,
            "True" => Const::Bool(true),
            "False" => Const::Bool(false),
            "..." => Const::Ellipsis,
            word => match word.parse() {
                Ok(int) => Const::Int(int),
                Err(_) => {
                    let float = float_of(word);
                    Const::Float(float.ok_or_else(|| self.error_at(at, format!("`{word}` is no constant")))?)
                }
            },
        };
        Ok(constant)
    }

    fn float(&mut self) -> Parsed<f64> {
        let at = self.place();
        let word = self.literal();
        float_of(word).ok_or_else(|| self.error_at(at, format!("`{word}` is no float")))
    }
}

fn float_of(word: &str) -> Option<f64> {
    if word == "NaN" {
        return Some(f64::from_bits(QUIET_NAN));
    }
    if let Some(bits) = word.strip_prefix("NaN:") {
        let float = f64::from_bits(u64::from_str_radix(bits, 16).ok()?);
        return float.is_nan().then_some(float);
    }
    word.parse().ok().filter(|float: &f64| !float.is_nan())
}
