//! Compose files: services as `docker compose` would start them, from one file or from a file and its overrides.
//!
//! Variables are not looked up anywhere: one with a default is that default, another makes the value unknown.

pub mod edge;
pub mod interpolation;
mod merge;
pub mod service;
mod wait;
pub mod words;

use std::sync::Arc;

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

/// Reads files that are laid over each other, the first one lowest.
pub fn read_all(trees: &[Arc<Tree>]) -> Option<ComposeFile> {
    let mut merged: Option<Value> = None;
    let mut rest = Ok(());
    for tree in trees {
        let mut budget = ALIAS_BUDGET + 10 * tree.len();
        let document = tree.documents.iter().find(|document| document.root.is_some())?;
        let mut root = Value::read(tree.at(document.root?), &mut budget);
        if !document.complete {
            rest = Err(Why::Broken);
        }
        interpolation::apply(&mut root);
        merged = Some(match merged {
            Some(base) => merge::over(base, root),
            None => root,
        });
    }
    let root = merged.filter(|root| matches!(root.data, Data::Map(_)))?;
    Some(ComposeFile::of(&root, trees, rest))
}

impl ComposeFile {
    fn of(root: &Value, trees: &[Arc<Tree>], rest: Result<(), Why>) -> ComposeFile {
        let at = At::new(root, root.span, rest).by("docker");
        let services = root.get("services");
        let read = services.map_or(&[] as &[_], Value::fields).iter();
        let read = read.map(|field| {
            let value = extended(services, &field.value);
            // What a service of another file hands down is not known here.
            let missing = if value.get("extends").is_some() { Err(Why::NotFound) } else { rest };
            ComposeService::read(field, At::new(&value, field.key_span, missing).by("docker"), trees)
        });
        let include = at.get("include").value.map_or(&[] as &[_], Value::items).iter();
        let include = include.filter_map(|item| item.get("path").unwrap_or(item).as_spanned());
        let volumes = root.get("volumes").map_or(&[] as &[_], Value::fields).iter();
        ComposeFile {
            file: trees[0].file,
            overrides: trees[1..].iter().map(|tree| tree.file).collect(),
            trees: trees.to_vec(),
            name: at.get("name").text(),
            services: read.collect(),
            rest,
            includes: include.collect(),
            volumes: volumes.map(|field| Spanned::new(field.key.to_string(), field.key_span)).collect(),
        }
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&ComposeService> {
        self.services.iter().find(|service| service.name.value == name)
    }
}

/// A service over those of the same file that it extends; `extends` stays when it leads elsewhere.
fn extended(services: Option<&Value>, service: &Value) -> Value {
    let mut value = service.clone();
    for _ in 0..8 {
        let Some(extends) = value.get("extends") else { break };
        let name = extends.as_str().or_else(|| match extends.get("file") {
            Some(_) => None,
            None => extends.get("service")?.as_str(),
        });
        let Some(base) = name.and_then(|name| services?.get(name)) else { break };
        value.remove("extends");
        value = merge::service_over(base.clone(), value);
    }
    value
}
