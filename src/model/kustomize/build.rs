//! One build: a kustomization, the folders and files that it draws on, and the objects that come out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fields::{METADATA_LABELS, SELECTORS, TEMPLATES};
use super::layout::{kustomization_in, paths};
use super::outside::forget_vars;
use super::resource::{Behavior, Resource, text_of};
use super::{generator, references, transform};
use crate::facts::Why;
use crate::facts::object::value::{Data, Field, Value};
use crate::facts::object::{self, Object};
use crate::model::Note;
use crate::source::{FileId, ProjectPath, Sources, Span, Spanned};
use crate::syntax::tree::{Schema, Tree};

/// Most kustomizations that one build reads, and how deep they may stand on each other.
const MAX_FOLDERS: usize = 2_000;
const MAX_DEPTH: usize = 32;

/// How kustomize reads YAML: `yes` and `on` are texts to it, as they are to Compose (both use the third version of
/// Go's YAML library).
pub(super) const READER: Schema = Schema::Compose;

/// The files of a project and the trees of those that are YAML or JSON.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// Their trees, read by the Kubernetes schema.
    pub trees: &'a FxHashMap<FileId, Arc<Tree>>,
}

/// What comes out of a kustomization.
#[derive(Debug)]
pub struct Build {
    /// The kustomization.
    pub kustomization: FileId,
    /// Its objects, in the order in which they were read.
    pub objects: Vec<Object>,
    /// Files that took part.
    pub files: Vec<FileId>,
    /// `Ok` when these are all objects.
    pub rest: Result<(), Why>,
    /// What lies outside of the subset, at the key that asks for it.
    pub outside: Vec<Spanned<&'static str>>,
    /// What a person should know: patches that change nothing, files that are not there.
    pub notes: Vec<Note>,
}

/// A kustomization that is being read.
pub(super) struct Scope<'a> {
    pub(super) root: &'a Value,
    pub(super) tree: Arc<Tree>,
    pub(super) folder: ProjectPath,
}

pub(super) struct Builder<'a> {
    files: Files<'a>,
    pub(super) build: Build,
    folders: usize,
    /// Folders that are open, to stop at circles.
    open: Vec<ProjectPath>,
    /// Names of `vars`, whose uses are unknown.
    pub(super) vars: Vec<String>,
}

impl Files<'_> {
    /// The values of a kustomization.
    pub(super) fn root(&self, id: FileId) -> Option<Value> {
        let tree = self.trees.get(&id)?;
        let mut budget = 100_000 + 10 * tree.len();
        let root = Value::read_as(tree.root()?, READER, &mut budget);
        matches!(root.data, Data::Map(_)).then_some(root)
    }
}

/// Builds a kustomization.
pub fn build(files: &Files<'_>, kustomization: FileId) -> Build {
    let build = Build {
        kustomization,
        objects: Vec::new(),
        files: Vec::new(),
        rest: Ok(()),
        outside: Vec::new(),
        notes: Vec::new(),
    };
    let mut builder = Builder { files: *files, build, folders: 0, open: Vec::new(), vars: Vec::new() };
    let mut resources = builder.accumulate(kustomization, Vec::new());
    builder.finish(&mut resources);
    for resource in resources {
        builder.build.objects.extend(Object::all_of(resource.root, &resource.trees, resource.uncertain));
    }
    builder.build.files.sort();
    builder.build.files.dedup();
    builder.build
}

impl<'a> Scope<'a> {
    pub(super) fn list(&self, key: &str) -> &'a [Value] {
        self.root.get(key).map_or(&[], Value::items)
    }
}

impl Builder<'_> {
    pub(super) fn note(&mut self, span: Span, message: &str) {
        let note = Note { span: Some(span), message: message.to_owned() };
        if !self.build.notes.contains(&note) {
            self.build.notes.push(note);
        }
    }

    /// Steps that are done once, at the end: hashes, names that follow, vars, objects for the machine only.
    fn finish(&mut self, resources: &mut Vec<Resource>) {
        for resource in resources.iter_mut().filter(|resource| resource.needs_hash) {
            generator::add_hash(resource);
        }
        references::update(resources);
        if !self.vars.is_empty() {
            resources.iter_mut().for_each(|resource| forget_vars(&mut resource.root, &self.vars));
        }
        let local = ["metadata", "annotations", "config.kubernetes.io/local-config"];
        resources.retain(|resource| resource.root.at(&local).is_none());
    }

    /// Adds what a kustomization makes to `resources`: nothing for one that stands for itself, those of its user
    /// for a component.
    fn accumulate(&mut self, id: FileId, mut resources: Vec<Resource>) -> Vec<Resource> {
        let file = self.files.sources.file(id);
        let (Some(root), Some(tree), Some(folder)) =
            (self.files.root(id), self.files.trees.get(&id), file.path.parent())
        else {
            self.build.rest = Err(Why::Broken);
            return resources;
        };
        self.folders += 1;
        if self.folders > MAX_FOLDERS || self.open.len() > MAX_DEPTH || self.open.contains(&folder) {
            self.note(root.span, "kustomizations use each other in a circle, or too many: some are left out");
            self.build.rest = Err(Why::Unsupported);
            return resources;
        }
        self.build.files.push(id);
        self.open.push(folder.clone());
        let scope = Scope { root: &root, tree: tree.clone(), folder };
        for key in ["resources", "bases"] {
            for path in paths(scope.root, key) {
                self.add_resource(&scope, path, &mut resources);
            }
        }
        self.generate(&scope, &mut resources);
        for path in paths(scope.root, "components") {
            match self.folder_at(&scope, path) {
                Some(component) => resources = self.accumulate(component, resources),
                None => self.missing(path),
            }
        }
        self.transform(&scope, &mut resources);
        self.leave_unknown(&scope, &mut resources);
        for resource in &mut resources {
            resource.add_trees(std::slice::from_ref(&scope.tree));
        }
        self.open.pop();
        resources
    }

    fn missing(&mut self, path: &Value) {
        self.build.rest = Err(Why::NotFound);
        let text = text_of(Some(path));
        if is_remote(text) {
            self.build.outside.push(Spanned::new("a remote resource", path.span));
            self.note(path.span, "a remote resource is not read: its objects are not judged");
        } else {
            self.note(path.span, &format!("{text} was not found or not read: its objects are not judged"));
        }
    }

    fn folder_at(&self, scope: &Scope<'_>, path: &Value) -> Option<FileId> {
        kustomization_in(&scope.folder.join(text_of(Some(path)))?, self.files.sources)
    }

    /// The tree of the file that a path of the kustomization names.
    pub(super) fn tree_at(&mut self, scope: &Scope<'_>, path: &Value) -> Option<Arc<Tree>> {
        let file = scope.folder.join(text_of(Some(path))).and_then(|path| self.files.sources.find(&path));
        let tree = file.and_then(|file| self.files.trees.get(&file));
        match tree {
            Some(tree) => {
                self.build.files.push(tree.file);
                Some(tree.clone())
            }
            None => {
                self.missing(path);
                None
            }
        }
    }

    fn add_resource(&mut self, scope: &Scope<'_>, path: &Value, resources: &mut Vec<Resource>) {
        if let Some(folder) = self.folder_at(scope, path) {
            let more = self.accumulate(folder, Vec::new());
            resources.extend(more);
            return;
        }
        let Some(tree) = self.tree_at(scope, path) else { return };
        for (root, uncertain) in object::roots(&tree, READER, None) {
            resources.push(Resource::new(root, vec![tree.clone()], uncertain));
        }
    }

    fn generate(&mut self, scope: &Scope<'_>, resources: &mut Vec<Resource>) {
        let options = scope.root.get("generatorOptions");
        for (key, secret) in [("configMapGenerator", false), ("secretGenerator", true)] {
            let Some(field) = scope.root.field(key) else { continue };
            for item in field.value.items() {
                let made =
                    generator::generate(field, secret, item, options, &scope.folder, self.files.sources);
                absorb(resources, made);
            }
        }
    }

    fn transform(&mut self, scope: &Scope<'_>, resources: &mut Vec<Resource>) {
        self.merge_patches(scope, resources);
        self.patches(scope, resources, false);
        if let Some(field) =
            scope.root.field("namespace").filter(|field| !text_of(Some(&field.value)).is_empty())
        {
            transform::namespace(resources, field);
        }
        for (key, suffix) in [("namePrefix", false), ("nameSuffix", true)] {
            if let Some(affix) = scope.root.get(key) {
                transform::affix(resources, affix, suffix);
            }
        }
        for item in scope.list("labels") {
            if let Some(pairs) = item.get("pairs") {
                transform::pairs(resources, pairs, &transform::label_specs(item));
            }
        }
        if let Some(labels) = scope.root.get("commonLabels") {
            transform::pairs(resources, labels, &[TEMPLATES, SELECTORS, METADATA_LABELS]);
        }
        if let Some(annotations) = scope.root.get("commonAnnotations") {
            transform::annotations(resources, annotations);
        }
        self.patches(scope, resources, true);
        for item in scope.list("replicas") {
            if !transform::replicas(resources, item) {
                self.note(item.span, "no workload has this name: the number of replicas is set nowhere");
            }
        }
        for item in scope.list("images") {
            transform::image(resources, item);
        }
    }
}

/// True for what kustomize would fetch.
fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.starts_with("git@")
        || path.starts_with("github.com/")
        || path.contains("?ref=")
}

/// Adds a generated object, or merges it into the one of the same name.
fn absorb(resources: &mut Vec<Resource>, mut made: Resource) {
    let id = made.id();
    let old = resources.iter().position(|resource| resource.has_id(|other| *other == id));
    let Some(at) = old.filter(|_| made.behavior != Behavior::Create) else {
        resources.push(made);
        return;
    };
    let old = &resources[at];
    if made.behavior == Behavior::Merge {
        for key in ["data", "binaryData"] {
            lay_under(&mut made.root, old.root.field(key));
        }
    }
    let span = made.root.span;
    if let (Some(mine), Some(theirs)) = (made.root.get_mut("metadata"), old.root.get("metadata")) {
        for key in ["labels", "annotations"] {
            lay_under(mine, theirs.field(key));
        }
        for key in ["name", "namespace"] {
            match theirs.get(key) {
                Some(value) => mine.set(key, span, value.clone()),
                None => drop(mine.remove(key)),
            }
        }
    }
    made.previous.clone_from(&old.previous);
    made.prefixes.clone_from(&old.prefixes);
    made.suffixes.clone_from(&old.suffixes);
    made.add_trees(&old.trees.clone());
    resources[at] = made;
}

/// Adds the pairs of a mapping that are not there yet.
fn lay_under(root: &mut Value, field: Option<&Field>) {
    let Some(field) = field else { return };
    if root.get(&field.key).is_none() {
        root.set(&field.key, field.key_span, field.value.clone());
        return;
    }
    let Some(map) = root.get_mut(&field.key) else { return };
    for pair in field.value.fields() {
        if map.field(&pair.key).is_none() {
            map.set(&pair.key, pair.key_span, pair.value.clone());
        }
    }
}
