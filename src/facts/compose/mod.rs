//! Compose files: services as `docker compose` would start them, from one file or from a file and its overrides.
//!
//! A variable is what the `.env` beside the file sets, else its default; another makes the value unknown.

pub mod dotenv;
pub mod edge;
pub mod interpolation;
mod merge;
pub mod service;
mod wait;
pub mod words;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use edge::{Mount, MountKind, PublishedPort};
pub use service::{Build, ComposeService, Dependency, Environment, Extends, Healthcheck};
pub use wait::waits;

use crate::facts::object::reading::At;
use crate::facts::object::value::{Data, Value};
use crate::facts::{Fact, Why};
use crate::source::{FileId, Spanned};
use crate::syntax::tree::Tree;

/// A compose file, or several laid over each other.
#[derive(Clone, Debug)]
pub struct ComposeFile {
    /// The file, the first one of several.
    pub file: FileId,
    /// The files after the first, in the order in which they were laid over it.
    pub overrides: Vec<FileId>,
    /// The trees that its values come from.
    pub trees: Vec<Arc<Tree>>,
    /// `name`: the project's name.
    pub name: Fact<Option<String>>,
    /// Its services in the order of the file.
    pub services: Vec<ComposeService>,
    /// `Ok` when these are all services.
    pub rest: Result<(), Why>,
    /// Paths of `include`, relative to the file.
    pub includes: Vec<Spanned<String>>,
    /// Keys of the top-level `volumes`.
    pub volumes: Vec<Spanned<String>>,
}

/// Most nodes that aliases of one file may unfold to, beyond ten for each node of the file.
const ALIAS_BUDGET: usize = 100_000;

/// True for the names that `docker compose` and its users give such files: `compose.yaml`, `docker-compose.dev.yml`.
pub fn is_compose_name(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let parts = ["compose", "docker-compose", "podman-compose"];
    let known = |part: &str| parts.contains(&part);
    matches!(extension, "yaml" | "yml" | "json")
        && (known(stem)
            || stem.split_once(['.', '-', '_']).is_some_and(|(first, _)| known(first))
            || stem.strip_prefix("docker-compose").is_some_and(|rest| rest.starts_with(['.', '-', '_']))
            || stem.rsplit_once(['.', '-', '_']).is_some_and(|(_, last)| last == "compose"))
}

/// The file that `docker compose` lays this one over by itself: `compose.override.yaml` over `compose.yaml`.
pub fn overridden_by(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    Some(format!("{}.{extension}", stem.strip_suffix(".override")?))
}

/// True when the content is a compose file's: `services` is a mapping of mappings, and no Kubernetes object.
pub fn is_compose(tree: &Tree) -> bool {
    let Some(root) = tree.root() else { return false };
    if root.get("kind").is_some() && root.get("apiVersion").is_some() {
        return false;
    }
    let Some(services) = root.get("services").filter(|services| services.is_mapping()) else { return false };
    services.entries().any(|service| {
        ["image", "build", "extends", "command"].iter().any(|key| service.value.get(key).is_some())
    })
}

/// Reads one file.
pub fn read(tree: &Arc<Tree>) -> Option<ComposeFile> {
    read_all(std::slice::from_ref(tree))
}

/// What stands beside a compose file.
pub struct Around<'a> {
    /// What its `.env` sets.
    pub variables: dotenv::Variables,
    /// The compose file of this path, relative to it, that a service extends.
    pub file: &'a dyn Fn(&str) -> Option<Arc<Tree>>,
}

/// Reads files that are laid over each other, the first one lowest, with nothing beside them.
pub fn read_all(trees: &[Arc<Tree>]) -> Option<ComposeFile> {
    read_in(trees, &Around { variables: dotenv::Variables::default(), file: &|_| None })
}

/// Reads files that are laid over each other, with what stands beside them.
pub fn read_in(trees: &[Arc<Tree>], around: &Around<'_>) -> Option<ComposeFile> {
    let mut merged: Option<Value> = None;
    let mut rest = Ok(());
    for tree in trees {
        let (root, complete) = root_of(tree, &around.variables)?;
        if !complete {
            rest = Err(Why::Broken);
        }
        merged = Some(match merged {
            Some(base) => merge::over(base, root),
            None => root,
        });
    }
    let root = merged.filter(|root| matches!(root.data, Data::Map(_)))?;
    Some(ComposeFile::of(&root, trees, around, rest))
}

impl ComposeFile {
    fn of(root: &Value, own: &[Arc<Tree>], around: &Around<'_>, rest: Result<(), Why>) -> ComposeFile {
        let at = At::new(root, root.span, rest).by("docker");
        let services = root.get("services");
        let fields = services.map_or(&[] as &[_], Value::fields);
        let mut extending = Extending { services, around, trees: own.to_vec(), read: FxHashMap::default() };
        let values: Vec<Value> = fields.iter().map(|field| extending.service(&field.value)).collect();
        let trees = extending.trees;
        let read = fields.iter().zip(&values).map(|(field, value)| {
            // What a service of another file hands down is not known here.
            let missing = if value.get("extends").is_some() { Err(Why::NotFound) } else { rest };
            ComposeService::read(field, At::new(value, field.key_span, missing).by("docker"), &trees)
        });
        let include = at.get("include").value.map_or(&[] as &[_], Value::items).iter();
        let include = include.filter_map(|item| item.get("path").unwrap_or(item).as_spanned());
        let volumes = root.get("volumes").map_or(&[] as &[_], Value::fields).iter();
        let services = read.collect();
        let includes: Vec<Spanned<String>> = include.collect();
        ComposeFile {
            file: own[0].file,
            overrides: own[1..].iter().map(|tree| tree.file).collect(),
            name: at.get("name").text(),
            services,
            // Those of other files come with `include`.
            rest: if includes.is_empty() { rest } else { rest.and(Err(Why::NotFound)) },
            trees,
            includes,
            volumes: volumes.map(|field| Spanned::new(field.key.to_string(), field.key_span)).collect(),
        }
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&ComposeService> {
        self.services.iter().find(|service| service.name.value == name)
    }
}

/// The first document of a file, with its variables filled in, and whether it is complete.
fn root_of(tree: &Arc<Tree>, variables: &dotenv::Variables) -> Option<(Value, bool)> {
    let mut budget = ALIAS_BUDGET + 10 * tree.len();
    let document = tree.documents.iter().find(|document| document.root.is_some())?;
    let mut root = Value::read(tree.at(document.root?), &mut budget);
    interpolation::apply(&mut root, variables);
    Some((root, document.complete))
}

/// What services extend, in this file and in those beside it.
struct Extending<'a> {
    services: Option<&'a Value>,
    around: &'a Around<'a>,
    /// The trees that values come from: the file's own, and those that its services extend.
    trees: Vec<Arc<Tree>>,
    /// The other files, by their paths.
    read: FxHashMap<String, Option<Value>>,
}

impl Extending<'_> {
    /// A service over those that it extends, at most eight of them, so that circles end. `extends` stays when it leads
    /// to what is not known.
    fn service(&mut self, service: &Value) -> Value {
        let mut value = service.clone();
        let mut within: Option<String> = None;
        for _ in 0..8 {
            let Some(extends) = value.get("extends") else { break };
            let Some(name) = extends.as_str().or_else(|| extends.get("service")?.as_str()) else { break };
            let file = match extends.get("file") {
                Some(file) => match file.as_str() {
                    Some(file) => Some(file.trim_start_matches("./").to_owned()),
                    None => break,
                },
                None => within.clone(),
            };
            let name = name.to_owned();
            let Some(base) = self.base(file.as_deref(), &name) else { break };
            value.remove("extends");
            value = merge::service_over(base, value);
            within = file;
        }
        value
    }

    fn base(&mut self, file: Option<&str>, name: &str) -> Option<Value> {
        let Some(file) = file else { return self.services?.get(name).cloned() };
        // Paths in a file of another folder are relative to that folder.
        if file.contains('/') {
            return None;
        }
        if !self.read.contains_key(file) {
            let tree = (self.around.file)(file);
            let root = tree.as_ref().and_then(|tree| root_of(tree, &self.around.variables));
            let whole = root.and_then(|(root, complete)| complete.then_some(root));
            self.trees.extend(tree.filter(|_| whole.is_some()));
            self.read.insert(file.to_owned(), whole);
        }
        self.read.get(file)?.as_ref()?.get("services")?.get(name).cloned()
    }
}
