//! How far a dependency is from being used: imported by a program, named by something else, loaded by another package, or
//! named nowhere. Only the last is worth a word: of 45 dependencies that no program of eight real services reached, 26 were in
//! use all the same.

use rustc_hash::FxHashMap;

use super::{Package, Project};
use crate::facts::Why;
use crate::facts::loads;
use crate::facts::lock::{Edge, EdgeKind, Flavour, Lock, programs};
use crate::facts::package::{Dependency, DependencyKind};
use crate::source::{ProjectPath, Span};

/// What is known of the use of a dependency, the surest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A program imports it, here first.
    Reached(Span),
    /// Other source, settings or a Dockerfile name it, here first; it may be in a comment.
    Named(Span),
    /// Nothing but scripts of package.json name it.
    Script(Span),
    /// A package that is installed says that it may load it: its name.
    Peer(String),
    /// A package that is installed needs it, and would bring it without the entry, too: its name.
    Brought(String),
    /// What loads packages without naming them may load it: its name.
    Loaded(&'static str),
    /// Nothing of what was read names it.
    Nowhere,
    /// It is not known: what may name it cannot be read.
    Unknown(Why),
}

/// Packages that compilers write imports of (documentation of TypeScript's `importHelpers`, of Babel's transform-runtime and
/// preset-env, of SWC's `externalHelpers`; seen on 2026-11-21).
const WRITTEN_BY_COMPILERS: [&str; 6] =
    ["tslib", "@babel/runtime", "@babel/runtime-corejs3", "@swc/helpers", "core-js", "regenerator-runtime"];

/// Frameworks that load what stands among the dependencies, whatever it is called in the source (their documentation of
/// plugins, hooks and extensions; seen on 2026-11-21).
pub(super) const LOADERS: [&str; 12] = [
    "@strapi/strapi",
    "strapi",
    "sails",
    "hubot",
    "hexo",
    "directus",
    "@directus/api",
    "@backstage/backend-defaults",
    "@oclif/core",
    "@docusaurus/core",
    "nodebb",
    "node-red",
];

/// Extensions of files that are not read, and that may ask for packages: parts of pages, styles, templates, schemas.
const UNREAD: [&str; 17] = [
    "vue", "svelte", "astro", "mdx", "css", "scss", "sass", "less", "styl", "html", "ejs", "pug", "hbs",
    "njk", "prisma", "graphql", "coffee",
];

/// How the names of files begin that start programs, and are not read.
const STARTING: [&str; 4] = ["procfile", "supervisor", "crontab", "ecosystem."];

/// Folders of settings. Those beside package.json are settings, too.
const SETTINGS: [&str; 5] = ["config", "configs", "conf", "settings", "server"];

/// How the names of settings begin that only tools of developers read.
const OF_TOOLS: [&str; 20] = [
    ".eslintrc",
    ".prettierrc",
    ".nycrc",
    ".mocharc",
    ".lintstagedrc",
    ".stylelintrc",
    ".huskyrc",
    ".releaserc",
    ".commitlintrc",
    ".swcrc",
    ".yarnrc",
    ".markdownlint",
    "renovate",
    "nodemon",
    "jest",
    "cypress",
    "tslint",
    "typedoc",
    "vercel",
    "biome",
];

/// What the lock file says of who asks for which package.
pub(super) struct Asked {
    /// The packages that others need, or say that they may load: by whom.
    by: FxHashMap<String, Tier>,
    /// The programs that packages bring; none where it does not say how these are called.
    pub(super) programs: FxHashMap<String, Vec<String>>,
    /// Why it does not say all of that.
    rest: Result<(), Why>,
}

impl Project {
    /// What is known of the use of each dependency of production of a package.
    pub fn uses<'p>(&self, package: &'p Package) -> Vec<(&'p Dependency, Tier)> {
        let asked = self.asked(package);
        let is_seen = self.is_seen_through(package);
        let tier = |entry: &Dependency| match self.use_without_mention(package, &asked, &entry.name) {
            Some(tier) => tier,
            None if is_seen => match self.mentioned(package, &entry.name) {
                // A script may start it by a name that is not known.
                Tier::Nowhere if asked.programs.get(&entry.name).is_some_and(Vec::is_empty) => {
                    Tier::Unknown(Why::Unsupported)
                }
                tier => tier,
            },
            None => Tier::Unknown(Why::Dynamic),
        };
        let entries = package.facts.of_kind(DependencyKind::Production);
        entries.map(|entry| (entry, tier(entry))).collect()
    }

    /// The use that shows without going through texts.
    pub(super) fn use_without_mention(&self, package: &Package, asked: &Asked, name: &str) -> Option<Tier> {
        if let Some(at) = self.reached_at(package, name) {
            return Some(Tier::Reached(at));
        }
        if WRITTEN_BY_COMPILERS.contains(&name) {
            return Some(Tier::Loaded("a compiler"));
        }
        if let Some(loader) = LOADERS.iter().find(|loader| package.facts.dependency(loader).is_some()) {
            return Some(Tier::Loaded(loader));
        }
        let takes = |loader: &&str| package.facts.dependency(loader).is_some();
        if let Some(loader) = loads::loaders_of(name).find(takes) {
            return Some(Tier::Loaded(loader));
        }
        asked.by.get(name).cloned().or_else(|| asked.rest.err().map(Tier::Unknown))
    }

    fn mentioned(&self, package: &Package, name: &str) -> Tier {
        if let Some(mention) = self.mention(package, name) {
            return if mention.in_script { Tier::Script(mention.at) } else { Tier::Named(mention.at) };
        }
        let may_name = |path: &&ProjectPath| {
            path.relative_to(&package.folder).is_some_and(may_name) && self.sources.find(path).is_none()
        };
        if self.sources.below(&package.folder).any(|path| may_name(&path)) {
            return Tier::Unknown(Why::Unsupported);
        }
        Tier::Nowhere
    }

    /// Where a program first imports a package from the files that this package's dependencies are seen from.
    fn reached_at(&self, package: &Package, name: &str) -> Option<Span> {
        let sees = |span: &&Span| {
            let path = &self.sources.file(span.file).path;
            path.is_in(&package.folder)
                || self.package_of(path).is_none_or(|owner| package.folder.is_in(&owner.folder))
        };
        let programs = self.runs.iter().filter_map(|run| run.program.as_ref());
        programs.filter_map(|program| program.reached.packages.get(name)?.iter().find(sees)).next().copied()
    }

    /// Who asks for what among the installed packages.
    pub(super) fn asked(&self, package: &Package) -> Asked {
        let mut asked = Asked { by: FxHashMap::default(), programs: FxHashMap::default(), rest: Ok(()) };
        let Some((lock, reach)) = self.locked(package, false) else {
            asked.rest = Err(Why::NotFound);
            return asked;
        };
        let reached = lock.packages.iter().zip(&reach.packages).filter(|(_, reached)| **reached);
        for (locked, _) in reached {
            asked.take(&locked.edges, &locked.name);
        }
        let linked = lock.importers.iter().zip(&reach.importers).filter(|(_, reached)| **reached);
        for (linked, _) in linked {
            asked.take(&linked.edges, linked.name.as_deref().unwrap_or(&linked.folder));
        }
        if !tells_peers(lock) {
            asked.rest = Err(Why::Unsupported);
        }
        match self.sources.file(lock.file).text_once() {
            Some(text) => {
                asked.take_optional_peers(&text);
                asked.programs = programs(&text, lock.flavour);
            }
            None => asked.rest = Err(Why::NotFound),
        }
        asked
    }
}

impl Asked {
    fn take(&mut self, edges: &[Edge], by: &str) {
        for edge in edges.iter().filter(|edge| edge.kind != EdgeKind::Development) {
            let is_peer = matches!(edge.kind, EdgeKind::Peer | EdgeKind::OptionalPeer);
            let tier = if is_peer { Tier::Peer(by.to_owned()) } else { Tier::Brought(by.to_owned()) };
            self.by.entry(edge.name.clone()).or_insert(tier);
        }
    }

    /// Peers that may be missing and that nothing asks for otherwise: they are kept in the file, and are no edges.
    fn take_optional_peers(&mut self, text: &str) {
        let mut within: Option<usize> = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            within = within.filter(|outer| indent > *outer);
            if within.is_some() {
                let name = line.trim().split(':').next().unwrap_or("").trim_matches(['"', '\'']);
                let tier = || Tier::Peer("a package".to_owned());
                self.by.entry(name.to_owned()).or_insert_with(tier);
            }
            if line.trim_start().trim_start_matches('"').starts_with("peerDependenciesMeta") {
                within = Some(indent);
            }
        }
    }
}

/// True for a path, from the folder of the package, of a file that may name packages that the program then loads.
fn may_name(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if UNREAD.contains(&extension) {
        return true;
    }
    if STARTING.iter().any(|start| name.to_ascii_lowercase().starts_with(start))
        || ["service", "cron"].contains(&extension)
    {
        return true;
    }
    let is_rc = name.starts_with('.') && name.ends_with("rc");
    let is_of_settings = folder.is_empty() || folder.split('/').any(|part| SETTINGS.contains(&part));
    let is_settings =
        is_rc || is_of_settings && ["json", "json5", "toml", "ini", "properties"].contains(&extension);
    is_settings && !OF_TOOLS.iter().any(|tool| name.starts_with(tool))
}

/// True for formats that keep the peers of packages.
pub(super) fn tells_peers(lock: &Lock) -> bool {
    lock.complete && !matches!(lock.flavour, Flavour::YarnClassic | Flavour::Npm(0 | 1) | Flavour::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    #[test]
    fn files_that_may_name_packages() {
        for path in [
            "database.json",
            "config/default.toml",
            ".sequelizerc",
            "src/views/a.ejs",
            "src/server/a.json",
            "Procfile",
            "ops/supervisord.conf",
            "web.service",
            "crontab",
        ] {
            assert!(may_name(path), "{path}");
        }
        for path in
            ["src/data/rates.json", ".eslintrc.json", "renovate.json", "a.png", "LICENSE", "src/a.proto"]
        {
            assert!(!may_name(path), "{path}");
        }
    }

    #[test]
    fn tiers_from_the_surest_to_nowhere() {
        let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "1", "knex": "1"}},
            "node_modules/a": {"version": "1.0.0", "dependencies": {"held": "1"}, "peerDependencies": {"peer": "1"}},
            "node_modules/knex": {"version": "1.0.0",
              "peerDependenciesMeta": {
                "driver": {"optional": true}
              }
            }}}"#;
        let names =
            ["a", "knex", "held", "peer", "driver", "told", "done", "@s/cli", "tslib", "lost", "socket.io"];
        let entries: Vec<String> = names.iter().map(|name| format!("\"{name}\": \"1\"")).collect();
        let package =
            format!(r#"{{"scripts": {{"x": "done --now"}}, "dependencies": {{{}}}}}"#, entries.join(", "));
        let docker =
            "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD [\"node\", \"a.js\"]\n";
        let files = [
            ("Dockerfile", docker),
            ("package.json", package.as_str()),
            ("package-lock.json", lock),
            ("a.js", "require('a'); require('knex')({});\n"),
            ("b.js", "// later: told@2, and what socket.io sends\n"),
            ("other/package.json", "{}"),
            ("run.sh", "#!/bin/sh\nnode_modules/.bin/cli go\n"),
            ("README.md", "lost\n"),
        ];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        let uses = project.uses(&project.packages[0]);
        let tier = |name: &str| match uses.iter().find(|(entry, _)| entry.name == name).unwrap().1.clone() {
            Tier::Reached(at) => format!("reached {}", project.sources.text(at)),
            Tier::Named(at) => format!("named {}", project.sources.text(at)),
            Tier::Script(at) => format!("script {}", project.sources.text(at)),
            other => format!("{other:?}"),
        };
        let tiers: Vec<String> = names.iter().map(|name| tier(name)).collect();
        assert_eq!(
            tiers,
            [
                "reached 'a'",
                "reached 'knex'",
                "Brought(\"a\")",
                "Peer(\"a\")",
                "Peer(\"a package\")",
                "named told",
                "script done",
                "named cli",
                "Loaded(\"a compiler\")",
                "Nowhere",
                "named socket.io",
            ]
        );
    }
}
