//! The node_modules folders of a stage while it is built.

use super::Modules;
use crate::facts::{Fact, Why};
use crate::source::Span;

/// Folders that one stage may hold: a file of thousands of copies must not fill memory.
const MOST: usize = 64;

/// What a stage holds.
#[derive(Clone, Debug)]
pub(super) struct Trees {
    /// Folders with packages, under whatever name.
    pub(super) items: Vec<Modules>,
    /// `Ok` when there are no others.
    pub(super) rest: Result<(), Why>,
}

impl Default for Trees {
    fn default() -> Trees {
        Trees { items: Vec::new(), rest: Ok(()) }
    }
}

impl Trees {
    /// A stage of which nothing is known.
    pub(super) fn unknown(why: Why) -> Trees {
        Trees { items: Vec::new(), rest: Err(why) }
    }

    /// The folder of this path.
    pub(super) fn at(&self, path: &str) -> Option<&Modules> {
        self.items.iter().find(|modules| modules.path == path)
    }

    /// Puts a folder where another one may have been.
    pub(super) fn set(&mut self, modules: Modules) {
        self.items.retain(|known| known.path != modules.path);
        if self.items.len() < MOST {
            self.items.push(modules);
        } else {
            self.rest = Err(Why::Unsupported);
        }
    }

    /// Lays a folder over what may be there: files are added, none goes.
    pub(super) fn add(&mut self, modules: Modules) {
        match self.at(&modules.path).map(|known| known.development.known().copied()) {
            // Development dependencies that are there stay there.
            Some(Some(true)) => {}
            Some(Some(false)) if modules.development.known() == Some(&false) => {}
            Some(_) if modules.development.known() != Some(&true) => {
                let why = why_of(&modules.development);
                let by = self.at(&modules.path).and_then(|known| known.by.clone());
                self.set(Modules { development: Fact::Unknown(why), by, ..modules });
            }
            _ => self.set(modules),
        }
    }

    /// What is known of a folder is no longer: something may have changed it.
    pub(super) fn forget(&mut self, path: Option<&str>, why: Why) {
        for modules in &mut self.items {
            if path.is_none_or(|path| modules.path == path) {
                modules.development = Fact::Unknown(why);
            }
        }
    }

    /// Takes away a path with all below it.
    pub(super) fn remove(&mut self, path: &str) {
        self.items.retain(|modules| below(&modules.path, path).is_none());
    }

    /// The folders that `path` is or holds, as they are called below `dest`.
    pub(super) fn moved(&self, path: &str, dest: &str) -> Vec<Modules> {
        let named = |modules: &Modules| {
            let rest = below(&modules.path, path)?;
            Some(Modules { path: format!("{dest}{rest}"), ..modules.clone() })
        };
        self.items.iter().filter_map(named).collect()
    }

    /// The packages that a node_modules path comes from: itself, or what the install of an enclosing folder made for a
    /// workspace.
    pub(super) fn covering(&self, path: &str) -> Option<&Modules> {
        let folder = path.strip_suffix("/node_modules")?;
        let encloses = |modules: &&Modules| {
            modules
                .parent()
                .is_some_and(|parent| below(folder, if parent.is_empty() { "/" } else { parent }).is_some())
        };
        self.items.iter().filter(encloses).max_by_key(|modules| modules.path.len())
    }
}

/// The rest of `path` below `folder`, with its slash; empty when they are the same.
pub(super) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Why a fact is not known; for one that is known, that there are several answers.
fn why_of(fact: &Fact<bool>) -> Why {
    match fact {
        Fact::Unknown(why) => *why,
        Fact::Known { .. } => Why::Ambiguous,
    }
}

impl Modules {
    /// Packages of which nothing is known.
    pub(super) fn unknown(path: String, why: Why, copied: Option<Span>) -> Modules {
        Modules {
            path,
            development: Fact::Unknown(why),
            by: None,
            copied: copied.into_iter().collect(),
            chosen: None,
        }
    }
}
