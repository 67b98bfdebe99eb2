//! Text that runs in Python because it was not understood.

use std::collections::BTreeSet;

use numlift_ir::function::{OpId, RETURN, ValueId};
use numlift_ir::op::{Kind, Look, Touches};
use numlift_ir::ty::Ty;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::bound;
use super::facts::{MAX_DEPTH, Place, Source};
use super::nested::Node;
use super::quiet::Text;
use super::reach::{Reach, reshapes};
use super::reader::{Reader, holds_lists, is_reference};
use super::refusal::{Read, Refusal};
use crate::flow::calls::through_calls;
use crate::names::Names;

/// What an opaque op reads, binds and may change.
struct Opaque<'t> {
    text: &'t str,
    live: Vec<(String, ValueId)>,
    binds: Vec<String>,
    reason: String,
    reach: Reach,
    touches: Touches,
    looks: Vec<(Look, Vec<ValueId>)>,
}

impl<'a> Reader<'a> {
    /// An expression that stays as it is.
    pub(super) fn opaque_value(&mut self, expr: &'a Expr, refusal: &Refusal) -> Read<ValueId> {
        let mut reach = self.reach_of_expr(expr, refusal);
        if self.escape_from_expr(expr) {
            reach = Reach::Anything;
        }
        let rebinds = reach == Reach::Anything && !self.volatile_names().is_empty();
        if bound::binds_inside(expr) || rebinds || self.knows_variables(|look| look(Node::Expr(expr))) {
            return Err(Refusal {
                whole_statement: true,
                ..refusal.clone()
            });
        }
        let outer = self.b.origin;
        self.at(expr.range());
        let mut live = self.live_reads(Some(expr));
        self.add_called_reads(&mut live, expr.range(), reach);
        let ty = refusal
            .ty
            .clone()
            .filter(|_| refusal.at == expr.range())
            .map_or(Ty::Unknown, |ty| *ty);
        let text = self.text(expr.range());
        let touches = self.touches(Text::Expr(expr), reach);
        let looks = self.looks(Text::Expr(expr), touches, &live);
        let opaque = Opaque {
            text,
            live,
            binds: Vec::new(),
            reason: refusal.reason.clone(),
            reach,
            touches,
            looks,
        };
        let op = self.opaque(opaque, &[ty]);
        let value = self.b.func.result(op);
        if refusal.at == expr.range() && !refusal.places.is_empty() {
            self.places.insert(value, refusal.places.clone());
        } else if holds_lists(self.ty(value)) {
            self.opaque_list(value, expr.range());
        }
        self.b.origin = outer;
        Ok(value)
    }

    /// A statement that stays as it is.
    pub(super) fn opaque_statement(&mut self, stmt: &'a Stmt, refusal: &Refusal) {
        self.at(stmt.range());
        let mut reach = self.reach_of_stmt(stmt, refusal);
        if self.escape_from_stmt(stmt) {
            reach = Reach::Anything;
        }
        let mut binds: BTreeSet<String> = bound::bound_names(std::slice::from_ref(stmt));
        if reach == Reach::Anything {
            binds.extend(self.volatile_names());
        }
        if binds.remove("*") {
            binds.extend(self.frame().env.keys().filter(|name| !name.starts_with('<')).cloned());
        }
        if reshapes(stmt) {
            let arrays = self
                .frame()
                .env
                .iter()
                .filter(|(_, value)| matches!(self.bound_ty(**value), Ty::Array { .. }));
            binds.extend(
                arrays
                    .map(|(name, _)| name.clone())
                    .filter(|name| !name.starts_with('<') && name != RETURN),
            );
        }
        let types: Vec<Ty> = binds.iter().map(|name| self.type_behind(stmt, name)).collect();
        let touches = self.touches(Text::Stmt(stmt), reach);
        let binds = binds.into_iter().collect();
        self.opaque_binding(stmt, (binds, &types), refusal.reason.clone(), (reach, touches));
    }

    /// The type of a name behind a statement that binds it. Machine code has to know whether it may be unbound.
    fn type_behind(&mut self, stmt: &Stmt, name: &str) -> Ty {
        let is_simple = !matches!(
            stmt,
            Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Try(_) | Stmt::With(_) | Stmt::Match(_)
        );
        let was_bound = match self.local(name) {
            Some(value) => !matches!(self.ty(value), Ty::Maybe(_) | Ty::Unbound),
            None => false,
        };
        let goes = bound::unbound_names(stmt).contains(name);
        match self.options.frames.is_none() || (is_simple || was_bound) && !goes {
            true => Ty::Unknown,
            false => Ty::Maybe(Box::new(Ty::Unknown)),
        }
    }

    fn opaque_binding(
        &mut self,
        stmt: &'a Stmt,
        (binds, types): (Vec<String>, &[Ty]),
        reason: String,
        (reach, touches): (Reach, Touches),
    ) {
        let mut live = self.live_reads_of_stmt(stmt);
        self.add_called_reads(&mut live, stmt.range(), reach);
        if reshapes(stmt) {
            // What has another shape then is the same array, under all of its names.
            let missing = binds.iter().filter(|name| live.iter().all(|(known, _)| known != *name));
            let others: Vec<String> = missing.cloned().collect();
            let values = others.into_iter().filter_map(|name| Some((self.local(&name)?, name)));
            live.extend(values.map(|(value, name)| (name, value)).collect::<Vec<_>>());
        }
        let text = self.text(stmt.range());
        let looks = self.looks(Text::Stmt(stmt), touches, &live);
        let op = self.opaque(
            Opaque {
                text,
                live,
                binds: binds.clone(),
                reason,
                reach,
                touches,
                looks,
            },
            types,
        );
        let results = self.b.func.op(op).results.clone();
        for (name, result) in binds.iter().zip(results) {
            self.bind(name, result);
        }
    }

    /// An import stays where it is; what it binds is known by name.
    pub(super) fn import(&mut self, stmt: &'a Stmt) -> Read<()> {
        let bound = match stmt {
            Stmt::Import(import) => imported_modules(import),
            Stmt::ImportFrom(import) => imported_names(import),
            _ => unreachable!("the caller asked"),
        };
        let refused = || Refusal::any_code(stmt.range(), "a module of the project is imported");
        let bound = bound.ok_or_else(refused)?;
        let own = |ty: &Ty| match ty {
            Ty::Module(name) | Ty::Extern(name) => {
                let root = name.split('.').next();
                self.project
                    .modules()
                    .any(|(module, _)| self.project.name(module).split('.').next() == root)
            }
            _ => false,
        };
        if bound.iter().any(|(_, ty)| own(ty)) {
            return Err(refused());
        }
        let (binds, types): (Vec<String>, Vec<Ty>) = bound.into_iter().unzip();
        let reason = "a module is imported".to_owned();
        self.opaque_binding(stmt, (binds, &types), reason, (Reach::Nothing, Touches::Anything));
        Ok(())
    }

    fn opaque(&mut self, opaque: Opaque<'_>, types: &[Ty]) -> OpId {
        self.write_attributes();
        let (reads, args): (Vec<String>, Vec<ValueId>) = opaque.live.into_iter().unzip();
        match opaque.reach {
            Reach::Nothing => {}
            Reach::Arguments => self.arguments_escape(&args),
            Reach::Anything => {
                self.arguments_escape(&args);
                self.everything_escapes();
            }
        }
        if opaque.touches != Touches::Nothing {
            self.stored.clear();
        }
        if opaque.touches != Touches::Nothing && args.iter().any(|arg| self.is_held(*arg)) {
            // What it may store cannot be held.
            self.facts.attrs_are_unknown();
        }
        let kind = Kind::Opaque {
            text: opaque.text.to_owned(),
            reads,
            binds: opaque.binds,
            reason: opaque.reason,
            touches: opaque.touches,
            looks: opaque.looks.iter().map(|(look, _)| *look).collect(),
        };
        let places = opaque.looks.iter().flat_map(|(_, subscripts)| subscripts);
        let operands: Vec<ValueId> = args.iter().chain(places).copied().collect();
        let op = self.b.typed_op(kind, &operands, types);
        // What comes out may be what went in, or a part of it.
        let inside: BTreeSet<Place> = args
            .iter()
            .flat_map(|arg| self.places_or_unknown(*arg))
            .flat_map(|place| parts_of(&place))
            .collect();
        for result in self.b.func.op(op).results.clone() {
            self.set_places(result, inside.clone());
        }
        op
    }

    fn arguments_escape(&mut self, args: &[ValueId]) {
        for arg in args {
            let ty = self.ty(*arg);
            if holds_lists(ty) || *ty.bound() == Ty::Unknown {
                self.list_escapes(*arg);
            }
        }
        self.stored.clear();
    }

    /// A new list that was not read; its elements may be what the text names.
    fn opaque_list(&mut self, list: ValueId, at: TextRange) {
        let named = self.places.remove(list).unwrap_or_default();
        let site = self.site(at, 2);
        self.made_list(list, site.clone(), &[]);
        if matches!(self.bound_ty(list), Ty::List(elem, _) if is_reference(elem)) {
            for place in named {
                self.facts.link((Source::Made(site.clone()), 1), place);
            }
        }
    }

    /// Code of the author's that was not read may change what others than the region can reach.
    fn everything_escapes(&mut self) {
        self.any_code += 1;
        // Of a whole program it is known which attributes its functions store.
        if self.typing.is_none() {
            self.facts.attrs_are_unknown();
        }
        // Globals too, when all of a module's are in sight.
        let globals: BTreeSet<ValueId> = match &self.typing {
            Some(typing) => self
                .frames
                .iter()
                .filter(|frame| frame.scope == Names::MODULE)
                .map(|frame| &frame.env)
                .chain(typing.globals.values())
                .flat_map(|env| env.values().copied())
                .collect(),
            None => BTreeSet::new(),
        };
        let outside = |source: &Source| matches!(source, Source::Input(_) | Source::Attr(..) | Source::Unknown);
        let reachable: Vec<ValueId> = self
            .places
            .iter()
            .filter(|(value, places)| globals.contains(value) || places.iter().any(|(source, _)| outside(source)))
            .map(|(value, _)| value)
            .filter(|value| holds_lists(self.ty(*value)))
            .collect();
        self.lists_escape(&reachable);
    }

    /// Adds the names that functions called from the text read; of unknown code, all that it can see.
    fn add_called_reads(&self, live: &mut Vec<(String, ValueId)>, range: TextRange, reach: Reach) {
        let frame = self.frame();
        let names = &frame.module.names;
        let called = through_calls(names, frame.scope, range);
        let mut read: BTreeSet<&str> = called
            .reads
            .iter()
            .map(|symbol| names.symbol(*symbol).name.as_str())
            .collect();
        if reach == Reach::Anything && frame.scope == Names::MODULE {
            read.extend(frame.env.keys().map(String::as_str));
        }
        for name in read {
            let value = self.local(name).filter(|value| *self.ty(*value) != Ty::Unbound);
            if let Some(value) = value
                && !name.starts_with('<')
                && !live.iter().any(|(known, _)| known == name)
            {
                live.push((name.to_owned(), value));
            }
        }
    }

    /// Names that functions rebind from inside, which code that is not known may call.
    pub(super) fn volatile_names(&self) -> BTreeSet<String> {
        let names = &self.frame().module.names;
        let declared: BTreeSet<&String> = names
            .scopes
            .iter()
            .flat_map(|scope| scope.globals.iter().chain(&scope.nonlocals))
            .collect();
        let all = names.globals_written && self.frame().scope == Names::MODULE;
        let own = |name: &&String| !name.starts_with('<') && name.as_str() != RETURN;
        self.frame()
            .env
            .keys()
            .filter(|name| own(name) && (all || declared.contains(name)))
            .cloned()
            .collect()
    }
}

/// A place and what is inside it.
pub(super) fn parts_of((source, depth): &Place) -> Vec<Place> {
    match source {
        Source::Unknown => vec![(Source::Unknown, 0)],
        known => (0..3)
            .map(|inner| (known.clone(), (depth + inner).min(MAX_DEPTH)))
            .collect(),
    }
}

/// `import a.b`, `import a.b as c`
fn imported_modules(import: &ruff_python_ast::StmtImport) -> Option<Vec<(String, Ty)>> {
    let bound = import.names.iter().map(|alias| {
        let dotted = alias.name.as_str();
        let root = dotted.split('.').next().unwrap_or(dotted);
        match &alias.asname {
            Some(name) => (name.to_string(), Ty::Module(dotted.to_owned())),
            None => (root.to_owned(), Ty::Module(root.to_owned())),
        }
    });
    Some(bound.collect())
}

/// `from a import b as c`; relative imports and stars are not known.
fn imported_names(import: &ruff_python_ast::StmtImportFrom) -> Option<Vec<(String, Ty)>> {
    let module = import.module.as_ref().filter(|_| import.level == 0)?;
    let names = import.names.iter().map(|alias| {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        let known = alias.name.as_str() != "*";
        known.then(|| (name.to_string(), Ty::Extern(format!("{module}.{}", alias.name))))
    });
    names.collect()
}
