//! How far a dependency is from being used: imported by a program, named by something else, loaded by another package, or
//! named nowhere. Only the last is worth a word: of 45 dependencies that no program of eight real services reached, 26 were in
//! use all the same.

use super::{Package, Project};
use crate::facts::Why;
use crate::facts::lock::{Edge, EdgeKind, Flavour, Lock};
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
const LOADERS: [&str; 12] = [
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
const UNREAD: [&str; 18] = [
    "vue", "svelte", "astro", "mdx", "css", "scss", "sass", "less", "styl", "html", "ejs", "pug", "hbs",
    "njk", "prisma", "graphql", "coffee", "babelrc",
];

impl Project {
    /// What is known of the use of a dependency of a package, by the name that its entry has.
    pub fn use_of(&self, package: &Package, name: &str) -> Tier {
        if let Some(at) = self.import(package, name) {
            return Tier::Reached(at);
        }
        let mention = self.mention(package, name);
        if let Some(mention) = mention {
            return if mention.in_script { Tier::Script(mention.at) } else { Tier::Named(mention.at) };
        }
        if WRITTEN_BY_COMPILERS.contains(&name) {
            return Tier::Loaded("a compiler");
        }
        if let Some(loader) = LOADERS.iter().find(|loader| package.facts.dependency(loader).is_some()) {
            return Tier::Loaded(loader);
        }
        if let Some(asked) = self.asked_by(package, name) {
            return asked;
        }
        let is_unread = |path: &ProjectPath| {
            let by_name = path.name().strip_prefix('.').filter(|rest| !rest.contains('.'));
            let extension = path.extension().or(by_name);
            extension.is_some_and(|extension| UNREAD.contains(&extension))
                && self.sources.find(path).is_none()
        };
        if self.sources.below(&package.folder).any(is_unread) {
            return Tier::Unknown(Why::Unsupported);
        }
        Tier::Nowhere
    }

    /// The installed package that needs this one or says it may load it; that it is not known, where the lock file does not
    /// tell.
    fn asked_by(&self, package: &Package, name: &str) -> Option<Tier> {
        let Some((lock, reach)) = self.locked(package, false) else {
            return Some(Tier::Unknown(Why::NotFound));
        };
        let is_peer = |kind: EdgeKind| matches!(kind, EdgeKind::Peer | EdgeKind::OptionalPeer);
        let kind_in = |edges: &[Edge]| edges.iter().find(|edge| edge.name == name).map(|edge| edge.kind);
        let tier = |kind: EdgeKind, by: &str| match kind {
            EdgeKind::Development => None,
            kind if is_peer(kind) => Some(Tier::Peer(by.to_owned())),
            _ => Some(Tier::Brought(by.to_owned())),
        };
        let reached = lock.packages.iter().zip(&reach.packages).filter(|(_, reached)| **reached);
        let mut by_package = reached.filter_map(|(locked, _)| tier(kind_in(&locked.edges)?, &locked.name));
        let linked = lock.importers.iter().zip(&reach.importers).filter(|(_, reached)| **reached);
        let mut by_importer =
            linked.filter_map(|(linked, _)| tier(kind_in(&linked.edges)?, linked.name.as_ref()?));
        let found = by_package.next().or_else(|| by_importer.next());
        if found.is_some() {
            return found;
        }
        if !tells_peers(lock) {
            return Some(Tier::Unknown(Why::Unsupported));
        }
        self.is_optional_peer(lock, name).then(|| Tier::Peer("a package".to_owned()))
    }

    /// True when a package has a peer of this name that may be missing and that it does not ask for otherwise: such are kept
    /// in the file, and are no edges.
    fn is_optional_peer(&self, lock: &Lock, name: &str) -> bool {
        let Some(text) = self.sources.file(lock.file).text_once() else { return true };
        let quoted = |line: &str| {
            let key = line.trim().split(':').next().unwrap_or("");
            key.trim_matches(['"', '\'']) == name
        };
        let mut within: Option<usize> = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            within = within.filter(|outer| indent > *outer);
            if within.is_some() && quoted(line) {
                return true;
            }
            if line.trim_start().trim_start_matches('"').starts_with("peerDependenciesMeta") {
                within = Some(indent);
            }
        }
        false
    }
}

/// True for formats that keep the peers of packages.
fn tells_peers(lock: &Lock) -> bool {
    lock.complete && !matches!(lock.flavour, Flavour::YarnClassic | Flavour::Npm(0 | 1) | Flavour::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

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
        let tier = |name: &str| match project.use_of(&project.packages[0], name) {
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
