//! Which variable holds a value.
//!
//! A value gets a name that it is wanted under, else the user's name for it, else a new one. A variable is assigned to
//! only when nobody needs what it holds.

use numlift_ir::function::{OpId, RETURN, ValueId};

use super::naming;
use super::schedule::Schedule;

impl<'a> Schedule<'a> {
    /// Whether a variable may get a new value now: nobody needs what it holds.
    pub fn can_assign(&self, name: &str) -> bool {
        self.can_assign_after(name, 0, None)
    }

    /// The same behind so many uses of what it holds, and behind the evaluation of a pending value.
    pub fn can_assign_after(&self, name: &str, uses: u32, evaluated: Option<ValueId>) -> bool {
        let held = self.state.bound.get(name);
        let needed = held.is_some_and(|held| {
            let again = self
                .state
                .bound
                .iter()
                .any(|(other, value)| other != name && value == held);
            self.state.uses[held.index()] > uses && !again
        });
        let mut others = self
            .state
            .pending
            .iter()
            .filter(|pending| Some(pending.value) != evaluated);
        let mentioned = others.any(|pending| pending.piece.summary.names.contains(name));
        name != RETURN && !needed && !mentioned && !self.state.busy.contains(name)
    }

    /// A variable for a value: one that it is wanted under, its own, or a new one.
    pub fn choose(&self, value: ValueId) -> String {
        let wanted = self.targets.last().and_then(|targets| targets.get(&value));
        if let Some(name) = wanted.into_iter().flatten().find(|name| self.can_assign(name)) {
            return name.clone();
        }
        if let Some(name) = self.own_name(value) {
            return name.to_owned();
        }
        self.fresh(value, &[])
    }

    /// A new variable, also none of `others`.
    pub fn fresh(&self, value: ValueId, others: &[String]) -> String {
        let base = naming::describe(self.func, value);
        let numbered = (2..).map(|number| format!("{base}{number}"));
        std::iter::once(base.to_owned())
            .chain(numbered)
            .find(|name| self.is_new(name) && !others.contains(name))
            .expect("there are more names than values")
    }

    /// Whether neither the file nor the text has used the name; one of the writer's own means one thing.
    pub fn is_new(&self, name: &str) -> bool {
        self.is_free(name) && !self.state.bound.contains_key(name) && !self.state.assigned.contains(name)
    }

    /// The user's name of a value, if a temporary may have it.
    ///
    /// The region's own names are its to use; those of a function that was seen through may be another's here.
    pub fn own_name(&self, value: ValueId) -> Option<&'a str> {
        let name = self.func.name_of(value)?;
        let origin = self
            .func
            .defining(value)
            .map(|op| &self.func.origins[op.origin.index()]);
        let is_foreign = origin.is_some_and(|origin| origin.inlined_at.is_some());
        let allowed = !is_foreign || !self.options.taken.contains(name);
        (allowed && self.is_unused(name)).then_some(name)
    }

    fn is_free(&self, name: &str) -> bool {
        !self.options.taken.contains(name) && self.is_unused(name)
    }

    /// Whether a name holds nothing that is needed, and is nobody else's by the writer's own doing.
    fn is_unused(&self, name: &str) -> bool {
        let wanted = self
            .targets
            .iter()
            .flat_map(|targets| targets.values().flatten())
            .any(|other| other == name);
        naming::is_usable(name)
            && !self.variables.contains(name)
            && !wanted
            && !self.is_spelling(name)
            && self.can_assign(name)
    }

    /// Whether the text calls a module so.
    fn is_spelling(&self, name: &str) -> bool {
        let spells = |module: &&str| (self.options.names)(module).as_deref() == Some(name);
        ["numpy", "math"].iter().any(spells)
    }

    /// The user's name of what a condition or a loop rebinds: the region assigned to it itself.
    pub fn rebound_name(&self, value: ValueId, op: OpId) -> Option<&'a str> {
        let name = self.func.name_of(value)?;
        let is_foreign = self.func.origins[self.func.op(op).origin.index()].inlined_at.is_some();
        let allowed = !is_foreign || !self.options.taken.contains(name);
        (allowed && naming::is_usable(name) && !self.is_spelling(name)).then_some(name)
    }
}
