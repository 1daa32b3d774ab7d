//! Which file an import means, and which files a program reaches: Node's rules and TypeScript's, over the files of the
//! project alone. Nothing is looked for in node_modules; a name that is no file of the project is a package.
//!
//! The resolver owns its tables and borrows [`Sources`] for each question, so that an editor may ask it about texts
//! that are not saved.

mod build;
mod builtin;
mod follow;
mod glob;
mod manifest;
mod output;
mod settings;
mod tsconfig;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use build::Build;
pub use builtin::is_builtin;
pub use follow::{Reached, ReachedFile, Unresolved};
pub use manifest::Manifest;
pub use output::{NestCli, SaidBy, SourceOf};
pub use settings::Settings;
pub use tsconfig::TsConfig;

use crate::source::{ProjectPath, Sources};
use crate::syntax::script::Dialect;

/// What an import's specifier means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// A file of the project; perhaps no script (`.json`, `.css`).
    File(ProjectPath),
    /// A package by its name, without the path in it.
    Package(String),
    /// A module of Node itself, without `node:`.
    Builtin(String),
    /// It should be a file of the project and is not there.
    NotFound,
}

/// The tables that resolving needs: compiler settings, package manifests and workspace names.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    settings: BTreeMap<ProjectPath, Settings>,
    manifests: BTreeMap<ProjectPath, Manifest>,
    workspaces: BTreeMap<String, ProjectPath>,
    nests: BTreeMap<ProjectPath, NestCli>,
}

/// Extensions in the order that TypeScript tries them.
const TYPESCRIPT_FIRST: [&str; 11] =
    ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json", "d.ts", "d.mts"];
/// Extensions in the order that Node and bundlers try them.
const JAVASCRIPT_FIRST: [&str; 10] = ["js", "cjs", "mjs", "jsx", "json", "ts", "tsx", "mts", "cts", "d.ts"];

impl Resolver {
    /// A resolver over the compiler settings and manifests of a project. Every manifest with a name is a workspace
    /// package; of two with one name the outer one is. It is made anew when files of these kinds change, or scripts
    /// come or go.
    pub fn new(configs: Vec<TsConfig>, mut manifests: Vec<Manifest>, nests: Vec<NestCli>) -> Resolver {
        let mut workspaces = BTreeMap::new();
        let mut by_folder = BTreeMap::new();
        manifests.sort_by(|a, b| {
            let depth = |manifest: &Manifest| manifest.folder.as_str().matches('/').count();
            depth(a).cmp(&depth(b)).then_with(|| a.folder.cmp(&b.folder))
        });
        for manifest in manifests {
            if let Some(name) = &manifest.name {
                workspaces.entry(name.clone()).or_insert_with(|| manifest.folder.clone());
            }
            by_folder.insert(manifest.folder.clone(), manifest);
        }
        let settings = settings::settle(configs, &workspaces);
        let nests = nests.into_iter().map(|nest| (nest.folder.clone(), nest)).collect();
        Resolver { settings, manifests: by_folder, workspaces, nests }
    }

    /// What `specifier` means in the file `from`.
    pub fn resolve(&self, sources: &Sources, from: &ProjectPath, specifier: &str) -> Resolution {
        let Some(folder) = from.parent() else { return Resolution::NotFound };
        let typescript = !matches!(Dialect::of(from), Some(Dialect::JavaScript) | None);
        let found = |path: Option<ProjectPath>| path.map_or(Resolution::NotFound, Resolution::File);
        if is_relative(specifier) {
            return found(self.relative(sources, &folder, specifier, typescript));
        }
        if specifier.starts_with('/') || specifier.is_empty() {
            return Resolution::NotFound;
        }
        if let Some(name) = specifier.strip_prefix("node:") {
            return Resolution::Builtin(name.to_owned());
        }
        if is_builtin(specifier) {
            return Resolution::Builtin(specifier.to_owned());
        }
        if let Some(path) = self.by_settings(sources, from, specifier, typescript) {
            return Resolution::File(path);
        }
        if specifier.starts_with('#') {
            return self.by_package_imports(sources, from, specifier);
        }
        if has_scheme(specifier) {
            return Resolution::Package(specifier.to_owned());
        }
        let (name, rest) = package_name(specifier);
        if let Some(workspace) = self.workspaces.get(name)
            && let Some(path) = self.in_package(sources, workspace, rest)
        {
            return Resolution::File(path);
        }
        Resolution::Package(name.to_owned())
    }

    fn relative(
        &self,
        sources: &Sources,
        folder: &ProjectPath,
        specifier: &str,
        typescript: bool,
    ) -> Option<ProjectPath> {
        let plain = specifier.split(['?', '!']).next().unwrap_or(specifier);
        let path = folder.join(plain)?;
        if plain.ends_with('/') || plain.ends_with("/..") || matches!(plain, "." | "..") {
            return self.folder(sources, &path, typescript);
        }
        self.path(sources, &path, typescript)
    }

    /// The file that a path without certain extension means: itself, its TypeScript source, with an extension, or the
    /// index of the folder.
    fn path(&self, sources: &Sources, path: &ProjectPath, typescript: bool) -> Option<ProjectPath> {
        if typescript && let Some(source) = aliased(sources, path) {
            return Some(source);
        }
        if sources.exists(path) {
            return Some(path.clone());
        }
        with_extension(sources, path, typescript)
            .or_else(|| aliased(sources, path))
            .or_else(|| self.folder(sources, path, typescript))
    }

    /// What importing a folder means: `main` of its package.json, else its index.
    fn folder(&self, sources: &Sources, folder: &ProjectPath, typescript: bool) -> Option<ProjectPath> {
        if let Some(main) = self.manifests.get(folder).and_then(|manifest| manifest.main.as_deref())
            && let Some(path) = folder.join(main).filter(|path| path != folder)
        {
            let found = file_at(sources, &path, typescript).or_else(|| index(sources, &path, typescript));
            if found.is_some() {
                return found;
            }
            if let Some(source) = self.source_of(sources, &path) {
                return Some(source.path);
            }
        }
        index(sources, folder, typescript)
    }

    /// The file of a workspace package that `rest` (empty, or a path) names.
    fn in_package(&self, sources: &Sources, folder: &ProjectPath, rest: &str) -> Option<ProjectPath> {
        let manifest = self.manifests.get(folder)?;
        for target in manifest.targets(rest) {
            let Some(path) = folder.join(&target) else { continue };
            if let Some(found) = self.present_or_source(sources, &path) {
                return Some(found);
            }
        }
        if rest.is_empty() {
            let source = folder.join("src").and_then(|source| index(sources, &source, true));
            return self.folder(sources, folder, true).or(source);
        }
        self.path(sources, &folder.join(rest)?, true)
    }

    /// A file that a manifest names: as it stands, or the source that it is built from.
    fn present_or_source(&self, sources: &Sources, path: &ProjectPath) -> Option<ProjectPath> {
        file_at(sources, path, true)
            .or_else(|| self.source_of(sources, path).map(|source| source.path))
            .or_else(|| index(sources, path, true))
    }

    /// `#name` by `imports` of the nearest package.json.
    fn by_package_imports(&self, sources: &Sources, from: &ProjectPath, specifier: &str) -> Resolution {
        let Some(manifest) = self.manifest_of(from) else { return Resolution::NotFound };
        for target in manifest.imported(specifier) {
            if !is_relative(&target) {
                return Resolution::Package(package_name(&target).0.to_owned());
            }
            let path = manifest.folder.join(&target);
            if let Some(found) = path.and_then(|path| self.present_or_source(sources, &path)) {
                return Resolution::File(found);
            }
        }
        Resolution::NotFound
    }

    /// The nearest package.json of a file.
    pub fn manifest_of(&self, file: &ProjectPath) -> Option<&Manifest> {
        file.ancestors().skip(1).find_map(|folder| self.manifests.get(&folder))
    }

    /// The file that `node <path>` runs: as it stands, with an extension, a folder's main or index, or the source that
    /// it is built from.
    pub fn program(&self, sources: &Sources, path: &ProjectPath) -> Option<SourceOf> {
        if let Some(found) = self.path(sources, path, false) {
            let said_by = SaidBy::ItStandsThere;
            return Some(SourceOf { path: found, said_by });
        }
        self.source_of(sources, path)
    }
}

fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

/// `data:…`, `https://…`, `npm:…`, `virtual:…`, `bun:…`.
fn has_scheme(specifier: &str) -> bool {
    let scheme = specifier.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The name of the package in a specifier, and the path in it.
pub fn package_name(specifier: &str) -> (&str, &str) {
    let skip =
        if specifier.starts_with('@') { specifier.find('/').map_or(specifier.len(), |at| at + 1) } else { 0 };
    let end = specifier[skip..].find('/').map_or(specifier.len(), |at| skip + at);
    (&specifier[..end], specifier[end..].trim_start_matches('/'))
}

/// TypeScript's sources that an import of compiled output names: `x.js` may be `x.ts` or `x.tsx`.
fn aliased(sources: &Sources, path: &ProjectPath) -> Option<ProjectPath> {
    let (stem, extension) = path.as_str().rsplit_once('.')?;
    let aliases: &[&str] = match extension {
        "js" => &["ts", "tsx", "d.ts"],
        "jsx" => &["tsx"],
        "mjs" => &["mts", "d.mts"],
        "cjs" => &["cts"],
        _ => return None,
    };
    existing(sources, stem, aliases)
}

fn with_extension(sources: &Sources, path: &ProjectPath, typescript: bool) -> Option<ProjectPath> {
    if path.is_root() {
        return None;
    }
    existing(sources, path.as_str(), if typescript { &TYPESCRIPT_FIRST } else { &JAVASCRIPT_FIRST })
}

fn existing(sources: &Sources, stem: &str, extensions: &[&str]) -> Option<ProjectPath> {
    let paths = extensions.iter().filter_map(|extension| ProjectPath::new(&format!("{stem}.{extension}")));
    paths.into_iter().find(|path| sources.exists(path))
}

/// The file at a path, with an extension where it has none.
fn file_at(sources: &Sources, path: &ProjectPath, typescript: bool) -> Option<ProjectPath> {
    if sources.exists(path) {
        return Some(path.clone());
    }
    with_extension(sources, path, typescript).or_else(|| aliased(sources, path))
}

fn index(sources: &Sources, folder: &ProjectPath, typescript: bool) -> Option<ProjectPath> {
    with_extension(sources, &folder.join("index")?, typescript)
}
