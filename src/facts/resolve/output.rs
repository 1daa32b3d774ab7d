//! From a built file to its source: `dist/main.js` is `src/main.ts`, and who says so.

use super::{Resolver, Settings};
use crate::source::{ProjectPath, Sources};
use crate::syntax::tree::Tree;

/// The source of a built file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceOf {
    /// The source.
    pub path: ProjectPath,
    /// Who says so.
    pub said_by: SaidBy,
}

/// Who says that one file is built from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// Nobody needs to: the file itself is in the project.
    ItStandsThere,
    /// `outDir` and `rootDir` of this configuration.
    TsConfig(ProjectPath),
    /// `sourceRoot` of this nest-cli.json.
    NestCli(ProjectPath),
    /// The arguments of a build command.
    BuildCommand,
    /// Custom: `dist`, `build`, `lib` or `out` beside a `src` that has the file.
    Custom,
}

/// What nest-cli.json says of sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestCli {
    /// The folder of the nest-cli.json.
    pub folder: ProjectPath,
    /// The file.
    pub path: ProjectPath,
    /// `sourceRoot` of the workspace; `src` when it is not written.
    pub source_root: String,
    /// Projects of a monorepo: their root and source root.
    pub projects: Vec<(String, String)>,
}

impl NestCli {
    /// Reads the nest-cli.json at `path`.
    pub fn from_tree(path: ProjectPath, tree: &Tree) -> NestCli {
        let root = tree.root();
        let projects =
            root.and_then(|root| root.get("projects")).into_iter().flat_map(|projects| projects.entries());
        let text =
            |at: Option<crate::syntax::tree::Ref<'_>>| at.and_then(|at| at.as_str()).map(str::to_owned);
        NestCli {
            folder: path.parent().unwrap_or_else(ProjectPath::root),
            source_root: text(root.and_then(|root| root.get("sourceRoot")))
                .unwrap_or_else(|| "src".to_owned()),
            projects: projects
                .filter_map(|project| {
                    let root = text(project.value.get("root"))?;
                    let source = text(project.value.get("sourceRoot"));
                    Some((root.clone(), source.unwrap_or_else(|| format!("{root}/src"))))
                })
                .collect(),
            path,
        }
    }
}

/// Folders that build tools write to.
const OUTPUT_FOLDERS: [&str; 5] = ["dist", "build", "lib", "out", "dist-src"];

impl Resolver {
    /// The source that the built file `output` comes from, when it is in the project. An extension may be missing, as in
    /// `node dist/main`.
    pub fn source_of(&self, sources: &Sources, output: &ProjectPath) -> Option<SourceOf> {
        let settings = self.settings_above(output);
        let mut compilers = settings.iter().filter(|settings| !settings.no_emit);
        let by_compiler = compilers.find_map(|settings| by_compiler(sources, settings, output));
        by_compiler
            .or_else(|| self.by_nest(sources, &settings, output))
            .or_else(|| by_custom(sources, output).map(|path| SourceOf { path, said_by: SaidBy::Custom }))
    }

    fn by_nest(&self, sources: &Sources, settings: &[&Settings], output: &ProjectPath) -> Option<SourceOf> {
        let nest = output.ancestors().skip(1).find_map(|folder| self.nests.get(&folder))?;
        let written = settings.iter().filter_map(|settings| settings.out_dir.clone());
        let rest = written.chain(nest.folder.join("dist")).find_map(|folder| {
            let rest = output.relative_to(&folder).filter(|rest| !rest.is_empty())?;
            Some(rest.to_owned())
        })?;
        let in_project = nest.projects.iter().find_map(|(root, source_root)| {
            let rest = rest.strip_prefix(root.as_str())?.strip_prefix('/')?;
            source_at(sources, &nest.folder.join(source_root)?, rest)
        });
        let path = in_project.or_else(|| source_at(sources, &nest.folder.join(&nest.source_root)?, &rest))?;
        Some(SourceOf { path, said_by: SaidBy::NestCli(nest.path.clone()) })
    }
}

fn by_compiler(sources: &Sources, settings: &Settings, output: &ProjectPath) -> Option<SourceOf> {
    let config = settings.path.clone()?;
    let folder = config.parent()?;
    let out_dir = settings.out_dir.as_ref()?;
    let rest = output.relative_to(out_dir).filter(|rest| !rest.is_empty())?;
    // Files that are not in the project (generated ones) may have part in the shared folder: so the folders that most
    // projects have are tried too, and only a file that is there counts.
    let roots = [settings.root(sources), folder.join("src"), Some(folder)];
    let path = roots.into_iter().flatten().find_map(|root| source_at(sources, &root, rest))?;
    Some(SourceOf { path, said_by: SaidBy::TsConfig(config) })
}

fn by_custom(sources: &Sources, output: &ProjectPath) -> Option<ProjectPath> {
    let parts: Vec<&str> = output.as_str().split('/').collect();
    let at = parts.iter().position(|part| OUTPUT_FOLDERS.contains(part))?;
    let folder = ProjectPath::new(&parts[..at].join("/"))?;
    let rest = parts[at + 1..].join("/");
    if rest.is_empty() {
        return source_at(sources, &folder.join("src")?, "index");
    }
    // `dist/src/x.js` is `src/x.ts`, `dist/x.js` is `src/x.ts`, and `dist/cjs/x.js` of double builds is `src/x.ts`.
    let shorter = rest.split_once('/').filter(|(first, _)| matches!(*first, "cjs" | "esm" | "es" | "server"));
    source_at(sources, &folder.join("src")?, &rest)
        .or_else(|| source_at(sources, &folder, &rest).filter(|path| path != output))
        .or_else(|| source_at(sources, &folder.join("src")?, shorter?.1))
        .or_else(|| {
            // Monorepos that build to one folder: `dist/apps/api/main.js` is `apps/api/src/main.ts`.
            let (package, file) = rest.rsplit_once('/')?;
            source_at(sources, &folder.join(package)?.join("src")?, file)
        })
}

/// The source of `rest`, a built file's path below its output folder, in the folder of sources.
pub(super) fn source_at(sources: &Sources, root: &ProjectPath, rest: &str) -> Option<ProjectPath> {
    let (stem, extensions): (&str, &[&str]) = match rest.rsplit_once('.') {
        Some((stem, "js" | "jsx")) => (stem, &["ts", "tsx", "js", "jsx", "mts"]),
        Some((stem, "mjs")) => (stem, &["mts", "mjs", "ts", "js"]),
        Some((stem, "cjs")) => (stem, &["cts", "cjs", "ts", "js"]),
        Some((stem, "ts")) if stem.ends_with(".d") => (&stem[..stem.len() - 2], &["ts", "tsx"]),
        _ => (rest, &["ts", "tsx", "mts", "cts", "js", "mjs", "cjs"]),
    };
    let base = root.join(stem)?;
    let file = super::existing(sources, base.as_str(), extensions);
    let is_folder = stem.len() == rest.len();
    file.or_else(|| super::existing(sources, base.join("index").filter(|_| is_folder)?.as_str(), extensions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::resolve::tests::{project, resolver};

    fn said(files: &[(&str, &str)], output: &str) -> Option<(String, SaidBy)> {
        let sources = project(files);
        let found = resolver(&sources).source_of(&sources, &ProjectPath::new(output).unwrap())?;
        Some((found.path.to_string(), found.said_by))
    }

    fn config(path: &str) -> SaidBy {
        SaidBy::TsConfig(ProjectPath::new(path).unwrap())
    }

    #[test]
    fn out_dir_mirrors_the_root() {
        let written = r#"{ "compilerOptions": { "outDir": "./out/js", "rootDir": "./lib" } } // x"#;
        let files = [("tsconfig.json", written), ("lib/a/b.ts", ""), ("src/a/b.ts", "")];
        assert_eq!(said(&files, "out/js/a/b.js"), Some(("lib/a/b.ts".to_owned(), config("tsconfig.json"))));
        assert_eq!(said(&files, "out/js/a/c.js"), None);
        assert_eq!(said(&files, "elsewhere/a/b.js"), None);
    }

    #[test]
    fn the_shared_folder_of_inputs_is_the_root() {
        let written = r#"{ "compilerOptions": { "outDir": "dist" }, "exclude": ["test"] }"#;
        let files = [("app/tsconfig.json", written), ("app/src/main.ts", ""), ("app/main.ts", "")];
        assert_eq!(said(&files, "app/dist/src/main.js").unwrap().0, "app/src/main.ts");
        assert_eq!(said(&files, "app/dist/main.js").unwrap().0, "app/main.ts");
        let files = [("app/tsconfig.json", written), ("app/src/main.ts", ""), ("app/test/main.ts", "")];
        assert_eq!(said(&files, "app/dist/main.js").unwrap().0, "app/src/main.ts");
    }

    #[test]
    fn extended_settings_keep_their_folder() {
        let base = r#"{ "compilerOptions": { "outDir": "./build" } }"#;
        let own = r#"{ "extends": ["../base", "./missing"], "include": ["code/**/*"] }"#;
        let files =
            [("base.json", base), ("api/tsconfig.json", own), ("api/code/x.ts", ""), ("api/y.ts", "")];
        let sources = project(&files);
        let resolver = resolver(&sources);
        let path = |text: &str| ProjectPath::new(text).unwrap();
        let found = resolver.source_of(&sources, &path("build/x.js"));
        // The output stands outside of the configuration's folder: only configurations above it are asked.
        assert_eq!(found, None);
        let settings = &resolver.settings[&path("api/tsconfig.json")];
        assert_eq!(settings.out_dir, Some(path("build")));
        assert_eq!(settings.root(&sources), Some(path("api/code")));
    }

    #[test]
    fn nest_names_its_source_root() {
        let nest = r#"{ "sourceRoot": "code" }"#;
        let files = [("nest-cli.json", nest), ("code/main.ts", "")];
        let by = SaidBy::NestCli(ProjectPath::new("nest-cli.json").unwrap());
        assert_eq!(said(&files, "dist/main"), Some(("code/main.ts".to_owned(), by.clone())));
        let nest = r#"{ "projects": { "api": { "root": "apps/api", "sourceRoot": "apps/api/src" } } }"#;
        let files = [("nest-cli.json", nest), ("apps/api/src/main.ts", "")];
        assert_eq!(said(&files, "dist/apps/api/main.js"), Some(("apps/api/src/main.ts".to_owned(), by)));
    }

    #[test]
    fn custom_is_the_last_to_be_asked() {
        let by_custom = |path: &str| Some((path.to_owned(), SaidBy::Custom));
        assert_eq!(said(&[("src/server.ts", "")], "dist/server.js"), by_custom("src/server.ts"));
        assert_eq!(said(&[("src/server.js", "")], "build/server.js"), by_custom("src/server.js"));
        assert_eq!(said(&[("api/src/a.ts", "")], "api/dist/src/a.js"), by_custom("api/src/a.ts"));
        assert_eq!(said(&[("src/index.ts", "")], "dist"), by_custom("src/index.ts"));
        assert_eq!(
            said(&[("apps/api/src/main.ts", "")], "dist/apps/api/main"),
            by_custom("apps/api/src/main.ts")
        );
        assert_eq!(said(&[("src/other.ts", "")], "dist/server.js"), None);
        let no_emit = r#"{ "compilerOptions": { "outDir": "dist", "noEmit": true } }"#;
        assert_eq!(said(&[("tsconfig.json", no_emit), ("src/a.ts", "")], "dist/a.js"), by_custom("src/a.ts"));
    }
}
