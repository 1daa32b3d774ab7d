//! From a name in the text to the value it was given: scopes, and assignments that come later.

use super::{Declared, FileFacts, Name, Value, ValueId};

/// Most bindings of one name that a look-up goes through: enough for any code that people write.
const MOST_OF_ONE_NAME: usize = 256;

impl FileFacts {
    /// Sorts bindings and assignments by name, so that look-ups need no walk over the file.
    pub(super) fn index(&mut self) {
        let mut bindings = std::mem::take(&mut self.bindings);
        bindings.sort_by(|a, b| {
            let inner_first = || (a.scope.end - a.scope.start).cmp(&(b.scope.end - b.scope.start));
            self.name(a.name).cmp(self.name(b.name)).then_with(inner_first)
        });
        self.bindings = bindings;
        let plain = |index: &u32| self.assigned_name(*index).is_some();
        let mut assigned: Vec<u32> = (0..self.assignments.len() as u32).filter(plain).collect();
        assigned.sort_by_key(|index| self.assigned_name(*index));
        self.assigned = assigned;
    }

    fn assigned_name(&self, index: u32) -> Option<&str> {
        match self.value(self.assignments[index as usize].target) {
            Value::Ident(name) => Some(self.name(name)),
            _ => None,
        }
    }

    /// The value that a name has where it stands. `None` when nothing in the file declares it, or when it is given
    /// several values.
    pub fn lookup(&self, name: Name) -> Option<ValueId> {
        let text = self.name(name);
        let first = self.bindings.partition_point(|binding| self.name(binding.name) < text);
        let same = self.bindings[first..].iter().take_while(|binding| self.name(binding.name) == text);
        let mut holding = same.take(MOST_OF_ONE_NAME).filter(|binding| binding.scope.holds(name.start));
        let binding = holding.next()?;
        let rival = holding.next().is_some_and(|other| other.scope == binding.scope);
        let assigned = self.assignments_to(text);
        match (binding.declared, assigned) {
            _ if rival => None,
            (Declared::Once, _) | (Declared::Variable, []) => Some(binding.value),
            (Declared::Variable, [only]) if self.value(binding.value) == Value::Undefined => {
                Some(self.assignments[*only as usize].value)
            }
            _ => None,
        }
    }

    /// All values that a name may have where it stands: what it is declared with, and what it is set to.
    pub fn possible(&self, name: Name) -> Vec<ValueId> {
        let text = self.name(name);
        let first = self.bindings.partition_point(|binding| self.name(binding.name) < text);
        let same = self.bindings[first..].iter().take_while(|binding| self.name(binding.name) == text);
        let mut holding = same.take(MOST_OF_ONE_NAME).filter(|binding| binding.scope.holds(name.start));
        let Some(binding) = holding.next() else { return Vec::new() };
        let mut values = vec![binding.value];
        if binding.declared == Declared::Variable {
            let set = self.assignments_to(text).iter().take(MOST_OF_ONE_NAME);
            values.extend(set.map(|index| self.assignments[*index as usize].value));
        }
        values
    }

    /// True when a value is a name that the file declares where it stands, with a known value or not.
    pub fn is_declared(&self, id: ValueId) -> bool {
        let Value::Ident(name) = self.value(id) else { return false };
        let text = self.name(name);
        let first = self.bindings.partition_point(|binding| self.name(binding.name) < text);
        let same = self.bindings[first..].iter().take_while(|binding| self.name(binding.name) == text);
        same.take(MOST_OF_ONE_NAME).any(|binding| binding.scope.holds(name.start))
    }

    fn assignments_to(&self, text: &str) -> &[u32] {
        let first = self.assigned.partition_point(|index| self.assigned_name(*index).unwrap_or("") < text);
        let rest = &self.assigned[first..];
        let count = rest.partition_point(|index| self.assigned_name(*index) == Some(text));
        &rest[..count]
    }
}
