//! Which install's packages reach which image: what is to be weighed.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, Target};
use crate::facts::base_images::BaseImage;
use crate::facts::image::Stage;
use crate::facts::lock::{EdgeKind, Importer, Lock};
use crate::facts::package::{DependencyKind, Package as PackageFacts};
use crate::facts::{Fact, Why};
use crate::model::contents::source_in;
use crate::model::provenance::{Chosen, IN_BASE, Install, Modules};
use crate::model::purpose::Purpose;
use crate::model::{Image, ImageId, Package, PackageId, Project};
use crate::source::Span;

/// The packages that one install brings to an image.
#[derive(Clone, Debug)]
pub struct Weighed<'p> {
    /// The image; `None` in a project that ships none with packages.
    pub image: Option<ImageId>,
    /// The packages of the repository whose dependencies are installed: the one that the image holds, then its workspace's
    /// root; when the image holds the root itself, then its members that are there.
    pub packages: Vec<PackageId>,
    /// The lock file.
    pub lock: &'p Lock,
    /// The same as the lock file has them, in the same order. Their edges have the spans of package.json where the
    /// entry stands there.
    pub importers: Vec<Importer>,
    /// The system that is installed for. Where it is not known whether development dependencies are installed, they are not.
    pub target: Target,
    /// True when the Dockerfile says which processor is built for; else `x64` is assumed.
    pub says_cpu: bool,
    /// Whether development dependencies are in the image.
    pub development: Fact<bool>,
    /// The stage that the install runs in; `None` when that is not known.
    pub stage: Option<usize>,
    /// The node_modules in the image; `None` when that is not known.
    pub folder: Option<String>,
}

impl<'p> Weighed<'p> {
    /// The graph of what is installed.
    pub fn graph(&self) -> Graph<'p> {
        Graph::of_all(self.lock, &self.importers, &self.target)
    }
}

impl Project {
    /// What is to be weighed: for each image that ships the installs that reach it. In a project that ships no image of Node
    /// each package with a lock file stands for itself, without development dependencies.
    pub fn weighed(&self) -> Vec<Weighed<'_>> {
        let ships = |image: &&Image| {
            let is_own = !image.is_base || !image.containers.is_empty();
            let has_packages = !self.provenance(image.id).installs.is_empty() || image.runs_node(self);
            image.purpose.decided == Purpose::Ship && is_own && has_packages
        };
        let images: Vec<&Image> = self.images.iter().filter(ships).collect();
        if images.is_empty() {
            let alone = self.packages.iter().filter(|package| package.workspace.is_none());
            return alone.filter_map(|package| self.weighed_alone(package)).collect();
        }
        images.into_iter().flat_map(|image| self.weighed_in(image)).collect()
    }

    fn weighed_in(&self, image: &Image) -> Vec<Weighed<'_>> {
        let provenance = self.provenance(image.id);
        let mut seen: FxHashSet<(PackageId, Option<bool>)> = FxHashSet::default();
        let mut found = Vec::new();
        for modules in &provenance.folders {
            let install = modules.by.as_deref();
            let member = match &modules.chosen {
                Some(chosen) => match self.chosen(chosen) {
                    Some(member) => Some(member),
                    None => return Vec::new(),
                },
                None => None,
            };
            // The package.json that it installs for is not the project's: what `turbo prune` wrote is a part of a workspace.
            let is_part = install.is_some_and(|install| install.package.is_none());
            let is_workspace = |root: PackageId| self.members(root).next().is_some();
            if member.is_none() && is_part && image.package.is_some_and(is_workspace) {
                return Vec::new();
            }
            let Some(package) = member.or(install.and_then(|install| install.package)).or(image.package)
            else {
                continue;
            };
            let package = member.and_then(|member| self.package(member).workspace).unwrap_or(package);
            // Where one install may have gone to several places, it is in one of them.
            if seen.insert((member.unwrap_or(package), modules.development.known().copied())) {
                found.extend(self.weighed_as(image, package, member, install, Some(modules)));
            }
        }
        if let (true, Err(why), Some(package)) = (found.is_empty(), provenance.rest, image.package) {
            let unknown = self.weighed_as(image, package, None, None, None);
            found.extend(unknown.map(|weighed| Weighed { development: Fact::Unknown(why), ..weighed }));
        }
        found
    }

    fn weighed_as(
        &self,
        image: &Image,
        package: PackageId,
        member: Option<PackageId>,
        install: Option<&Install>,
        modules: Option<&Modules>,
    ) -> Option<Weighed<'_>> {
        let folder =
            modules.and_then(Modules::parent).or_else(|| Some(image.config().workdir.known()?.as_str()));
        let packages = member.map_or_else(|| self.served(image, package, folder), |member| vec![member]);
        let is_of = |lock: &&Arc<Lock>| install.is_none_or(|install| lock.manager == install.manager);
        let locks = &self.package(package).locks;
        let lock = locks.iter().find(is_of).or(locks.first())?;
        // An install in the Dockerfile of a base has stages of its own.
        let is_own = |install: &&Install| !install.is_in_dockerfile || install.at.file == image.dockerfile;
        let stage = install.filter(|_| image.parent.is_none()).filter(is_own).map(|install| install.stage);
        let installing = stage.and_then(|stage| image.stages.stages.get(stage)).unwrap_or(image.stage());
        let platform = platform(image, installing);
        let says_cpu = platform.is_some();
        let (os, cpu) = platform.unwrap_or(("linux", "x64".to_owned()));
        let development = modules.map_or(Fact::Unknown(Why::NotFound), |modules| modules.development.clone());
        let base: Option<BaseImage> = image.base_of(installing.index);
        let target = Target {
            os,
            cpu,
            libc: base.and_then(|base| base.libc),
            development: development.known() == Some(&true),
        };
        // A folder of a base that is not known is named from there.
        let folder = modules.map(|modules| {
            let inside = modules.path.strip_prefix(IN_BASE).map(|inside| inside.trim_start_matches('/'));
            inside.unwrap_or(&modules.path).to_owned()
        });
        let importers = self.importers(lock, &packages)?;
        // Of an install that brings members nothing is known where these are not seen: the root asks for tools alone.
        let asks = |importer: &Importer| importer.edges.iter().any(|edge| edge.kind != EdgeKind::Development);
        let is_bare = packages == [package] && self.members(package).next().is_some();
        if is_bare && development.known() == Some(&false) && !importers.iter().any(asks) {
            return None;
        }
        let weighed = Weighed {
            image: Some(image.id),
            importers,
            packages,
            lock,
            target,
            says_cpu,
            development,
            stage,
            folder,
        };
        Some(weighed)
    }

    /// The one package that a part of a workspace was installed for; `None` where that is not known, or where there are several.
    fn chosen(&self, chosen: &Chosen) -> Option<PackageId> {
        let at = chosen.at?;
        let root = self.package(at).workspace.unwrap_or(at);
        let [word] = &chosen.words[..] else { return chosen.here.then_some(at) };
        // pnpm's `api...` is the package with those that it needs of the repository.
        let word = word.trim_end_matches("...").trim_start_matches("./").trim_end_matches('/');
        let top = &self.package(root).folder;
        let is_it = |id: &PackageId| {
            let member = self.package(*id);
            let name = member.facts.name.known().and_then(|name| name.as_deref()).unwrap_or("");
            name == word
                || name.split_once('/').is_some_and(|(_, bare)| bare == word)
                || member.folder.relative_to(top) == Some(word)
        };
        let mut found = self.members(root).filter(is_it);
        found.next().filter(|_| found.next().is_none())
    }

    /// A package on its own, as nothing ships it.
    fn weighed_alone(&self, package: &Package) -> Option<Weighed<'_>> {
        let lock = self.package(package.id).locks.first()?;
        let packages: Vec<PackageId> = std::iter::once(package.id).chain(self.members(package.id)).collect();
        Some(Weighed {
            image: None,
            importers: self.importers(lock, &packages)?,
            packages,
            lock,
            target: Target { os: "linux", cpu: "x64".to_owned(), libc: None, development: false },
            says_cpu: false,
            development: Fact::Unknown(Why::NotFound),
            stage: None,
            folder: None,
        })
    }

    /// The packages whose dependencies an install of this one brings to an image: it and the member of its workspace that the
    /// image holds; all members that lie in its folder of the image when the image holds none in particular.
    fn served(&self, image: &Image, package: PackageId, folder: Option<&str>) -> Vec<PackageId> {
        let held = image.package.filter(|held| self.package(*held).workspace == Some(package));
        if let Some(held) = held.filter(|held| *held != package) {
            return vec![held, package];
        }
        let root = &self.package(package).folder;
        let is_there = |member: &PackageId| {
            let member = self.package(*member);
            let at = member.folder.relative_to(root).zip(folder);
            at.is_some_and(|(rest, folder)| {
                let path = format!("{}/{rest}/package.json", folder.trim_end_matches('/'));
                let source = source_in(image, image.stage(), &path, &self.sources);
                source.known() == Some(&self.sources.file(member.file).path)
            })
        };
        std::iter::once(package).chain(self.members(package).filter(is_there)).collect()
    }

    fn members(&self, root: PackageId) -> impl Iterator<Item = PackageId> {
        let members = self.packages.iter().filter(move |package| package.workspace == Some(root));
        members.map(|package| package.id)
    }

    /// Packages as a lock file has them; `None` when it does not have the first, or none asks for anything.
    pub(in crate::model) fn importers(&self, lock: &Lock, packages: &[PackageId]) -> Option<Vec<Importer>> {
        let root = self.sources.file(lock.file).path.parent()?;
        let importer = |package: &PackageId| {
            let package = self.package(*package);
            let mut importer = lock.importer(package.folder.relative_to(&root)?, &package.facts)?;
            point(&mut importer, &package.facts);
            Some(importer)
        };
        importer(packages.first()?)?;
        let importers: Vec<Importer> = packages.iter().filter_map(importer).collect();
        // What asks for nothing is not what was installed: a deployment of a member stands under its workspace's name.
        importers.iter().any(|importer| !importer.edges.is_empty()).then_some(importers)
    }
}

/// Gives the edges the places of the entries in package.json that ask for them.
fn point(importer: &mut Importer, package: &PackageFacts) {
    let keys: FxHashMap<(&str, DependencyKind), Span> = package
        .dependencies
        .items
        .iter()
        .map(|entry| ((entry.value.name.as_str(), entry.value.kind), entry.value.key))
        .collect();
    for edge in &mut importer.edges {
        let kinds: &[DependencyKind] = match edge.kind {
            EdgeKind::Production => &[DependencyKind::Production],
            EdgeKind::Development => &[DependencyKind::Development],
            EdgeKind::Optional => &[DependencyKind::Optional, DependencyKind::Production],
            EdgeKind::Peer | EdgeKind::OptionalPeer => &[DependencyKind::Peer],
        };
        let key = kinds.iter().find_map(|kind| keys.get(&(edge.name.as_str(), *kind)));
        edge.span = key.copied().unwrap_or(edge.span);
    }
}

/// The system that the image is built for, where a FROM says it: that of the stage that installs, else that of the image.
fn platform(image: &Image, installing: &Stage) -> Option<(&'static str, String)> {
    let stages = image.stages.lineage(installing).chain(image.lineage());
    let mut said = stages.filter_map(|stage| stage.platform.as_ref()?.known());
    said.find_map(|platform| system(platform))
}

/// Docker's `os/architecture/variant` in the words of npm.
fn system(platform: &str) -> Option<(&'static str, String)> {
    let mut parts = platform.split('/');
    let os = match parts.next()? {
        "linux" => "linux",
        "windows" => "win32",
        _ => return None,
    };
    let cpu = match parts.next()? {
        "amd64" | "x86_64" => "x64",
        "arm64" | "aarch64" => "arm64",
        "386" => "ia32",
        "ppc64le" => "ppc64",
        other => other,
    };
    Some((os, cpu.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    const PACKAGE: &str = r#"{"dependencies": {"a": "1"}, "devDependencies": {"t": "1"}}"#;
    const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"a": "1"}, "devDependencies": {"t": "1"}},
        "node_modules/a": {"version": "0.0.1"}, "node_modules/t": {"version": "0.0.2", "dev": true}}}"#;

    fn project(files: &[(&str, &str)]) -> Project {
        let own = [("package.json", PACKAGE), ("package-lock.json", LOCK)];
        let files = own.iter().filter(|(path, _)| files.iter().all(|(other, _)| other != path)).chain(files);
        Project::from_texts(files.map(|(path, text)| (ProjectPath::new(path).unwrap(), (*text).to_owned())))
    }

    /// Each with its direct dependencies, its system, and what is known of development dependencies.
    fn weighed(files: &[(&str, &str)]) -> Vec<String> {
        let project = project(files);
        let show = |weighed: &Weighed<'_>| {
            let graph = weighed.graph();
            let roots: Vec<&str> =
                graph.roots.iter().map(|root| project.sources.text(root.span).trim_matches('"')).collect();
            let Target { cpu, libc, .. } = &weighed.target;
            let development = match &weighed.development {
                Fact::Known { value, .. } => format!("{value}"),
                Fact::Unknown(why) => format!("{why:?}"),
            };
            format!("{} {cpu} {libc:?} {development} {:?}", roots.join("+"), weighed.stage)
        };
        project.weighed().iter().map(show).collect()
    }

    fn built(dockerfile: &str) -> Vec<String> {
        weighed(&[("Dockerfile", dockerfile), ("a.js", "")])
    }

    #[test]
    fn installs_that_reach_the_image() {
        let one =
            "FROM node:24-alpine\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD [\"node\", \"a.js\"]\n";
        assert_eq!(built(one), ["a x64 Some(Musl) false Some(0)"]);
        let two = "FROM --platform=linux/arm64 node:24 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\n\
                   FROM node:24-slim\nWORKDIR /app\nCOPY --from=build /app .\nCMD [\"node\", \"a.js\"]\n";
        assert_eq!(built(two), ["a+t arm64 Some(Glibc) true Some(0)"]);
        let bundled = "FROM node:24 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npx esbuild a.js --bundle --outfile=b.js\n\
                       FROM node:24-slim\nWORKDIR /app\nCOPY --from=build /app/b.js .\nCMD [\"node\", \"b.js\"]\n";
        assert!(built(bundled).is_empty());
    }

    #[test]
    fn what_is_not_known_is_said_to_be() {
        let made = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN make\nCMD [\"node\", \"a.js\"]\n";
        assert_eq!(built(made), ["a x64 Some(Glibc) Unsupported None"]);
        let elsewhere = "FROM registry.example/node\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD [\"node\", \"a.js\"]\n";
        assert_eq!(built(elsewhere), ["a x64 None false Some(0)"]);
        assert_eq!(weighed(&[]), ["a x64 None NotFound None"]);
    }

    #[test]
    fn of_a_workspace_the_member_that_the_image_holds() {
        let lock = r#"{"lockfileVersion": 3, "packages": {
            "": {"workspaces": ["api", "web"], "dependencies": {"r": "1"}},
            "api": {"name": "api", "dependencies": {"a": "1", "lib": "1"}}, "web": {"name": "web", "dependencies": {"w": "1", "api": "1"}},
            "node_modules/api": {"resolved": "api", "link": true}, "node_modules/web": {"resolved": "web", "link": true},
            "node_modules/a": {"version": "0.0.1"}, "node_modules/w": {"version": "0.0.2"}, "node_modules/r": {"version": "0.0.4"}}}"#;
        let files = |dockerfile| {
            [
                ("package.json", r#"{"workspaces": ["api", "web"], "dependencies": {"r": "1"}}"#),
                ("package-lock.json", lock),
                ("api/package.json", r#"{"name": "api", "dependencies": {"a": "1"}}"#),
                ("web/package.json", r#"{"name": "web", "dependencies": {"w": "1", "api": "1"}}"#),
                ("api/a.js", ""),
                ("Dockerfile", dockerfile),
            ]
        };
        let start = "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\n";
        let member = format!("{start}WORKDIR /app/api\nCMD [\"node\", \"a.js\"]\n");
        assert_eq!(weighed(&files(&member)), ["a+r x64 Some(Glibc) false Some(0)"]);
        let root = format!("{start}CMD [\"node\", \"api/a.js\"]\n");
        assert_eq!(weighed(&files(&root)), ["r+a+w x64 Some(Glibc) false Some(0)"]);
        assert_eq!(weighed(&files("FROM nginx\n")), ["r+a+w x64 None NotFound None"]);
        let part = |option: &str| {
            let docker = format!(
                "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev {option}\nCMD [\"node\", \"api/a.js\"]\n"
            );
            let mut all: Vec<(&str, &str)> = files("").to_vec();
            all[5].1 = &docker;
            weighed(&all)
        };
        assert_eq!(part("-w api"), ["a x64 Some(Glibc) false Some(0)"]);
        assert_eq!(part("--workspace=./web"), ["w+api x64 Some(Glibc) false Some(0)"]);
        for several in ["-w api -w web", "--workspaces", "-w $APP", "-w none"] {
            assert_eq!(part(several), [""; 0], "{several}");
        }
    }

    #[test]
    fn what_pnpm_deploys_is_of_one_member() {
        let lock = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      t:\n        specifier: '1'\n        version: 1.0.0\n\n  api:\n    dependencies:\n      a:\n        specifier: '1'\n        version: 1.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: a}\n\n  t@1.0.0:\n    resolution: {integrity: t}\n\nsnapshots:\n\n  a@1.0.0: {}\n\n  t@1.0.0: {}\n";
        let deployed = |command: &str| {
            let docker = format!(
                "FROM node:24 AS build\nWORKDIR /src\nCOPY . .\nRUN {command}\nFROM node:24-slim\nWORKDIR /prod\nCOPY --from=build /prod/api .\nCMD [\"node\", \"a.js\"]\n"
            );
            let files = [
                ("package.json", r#"{"devDependencies": {"t": "1"}}"#),
                ("pnpm-workspace.yaml", "packages: [api]\n"),
                ("pnpm-lock.yaml", lock),
                ("api/package.json", r#"{"name": "@s/api", "dependencies": {"a": "1"}}"#),
                ("api/a.js", ""),
                ("Dockerfile", docker.as_str()),
            ];
            let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
            let project = Project::from_texts(files);
            let names = |weighed: &Weighed<'_>| {
                weighed.graph().roots.iter().map(|root| root.name.clone()).collect::<Vec<_>>().join("+")
            };
            project.weighed().iter().map(names).collect::<Vec<_>>()
        };
        assert_eq!(deployed("pnpm --filter=api deploy --prod /prod/api"), ["a"]);
        assert_eq!(deployed("pnpm --filter \"$APP\" deploy --prod /prod/api"), [""; 0]);
    }
}
