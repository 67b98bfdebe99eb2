//! Lists of the function's own that nobody else sees.
//!
//! ```text
//! %2 st = list %1 : list<int[0..]>[?]     =>     %2 st = list %1 : buffer<int[0..]>
//! %v = method pop() %2 : int[0..]
//! ```
//!
//! A list is Python's own object as long as Python may see it while compiled code runs. One that is only made, changed
//! and looked at by operations that machine code has ([`kept`]) is seen by nobody until it is returned or the function
//! is left; until then its elements are numbers in a row. Which values may be the same list is found by flow: what is
//! carried, chosen, handed on, put into another list or tuple and taken out of it again is one *class*, and a class is
//! Python's as soon as one of its values is.
//!
//! Does not look at what elements may be: that is the reader's, and every value that goes into a class is of the type
//! that its elements have together.

mod classes;
mod kept;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::ty::Ty;

use classes::{Classes, holds_list};

/// Makes the lists that nobody else sees buffers.
pub(super) fn keep(func: &mut Function) {
    if !func.values.iter().any(|value| holds_list(&value.ty)) {
        return;
    }
    let mut classes = Classes::of(func);
    for param in func.block(func.body).params.clone() {
        classes.show(param);
    }
    // Who calls itself takes what it returns for a list of Python's.
    if calls_itself(func) {
        func.visit_blocks(func.body, &mut |block| {
            if let Term::Return(values) = &func.block(block).end {
                values.iter().for_each(|value| classes.show(*value));
            }
        });
    }
    let mut flow = Flow {
        func,
        classes,
        loops: Vec::new(),
    };
    flow.block(func.body, &[]);
    let mut classes = flow.classes;
    // What one list is to an op may depend on the others that it has.
    loop {
        let shown = classes.shown();
        func.walk(func.body, &mut |op| {
            if !kept::is_kept(func, op, &classes) {
                let data = func.op(op);
                data.args
                    .iter()
                    .chain(&data.results)
                    .for_each(|value| classes.show(*value));
            }
        });
        classes.show_unfit();
        if classes.shown() == shown {
            break;
        }
    }
    let types: Vec<(ValueId, Ty)> = (0..func.values.len())
        .map(|number| ValueId(number as u32))
        .filter_map(|value| classes.type_of(value, func.ty(value)).map(|ty| (value, ty)))
        .collect();
    for (value, ty) in types {
        func.values[value.index()].ty = ty;
    }
}

fn calls_itself(func: &Function) -> bool {
    let is_own = |kind: &Kind| matches!(kind, Kind::Call { callee, .. } if numlift_ir::op::is_recursive(callee));
    func.ops.iter().any(|op| is_own(&op.kind))
}

/// What goes where.
struct Flow<'a> {
    func: &'a Function,
    classes: Classes,
    /// The results of the loops around, the outermost first.
    loops: Vec<Vec<ValueId>>,
}

impl Flow<'_> {
    /// The ops of a block; `results` get what it yields.
    fn block(&mut self, block: BlockId, results: &[ValueId]) {
        let func = self.func;
        for op in &func.block(block).ops {
            self.op(*op);
        }
        match &func.block(block).end {
            Term::Yield(values) => self.all_same(results, values),
            Term::Break(out, values) => {
                let target = self.loops[self.loops.len() - 1 - *out].clone();
                self.all_same(&target, values);
            }
            Term::Return(_) | Term::Unreachable => {}
        }
    }

    fn all_same(&mut self, values: &[ValueId], others: &[ValueId]) {
        for (value, other) in values.iter().zip(others) {
            self.classes.same(*value, *other);
        }
    }

    fn op(&mut self, op: OpId) {
        let func = self.func;
        let data = func.op(op);
        let (args, results) = (&data.args[..], &data.results[..]);
        match &data.kind {
            Kind::If => data.blocks.iter().for_each(|block| self.block(*block, results)),
            Kind::For => {
                let body = data.blocks[0];
                let params = &func.block(body).params[1..];
                self.all_same(params, &args[3..]);
                self.all_same(params, results);
                self.loops.push(results.to_vec());
                self.block(body, params);
                self.loops.pop();
            }
            Kind::While => {
                let (test, body) = (data.blocks[0], data.blocks[1]);
                let (first, second) = (&func.block(test).params, &func.block(body).params);
                self.all_same(first, args);
                self.all_same(first, second);
                self.all_same(first, results);
                self.loops.push(results.to_vec());
                self.block(test, &[]);
                self.block(body, first);
                self.loops.pop();
            }
            Kind::Present => self.classes.same(results[0], args[0]),
            Kind::Select => self.all_same(&[results[0], results[0]], &args[1..]),
            Kind::MakeTuple => {
                for (number, arg) in args.iter().enumerate() {
                    self.classes.item(results[0], number, *arg);
                }
            }
            Kind::Item(number) => self.classes.item(args[0], *number, results[0]),
            Kind::MakeList => {
                self.classes.is_made_list(results[0]);
                args.iter().for_each(|arg| self.classes.put(results[0], *arg));
            }
            Kind::Append => self.classes.put(args[0], args[1]),
            Kind::Repeat => {
                self.classes.is_made_list(results[0]);
                self.classes.share(args[0], results[0]);
            }
            Kind::Index(subs) if matches!(subs[..], [Sub::Slice { .. }]) => {
                self.classes.is_made_list(results[0]);
                self.classes.share(args[0], results[0]);
            }
            Kind::Index(_) => self.classes.take(args[0], results[0]),
            Kind::SetIndex(subs) if subs[..] == [Sub::At] => self.classes.put(args[0], args[args.len() - 1]),
            Kind::SetIndex(_) => self.classes.share(args[0], args[args.len() - 1]),
            Kind::Method { .. } | Kind::Call { .. } => self.call(op),
            Kind::Const(_)
            | Kind::Unbound
            | Kind::Extern(_)
            | Kind::Scalar { .. }
            | Kind::Convert
            | Kind::Truth
            | Kind::IsNone
            | Kind::Len { .. }
            | Kind::Attr(_)
            | Kind::SetAttr(_)
            | Kind::Raise(_)
            | Kind::Opaque { .. }
            | Kind::Frame { .. }
            | Kind::Require(_)
            | Kind::Load
            | Kind::Store
            | Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. }
            | Kind::ScatterFold { .. }
            | Kind::Scatter { .. }
            | Kind::Extend { .. } => {}
        }
    }

    /// What methods and functions that machine code has put in, take out and share.
    fn call(&mut self, op: OpId) {
        let data = self.func.op(op);
        let args = &data.args[..];
        if matches!(&data.kind, Kind::Call { callee, .. } if callee == kept::QUEUE) {
            self.classes.is_made_queue(data.results[0]);
            if let [list] = args {
                self.classes.share(*list, data.results[0]);
            }
        }
        for role in kept::roles(&data.kind) {
            match role {
                kept::Role::Puts(list, value) => {
                    if let (Some(list), Some(value)) = (args.get(*list), args.get(*value)) {
                        self.classes.put(*list, *value);
                    }
                }
                kept::Role::Takes(list) => self.classes.take(args[*list], data.results[0]),
                kept::Role::Shares(list, other) => {
                    if let (Some(list), Some(other)) = (args.get(*list), args.get(*other)) {
                        self.classes.share(*list, *other);
                    }
                }
                kept::Role::Copies(list) => {
                    self.classes.is_made_list(data.results[0]);
                    self.classes.share(args[*list], data.results[0]);
                }
            }
        }
    }
}
