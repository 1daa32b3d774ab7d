//! One build: a kustomization, the folders and files that it draws on, and the objects that come out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fields::{METADATA_LABELS, SELECTORS, TEMPLATES};
use super::layout::{kustomization_in, paths};
use super::resource::{Behavior, Resource, text_of};
use super::selector::Selector;
use super::{generator, references, transform};
use crate::facts::Why;
use crate::facts::object::value::{Data, Is, Value};
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
    build: Build,
    folders: usize,
    /// Folders that are open, to stop at circles.
    open: Vec<ProjectPath>,
    /// Names of `vars`, whose uses are unknown.
    vars: Vec<String>,
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
        for (root, uncertain) in object::roots(&tree, READER) {
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

    /// What plimsoll does not do makes unknown what it may touch.
    fn leave_unknown(&mut self, scope: &Scope<'_>, resources: &mut [Resource]) {
        for (key, what) in [
            ("transformers", "transformers"),
            ("configurations", "configurations"),
            ("openapi", "an own schema"),
        ] {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
                resources.iter_mut().for_each(|resource| resource.uncertain = Some(Why::Unsupported));
            }
        }
        for (key, what) in [
            ("generators", "generators"),
            ("helmCharts", "helmCharts"),
            ("helmChartInflationGenerator", "helmChartInflationGenerator"),
        ] {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
                self.note(field.key_span, "objects that a generator or a chart makes are not judged");
                self.build.rest = Err(Why::Unsupported);
            }
        }
        for (key, what) in
            [("crds", "crds"), ("buildMetadata", "buildMetadata"), ("validators", "validators")]
        {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
            }
        }
        for item in scope.list("labels").iter().chain(scope.list("imageTags")) {
            if item.get("fields").is_some() || scope.root.get("imageTags").is_some() {
                self.build.outside.push(Spanned::new("label fields or imageTags", item.span));
                resources.iter_mut().for_each(|resource| resource.uncertain = Some(Why::Unsupported));
            }
        }
        if let Some(field) = scope.root.field("vars") {
            self.build.outside.push(Spanned::new("vars", field.key_span));
            let names = field.value.items().iter().map(|var| text_of(var.get("name")).to_owned());
            self.vars.extend(names.filter(|name| !name.is_empty()));
        }
        if let Some(field) = scope.root.field("replacements") {
            self.build.outside.push(Spanned::new("replacements", field.key_span));
            for item in field.value.items() {
                self.leave_replaced(scope, item, resources);
            }
        }
    }

    /// The fields that a replacement writes; an object in which such a field is not found is uncertain as a whole.
    fn leave_replaced(&mut self, scope: &Scope<'_>, item: &Value, resources: &mut [Resource]) {
        let from_file = item.get("path").and_then(|path| {
            let tree = self.tree_at(scope, path)?;
            let mut budget = 100_000;
            Some(Value::read_as(tree.root()?, READER, &mut budget))
        });
        let replacements = match &from_file {
            Some(Value { data: Data::Seq(items), .. }) => items.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => std::slice::from_ref(item),
        };
        let targets =
            replacements.iter().flat_map(|one| one.get("targets").map_or(&[] as &[Value], Value::items));
        for target in targets {
            let Some(select) = target.get("select") else { continue };
            let paths = target.get("fieldPaths").map_or(&[] as &[Value], Value::items);
            let selector = Selector::new(select);
            for resource in resources.iter_mut().filter(|resource| selector.picks(resource)) {
                let known = paths.iter().all(|path| forget(&mut resource.root, &steps(text_of(Some(path)))));
                if paths.is_empty() || !known {
                    resource.uncertain = Some(Why::Unsupported);
                }
            }
        }
    }
}

/// The steps of a field path: `spec.containers.[name=web].image`, `metadata.annotations.[example.com/a]`.
fn steps(path: &str) -> Vec<&str> {
    let (mut steps, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, character) in path.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                steps.push(&path[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    steps.push(&path[start..]);
    steps.into_iter().map(|step| step.trim_start_matches('[').trim_end_matches(']')).collect()
}

/// Makes the values at the end of a field path unknown; false when there is none. Every item of a list is taken for
/// the one that is meant.
fn forget(value: &mut Value, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        let text = text_of(Some(value)).to_owned();
        *value = Value::unknown(text, Why::Unsupported, value.span);
        return true;
    };
    match &mut value.data {
        Data::Map(_) => value.get_mut(step).is_some_and(|field| forget(field, rest)),
        Data::Seq(items) => {
            let mut found = false;
            items.iter_mut().for_each(|item| found |= forget(item, rest));
            found
        }
        Data::Scalar(_) => false,
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
fn lay_under(root: &mut Value, field: Option<&crate::facts::object::value::Field>) {
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

/// Marks the texts that `$(NAME)` of a var stands in.
fn forget_vars(value: &mut Value, vars: &[String]) {
    match &mut value.data {
        Data::Map(fields) => fields.iter_mut().for_each(|field| forget_vars(&mut field.value, vars)),
        Data::Seq(items) => items.iter_mut().for_each(|item| forget_vars(item, vars)),
        Data::Scalar(scalar) => {
            let names = scalar.text.split("$(").skip(1).filter_map(|rest| rest.split_once(')'));
            if names.into_iter().any(|(name, _)| vars.iter().any(|var| var == name)) {
                scalar.is = Is::Unknown(Why::Unsupported);
            }
        }
    }
}
