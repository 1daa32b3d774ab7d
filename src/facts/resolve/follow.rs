//! The files that a program reaches from its entry by what it imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Resolution, Resolver};
use crate::facts::Why;
use crate::facts::module::{FileFacts, ImportFolder, import_folder};
use crate::source::{ProjectPath, Sources, Span};
use crate::syntax::script::{Dialect, is_declaration};

/// A file that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedFile {
    /// The file.
    pub path: ProjectPath,
    /// The index in [`Reached::files`] of the file that first imports it, and the specifier there; `None` for an entry.
    pub by: Option<(usize, Span)>,
}

/// An import that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The specifier as written; `None` when code computes it.
    pub specifier: Option<String>,
    /// Its bytes.
    pub span: Span,
}

/// What a program reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Scripts, nearest to the entries first, in the order of their imports.
    pub files: Vec<ReachedFile>,
    /// Packages by name, with the specifiers that name them.
    pub packages: BTreeMap<String, Vec<Span>>,
    /// Imports of files that are not there, and imports that code computes.
    pub unresolved: Vec<Unresolved>,
    /// Scripts that are reached and whose facts are not to be had: too large, or not read.
    pub unread: Vec<ProjectPath>,
}

impl Reached {
    /// `Ok` when nothing that the program loads from the project stayed out of sight.
    pub fn complete(&self) -> Result<(), Why> {
        match self.unresolved.first() {
            Some(Unresolved { specifier: None, .. }) => Err(Why::Dynamic),
            Some(_) => Err(Why::NotFound),
            None if self.unread.is_empty() => Ok(()),
            None => Err(Why::Unsupported),
        }
    }

    /// True when the file is among them.
    pub fn contains(&self, path: &ProjectPath) -> bool {
        self.files.iter().any(|file| file.path == *path)
    }
}

impl Resolver {
    /// The files that these entries reach by imports that run: types are not followed. `facts` gives the facts of a file
    /// of the project.
    pub fn follow<'f>(
        &self,
        sources: &Sources,
        entries: &[ProjectPath],
        facts: impl Fn(&ProjectPath) -> Option<&'f FileFacts>,
    ) -> Reached {
        let mut reached = Reached::default();
        let mut seen: BTreeSet<ProjectPath> = BTreeSet::new();
        let mut open: VecDeque<usize> = VecDeque::new();
        for entry in entries {
            if seen.insert(entry.clone()) {
                open.push_back(reached.files.len());
                reached.files.push(ReachedFile { path: entry.clone(), by: None });
            }
        }
        while let Some(index) = open.pop_front() {
            let path = reached.files[index].path.clone();
            let Some(facts) = facts(&path).filter(|facts| facts.complete) else {
                reached.unread.push(path);
                continue;
            };
            for import in facts.imports.iter().filter(|import| !import.type_only) {
                let span = facts.span(import.specifier_at);
                let Some(specifier) = facts.specifier(import) else {
                    let Some(found) = in_folder(sources, &path, import_folder(facts, import)) else {
                        reached.unresolved.push(Unresolved { specifier: None, span });
                        continue;
                    };
                    for found in found {
                        if seen.insert(found.clone()) {
                            open.push_back(reached.files.len());
                            reached.files.push(ReachedFile { path: found, by: Some((index, span)) });
                        }
                    }
                    continue;
                };
                match self.resolve(sources, &path, specifier) {
                    Resolution::File(found) if runs(&found) && seen.insert(found.clone()) => {
                        open.push_back(reached.files.len());
                        reached.files.push(ReachedFile { path: found, by: Some((index, span)) });
                    }
                    Resolution::File(_) | Resolution::Builtin(_) => {}
                    Resolution::Package(name) => reached.packages.entry(name).or_default().push(span),
                    // A `require` that may fail is often tried: still, what it would load is not known.
                    Resolution::NotFound => {
                        reached.unresolved.push(Unresolved { specifier: Some(specifier.to_owned()), span });
                    }
                }
            }
        }
        reached
    }
}

/// The scripts of a folder, of which a computed import may load any; `None` when there are none, or too many to be
/// loaded by one import.
fn in_folder(
    sources: &Sources,
    from: &ProjectPath,
    folder: Option<ImportFolder>,
) -> Option<Vec<ProjectPath>> {
    let ImportFolder { path, deep } = folder?;
    let folder = from.parent()?.join(&path)?;
    let direct = |path: &&ProjectPath| deep || path.parent().is_some_and(|parent| parent == folder);
    let is_test = |path: &ProjectPath| {
        [".test.", ".spec.", "__tests__/"].iter().any(|mark| path.as_str().contains(mark))
    };
    let loads = |path: &&ProjectPath| path.extension().is_some() && runs(path) && !is_test(path);
    let scripts = sources.below(&folder).filter(direct).filter(loads);
    let found: Vec<ProjectPath> = scripts.take(MOST_IN_A_FOLDER + 1).cloned().collect();
    Some(found).filter(|found| !found.is_empty() && found.len() <= MOST_IN_A_FOLDER)
}

/// Scripts of a folder that one import may load.
const MOST_IN_A_FOLDER: usize = 500;

/// True for scripts; declarations, and data and styles that bundlers import, run nothing.
fn runs(path: &ProjectPath) -> bool {
    (Dialect::of(path).is_some() && !is_declaration(path)) || path.extension().is_none()
}
