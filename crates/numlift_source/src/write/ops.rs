//! Each op as an expression or a statement of its own.
//!
//! Stores, appends, the author's own text; everything that computes goes to [`super::operation`].

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

use super::effect::Summary;
use super::python::{Expr, Stmt};
use super::schedule::{Piece, Schedule, Step, augmented, is_immutable};
use super::{WriteError, operation};

impl Schedule<'_> {
    /// Writes one op.
    pub fn inner_op(&mut self, op: OpId) -> Step<()> {
        let func = self.func;
        let data = func.op(op);
        match &data.kind {
            Kind::Unbound => Ok(()),
            Kind::If => self.branch(op),
            Kind::Select if data.args[1..].iter().any(|arg| *func.ty(*arg) == Ty::Unbound) => self.maybe_bound(op),
            Kind::SetIndex(subs) => {
                let last = data.args.len() - 1;
                // Python evaluates the value, then the target.
                let order: Vec<ValueId> = data.args[last..].iter().chain(&data.args[..last]).copied().collect();
                let mut operands = self.operands(&order)?.into_iter();
                let mut parts = Vec::new();
                let mut summary = self.memory.summary(op);
                let mut next = |piece: Option<Piece>| -> Result<Expr, WriteError> {
                    let piece = piece.ok_or_else(|| WriteError::new("a store without its operands"))?;
                    summary.add(&piece.summary);
                    parts.extend(piece.parts);
                    Ok(piece.expr)
                };
                let value = next(operands.next())?;
                let base = next(operands.next())?;
                let rest: Result<Vec<Expr>, WriteError> = operands.map(|piece| next(Some(piece))).collect();
                let target = operation::subscript(base, subs, rest?, operation::is_basic(func, &data.args[1..last]));
                let stmt = self.store(op, target, value);
                self.emit(stmt, summary, &parts)
            }
            Kind::SetAttr(name) => {
                let [value, object] = self.pieces(&[data.args[1], data.args[0]])?;
                let mut summary = self.memory.summary(op);
                summary.add(&value.summary);
                summary.add(&object.summary);
                let target = Expr::attr(object.expr, name);
                let stmt = match is_immutable(func.ty(data.args[1])) {
                    true => augmented(target, value.expr),
                    false => Stmt::Assign(vec![target], vec![value.expr]),
                };
                self.emit(stmt, summary, &value.parts)
            }
            Kind::Append => {
                let [list, value] = self.pieces(&[data.args[0], data.args[1]])?;
                let mut summary = self.memory.summary(op);
                summary.add(&list.summary);
                summary.add(&value.summary);
                let call = Expr::call(Expr::attr(list.expr, "append"), vec![value.expr]);
                self.emit(Stmt::Expr(call), summary, &value.parts)
            }
            Kind::Raise(text) => {
                let names = data
                    .args
                    .iter()
                    .map(|arg| func.name_of(*arg).unwrap_or_default().to_owned())
                    .collect();
                self.raw(op, text, names)
            }
            Kind::Opaque { text, reads, binds, .. } if data.results.len() == binds.len() => {
                self.raw(op, text, reads.clone())?;
                for (name, result) in binds.iter().zip(&data.results) {
                    self.hold(name, *result);
                }
                Ok(())
            }
            Kind::Opaque { reads, .. } => {
                let reads = reads.clone();
                self.variables_hold(op, &reads)?;
                let piece = Piece {
                    expr: self.expression(op, Vec::new())?,
                    summary: self.opaque_summary(op, &reads),
                    parts: Vec::new(),
                };
                self.define(op, piece)
            }
            // One that was unpacked has its name already.
            Kind::Item(_) if self.is_named(data.results[0]) => {
                self.release(data.args[0]);
                Ok(())
            }
            Kind::For => self.for_loop(op),
            Kind::While => self.while_loop(op),
            Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. }
            | Kind::ScatterFold { .. }
            | Kind::Scatter { .. }
            | Kind::Extend { .. } => Err(WriteError::new("index space has no Python text").into()),
            Kind::Frame { .. } | Kind::Require(_) | Kind::Load | Kind::Store | Kind::IsNone | Kind::Present => {
                Err(WriteError::new("what is made for compiled code has no Python text").into())
            }
            Kind::Const(_)
            | Kind::Extern(_)
            | Kind::Scalar { .. }
            | Kind::Convert
            | Kind::Truth
            | Kind::Select
            | Kind::MakeTuple
            | Kind::MakeList
            | Kind::Repeat
            | Kind::Item(_)
            | Kind::Len { .. }
            | Kind::Attr(_)
            | Kind::Index(_)
            | Kind::Call { .. }
            | Kind::Method { .. } => self.plain(op),
        }
    }

    /// An op that is an expression of its operands.
    fn plain(&mut self, op: OpId) -> Step<()> {
        let data = self.func.op(op);
        let lazy = matches!(data.kind, Kind::Select);
        if lazy {
            // Both are computed, whichever is taken.
            for arg in &data.args[1..] {
                while let Some(at) = self.pending_at(*arg)
                    && !self.state.pending[at].piece.summary.is_silent()
                {
                    self.flush(at)?;
                }
            }
        }
        let pieces = self.operands(&data.args)?;
        let mut summary = self.memory.summary(op);
        let mut parts = Vec::new();
        let mut args = Vec::new();
        for piece in pieces {
            summary.add(&piece.summary);
            parts.extend(piece.parts);
            args.push(piece.expr);
        }
        let expr = self.expression(op, args)?;
        match self.unpacked(op) {
            Some(items) => self.unpack(&items, Piece { expr, summary, parts }),
            None => self.define(op, Piece { expr, summary, parts }),
        }
    }

    /// The items of the tuple that a call gives, where nothing but each of them is used, once.
    fn unpacked(&self, op: OpId) -> Option<Vec<ValueId>> {
        let func = self.func;
        let data = func.op(op);
        let (Kind::Call { .. }, Ty::Tuple(types)) = (&data.kind, func.ty(*data.results.first()?)) else {
            return None;
        };
        let mut items = vec![None; types.len()];
        let mut others = self.is_expression() || types.len() < 2;
        func.walk(func.body, &mut |user| {
            let user = func.op(user);
            if user.args.contains(&data.results[0]) {
                match user.kind {
                    Kind::Item(number) if items[number].is_none() => items[number] = Some(user.results[0]),
                    _ => others = true,
                }
            }
        });
        others |= func.block(func.body).end.values().contains(&data.results[0]);
        items.into_iter().collect::<Option<_>>().filter(|_| !others)
    }

    /// `a, b = call()`
    fn unpack(&mut self, items: &[ValueId], piece: Piece) -> Step<()> {
        let mut names: Vec<String> = Vec::new();
        for item in items {
            names.push(self.fresh(*item, &names));
        }
        let targets = names.iter().map(Expr::name).collect();
        self.emit(Stmt::Assign(targets, vec![piece.expr]), piece.summary, &piece.parts)?;
        for (name, item) in names.iter().zip(items) {
            self.hold(name, *item);
        }
        Ok(())
    }

    /// A store, augmented where that is the same.
    fn store(&self, op: OpId, target: Expr, value: Expr) -> Stmt {
        let data = self.func.op(op);
        let stored = self.func.ty(data.args[data.args.len() - 1]).bound();
        let same = match self.func.ty(data.args[0]).bound() {
            Ty::Array { dtype, .. } => match stored {
                Ty::Array { dtype: other, .. } | Ty::Np(other) => dtype == other,
                _ => false,
            },
            Ty::List(..) => is_immutable(stored),
            _ => false,
        };
        match same {
            true => augmented(target, value),
            false => Stmt::Assign(vec![target], vec![value]),
        }
    }

    /// Text of the author's own as a statement.
    fn raw(&mut self, op: OpId, text: &str, reads: Vec<String>) -> Step<()> {
        let text = simple_statement(text)?;
        self.variables_hold(op, &reads)?;
        let summary = self.opaque_summary(op, &reads);
        self.emit(Stmt::Raw(text), summary, &[])
    }

    fn opaque_summary(&self, op: OpId, reads: &[String]) -> Summary {
        let mut summary = self.memory.summary(op);
        summary.names.extend(reads.iter().cloned());
        summary
    }

    /// The author's text reads variables: they must hold the operands.
    fn variables_hold(&mut self, op: OpId, names: &[String]) -> Step<()> {
        for (name, value) in names.iter().zip(&self.func.op(op).args) {
            if self.state.bound.get(name) != Some(value) {
                if name.is_empty() || !self.can_assign(name) {
                    return Err(WriteError::new(format!("`{name}` does not hold what the author's text reads")).into());
                }
                self.state.uses[value.index()] += 1;
                let [piece] = self.pieces(&[*value])?;
                self.assign(name, *value, piece)?;
            }
            self.state.uses[value.index()] = self.state.uses[value.index()].saturating_sub(1);
        }
        // The text has the places that it looks at in its own words.
        let places = self.func.op(op).args.get(names.len()..).unwrap_or_default();
        places.iter().for_each(|place| self.release(*place));
        Ok(())
    }
}

/// The author's statement at another indentation: inside of brackets that is free, inside of strings it is not.
fn simple_statement(text: &str) -> Result<String, WriteError> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let [first, rest @ ..] = &lines[..] else {
        return Ok(text.to_owned());
    };
    let in_brackets = rest.is_empty()
        || !text.contains("\"\"\"") && !text.contains("'''") && !lines.iter().any(|line| line.ends_with('\\'));
    let parsed = ruff_python_parser::parse_module(text);
    let is_simple = parsed.is_ok_and(|parsed| {
        let suite = parsed.suite();
        suite.len() == 1 && !suite.iter().any(ruff_python_ast::helpers::is_compound_statement)
    });
    if !in_brackets || !is_simple {
        return Err(WriteError::new("a statement of several lines that stays"));
    }
    let close = |line: &str| line.starts_with([')', ']', '}']);
    let rest = rest.iter().map(|line| line.trim_start());
    let rest: String = rest
        .map(|line| format!("\n{}{line}", if close(line) { "" } else { "    " }))
        .collect();
    Ok(format!("{first}{rest}"))
}
