//! Which imports are surely there when code runs, and must succeed.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::module::{FileFacts, ImportId, When};
use crate::model::Project;
use crate::model::development::loads_at_start;
use crate::model::reach::Program;
use crate::source::{FileId, ProjectPath, Span};
use crate::syntax::script::Dialect;

/// Files that imports are between an entry and a module at most.
const LONGEST: usize = 256;

/// Folders of code that is not the project's, or that a tool wrote.
const NOT_OWN: [&str; 8] =
    ["dist", "vendor", "vendors", "third_party", "third-party", "node_modules", "generated", "__generated__"];

/// What files use of what they import, each looked through once.
#[derive(Default)]
pub(super) struct Imported {
    used: FxHashMap<FileId, FxHashSet<ImportId>>,
}

impl Imported {
    /// Of the places that import a package those that surely do when the code runs: the first of each file.
    pub(super) fn firm(&mut self, project: &Project, name: &str, spans: Vec<Span>) -> Vec<Span> {
        let mut files = FxHashSet::default();
        let mut firm = spans;
        firm.retain(|span| {
            !files.contains(&span.file) && self.is_firm(project, name, *span) && files.insert(span.file)
        });
        firm
    }

    fn is_firm(&mut self, project: &Project, name: &str, span: Span) -> bool {
        let path = &project.sources.file(span.file).path;
        let Some(facts) = project.scripts.facts(&project.sources, span.file) else { return false };
        if facts.generated.is_some() || path.as_str().split('/').any(|part| NOT_OWN.contains(&part)) {
            return false;
        }
        let Some(id) = import_at(facts, span) else { return false };
        let import = &facts.imports[id.0 as usize];
        // `imports` of package.json may lead to a package under another name.
        let is_named = facts.specifier(import).is_some_and(|specifier| specifier.starts_with(name));
        is_named
            && !facts.may_fail(import)
            && !facts.asks_first(import, name)
            && facts.when(import.at.start) != When::Elsewhere
            && facts.stays(
                id,
                self.used.entry(span.file).or_insert_with(|| facts.used_imports()),
                is_typed(path),
            )
    }
}

impl Project {
    /// True when the import at `specifier` is surely carried out as the program starts: all files from the entry to it load
    /// the next one at once.
    pub(super) fn is_loaded_at_start(&self, program: &Program, specifier: Span) -> bool {
        let mut at = specifier;
        for _ in 0..LONGEST {
            let file = at.file;
            let path = &self.sources.file(file).path;
            let loads =
                self.scripts.facts(&self.sources, file).is_some_and(|facts| loads_at_start(facts, at, path));
            if !loads {
                return false;
            }
            if file == program.entry {
                return true;
            }
            let Some(importer) = program.imported_at(file) else { return false };
            at = importer;
        }
        false
    }
}

fn import_at(facts: &FileFacts, span: Span) -> Option<ImportId> {
    let at = facts.imports.iter().position(|import| facts.span(import.specifier_at) == span)?;
    Some(ImportId(at as u32))
}

fn is_typed(path: &ProjectPath) -> bool {
    !matches!(Dialect::of(path), Some(Dialect::JavaScript) | None)
}
