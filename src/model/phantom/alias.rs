//! Names that look like packages and may mean something else: settings of compilers and bundlers give them.

use crate::model::read::Reading;
use crate::model::{Package, Project};
use crate::source::ProjectPath;

/// How the names of files begin that give aliases to bundlers and compilers.
const SETTINGS: [&str; 9] =
    ["webpack", "vite", "rollup", "rspack", "babel", ".babelrc", "esbuild", "tsup", "build"];

/// Extensions of what a name may mean that is looked for in the package's own folders.
const SCRIPTS: [&str; 4] = ["js", "ts", "mjs", "cjs"];

impl Project {
    /// True when a name that is imported may mean something else than the package of that name.
    pub(super) fn may_be_alias(&self, package: &Package, name: &str) -> bool {
        self.is_mapped(name) || self.is_own_folder(package, name) || self.is_in_settings(package, name)
    }

    /// By `paths` of a tsconfig.json. `*` alone is where types are looked for.
    fn is_mapped(&self, name: &str) -> bool {
        let configs = self.readings.iter().filter_map(|reading| match reading {
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

    /// With `NODE_PATH`, `baseUrl` and the like, a folder or file of the package answers to its name.
    fn is_own_folder(&self, package: &Package, name: &str) -> bool {
        let folders =
            ["", "src", "lib", "app"].iter().filter_map(|folder| package.folder.join(folder)?.join(name));
        let is_there = |path: ProjectPath| {
            let script = |extension: &&str| {
                let file = ProjectPath::new(&format!("{path}.{extension}"));
                file.is_some_and(|file| self.sources.exists(&file))
            };
            self.sources.is_folder(&path) || SCRIPTS.iter().any(|extension| script(extension))
        };
        folders.into_iter().any(is_there)
    }

    /// In settings of a bundler or compiler, or in package.json for `module-alias`.
    fn is_in_settings(&self, package: &Package, name: &str) -> bool {
        let words = [format!("'{name}'"), format!("\"{name}\""), format!(" {name}:")];
        let gives =
            |text: &str| text.contains("lias") && words.iter().any(|word| text.contains(word.as_str()));
        let is_settings = |path: &ProjectPath| SETTINGS.iter().any(|start| path.name().starts_with(start));
        let settings = self.sources.below(&package.folder).filter(|path| is_settings(path));
        let settings = settings.filter_map(|path| self.sources.find(path));
        let mut texts = settings.chain([package.file]).filter_map(|file| self.sources.file(file).text_once());
        texts.any(|text| gives(&text))
    }
}
