//! Parsing: the text form back into a function.
//!
//! ```text
//! func f(%0 x: array<float64>[s0]) -> (s) {
//!   %1 = const 0.0 : float
//!   %2 = len 0 %0 : int[0..]
//!   %3 s = fold add %1, %2 : np.float64 { (%4: int[0..])
//!     %5 = index [at] %0, %4 : np.float64
//!     yield %5
//!   }
//!   return %3
//! }
//! ```
//!
//! By recursive descent, straight over the characters, since what a name may be depends on where it stands. `;` ends
//! an op as a line does, `#` begins a comment. Numbers of values are names here: they need neither order nor density.
//! No text makes it panic; nesting deeper than [`DEEPEST`] is refused. See docs/ir.md for the grammar.

mod cursor;
mod kind;
mod ty;

use std::collections::HashMap;

use super::between;
use crate::function::{BlockId, Def, Function, Op, OpId, OriginId, ValueData, ValueId};
use crate::op::Term;
use crate::ty::Ty;
use crate::validate::{Form, validate};
use cursor::Cursor;
pub use cursor::ParseError;

/// Blocks in blocks, or types in types.
const DEEPEST: usize = 100;

type Parsed<T> = Result<T, ParseError>;

/// Parses a function and validates it, as raised form: any op may stand in it.
pub fn parse(text: &str) -> Parsed<Function> {
    let (func, places) = read(text)?;
    validate(&func, Form::Raised).map_err(|violation| {
        let place = violation.op.map_or(0, |op| places[op.index()]);
        ParseError::at(text, place, violation.message)
    })?;
    Ok(func)
}

/// Parses a function that need not be valid, but for this: what is used is defined somewhere, once.
pub fn parse_unchecked(text: &str) -> Parsed<Function> {
    read(text).map(|(func, _)| func)
}

/// A function, and the place of each op.
fn read(text: &str) -> Parsed<(Function, Vec<usize>)> {
    let mut parser = Parser {
        cursor: Cursor::new(text),
        func: Function::new(""),
        values: HashMap::new(),
        uses: Vec::new(),
        places: Vec::new(),
    };
    parser.function()?;
    parser.resolve()?;
    Ok((parser.func, parser.places))
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    func: Function,
    /// Values by the numbers that they have in the text.
    values: HashMap<u32, ValueId>,
    /// Numbers that are used, and where first.
    uses: Vec<(u32, usize)>,
    /// The place of each op.
    places: Vec<usize>,
}

/// A value where it is defined, before its type is known.
struct Named {
    number: u32,
    name: Option<String>,
    at: usize,
}

impl Parser<'_> {
    fn function(&mut self) -> Parsed<()> {
        self.cursor.skip_lines();
        self.cursor.expect_word("func")?;
        self.func.name = self.cursor.function_name()?;
        let body = self.func.body;
        self.params(body)?;
        self.cursor.expect("->")?;
        self.func.outputs = self.cursor.names()?;
        self.block(body, 0)?;
        self.cursor.skip_lines();
        if self.cursor.is_at_end() {
            Ok(())
        } else {
            Err(self.cursor.error("expected nothing behind the function"))
        }
    }

    /// `(%0 x: array<float64>[s0], %1: int)`
    fn params(&mut self, block: BlockId) -> Parsed<()> {
        self.cursor.expect("(")?;
        while !self.cursor.take(")") {
            let named = self.named()?;
            self.cursor.expect(":")?;
            let ty = self.cursor.ty(0)?;
            let number = self.func.block(block).params.len() as u32;
            let param = self.define(named, ty, Def::Param(block, number))?;
            self.func.block_mut(block).params.push(param);
            if !self.cursor.take(",") {
                self.cursor.expect(")")?;
                break;
            }
        }
        Ok(())
    }

    /// `%3 x`
    fn named(&mut self) -> Parsed<Named> {
        let at = self.cursor.place();
        let number = self.cursor.value()?;
        let name = self.cursor.is_at_name().then(|| self.cursor.name()).transpose()?;
        Ok(Named { number, name, at })
    }

    fn define(&mut self, named: Named, ty: Ty, def: Def) -> Parsed<ValueId> {
        let value = ValueId(self.func.values.len() as u32);
        if self.values.insert(named.number, value).is_some() {
            let message = format!("%{} is defined twice", named.number);
            return Err(self.cursor.error_at(named.at, message));
        }
        let name = named.name;
        self.func.values.push(ValueData { ty, def, name });
        Ok(value)
    }

    /// `%3, %4`, or nothing. The numbers stand for the values until all are known.
    fn operands(&mut self) -> Parsed<Vec<ValueId>> {
        let mut operands = Vec::new();
        if !self.cursor.is_at("%") {
            return Ok(operands);
        }
        loop {
            let at = self.cursor.place();
            let number = self.cursor.value()?;
            self.uses.push((number, at));
            operands.push(ValueId(number));
            if !self.cursor.take(",") {
                return Ok(operands);
            }
        }
    }

    /// What stands in braces, into a block that is there already.
    fn block(&mut self, block: BlockId, depth: usize) -> Parsed<()> {
        if depth > DEEPEST {
            return Err(self.cursor.error("blocks are nested too deeply"));
        }
        // `Function::new` lets the body return.
        self.func.block_mut(block).end = Term::Yield(Vec::new());
        self.cursor.expect("{")?;
        if self.cursor.is_at("(") {
            self.params(block)?;
        }
        loop {
            self.cursor.skip_lines();
            if self.cursor.take("}") {
                return Ok(());
            }
            if let Some(end) = self.term()? {
                self.func.block_mut(block).end = end;
                self.cursor.skip_lines();
                return self.cursor.expect("}");
            }
            let op = self.op(depth)?;
            self.func.block_mut(block).ops.push(op);
            if !self.cursor.is_at_line_end() && !self.cursor.is_at("}") {
                return Err(self.cursor.error("expected the end of the op"));
            }
        }
    }

    fn term(&mut self) -> Parsed<Option<Term>> {
        let end = if self.cursor.take_word("yield") {
            Term::Yield(self.operands()?)
        } else if self.cursor.take_word("break") {
            let out = self.cursor.count()?;
            Term::Break(out, self.operands()?)
        } else if self.cursor.take_word("return") {
            Term::Return(self.operands()?)
        } else if self.cursor.take_word("unreachable") {
            Term::Unreachable
        } else {
            return Ok(None);
        };
        Ok(Some(end))
    }

    fn op(&mut self, depth: usize) -> Parsed<OpId> {
        let at = self.cursor.place();
        let mut results = Vec::new();
        if self.cursor.is_at("%") {
            results.push(self.named()?);
            while self.cursor.take(",") {
                results.push(self.named()?);
            }
            self.cursor.expect("=")?;
        }
        let kind = self.cursor.kind()?;
        let between = between(&kind);
        let args = self.operands()?;
        let op = OpId(self.func.ops.len() as u32);
        self.places.push(at);
        self.func.ops.push(Op {
            kind,
            args,
            results: Vec::new(),
            blocks: Vec::new(),
            origin: OriginId(0),
        });
        self.results(op, results)?;
        while self.cursor.is_at("{") {
            let block = self.func.add_block();
            self.func.op_mut(op).blocks.push(block);
            self.block(block, depth + 1)?;
            if let Some(word) = between
                && self.cursor.take_word(word)
                && !self.cursor.is_at("{")
            {
                return Err(self.cursor.error("expected `{`"));
            }
        }
        Ok(op)
    }

    /// The types of the results, and with them the values.
    fn results(&mut self, op: OpId, results: Vec<Named>) -> Parsed<()> {
        for (number, named) in results.into_iter().enumerate() {
            self.cursor.expect(if number == 0 { ":" } else { "," })?;
            let ty = self.cursor.ty(0)?;
            let value = self.define(named, ty, Def::Result(op, number as u32))?;
            self.func.op_mut(op).results.push(value);
        }
        Ok(())
    }

    /// Values for the numbers that stand for them.
    fn resolve(&mut self) -> Parsed<()> {
        let values = &self.values;
        if let Some((number, at)) = self.uses.iter().find(|(number, _)| !values.contains_key(number)) {
            return Err(self.cursor.error_at(*at, format!("%{number} is not defined")));
        }
        let resolve = |value: &mut ValueId| *value = values[&value.0];
        for op in &mut self.func.ops {
            op.args.iter_mut().for_each(resolve);
        }
        for block in &mut self.func.blocks {
            block.end.values_mut().iter_mut().for_each(resolve);
        }
        Ok(())
    }
}
