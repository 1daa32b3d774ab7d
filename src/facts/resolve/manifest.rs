//! The part of a package.json that says which of its files an import means.

use crate::source::ProjectPath;
use crate::syntax::tree::{Ref, Tree};

/// Which files a package gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The folder that the package.json stands in.
    pub folder: ProjectPath,
    /// The package's name.
    pub name: Option<String>,
    /// `main`.
    pub main: Option<String>,
    /// `source`, `module`, `types`: what tools take instead of `main`.
    others: Vec<String>,
    exports: Vec<(String, Vec<String>)>,
    imports: Vec<(String, Vec<String>)>,
}

/// Conditions that hold at run time, and those by which monorepos name their sources.
const CONDITIONS: [&str; 10] = [
    "source",
    "development",
    "production",
    "node",
    "import",
    "require",
    "module",
    "module-sync",
    "bun",
    "default",
];
/// How deep conditions may stand in conditions.
const DEPTH: usize = 8;

impl Manifest {
    /// Reads the package.json of `folder`.
    pub fn from_tree(folder: ProjectPath, tree: &Tree) -> Manifest {
        let text = |key: &str| tree.root()?.get(key)?.as_str().map(str::to_owned);
        let table = |key: &str| tree.root().and_then(|root| root.get(key));
        Manifest {
            folder,
            name: text("name"),
            main: text("main"),
            others: ["source", "module", "types", "typings"].iter().filter_map(|key| text(key)).collect(),
            exports: table("exports").map(exports).unwrap_or_default(),
            imports: table("imports").map(keyed).unwrap_or_default(),
        }
    }

    /// The files that `rest` of the package may mean, best first; none when `exports` does not name it.
    pub(super) fn targets(&self, rest: &str) -> Vec<String> {
        if !self.exports.is_empty() {
            let key = if rest.is_empty() { ".".to_owned() } else { format!("./{rest}") };
            return pick(&self.exports, &key);
        }
        if !rest.is_empty() {
            return vec![rest.to_owned()];
        }
        let source = self.others.iter().take(1).filter(|path| path.contains("src/"));
        source.chain(self.main.iter()).chain(self.others.iter()).cloned().collect()
    }

    /// The targets of a `#name`.
    pub(super) fn imported(&self, specifier: &str) -> Vec<String> {
        pick(&self.imports, specifier)
    }
}

/// The targets of `key`: by name, else by the longest pattern with a `*` that fits.
fn pick(table: &[(String, Vec<String>)], key: &str) -> Vec<String> {
    if let Some((_, targets)) = table.iter().find(|(name, _)| name == key && !name.contains('*')) {
        return targets.clone();
    }
    let fitting = table.iter().filter_map(|(name, targets)| {
        let (before, after) = name.split_once('*')?;
        let middle = key.strip_prefix(before)?.strip_suffix(after)?;
        Some((before.len(), middle, targets))
    });
    let Some((_, middle, targets)) = fitting.max_by_key(|(len, _, _)| *len) else { return Vec::new() };
    targets.iter().map(|target| target.replace('*', middle)).collect()
}

fn exports(table: Ref<'_>) -> Vec<(String, Vec<String>)> {
    let subpaths = table.entries().any(|entry| entry.key.as_str().is_some_and(|key| key.starts_with('.')));
    if subpaths { keyed(table) } else { vec![(".".to_owned(), targets(table))] }
}

fn keyed(table: Ref<'_>) -> Vec<(String, Vec<String>)> {
    let entry = |key: Option<&str>, value| Some((key?.to_owned(), targets(value)));
    table.entries().filter_map(|pair| entry(pair.key.as_str(), pair.value)).collect()
}

/// All paths under a target whose conditions hold, in their order; those of `types` last.
fn targets(target: Ref<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    collect(target, DEPTH, &mut paths, false);
    collect(target, DEPTH, &mut paths, true);
    paths
}

fn collect(target: Ref<'_>, depth: usize, paths: &mut Vec<String>, types: bool) {
    if depth == 0 {
        return;
    }
    if let Some(path) = target.as_str() {
        if !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
        return;
    }
    for item in target.items() {
        collect(item, depth - 1, paths, types);
    }
    for entry in target.entries() {
        let condition = entry.key.as_str().unwrap_or("");
        if CONDITIONS.contains(&condition) || (types && condition == "types") {
            collect(entry.value, depth - 1, paths, types);
        }
    }
}
