//! Whether a lock file was written for the package.json beside it: what `npm ci` and `--frozen-lockfile` refuse.

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::is_local;
use super::{Flavour, Lock};
use crate::facts::package::{Dependency, DependencyKind, Package};
use crate::source::Span;

/// One point on which package.json and lock file differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The dependency.
    pub name: String,
    /// How they differ.
    pub lack: Lack,
    /// The key in package.json, or in the lock file for [`Lack::Dropped`].
    pub span: Span,
}

/// How package.json and lock file differ on a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// package.json asks for it, the lock file does not know it.
    NotLocked,
    /// The lock file was written for another range.
    OtherSpec {
        /// That range.
        locked: String,
    },
    /// The lock file has it, package.json does not ask for it any more.
    Dropped,
}

impl Lock {
    /// Where a package.json and its lock file differ. Only what is certain: nothing for a lock file that could not be
    /// read in full, for peers, for names that overrides or resolutions mention, and for what
    /// `is_member` calls a package of the workspace. `root` is the package.json beside the lock file.
    pub fn disagreements(
        &self,
        folder: &str,
        package: &Package,
        root: &Package,
        is_member: impl Fn(&str) -> bool,
    ) -> Vec<Disagreement> {
        if !self.complete || package.dependencies.rest.is_err() || root.overrides.rest.is_err() {
            return Vec::new();
        }
        let replaced: FxHashSet<&str> = root.overrides.items.iter().map(|item| item.value.name()).collect();
        let certain =
            |name: &str| !replaced.contains(name) && !self.index.replaced.contains(name) && !is_member(name);
        let asked = package.dependencies.items.iter().map(|item| &item.value);
        let asked: Vec<&Dependency> =
            asked.filter(|entry| entry.kind != DependencyKind::Peer && certain(&entry.name)).collect();
        if !self.records_importers() {
            return asked.into_iter().filter_map(|entry| self.lacks(entry)).collect();
        }
        let Some(recorded) = self.importers.iter().find(|importer| importer.folder == folder) else {
            return Vec::new();
        };
        let mut specs: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for item in &package.dependencies.items {
            specs.entry(&item.value.name).or_default().push(&item.value.spec);
        }
        let locked: FxHashMap<&str, &str> =
            recorded.edges.iter().map(|edge| (edge.name.as_str(), edge.spec.as_str())).collect();
        let differs = |entry: &&Dependency| {
            let name = entry.name.as_str();
            let lack = match locked.get(name) {
                None => Lack::NotLocked,
                // A name in two sections is recorded once; which one differs by manager.
                Some(locked) if specs[name].iter().any(|spec| is_same(spec, locked)) => return None,
                Some(locked) => Lack::OtherSpec { locked: (*locked).to_owned() },
            };
            Some(Disagreement { name: name.to_owned(), lack, span: entry.key })
        };
        let mut found: Vec<Disagreement> = asked.iter().filter_map(differs).collect();
        let dropped = recorded.edges.iter().filter(|edge| {
            !specs.contains_key(edge.name.as_str())
                && certain(&edge.name)
                && edge.target != super::Target::Above
        });
        found.extend(dropped.map(|edge| Disagreement {
            name: edge.name.clone(),
            lack: Lack::Dropped,
            span: edge.span,
        }));
        found
    }

    fn records_importers(&self) -> bool {
        !matches!(self.flavour, Flavour::Npm(0 | 1) | Flavour::YarnClassic | Flavour::Unknown)
    }

    /// For formats that keep no importers: yarn 1 knows descriptors, npm 1 the names at the top.
    fn lacks(&self, entry: &Dependency) -> Option<Disagreement> {
        let known = match self.flavour {
            Flavour::YarnClassic => {
                self.index.answers.contains_key(&format!("{}@{}", entry.name, entry.spec))
            }
            Flavour::Npm(_) => self.index.answers.contains_key(&entry.name),
            _ => true,
        };
        let forgiven = entry.kind == DependencyKind::Optional || is_local(&entry.spec);
        (!known && !forgiven).then(|| Disagreement {
            name: entry.name.clone(),
            lack: Lack::NotLocked,
            span: entry.key,
        })
    }
}

/// yarn berry writes `npm:` before a plain range, and quotes differ; the range itself is copied.
fn is_same(written: &str, locked: &str) -> bool {
    let plain = |spec: &str| spec.strip_prefix("npm:").unwrap_or(spec).trim().to_owned();
    plain(written) == plain(locked)
}
