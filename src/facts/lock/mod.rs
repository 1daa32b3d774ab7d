//! Lock files as facts: which package at which version each importer gets, whoever wrote the file.
//!
//! One reader per format, one shape for all: importers (the packages of the repository), packages (what is installed,
//! with nested duplicates kept apart), and resolved edges between them. Reading never fails as a whole: an entry that
//! makes no sense is an [`Issue`](crate::syntax::Issue), the rest is read.

mod agree;
mod berry;
mod bun;
mod graph;
mod npm;
mod npm1;
mod overridden;
mod place;
mod platform;
mod pnpm;
mod programs;
mod read;
mod scopes;
#[cfg(test)]
mod tests;
mod yarn1;

pub use agree::{Disagreement, Lack};
pub use graph::Reach;
pub use place::Places;
pub use platform::Platform;
pub use programs::programs;
pub use read::{manager_of, read};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{FileId, Span};

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// npm.
    Npm,
    /// yarn, classic or berry.
    Yarn,
    /// pnpm.
    Pnpm,
    /// bun.
    Bun,
}

impl Manager {
    /// Its name, as it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Manager::Npm => "npm",
            Manager::Yarn => "yarn",
            Manager::Pnpm => "pnpm",
            Manager::Bun => "bun",
        }
    }

    /// The manager that is typed so.
    pub fn from_name(name: &str) -> Option<Manager> {
        [Manager::Npm, Manager::Yarn, Manager::Pnpm, Manager::Bun]
            .into_iter()
            .find(|manager| manager.as_str() == name)
    }
}

/// The format of a lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// package-lock.json or npm-shrinkwrap.json, by its `lockfileVersion`: npm 5 and 6 write 1, 7 and 8 write 2, then 3.
    Npm(u32),
    /// yarn.lock of yarn 1.
    YarnClassic,
    /// yarn.lock of yarn 2 and later, by its `__metadata.version`: yarn 3 writes 6, yarn 4 writes 8.
    YarnBerry(u32),
    /// pnpm-lock.yaml, by major and minor of its `lockfileVersion`: pnpm 7 writes 5.4, pnpm 8 6.0, pnpm 9 and 10 9.0.
    Pnpm(u32, u32),
    /// bun.lock, by its `lockfileVersion`.
    Bun(u32),
    /// None could be read: the file is empty, broken at its top, or of a later format.
    Unknown,
}

/// What one lock file says.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The file.
    pub file: FileId,
    /// Who wrote it.
    pub manager: Manager,
    /// Its format.
    pub flavour: Flavour,
    /// True for npm-shrinkwrap.json, which npm takes before package-lock.json and which is published with a package.
    pub shrinkwrap: bool,
    /// The packages of the repository that it was written for. None in npm 1 and yarn 1, which do not record them.
    pub importers: Vec<Importer>,
    /// What it installs. Several entries may be of one name and version: npm and bun keep an entry per place, pnpm per
    /// set of peers.
    pub packages: Vec<LockedPackage>,
    /// False when something could not be read: then what is not here may have been there.
    pub complete: bool,
    pub(super) index: Index,
}

/// A package of the repository, as its lock file records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Importer {
    /// Its folder from the folder of the lock file: `""`, `"packages/api"`.
    pub folder: String,
    /// Its name, where the format keeps it.
    pub name: Option<String>,
    /// The bytes of its entry's key.
    pub span: Span,
    /// What it asks for. In yarn berry's files development dependencies are not told apart: the importer that
    /// [`Lock::importer`] gives has the kinds of package.json.
    pub edges: Vec<Edge>,
}

/// A package that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// Its own name, also behind an alias.
    pub name: String,
    /// The name it is installed by, when that is another.
    pub alias: Option<String>,
    /// Its version, without what the format puts before and behind it; `None` for folders and some repositories.
    pub version: Option<String>,
    /// The key of the entry, as written: a path in node_modules (npm 2, 3), descriptors (yarn), a package with its
    /// peers (pnpm), a path of names (npm 1, bun).
    pub key: String,
    /// The bytes of the key, with its quotes.
    pub span: Span,
    /// Where it is fetched from, when the file says so. Files may leave it out for packages of the registry.
    pub resolved: Option<String>,
    /// Its checksum.
    pub integrity: Option<String>,
    /// What the entry says of its use.
    pub flags: Flags,
    /// The systems it installs on.
    pub platform: Platform,
    /// What it asks for.
    pub edges: Vec<Edge>,
}

/// What an entry says of the use of its package. Formats that do not say it leave it false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Only development dependencies need it: npm, pnpm before 9.
    pub dev: bool,
    /// Only optional dependencies need it: npm, pnpm.
    pub optional: bool,
    /// Development dependencies need it, and optional ones of production: it stays when only one kind is left out. npm 2, 3.
    pub dev_optional: bool,
    /// Only peer dependencies need it: npm 2, 3.
    pub peer: bool,
    /// It is shipped inside of the package above it: npm.
    pub bundled: bool,
    /// It has an install script: npm 2, 3 and pnpm before 9.
    pub install_script: bool,
}

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name it is asked for by.
    pub name: String,
    /// What is asked for, as the lock file keeps it; empty when it keeps none (npm 1 for its root).
    pub spec: String,
    /// Why.
    pub kind: EdgeKind,
    /// Who answers.
    pub target: Target,
    /// The bytes that ask: the name in the lock file, or the entry of package.json.
    pub span: Span,
}

/// Why a package asks for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// It needs it.
    Production,
    /// It needs it to be developed.
    Development,
    /// It uses it when it is there.
    Optional,
    /// It needs what the package above it uses.
    Peer,
    /// It uses what the package above it uses, if it does.
    OptionalPeer,
}

impl EdgeKind {
    /// True when nothing is wrong when there is no answer.
    pub fn may_miss(self) -> bool {
        matches!(self, EdgeKind::Optional | EdgeKind::OptionalPeer)
    }

    /// True when it is asked for by what runs, and not by peers.
    pub fn is_for_production(self) -> bool {
        matches!(self, EdgeKind::Production | EdgeKind::Optional)
    }
}

/// Who answers an [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An entry, as an index into [`Lock::packages`].
    Package(u32),
    /// A package of the repository, as an index into [`Lock::importers`].
    Importer(u32),
    /// A peer that whoever installs the package provides: the entry does not say which (yarn).
    Above,
    /// A folder outside of what the lock file describes.
    Outside,
    /// Nobody.
    Missing,
}

/// How a format finds the answer to a name, kept so that a package.json can be asked for later.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// npm 1: the packages at the top. yarn: by descriptor (`ms@^2`, `ms@npm:^2`).
    pub(super) answers: FxHashMap<String, Target>,
    /// Names that the file says were replaced (pnpm, bun): its importers then have another range than package.json.
    pub(super) replaced: FxHashSet<String>,
}

impl Lock {
    pub(super) fn new(file: FileId, manager: Manager) -> Lock {
        Lock {
            file,
            manager,
            flavour: Flavour::Unknown,
            shrinkwrap: false,
            importers: Vec::new(),
            packages: Vec::new(),
            complete: true,
            index: Index::default(),
        }
    }

    /// The entry that an edge leads to.
    pub fn package(&self, target: Target) -> Option<&LockedPackage> {
        match target {
            Target::Package(at) => self.packages.get(at as usize),
            _ => None,
        }
    }

    /// All entries of a package, by its own name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a LockedPackage> {
        self.packages.iter().filter(move |package| package.name == name)
    }

    /// Edges that nobody answers and that may not miss, of importers and packages.
    pub fn unresolved(&self) -> impl Iterator<Item = &Edge> {
        let edges = self.importers.iter().map(|importer| &importer.edges);
        let edges = edges.chain(self.packages.iter().map(|package| &package.edges)).flatten();
        edges.filter(|edge| edge.target == Target::Missing && !edge.kind.may_miss())
    }
}
