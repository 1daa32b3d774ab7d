//! package.json as facts: what npm, yarn, pnpm, bun and Node read from it, each with its bytes.
//!
//! What is missing is known to be missing; what has the wrong type is unknown, and the rest is read. A package
//! owns its data and knows no other file.

mod exports;
pub mod moved;
mod range;
mod read;
#[cfg(test)]
mod tests;

pub use range::{Range, Version};

use std::sync::Arc;

use crate::facts::{Fact, Found};
use crate::source::{FileId, Span, Spanned};
use crate::syntax::mapped::MappedText;

/// What one package.json says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The file.
    pub file: FileId,
    /// Bytes of the whole object.
    pub span: Span,
    /// `name`.
    pub name: Fact<Option<String>>,
    /// `version`.
    pub version: Fact<Option<String>>,
    /// `private`; false when it is not said.
    pub private: Fact<bool>,
    /// `type`: how Node reads the `.js` files below.
    pub module_type: Fact<ModuleType>,
    /// `main`.
    pub main: Fact<Option<String>>,
    /// What `exports` gives for the package itself; `None` without `exports`. Unknown when no condition fits.
    pub exports: Fact<Option<String>>,
    /// `bin`: commands that the package installs.
    pub bin: Found<Bin>,
    /// `scripts`.
    pub scripts: Found<Script>,
    /// All entries of the dependency sections, in the order of the text.
    pub dependencies: Found<Dependency>,
    /// The dependency sections that are there.
    pub sections: Vec<Section>,
    /// `engines.node`, unknown when it is no range.
    pub node: Fact<Option<Range>>,
    /// `packageManager`, or `devEngines.packageManager`.
    pub package_manager: Fact<Option<ManagerPin>>,
    /// `workspaces`, as an array or as `packages` of an object.
    pub workspaces: Fact<Option<Vec<Spanned<String>>>>,
    /// `overrides` of npm, `resolutions` of yarn, `pnpm.overrides`, flattened.
    pub overrides: Found<Override>,
    /// `files`.
    pub files: Fact<Option<Vec<Spanned<String>>>>,
    /// Names in `pnpm.onlyBuiltDependencies` or `trustedDependencies` of bun: whose install scripts may run.
    pub built: Fact<Option<Vec<Spanned<String>>>>,
}

/// How Node reads a `.js` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleType {
    /// By `require`.
    CommonJs,
    /// By `import`.
    Module,
}

/// A command that a package installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Its name.
    pub name: String,
    /// The file that it starts, as written.
    pub path: String,
}

/// An entry of `scripts`. Its span in [`Package::scripts`] is that of the whole entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name (`start`), with the bytes of the key.
    pub name: Spanned<String>,
    /// The shell text, with the way back to the bytes of the file.
    pub text: MappedText,
    /// The bytes of the value with its quotes.
    pub value: Span,
}

/// A dependency section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// `dependencies`.
    Production,
    /// `devDependencies`: left out by `--omit=dev` and its kin.
    Development,
    /// `optionalDependencies`: an install that fails is forgiven.
    Optional,
    /// `peerDependencies`: whoever installs the package provides it.
    Peer,
}

impl DependencyKind {
    /// All, in the order in which the later overrides the earlier for npm.
    pub const ALL: [DependencyKind; 4] = [
        DependencyKind::Production,
        DependencyKind::Development,
        DependencyKind::Optional,
        DependencyKind::Peer,
    ];

    /// The key of the section.
    pub fn key(self) -> &'static str {
        match self {
            DependencyKind::Production => "dependencies",
            DependencyKind::Development => "devDependencies",
            DependencyKind::Optional => "optionalDependencies",
            DependencyKind::Peer => "peerDependencies",
        }
    }
}

/// A dependency section with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which one.
    pub kind: DependencyKind,
    /// The key, with its quotes: where a finding on something missing stands.
    pub key: Span,
    /// The object.
    pub value: Span,
}

/// An entry of a dependency section. Its span in [`Package::dependencies`] is that of the whole entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name by which the code imports it (an alias where the spec begins with `npm:`).
    pub name: String,
    /// The section it stands in.
    pub kind: DependencyKind,
    /// What is asked for, as written: a range, a tag, an address, `workspace:*`.
    pub spec: String,
    /// The bytes of the key with its quotes.
    pub key: Span,
    /// The bytes of the value with its quotes.
    pub value: Span,
    /// True when `peerDependenciesMeta` or `dependenciesMeta` says that it may be missing.
    pub may_miss: bool,
}

impl Dependency {
    /// The package that an alias (`npm:kleur@^4`) stands for, else the name itself.
    pub fn package_name(&self) -> &str {
        let Some(alias) = self.spec.strip_prefix("npm:") else { return &self.name };
        match alias.char_indices().skip(1).find(|(_, character)| *character == '@') {
            Some((at, _)) => &alias[..at],
            // `npm:^4` of yarn is a range, `npm:kleur` an alias.
            None if alias.starts_with(|first: char| first == '@' || first.is_ascii_alphabetic()) => alias,
            None => &self.name,
        }
    }
}

/// A package manager at a version: `pnpm@9.15.0+sha512.…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagerPin {
    /// Its name, as written.
    pub name: String,
    /// Its version without the hash; `None` when none is said.
    pub version: Option<String>,
}

/// One replacement that a package manager is told to make in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The names from the outside in, as written: `["debug", "ms"]` for `debug/ms`, `debug>ms` or a nested object.
    pub path: Vec<Arc<str>>,
    /// What is taken instead.
    pub spec: String,
    /// Where it stands: `overrides` (npm, bun), `resolutions` (yarn, pnpm, bun) or `pnpm.overrides`.
    pub section: &'static str,
}

impl Override {
    /// The package that is replaced, without the range that may follow its name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", |last| without_range(last))
    }
}

/// A name without the `@range` that selectors allow behind it.
pub(crate) fn without_range(selector: &str) -> &str {
    match selector.char_indices().skip(1).find(|(_, character)| *character == '@') {
        Some((at, _)) => &selector[..at],
        None => selector,
    }
}

impl Package {
    /// The script of this name.
    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.items.iter().map(|script| &script.value).rfind(|script| script.name.value == name)
    }

    /// The dependency of this name; of several sections the first in the order of [`DependencyKind::ALL`].
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        let named = self.dependencies.items.iter().map(|entry| &entry.value);
        named.filter(|dependency| dependency.name == name).min_by_key(|dependency| dependency.kind)
    }

    /// The entries of one section.
    pub fn of_kind(&self, kind: DependencyKind) -> impl Iterator<Item = &Dependency> {
        self.dependencies.items.iter().map(|entry| &entry.value).filter(move |entry| entry.kind == kind)
    }

    /// The section, when it is there.
    pub fn section(&self, kind: DependencyKind) -> Option<&Section> {
        self.sections.iter().rfind(|section| section.kind == kind)
    }

    /// What Node starts for `node .` or an import of the package: `exports` first, else `main`.
    /// `Known(None)` leaves it to `index.js`. Source: Node.js documentation, "Packages", package entry points.
    pub fn entry(&self) -> Fact<Option<String>> {
        match &self.exports {
            Fact::Known { value: None, .. } => self.main.clone(),
            other => other.clone(),
        }
    }
}
