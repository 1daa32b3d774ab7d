//! An object on its way through a build: its values, the names it had, and what was put around them.

use std::sync::Arc;

use crate::facts::Why;
use crate::facts::object::value::{Data, Is, Scalar, Value};
use crate::source::Span;
use crate::syntax::tree::Tree;

/// What an object is called: kustomize finds and refers to objects by this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// The namespace that counts: `default` when none is set, a name of its own for what lives in none.
    pub(super) namespace: String,
}

/// A kind of objects; empty texts stand for any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gvk {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
}

/// What happens when a generated object is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Create,
    Merge,
    Replace,
}

/// An object in a build.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) root: Value,
    pub(super) trees: Vec<Arc<Tree>>,
    pub(super) uncertain: Option<Why>,
    /// Names it had, the oldest first.
    pub(super) previous: Vec<Id>,
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    pub(super) needs_hash: bool,
    pub(super) behavior: Behavior,
}

const NO_NAMESPACE: &str = "_non_namespaceable_";

impl Id {
    pub(super) fn is_selected(&self, gvk: Gvk) -> bool {
        (gvk.group.is_empty() || gvk.group == self.group)
            && (gvk.version.is_empty() || gvk.version == self.version)
            && (gvk.kind.is_empty() || gvk.kind == self.kind)
    }

    pub(super) fn is_cluster_scoped(&self) -> bool {
        self.namespace == NO_NAMESPACE
    }
}

impl Resource {
    pub(super) fn new(root: Value, trees: Vec<Arc<Tree>>, uncertain: Option<Why>) -> Resource {
        Resource {
            root,
            trees,
            uncertain,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            behavior: Behavior::Create,
        }
    }

    pub(super) fn kind(&self) -> &str {
        text_of(self.root.get("kind"))
    }

    pub(super) fn name(&self) -> &str {
        text_of(self.root.at(&["metadata", "name"]))
    }

    pub(super) fn namespace(&self) -> &str {
        text_of(self.root.at(&["metadata", "namespace"]))
    }

    /// What it is called now.
    pub(super) fn id(&self) -> Id {
        let version = text_of(self.root.get("apiVersion"));
        let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
        let kind = self.kind();
        let namespace = match self.namespace() {
            _ if is_cluster_scoped(group, kind) => NO_NAMESPACE,
            "" => "default",
            set => set,
        };
        Id {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            name: self.name().to_owned(),
            namespace: namespace.to_owned(),
        }
    }

    /// What it was called in its file.
    pub(super) fn original_id(&self) -> Id {
        self.previous.first().cloned().unwrap_or_else(|| self.id())
    }

    /// All that it was and is called.
    pub(super) fn has_id(&self, matches: impl Fn(&Id) -> bool) -> bool {
        self.previous.iter().any(&matches) || matches(&self.id())
    }

    pub(super) fn store_previous_id(&mut self) {
        let id = self.id();
        if self.previous.last() != Some(&id) {
            self.previous.push(id);
        }
    }

    /// Notes that values of these trees are in the object now.
    pub(super) fn add_trees(&mut self, trees: &[Arc<Tree>]) {
        for tree in trees {
            if !self.trees.iter().any(|known| known.file == tree.file) {
                self.trees.push(tree.clone());
            }
        }
    }

    /// Sets the name to a text that is composed of the name it has; the bytes stay those of the name.
    pub(super) fn rename(&mut self, name: String) {
        if let Some(value) = self.root.get_mut("metadata").and_then(|metadata| metadata.get_mut("name")) {
            let span = value.span;
            *value = match value.unknown_why() {
                Some(why) => Value::unknown(name, why, span),
                None => Value::text(name, span),
            };
        }
    }
}

/// The text of a scalar, whatever it means; empty for anything else.
pub(super) fn text_of(value: Option<&Value>) -> &str {
    value.and_then(Value::scalar).map_or("", |scalar| &scalar.text)
}

/// The same value read as text, with the bytes it stands at.
pub(super) fn as_text(value: &Value) -> Value {
    match &value.data {
        Data::Scalar(scalar) => {
            let is = if matches!(scalar.is, Is::Unknown(_)) { scalar.is } else { Is::Text };
            Value { span: value.span, data: Data::Scalar(Scalar { is, ..scalar.clone() }) }
        }
        _ => value.clone(),
    }
}

/// A whole mapping on `metadata` that is missing gets the bytes of whoever adds it.
pub(super) fn map_at<'v>(root: &'v mut Value, key: &str, span: Span) -> Option<&'v mut Value> {
    if root.get(key).is_none() {
        root.set(key, span, Value::map(span));
    }
    root.get_mut(key)
}

/// Kinds that live in no namespace. Source: the paths of the OpenAPI of Kubernetes 1.21, which kustomize 5 embeds.
fn is_cluster_scoped(group: &str, kind: &str) -> bool {
    match group {
        "" => matches!(kind, "Namespace" | "Node" | "PersistentVolume" | "ComponentStatus"),
        "rbac.authorization.k8s.io" => matches!(kind, "ClusterRole" | "ClusterRoleBinding"),
        "apiextensions.k8s.io" => kind == "CustomResourceDefinition",
        "apiregistration.k8s.io" => kind == "APIService",
        "admissionregistration.k8s.io" => {
            matches!(kind, "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration")
        }
        "storage.k8s.io" => matches!(kind, "StorageClass" | "CSIDriver" | "CSINode" | "VolumeAttachment"),
        "networking.k8s.io" => kind == "IngressClass",
        "scheduling.k8s.io" => kind == "PriorityClass",
        "node.k8s.io" => kind == "RuntimeClass",
        "policy" => kind == "PodSecurityPolicy",
        "certificates.k8s.io" => kind == "CertificateSigningRequest",
        "flowcontrol.apiserver.k8s.io" => matches!(kind, "FlowSchema" | "PriorityLevelConfiguration"),
        "authentication.k8s.io" => kind == "TokenReview",
        "authorization.k8s.io" => {
            matches!(kind, "SubjectAccessReview" | "SelfSubjectAccessReview" | "SelfSubjectRulesReview")
        }
        "internal.apiserver.k8s.io" => kind == "StorageVersion",
        _ => false,
    }
}
