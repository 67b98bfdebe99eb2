//! What runs in Python from inside compiled code.
//!
//! An op without machine code becomes an expression over its operands, opaque text is taken as it stands. What comes
//! back is checked against its type; if it has another one, Python goes on with it from the present statement, whose
//! part it then is.

use std::collections::HashSet;

use numlift_abi::request::key_of_item;
use numlift_abi::spec::DRAWN;
use numlift_abi::{Frame, Island, Repr};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub, Touches};
use numlift_ir::scalar::{Flavour, PyForm};
use numlift_ir::ty::Ty;

use super::{Emit, Emitter};
use crate::value::{Value, repr_of};

/// Whether a name of a frame is an attribute that is held, or an item.
pub(super) fn is_held(name: &str) -> bool {
    name.starts_with("__nl_attribute") || name.starts_with("__nl_item")
}

/// A call that may do what a piece does, but for its last argument: where the results go.
pub(super) struct Attempt {
    pub call: String,
}

/// How an island is built.
pub(super) struct Piece {
    pub text: String,
    pub is_expression: bool,
    pub reads: Vec<(String, Value)>,
    pub binds: Vec<(String, Repr)>,
    pub reason: String,
}

impl Emitter<'_> {
    /// Numbers an island of the present op.
    pub(super) fn add_island(&mut self, mut island: Island) -> usize {
        let around = super::events::ignored(self.func, self.origin, &self.options.ignoring);
        island.errstate = around.flat_map(|ignoring| ignoring.arguments.clone()).collect();
        self.islands.push(island);
        let version = self.version;
        self.pieces.extend(self.op.map(|op| (version, op)));
        self.islands.len() - 1
    }

    /// An op that Python runs.
    pub(super) fn island_op(&mut self, op: OpId) -> Emit<()> {
        self.island_after(op, None)
    }

    /// An op that Python runs where machine code cannot do it at once: where an attempt, which fills the same slots as
    /// the piece, gives anything but 0.
    pub(super) fn island_after(&mut self, op: OpId, attempt: Option<&Attempt>) -> Emit<()> {
        let (kind, _, results) = self.ops(op);
        let piece = match kind {
            Kind::Opaque {
                text,
                reads,
                binds,
                reason,
                ..
            } => self.opaque_piece(op, text, reads, binds, reason)?,
            _ => self.expression_piece(op)?,
        };
        let results = results.to_vec();
        let types: Vec<_> = results.iter().map(|result| self.func.ty(*result).clone()).collect();
        let values = self.run_island(op, &piece, attempt)?;
        for ((result, value), ty) in results.iter().zip(values).zip(types) {
            let value = match value {
                Value::Array(mut array) => {
                    let given = array.clone();
                    self.contiguous_strides(&mut array, &ty);
                    self.check_layout(op, &given, &array, &ty)?;
                    Value::Array(array)
                }
                value => value,
            };
            self.set(*result, value);
        }
        Ok(())
    }

    /// Whether Python may run the present statement again when an op of it has been run.
    pub(super) fn runs_again(&self, op: OpId) -> bool {
        let kind = &self.func.op(op).kind;
        self.present.is_some()
            && (matches!(kind, Kind::SetIndex(_)) || matches!(kind.effect(), Effect::Pure | Effect::Reads))
    }

    fn opaque_piece(&mut self, op: OpId, text: &str, reads: &[String], binds: &[String], reason: &str) -> Emit<Piece> {
        let (_, args, results) = self.ops(op);
        let mut given = Vec::new();
        for (name, arg) in reads.iter().zip(args) {
            given.push((name.clone(), self.get(*arg)?));
        }
        let is_expression = binds.is_empty() && results.len() == 1;
        let names: Vec<String> = match is_expression {
            true => vec!["__nl_result".to_owned()],
            false => binds.to_vec(),
        };
        let unused = match is_expression {
            true => HashSet::new(),
            false => self.unused(results),
        };
        // Nobody asks whether a name is bound that is not read any more.
        let repr = |result: &ValueId| match unused.contains(result) {
            true => Repr::OneOf(vec![Repr::Object, Repr::Unbound]),
            false => repr_of(self.func.ty(*result)).unwrap_or(Repr::Object),
        };
        let binds = names
            .into_iter()
            .zip(results)
            .map(|(name, result)| (name, repr(result)))
            .collect();
        Ok(Piece {
            text: text.to_owned(),
            is_expression,
            reads: given,
            binds,
            reason: reason.to_owned(),
        })
    }

    /// Those of some values that no op and no block's end uses.
    fn unused(&self, values: &[ValueId]) -> HashSet<ValueId> {
        let mut unused: HashSet<ValueId> = values.iter().copied().collect();
        self.func.visit_blocks(self.func.body, &mut |block| {
            let block = self.func.block(block);
            let ops = block.ops.iter().flat_map(|op| &self.func.op(*op).args);
            for value in ops.chain(block.end.values()) {
                unused.remove(value);
            }
        });
        unused
    }

    /// An op as an expression, or a statement, over names for its operands.
    fn expression_piece(&mut self, op: OpId) -> Emit<Piece> {
        let (kind, args, results) = self.ops(op);
        let mut reads = Vec::new();
        let mut names = Vec::new();
        for (number, arg) in args.iter().enumerate() {
            match self.bound(*arg)? {
                Value::Static(text) => names.push(self.has_object(&text)?.to_owned()),
                Value::None => names.push("None".to_owned()),
                value => {
                    let name = format!("__nl{number}");
                    names.push(name.clone());
                    reads.push((name, value));
                }
            }
        }
        let Some((text, is_expression)) = expression(kind, &names) else {
            return self.unsupported(format!("{} has no machine code yet", self.as_written(op)));
        };
        let binds = match results.first() {
            Some(result) => vec![(
                "__nl_result".to_owned(),
                repr_of(self.func.ty(*result)).unwrap_or(Repr::Object),
            )],
            None => Vec::new(),
        };
        Ok(Piece {
            text,
            is_expression,
            reads,
            binds,
            reason: match kind {
                Kind::SetAttr(name) => numlift_abi::spec::stored(name),
                _ => format!("{} runs in Python", self.as_written(op)),
            },
        })
    }

    /// An op as the program has it: a function by its whole name, anything else by its text.
    fn as_written(&self, op: OpId) -> String {
        let data = self.func.op(op);
        let is_named = matches!(data.kind, Kind::Call { .. } | Kind::Method { .. } | Kind::Attr(_));
        let origin = &self.func.origins[data.origin.0 as usize];
        let text = match is_named {
            true => None,
            false => (self.options.written)(origin.start, origin.end),
        };
        match (&data.kind, text) {
            (Kind::Truth, Some(text)) => format!("`{text}` as a condition"),
            (_, Some(text)) => format!("`{text}`"),
            (kind, None) => format!("`{}`", spoken(kind)),
        }
    }

    fn run_island(&mut self, op: OpId, piece: &Piece, attempt: Option<&Attempt>) -> Emit<Vec<Value>> {
        if self.text.has_ended() {
            return Ok(piece.binds.iter().map(|(_, repr)| Value::nothing(repr)).collect());
        }
        let origin = self.func.op(op).origin;
        let mut reads = Vec::new();
        let mut values = Vec::new();
        let mut text = piece.text.clone();
        for (name, value) in &piece.reads {
            match value.repr() {
                Some(Repr::Unbound) => {}
                Some(repr) => {
                    reads.push((name.clone(), repr));
                    values.push(value.clone());
                }
                None => {
                    let object = self.boxed(value)?;
                    reads.push((name.clone(), Repr::Object));
                    values.push(object);
                }
            }
        }
        if !piece.is_expression {
            text.push('\n');
        }
        let watched = self.watched(op);
        let island = Island {
            place: self.place_of(origin),
            calls: self.calls_of(origin),
            text,
            is_expression: piece.is_expression,
            reads: reads.clone(),
            watched: watched.iter().filter_map(Value::repr).collect(),
            goes_on: self.is_known_part(op, piece.is_expression),
            binds: piece.binds.clone(),
            reason: attempt.map_or_else(|| piece.reason.clone(), |_| DRAWN.to_owned()),
            errstate: Vec::new(),
        };
        let number = self.add_island(island);
        let watches = !watched.is_empty();
        reads.extend(watched.iter().filter_map(|array| Some((String::new(), array.repr()?))));
        values.extend(watched);
        let size_in: usize = reads.iter().map(|(_, repr)| repr.slots()).sum();
        let size_out: usize = piece.binds.iter().map(|(_, repr)| repr.slots().max(1)).sum();
        let (given, out) = (self.text.slots(size_in), self.text.slots(size_out));
        let attempted = attempt.map(|attempt| {
            let done = self.text.slot("i32");
            let status = self.text.value(&format!("{}, ptr {out})", attempt.call));
            self.text.line(&format!("store i32 {status}, ptr {done}"));
            let undone = self.text.value(&format!("icmp ne i32 {status}, 0"));
            let (piece, on) = (self.text.label("by_python"), self.text.label("on"));
            self.text
                .end(&format!("br i1 {undone}, label %{piece}, label %{on}, !prof !1"));
            self.text.begin_apart(&piece);
            (done, on)
        });
        let mut at = 0;
        for ((_, repr), value) in reads.iter().zip(&values) {
            self.store_slots(&given, value, repr, &mut at)?;
        }
        let mut status = self.text.value(&format!(
            "call i32 @nl_island(ptr %ctx, i32 {number}, ptr {given}, ptr {out})"
        ));
        if let Some((done, on)) = attempted {
            self.text.line(&format!("store i32 {status}, ptr {done}"));
            self.text.jump(&on);
            self.text.begin_apart(&on);
            status = self.text.value(&format!("load i32, ptr {done}"));
        }
        let raised = self.text.value(&format!("icmp eq i32 {status}, 1"));
        // A store that raises has stored nothing, and nothing was changed before it.
        match self.runs_again(op) {
            // Python runs the statement again and raises there: in its line, and inside its `try`.
            true => self.leave_if(&raised, "an exception")?,
            false if self.options.all_names || self.holds_attributes() => self.fail_with_names(&raised),
            false => self.fail_if(&raised),
        }
        let other = self.text.value(&format!("icmp eq i32 {status}, 2"));
        self.leave_with_objects(op, &other, piece, &out, watches)?;
        let mut at = 0;
        let mut results = Vec::new();
        for (_, repr) in &piece.binds {
            let value = self.load_slots(&out, repr, &mut at);
            self.own(&value);
            results.push(value);
        }
        Ok(results)
    }

    /// Whether an op is a part of the statement that Python would go on with, which can be told to be computed.
    pub(super) fn is_known_part(&self, op: OpId, is_expression: bool) -> bool {
        // It may be a step of what stands there: `np.sum(m)` of `np.sum(m, out=x)`, an element of an expression of arrays.
        if self.runs_like_before(op) {
            return false;
        }
        let part = self.range_of(self.func.op(op).origin);
        self.present.as_ref().is_some_and(|present| match is_expression {
            true => (self.options.is_part)(present.statement, part),
            false => present.statement == part,
        })
    }

    /// Whether an op is a known function of numbers and arrays that changes nothing: Python may compute it once more.
    fn runs_like_before(&self, op: OpId) -> bool {
        let data = self.func.op(op);
        // A step of `not in`, which its place stands for.
        if matches!(&data.kind, Kind::Method { name, .. } if name == "__contains__") {
            return true;
        }
        let is_known = matches!(data.kind, Kind::Call { .. } | Kind::Method { .. } | Kind::Scalar { .. });
        let is_plain =
            |ty: &Ty| ty.scalar_options().is_some() || matches!(ty, Ty::Array { .. } | Ty::Tuple(_) | Ty::Extern(_));
        is_known
            && matches!(data.kind.effect(), Effect::Pure | Effect::Reads)
            && data.args.iter().all(|arg| is_plain(self.func.ty(*arg).bound()))
    }

    /// The arrays whose shape or place an op may change that runs code that is not known: all that are there.
    fn watched(&self, op: OpId) -> Vec<Value> {
        let kind = &self.func.op(op).kind;
        let is_quiet = matches!(
            kind,
            Kind::Opaque {
                touches: Touches::Nothing,
                ..
            }
        );
        let present = self
            .present
            .as_ref()
            .filter(|_| kind.effect() == Effect::World && !is_quiet);
        let mut watched: Vec<Value> = Vec::new();
        for value in present.into_iter().flat_map(|present| &present.values) {
            if matches!(value, Value::Array(_)) && !watched.contains(value) {
                watched.push(value.clone());
            }
        }
        watched
    }

    /// Whether attributes are held in the present statement that nobody has written back.
    fn holds_attributes(&self) -> bool {
        let present = self.present.as_ref().map(|present| &self.frames[present.number]);
        present.is_some_and(|frame| frame.names.iter().any(|(name, _)| is_held(name)))
    }

    /// Ends with the exception that a piece raised, where a condition holds; the names are given back before.
    fn fail_with_names(&mut self, raised: &str) {
        let Some(present) = self.present.clone() else {
            return self.fail_if(raised);
        };
        let mut frame: Frame = self.frames[present.number].clone();
        frame.raises = true;
        frame.reason.clear();
        let number = self.frames.len();
        self.frames.push(frame);
        let (bad, fine) = (self.text.label("raised"), self.text.label("on"));
        self.text
            .end(&format!("br i1 {raised}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        self.leave_now(&super::Present { number, ..present }, 0);
        self.text.begin_apart(&fine);
    }

    /// Leaves with what an island gave, which is of another type than was expected. An expression is a part of the
    /// present statement that is computed; the names that statements bind are bound, and the statement is done.
    pub(super) fn leave_with_objects(
        &mut self,
        op: OpId,
        condition: &str,
        piece: &Piece,
        out: &str,
        watches: bool,
    ) -> Emit<()> {
        if !watches && piece.binds.iter().all(|(_, repr)| *repr == Repr::Object) {
            return Ok(());
        }
        let Some(present) = self.present.clone() else {
            // No frame is in force where nothing can go wrong: NumPy's own function has the type that it is known for.
            // The objects would be lost, so it ends as a piece that raised.
            if matches!(self.func.op(op).kind, Kind::Opaque { .. }) {
                return self.unsupported("a result whose type is not certain, where Python cannot go on");
            }
            self.fail_if(condition);
            return Ok(());
        };
        let mut frame: Frame = self.frames[present.number].clone();
        let mut values = present.values.clone();
        let (bad, fine) = (self.text.label("other"), self.text.label("on"));
        self.text
            .end(&format!("br i1 {condition}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        let place = self.place_of(self.func.op(op).origin);
        // The frame may be that of an earlier statement, which did nothing yet, or that of a statement around: all is run
        // again then, and this gives the same once more.
        let is_known = self.is_known_part(op, piece.is_expression);
        let mut at = 0;
        for (number, (name, _)) in piece.binds.iter().enumerate() {
            let object = self.load_slots(out, &Repr::Object, &mut at);
            if !is_known {
                for register in object.references() {
                    self.text
                        .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
                }
                continue;
            }
            let name = match piece.is_expression {
                true => format!("__nl_part{number}"),
                false => name.clone(),
            };
            if let Some(known) = frame.names.iter().position(|(known, _)| known == &name) {
                frame.names.remove(known);
                values.remove(known);
            }
            frame.names.push((name, Repr::Object));
            // The frame takes the reference over that the island gave.
            values.push(object);
        }
        match (is_known, piece.is_expression) {
            (false, _) => {}
            (true, true) if piece.binds.is_empty() => frame.computed.push((place, "(None)".to_owned())),
            (true, true) => frame.computed.push((place, "__nl_part0".to_owned())),
            (true, false) => frame.computed.push((place, "__nl_done".to_owned())),
        }
        let given = if is_known { piece.binds.len() } else { 0 };
        let reason = match piece.binds.is_empty() {
            true => "an array is changed elsewhere",
            false => "a result of another type",
        };
        reason.clone_into(&mut frame.reason);
        let number = self.frames.len();
        self.frames.push(frame);
        let left = super::Present {
            number,
            values,
            statement: present.statement,
            acts: present.acts,
            roots: present.roots,
        };
        self.leave_now(&left, given);
        self.text.begin_apart(&fine);
        Ok(())
    }
}

/// An op as Python text over names for its operands, and whether it is an expression.
fn expression(kind: &Kind, names: &[String]) -> Option<(String, bool)> {
    let text = match kind {
        Kind::Scalar { f, flavour } => match flavour {
            Flavour::Ufunc => {
                let name = f.info().numpy?;
                format!("__nl_get('numpy.{name}')({})", names.join(", "))
            }
            Flavour::Math => format!("__nl_get('math.{}')({})", f.info().math?, names.join(", ")),
            Flavour::Py | Flavour::NpScalar => match f.info().py? {
                PyForm::Operator(operator) if names.len() == 1 => format!("{operator} {}", names[0]),
                PyForm::Operator(operator) => format!("{} {operator} {}", names[0], names[1]),
                PyForm::Builtin(builtin) => format!("__nl_get('builtins.{builtin}')({})", names.join(", ")),
                PyForm::Attribute(attribute) => format!("{}.{attribute}", names[0]),
                PyForm::Method(method) => format!("{}.{method}()", names[0]),
            },
        },
        Kind::Truth => format!("__nl_get('builtins.bool')({})", names[0]),
        Kind::MakeList => format!("[{}]", names.join(", ")),
        Kind::Repeat => format!("{} * {}", names[0], names[1]),
        Kind::Item(number) => format!("{}[{number}]", names[0]),
        Kind::Len { axis: 0 } => format!("__nl_get('builtins.len')({})", names[0]),
        Kind::Len { axis } => format!("{}.shape[{axis}]", names[0]),
        Kind::Attr(name) => member(&names[0], name),
        Kind::Index(subs) => format!("{}[{}]", names[0], subscripts(subs, &names[1..])),
        Kind::Call { callee, keywords } => {
            format!("__nl_get('{callee}')({})", arguments(names, keywords))
        }
        Kind::Method { name, .. } if name == "__delitem__" => {
            // In one line: a second one would have to be indented as the first is in the file.
            return Some((format!("del {}[{}]; __nl_result = None", names[0], names[1]), false));
        }
        Kind::Method { name, keywords } => format!("{}.{name}({})", names[0], arguments(&names[1..], keywords)),
        Kind::SetIndex(subs) => {
            let last = names.len() - 1;
            let target = subscripts(subs, &names[1..last]);
            return Some((format!("{}[{target}] = {}", names[0], names[last]), false));
        }
        Kind::SetAttr(name) => return Some((format!("{} = {}", member(&names[0], name), names[1]), false)),
        Kind::Append => return Some((format!("{}.append({})", names[0], names[1]), false)),
        Kind::Const(_)
        | Kind::Unbound
        | Kind::Extern(_)
        | Kind::Convert
        | Kind::IsNone
        | Kind::Present
        | Kind::Select
        | Kind::MakeTuple
        | Kind::Raise(_)
        | Kind::Opaque { .. }
        | Kind::Frame { .. }
        | Kind::Require(_)
        | Kind::Load
        | Kind::Store
        | Kind::If
        | Kind::For
        | Kind::While
        | Kind::Comp
        | Kind::Fold { .. }
        | Kind::ArgFold { .. }
        | Kind::First
        | Kind::Scan { .. }
        | Kind::ScatterFold { .. }
        | Kind::Scatter { .. }
        | Kind::Extend { .. } => return None,
    };
    Some((text, true))
}

/// An attribute, or an item that counts as one.
fn member(object: &str, name: &str) -> String {
    match key_of_item(name) {
        Some(key) => format!("{object}[{}]", super::op::python_string(key)),
        None => format!("{object}.{name}"),
    }
}

/// What a person would call an op.
fn spoken(kind: &Kind) -> String {
    match kind {
        Kind::Scalar { f, .. } => f.name().to_owned(),
        Kind::Call { callee, .. } => callee.clone(),
        Kind::Method { name, .. } => format!(".{name}()"),
        Kind::Attr(name) => format!(".{name}"),
        Kind::Index(_) => "x[…]".to_owned(),
        Kind::SetIndex(_) => "x[…] = …".to_owned(),
        Kind::MakeList => "[…]".to_owned(),
        Kind::Append => ".append()".to_owned(),
        kind => kind.to_string(),
    }
}

fn arguments(names: &[String], keywords: &[String]) -> String {
    let plain = names.len() - keywords.len();
    let positional = names[..plain].iter().cloned();
    let named = keywords
        .iter()
        .zip(&names[plain..])
        .map(|(keyword, name)| format!("{keyword}={name}"));
    positional.chain(named).collect::<Vec<_>>().join(", ")
}

fn subscripts(subs: &[Sub], names: &[String]) -> String {
    let mut names = names.iter();
    let mut next = |there: bool| match there {
        true => names.next().cloned().unwrap_or_default(),
        false => String::new(),
    };
    let parts: Vec<String> = subs
        .iter()
        .map(|sub| match sub {
            Sub::At => next(true),
            Sub::Slice { lo, hi, step } => {
                let (lo, hi) = (next(*lo), next(*hi));
                match step {
                    true => format!("{lo}:{hi}:{}", next(true)),
                    false => format!("{lo}:{hi}"),
                }
            }
            Sub::NewAxis => "None".to_owned(),
            Sub::Ellipsis => "...".to_owned(),
        })
        .collect();
    match &parts[..] {
        [] => "()".to_owned(),
        parts => parts.join(", "),
    }
}
