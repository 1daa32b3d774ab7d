//! Kubernetes objects: what a document says of itself, and typed, defaulted views of the kinds that rules ask about.
//!
//! An [`Object`] owns its values with the bytes that set them, so that raw manifests and kustomize builds look the
//! same to everyone above. Defaults are those of the API documentation; nothing in here looks at another object.

pub mod access;
pub mod config;
pub mod container;
pub mod limits;
pub mod network;
pub mod pod;
pub mod probe;
pub mod quantity;
pub mod reading;
pub mod scaling;
pub mod security;
pub mod storage;
pub mod value;
pub mod workload;
pub mod writing;

use std::sync::Arc;

pub use access::{Access, Subject};
pub use config::{ConfigMap, Secret};
pub use container::{Container, EnvFrom, EnvSource, EnvValue, EnvVar, Port, Resources, Role, VolumeMount};
pub use limits::LimitRange;
pub use network::{Backend, HttpRoute, Ingress, Route, Service, ServicePort};
pub use pod::{PodTemplate, Spread, Volume, VolumeSource};
pub use probe::{Handler, Probe};
pub use quantity::Quantity;
pub use reading::{Pair, PortRef};
pub use scaling::{Autoscaler, DisruptionBudget};
pub use security::SecurityContext;
pub use storage::{Claim, PersistentVolume, StorageClass};
pub use workload::{Strategy, Workload, WorkloadKind};

use crate::facts::{Fact, Why};
use crate::source::{FileId, Span, Spanned};
use crate::syntax::mapped::MappedText;
use crate::syntax::tree::{Document, Schema, Tree};
use reading::At;
use value::{Data, Is, Value};

/// A Kubernetes object, or another document with `apiVersion` and `kind` (a Skaffold or Kustomize configuration).
#[derive(Clone, Debug)]
pub struct Object {
    /// The file that its `kind` stands in.
    pub file: FileId,
    /// The trees that its values come from.
    pub trees: Vec<Arc<Tree>>,
    /// `apiVersion`.
    pub api_version: Spanned<String>,
    /// `kind`; its span is the anchor of what is missing in the object.
    pub kind: Spanned<String>,
    /// Its values.
    pub root: Value,
    /// Why absent fields say nothing: the document is cut by an error. When it is [`Why::Unsupported`], something that
    /// plimsoll cannot follow may touch any field, and nothing is known but what kind of object it is.
    pub uncertain: Option<Why>,
    /// True for an object of an OpenShift Template.
    pub in_template: bool,
}

/// Most nodes that aliases of one file may unfold to, beyond ten for each node of the file.
const ALIAS_BUDGET: usize = 100_000;

/// The objects of a file: documents, items of a `List`, and `objects:` of an OpenShift Template. The schemas of
/// CustomResourceDefinitions, which are most of what such files hold and say nothing of this project, are left out.
pub fn objects(tree: &Arc<Tree>) -> Vec<Object> {
    let roots = roots(tree, tree.schema, Some("openAPIV3Schema")).into_iter();
    roots.flat_map(|(root, uncertain)| Object::all_of(root, std::slice::from_ref(tree), uncertain)).collect()
}

/// The documents of a file that are objects, those in a `List` each for itself, with why absence in them says
/// nothing when it does not. What stands under the key `but` in them is not read.
pub(crate) fn roots(
    tree: &Arc<Tree>,
    schema: Schema,
    but: Option<&'static str>,
) -> Vec<(Value, Option<Why>)> {
    let mut budget = ALIAS_BUDGET + 10 * tree.len();
    let mut found = Vec::new();
    for document in &tree.documents {
        let Some(mut root) = read_document(tree, document, schema, but, &mut budget) else { continue };
        let uncertain = (!document.complete).then_some(Why::Broken);
        let is_list = root.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        // Lists do not nest in practice: a list in a list is one object.
        match root.get_mut("items").and_then(Value::items_mut).filter(|_| is_list) {
            Some(items) => found.extend(std::mem::take(items).into_iter().map(|item| (item, uncertain))),
            None => found.push((root, uncertain)),
        }
    }
    found
}

/// The values of a document; `None` unless it is a mapping with `apiVersion` and `kind`.
fn read_document(
    tree: &Tree,
    document: &Document,
    schema: Schema,
    but: Option<&'static str>,
    budget: &mut usize,
) -> Option<Value> {
    let root = tree.at(document.root?);
    if root.get("kind")?.str()?.is_empty() || root.get("apiVersion")?.str()?.is_empty() {
        return None;
    }
    Some(Value::read_but(root, schema, but, budget))
}

/// The names of an OpenShift Template's parameters.
fn parameters(template: &Value) -> Vec<String> {
    let list = template.get("parameters").map_or(&[] as &[Value], Value::items);
    list.iter().filter_map(|parameter| parameter.get("name")?.as_str().map(str::to_owned)).collect()
}

/// Marks the texts that a parameter of the Template fills in.
fn leave_open(value: &mut Value, parameters: &[String]) {
    match &mut value.data {
        Data::Map(fields) => fields.iter_mut().for_each(|field| leave_open(&mut field.value, parameters)),
        Data::Seq(items) => items.iter_mut().for_each(|item| leave_open(item, parameters)),
        Data::Scalar(scalar) => {
            if scalar.text.contains("${{") || names_parameter(&scalar.text, parameters) {
                scalar.is = Is::Unknown(Why::Templated);
            }
        }
    }
}

fn names_parameter(text: &str, parameters: &[String]) -> bool {
    let mut names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    names.any(|name| parameters.iter().any(|parameter| parameter == name))
}

impl Object {
    /// An object of these values; `None` unless they are a mapping with texts as `apiVersion` and `kind`.
    pub fn new(root: Value, trees: Vec<Arc<Tree>>, uncertain: Option<Why>) -> Option<Object> {
        let text = |key: &str| {
            let value = root.get(key)?;
            Some(Spanned::new(value.as_str().filter(|text| !text.is_empty())?.to_owned(), value.span))
        };
        let (api_version, kind) = (text("apiVersion")?, text("kind")?);
        Some(Object { file: kind.span.file, trees, api_version, kind, root, uncertain, in_template: false })
    }

    /// The object of these values, or the objects that it holds when it is an OpenShift Template.
    pub(crate) fn all_of(mut root: Value, trees: &[Arc<Tree>], uncertain: Option<Why>) -> Vec<Object> {
        let text = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_template =
            text("kind") == "Template" && matches!(text("apiVersion"), "v1" | "template.openshift.io/v1");
        if !is_template {
            return Object::new(root, trees.to_vec(), uncertain).into_iter().collect();
        }
        let parameters = parameters(&root);
        let items =
            root.get_mut("objects").and_then(Value::items_mut).map(std::mem::take).unwrap_or_default();
        let objects = items.into_iter().filter_map(|mut item| {
            leave_open(&mut item, &parameters);
            let object = Object::new(item, trees.to_vec(), uncertain)?;
            Some(Object { in_template: true, ..object })
        });
        objects.collect()
    }

    /// False for what is no object of a cluster although it looks like one: configurations of tools.
    pub fn is_applied(&self) -> bool {
        let group = self.group();
        let tools =
            ["skaffold", "kustomize.config.k8s.io", "eksctl.io", "kind.x-k8s.io", "k3d.io", "ctlptl.dev"];
        let is_machine = matches!(group, "kubeadm.k8s.io" | "kubelet.config.k8s.io" | "audit.k8s.io");
        let is_kubeconfig = group.is_empty() && self.kind.value == "Config";
        !(tools.contains(&group) || is_machine || is_kubeconfig)
    }

    /// True for an object that only OpenShift takes. There each namespace has its own range of user ids, and the
    /// platform runs every pod as one of them unless it is told otherwise.
    pub fn is_openshift(&self) -> bool {
        self.in_template || self.group().ends_with(".openshift.io") || self.is("", "DeploymentConfig")
    }

    /// The API group: `apps` of `apps/v1`, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.value.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// `metadata.name`; not known when it is absent or generated.
    pub fn name(&self) -> Fact<String> {
        self.at().path(&["metadata", "name"]).required()
    }

    /// `metadata.namespace`; `None` when the file leaves it to whoever applies it.
    pub fn namespace(&self) -> Fact<Option<String>> {
        self.at().path(&["metadata", "namespace"]).text()
    }

    /// True unless both are known to be in different namespaces.
    pub fn may_share_namespace(&self, other: &Object) -> bool {
        match (self.namespace().known(), other.namespace().known()) {
            (Some(Some(one)), Some(Some(other))) => one == other,
            _ => true,
        }
    }

    /// `metadata.labels`.
    pub fn labels(&self) -> Vec<Pair> {
        self.at().path(&["metadata", "labels"]).pairs()
    }

    /// `metadata.annotations`.
    pub fn annotations(&self) -> Vec<Pair> {
        self.at().path(&["metadata", "annotations"]).pairs()
    }

    /// The text of an annotation.
    pub fn annotation(&self, key: &str) -> Fact<Option<String>> {
        self.at().path(&["metadata", "annotations", key]).plain()
    }

    /// The text that stands at `span` with the way back to its bytes: for a script inside of a list.
    pub fn mapped(&self, span: Span) -> Option<MappedText> {
        Some(self.root.scalar_at(span)?.mapped(&self.trees, span))
    }

    /// True for this kind of this group (`is("apps", "Deployment")`).
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind.value == kind && self.group() == group
    }

    /// The root as a place to read from; what is missing shows at `kind`.
    pub(crate) fn at(&self) -> At<'_> {
        At::new(&self.root, self.kind.span, self.uncertain.map_or(Ok(()), Err))
    }
}
