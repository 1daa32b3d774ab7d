//! How programs use a package: where they import it, and what of it.

use super::purpose::Purpose;
use super::reach::Program;
use super::{Package, Project, Run};
use crate::facts::module::{Usage, usage};
use crate::source::Span;

/// What programs use of a package.
#[derive(Clone, Debug)]
pub struct Imports {
    /// The members that they use.
    pub usage: Usage,
    /// Where they import it, each place once.
    pub places: Vec<Span>,
    /// True when all that runs was seen: only then may something be said not to be used.
    pub complete: bool,
}

impl Project {
    /// What the programs of some runs use of a package, by the name that it is imported by.
    pub fn imports_of(&self, name: &str, runs: &[&Run]) -> Imports {
        let mut imports = Imports { usage: Usage::default(), places: Vec::new(), complete: true };
        for run in runs {
            let Some(program) = &run.program else {
                imports.complete = false;
                continue;
            };
            imports.complete &= self.is_followed(program);
            for span in program.reached.packages.get(name).into_iter().flatten() {
                if imports.places.contains(span) {
                    continue;
                }
                imports.places.push(*span);
                if let Some(facts) = self.scripts.facts(&self.sources, span.file) {
                    imports.usage.join(usage(facts, name));
                }
            }
        }
        imports
    }

    /// True when programs ship the packages of this one's install, and all that they load is seen: what loads by computed
    /// names, or out of sight, may load anything.
    pub fn is_seen_through(&self, package: &Package) -> bool {
        let mut runs = self.runs.iter().filter(|run| self.ships_packages_of(package, run)).peekable();
        let is_seen = |run: &Run| run.program.as_ref().is_some_and(|program| self.is_followed(program));
        runs.peek().is_some() && runs.all(is_seen)
    }

    /// True when a program loads nothing out of sight.
    fn is_followed(&self, program: &Program) -> bool {
        let loads = |file| self.scripts.facts(&self.sources, file).is_some_and(|facts| facts.loads_unseen);
        program.reached.complete().is_ok() && !program.files.iter().any(|file| loads(*file))
    }

    /// True for a run of an image that is known to ship the packages of this one's install.
    pub fn ships_packages_of(&self, package: &Package, run: &Run) -> bool {
        let Some(image) = run.image.map(|id| self.image(id)) else { return false };
        if image.package != Some(package.id) || run.purpose.decided != Purpose::Ship || !run.is_node() {
            return false;
        }
        let is_of = |id| id == package.id || Some(id) == package.workspace;
        let folders = &self.provenance(image.id).folders;
        let mut installs = folders.iter().filter_map(|modules| modules.by.as_ref());
        installs.any(|install| install.package.is_some_and(is_of))
    }
}
