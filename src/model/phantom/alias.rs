//! Names that look like packages and may mean something else: settings of compilers and bundlers give them.

use std::sync::Arc;

use crate::model::read::Reading;
use crate::model::{Package, Project};
use crate::source::ProjectPath;

/// How the names of files begin that give aliases to bundlers and compilers.
const SETTINGS: [&str; 9] =
    ["webpack", "vite", "rollup", "rspack", "babel", ".babelrc", "esbuild", "tsup", "build"];

/// Folders of a package that `NODE_PATH`, `baseUrl` and the like lead to.
const FOLDERS: [&str; 4] = ["", "src", "lib", "app"];

/// Extensions of what a name may mean there.
const SCRIPTS: [&str; 4] = ["js", "ts", "mjs", "cjs"];

/// What may give other meanings to the names that a package's modules import.
pub(super) struct Aliases<'p> {
    project: &'p Project,
    package: &'p Package,
    /// Settings of bundlers and compilers that speak of aliases, and such a package.json for `module-alias`.
    settings: Vec<Arc<str>>,
}

impl<'p> Aliases<'p> {
    pub(super) fn of(project: &'p Project, package: &'p Package) -> Aliases<'p> {
        let is_settings = |path: &&ProjectPath| SETTINGS.iter().any(|start| path.name().starts_with(start));
        let files = project.sources.below(&package.folder).filter(is_settings);
        let files = files.filter_map(|path| project.sources.find(path)).chain([package.file]);
        let texts = files.filter_map(|file| project.sources.file(file).text_once());
        Aliases { project, package, settings: texts.filter(|text| text.contains("lias")).collect() }
    }

    /// True when a name that is imported may mean something else than the package of that name.
    pub(super) fn may_be(&self, name: &str) -> bool {
        self.is_mapped(name) || self.is_own(name) || self.is_in_settings(name)
    }

    /// By `paths` of a tsconfig.json. `*` alone is where types are looked for.
    fn is_mapped(&self, name: &str) -> bool {
        let configs = self.project.readings.iter().filter_map(|reading| match reading {
            Reading::Tsconfig(config) => config.paths.as_ref(),
            _ => None,
        });
        let fits = |pattern: &str| match pattern.split_once('*') {
            Some(("", "")) => false,
            Some((before, after)) => name.starts_with(before.trim_end_matches('/')) && name.ends_with(after),
            None => pattern == name,
        };
        configs.flatten().any(|(pattern, _)| fits(pattern))
    }

    /// By a folder or a script of the package.
    fn is_own(&self, name: &str) -> bool {
        let sources = &self.project.sources;
        let paths = FOLDERS.iter().filter_map(|folder| self.package.folder.join(folder)?.join(name));
        let is_there = |path: ProjectPath| {
            let script = |extension: &&str| {
                ProjectPath::new(&format!("{path}.{extension}")).is_some_and(|file| sources.exists(&file))
            };
            sources.is_folder(&path) || SCRIPTS.iter().any(script)
        };
        paths.into_iter().any(is_there)
    }

    fn is_in_settings(&self, name: &str) -> bool {
        let words = [format!("'{name}'"), format!("\"{name}\""), format!(" {name}:")];
        self.settings.iter().any(|text| words.iter().any(|word| text.contains(word.as_str())))
    }
}
