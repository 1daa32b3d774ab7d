//! What does the same for less: whether the advice on a heavy package holds for how the code uses it, and for the Node
//! that it runs on.

use super::imports::Imports;
use super::{Project, Run};
use crate::facts::heavy::{self, FEW, Heavy, When};

/// A heavy package with the advice that holds, and how it is used.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The row of the table.
    pub heavy: Heavy,
    /// Who uses it, and what of it.
    pub imports: Imports,
}

impl Project {
    /// The advice on a dependency that some runs ship: by the name of its package, and the name that code imports it by.
    /// None where it would break the code, or where the code cannot be followed to the end.
    pub fn advice(&self, package: &str, imported: &str, runs: &[&Run]) -> Option<Advice> {
        heavy::of(package).next()?;
        let imports = self.imports_of(imported, runs);
        let heavy = heavy::of(package).find(|heavy| holds(heavy, &imports, runs))?;
        Some(Advice { heavy, imports })
    }
}

impl Advice {
    /// In words, why the package is more than is needed.
    pub fn reason(&self) -> String {
        match &self.heavy.when {
            When::Always => "what does the same is lighter".to_owned(),
            When::Used(members) => format!("for `{}`, which lighter ones have", members.join("`, `")),
            When::Unused(_) if self.imports.usage.members.is_empty() => "nothing of it is used".to_owned(),
            When::Unused(members) => format!("`{}` is never used", members[0]),
            When::Few(member) => match parts(&self.imports, member) {
                1 => "one part of it is used".to_owned(),
                count => format!("{count} parts of it are used"),
            },
        }
    }
}

fn holds(heavy: &Heavy, imports: &Imports, runs: &[&Run]) -> bool {
    let is_old = |run: &&Run| {
        let major = run.node().and_then(|version| version.major);
        heavy.since_node.is_some_and(|since| major.is_some_and(|major| major < since))
    };
    if runs.is_empty() || runs.iter().any(is_old) {
        return false;
    }
    let is_known = imports.complete && imports.usage.rest.is_ok();
    match &heavy.when {
        When::Always => true,
        When::Used(members) => imports.usage.uses(members),
        When::Unused(members) => is_known && !imports.usage.uses(members),
        When::Few(member) => is_known && (1..=FEW).contains(&parts(imports, member)),
    }
}

/// How many members of a member are used.
fn parts(imports: &Imports, member: &str) -> usize {
    let of = |used: &&String| used.split_once('.').is_some_and(|(head, _)| head == member);
    imports.usage.members.iter().filter(of).count()
}
