//! Patches of a kustomization: finding them, reading them, and laying them over the objects they are for.

use std::sync::Arc;

use super::build::{Builder, READER, Scope};
use super::resource::{Resource, text_of};
use super::selector::Selector;
use super::{json_patch, merge};
use crate::facts::Why;
use crate::facts::object::value::{Data, Value};
use crate::source::Span;
use crate::syntax::mapped::MappedText;
use crate::syntax::tree::{Schema, Tree};
use crate::syntax::yaml;

/// Most nodes that the aliases of one patch may unfold to.
const ALIAS_BUDGET: usize = 100_000;

/// A patch: its documents, and the trees that they come from.
struct Patch {
    documents: Vec<Value>,
    trees: Vec<Arc<Tree>>,
    span: Span,
}

impl Builder<'_> {
    /// `patchesStrategicMerge`: paths, or patches written in place.
    pub(super) fn merge_patches(&mut self, scope: &Scope<'_>, resources: &mut Vec<Resource>) {
        for item in scope.list("patchesStrategicMerge") {
            let Some(patch) = self.read_patch(scope, item, is_written_in_place(item)) else {
                leave_unknown(resources, None);
                continue;
            };
            for document in &patch.documents {
                self.merge(resources, document, &patch, None);
            }
        }
    }

    /// `patches`, and `patchesJson6902` as `only_json`.
    pub(super) fn patches(&mut self, scope: &Scope<'_>, resources: &mut Vec<Resource>, only_json: bool) {
        let key = if only_json { "patchesJson6902" } else { "patches" };
        for item in scope.list(key) {
            let (written, path) = (item.get("patch"), item.get("path"));
            let Some(source) = written.or(path) else { continue };
            let Some(patch) = self.read_patch(scope, source, written.is_some()) else {
                leave_unknown(resources, item.get("target"));
                continue;
            };
            let operations = patch.documents.iter().find(|document| matches!(document.data, Data::Seq(_)));
            match (operations, item.get("target")) {
                (Some(operations), Some(target)) => {
                    self.apply_operations(resources, operations, target, &patch, !only_json);
                }
                (Some(_), None) => {
                    self.note(item.span, "a JSON patch without a target is applied to nothing")
                }
                (None, None) => {
                    for document in &patch.documents {
                        self.merge(resources, document, &patch, item.get("options"));
                    }
                }
                (None, Some(target)) => {
                    let selector = Selector::new(target);
                    for document in &patch.documents {
                        let picked = |resource: &Resource| selector.picks(resource);
                        if !lay_over(resources, document, &patch, item.get("options"), &picked) {
                            self.note(item.span, "the target of this patch picks no object");
                        }
                    }
                }
            }
        }
    }

    /// Lays a patch over the one object that it names.
    fn merge(
        &mut self,
        resources: &mut Vec<Resource>,
        document: &Value,
        patch: &Patch,
        options: Option<&Value>,
    ) {
        let id = Resource::new(document.clone(), Vec::new(), None).id();
        let named = |resource: &Resource| resource.has_id(|other| *other == id);
        if !lay_over(resources, document, patch, options, &named) {
            let span = document.at(&["metadata", "name"]).map_or(patch.span, |name| name.span);
            self.note(
                span,
                &format!("no object is called {} {}: this patch changes nothing", id.kind, id.name),
            );
        }
    }

    fn apply_operations(
        &mut self,
        resources: &mut [Resource],
        operations: &Value,
        target: &Value,
        patch: &Patch,
        renames: bool,
    ) {
        let mut picked = false;
        let selector = Selector::new(target);
        for resource in resources.iter_mut().filter(|resource| selector.picks(resource)) {
            picked = true;
            if renames {
                resource.store_previous_id();
            }
            resource.add_trees(&patch.trees);
            if let Err(refused) = json_patch::apply(&mut resource.root, operations) {
                self.note(refused.span, &refused.message);
            }
        }
        if !picked {
            self.note(patch.span, "the target of this patch picks no object");
        }
    }

    /// Reads a patch from the text of `source`, or from the file that it names.
    fn read_patch(&mut self, scope: &Scope<'_>, source: &Value, in_place: bool) -> Option<Patch> {
        if in_place {
            return Some(Patch {
                documents: in_place_documents(source, scope),
                trees: Vec::new(),
                span: source.span,
            });
        }
        let tree = self.tree_at(scope, source)?;
        let mut budget = ALIAS_BUDGET + 10 * tree.len();
        let documents = tree.roots().map(|root| Value::read_as(root, READER, &mut budget)).collect();
        Some(Patch { documents: unfolded(documents), trees: vec![tree], span: source.span })
    }
}

/// What a patch that was not read may change is not known: the objects of its target, or any.
fn leave_unknown(resources: &mut [Resource], target: Option<&Value>) {
    let selector = target.map(Selector::new);
    let is_picked =
        |resource: &&mut Resource| selector.as_ref().is_none_or(|selector| selector.picks(resource));
    resources.iter_mut().filter(is_picked).for_each(|resource| resource.uncertain = Some(Why::Unsupported));
}

fn is_written_in_place(item: &Value) -> bool {
    let text = text_of(Some(item));
    text.contains('\n') || text.starts_with('{')
}

/// Parses a patch that stands in a text of the kustomization; its values point at the bytes in there.
fn in_place_documents(source: &Value, scope: &Scope<'_>) -> Vec<Value> {
    let Some(scalar) = source.scalar() else { return Vec::new() };
    let text = scalar.mapped(std::slice::from_ref(&scope.tree), source.span);
    let tree = yaml::parse(source.span.file, Arc::from(text.text.as_str()), Schema::Kubernetes).tree;
    let mut budget = ALIAS_BUDGET;
    let mut documents: Vec<Value> =
        tree.roots().map(|root| Value::read_as(root, READER, &mut budget)).collect();
    documents.iter_mut().for_each(|document| place(document, &text));
    unfolded(documents)
}

/// Turns offsets in a text that stands inside of a file into the file's own.
fn place(value: &mut Value, text: &MappedText) {
    let place_span = |span: Span| text.span(span.start as usize, span.end as usize);
    value.span = place_span(value.span);
    match &mut value.data {
        Data::Scalar(scalar) => scalar.node = None,
        Data::Seq(items) => items.iter_mut().for_each(|item| place(item, text)),
        Data::Map(fields) => {
            for field in fields {
                field.key_span = place_span(field.key_span);
                place(&mut field.value, text);
            }
        }
    }
}

/// A `List` of patches is as many patches.
fn unfolded(documents: Vec<Value>) -> Vec<Value> {
    let mut patches = Vec::new();
    for mut document in documents {
        let is_list = text_of(document.get("kind")).ends_with("List");
        match document.get_mut("items").and_then(Value::items_mut).filter(|_| is_list) {
            Some(items) => patches.append(items),
            None => patches.push(document),
        }
    }
    patches
}

/// Lays a patch over the objects that are picked; false when there are none. What an object is called stays, unless
/// the options say otherwise.
fn lay_over(
    resources: &mut Vec<Resource>,
    patch: &Value,
    from: &Patch,
    options: Option<&Value>,
    picked: &dyn Fn(&Resource) -> bool,
) -> bool {
    let allows = |key: &str| options.is_some_and(|options| text_of(options.get(key)) == "true");
    let (new_name, new_kind) = (allows("allowNameChange"), allows("allowKindChange"));
    let mut any = false;
    resources.retain_mut(|resource| {
        if !picked(resource) {
            return true;
        }
        any = true;
        if new_name || new_kind {
            resource.store_previous_id();
        }
        resource.add_trees(&from.trees);
        let root = std::mem::replace(&mut resource.root, Value::null(patch.span));
        let identity = Identity::of(&root);
        match merge::apply(root, patch.clone()) {
            Some(root) => {
                resource.root = root;
                identity.restore(&mut resource.root, !new_name, !new_kind);
                true
            }
            None => false,
        }
    });
    any
}

/// What a patch does not change.
struct Identity {
    version: Option<Value>,
    kind: Option<Value>,
    name: Option<Value>,
    namespace: Option<Value>,
}

impl Identity {
    fn of(root: &Value) -> Identity {
        Identity {
            version: root.get("apiVersion").cloned(),
            kind: root.get("kind").cloned(),
            name: root.at(&["metadata", "name"]).cloned(),
            namespace: root.at(&["metadata", "namespace"]).cloned(),
        }
    }

    fn restore(self, root: &mut Value, name: bool, kind: bool) {
        let span = root.span;
        let mut put = |key: &str, value: Option<Value>| {
            if let (Some(place), Some(value)) = (root.get_mut(key), value) {
                *place = value;
            }
        };
        put("apiVersion", self.version);
        if kind {
            put("kind", self.kind);
        }
        let Some(metadata) = root.get_mut("metadata") else { return };
        if let Some(value) = self.name.filter(|_| name) {
            metadata.set("name", span, value);
        }
        match self.namespace {
            Some(value) => metadata.set("namespace", span, value),
            None => drop(metadata.remove("namespace")),
        }
    }
}
