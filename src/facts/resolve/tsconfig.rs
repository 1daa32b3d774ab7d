//! What one tsconfig.json or jsconfig.json says, as it is written: what it extends is not looked at here.

use crate::source::ProjectPath;
use crate::syntax::tree::{Ref, Tree};

/// One compiler configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TsConfig {
    /// The file.
    pub path: ProjectPath,
    /// `extends`, in order: later ones win.
    pub extends: Vec<String>,
    /// Paths of `references`.
    pub references: Vec<String>,
    /// `compilerOptions.baseUrl`.
    pub base_url: Option<String>,
    /// `compilerOptions.paths`: patterns with their targets.
    pub paths: Option<Vec<(String, Vec<String>)>>,
    /// `compilerOptions.outDir`.
    pub out_dir: Option<String>,
    /// `compilerOptions.rootDir`.
    pub root_dir: Option<String>,
    /// `compilerOptions.noEmit` or `emitDeclarationOnly`.
    pub no_emit: Option<bool>,
    /// `compilerOptions.composite`: then the root is the configuration's own folder.
    pub composite: Option<bool>,
    /// `compilerOptions.allowJs`.
    pub allow_js: Option<bool>,
    /// `files`.
    pub files: Option<Vec<String>>,
    /// `include`.
    pub include: Option<Vec<String>>,
    /// `exclude`.
    pub exclude: Option<Vec<String>>,
}

impl TsConfig {
    /// Reads the configuration at `path` from its tree (JSON with comments).
    pub fn from_tree(path: ProjectPath, tree: &Tree) -> TsConfig {
        let root = tree.root();
        let top = |key: &str| root.and_then(|root| root.get(key));
        let option = |key: &str| top("compilerOptions").and_then(|options| options.get(key));
        let text = |key: &str| option(key).and_then(Ref::as_str).map(str::to_owned);
        let flag = |key: &str| option(key).and_then(Ref::as_bool);
        let extends = top("extends").map(|extends| match extends.as_str() {
            Some(one) => vec![one.to_owned()],
            None => texts(extends),
        });
        let references =
            top("references").map(|list| list.items().filter_map(|item| item.get("path")?.as_str()));
        TsConfig {
            path,
            extends: extends.unwrap_or_default(),
            references: references.map(|paths| paths.map(str::to_owned).collect()).unwrap_or_default(),
            base_url: text("baseUrl"),
            paths: option("paths").map(|paths| {
                paths
                    .entries()
                    .filter_map(|entry| Some((entry.key.as_str()?.to_owned(), texts(entry.value))))
                    .collect()
            }),
            out_dir: text("outDir"),
            root_dir: text("rootDir"),
            no_emit: flag("noEmit").or_else(|| flag("emitDeclarationOnly")),
            composite: flag("composite"),
            allow_js: flag("allowJs"),
            files: top("files").map(texts),
            include: top("include").map(texts),
            exclude: top("exclude").map(texts),
        }
    }
}

fn texts(list: Ref<'_>) -> Vec<String> {
    list.items().filter_map(Ref::as_str).map(str::to_owned).collect()
}
