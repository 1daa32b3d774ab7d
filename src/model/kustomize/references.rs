//! Names that follow: fields that name an object whose own name a build has changed.
//!
//! Source: the `nameReference` configuration and `api/filters/nameref` of kustomize 5.

use rustc_hash::{FxHashMap, FxHashSet};

use super::fields::{kind, walk};
use super::resource::{Gvk, Id, Resource, text_of};
use crate::facts::Why;
use crate::facts::object::value::{Data, Value};

/// A field that names an object of another kind.
struct Reference {
    target: Gvk,
    referrer: Gvk,
    path: Vec<&'static str>,
}

/// An object that may be named, as it was and as it is.
struct Candidate {
    previous: Vec<Id>,
    id: Id,
    name: String,
    namespace: String,
    unknown: Option<Why>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// Updates the fields of all objects that name others.
pub(super) fn update(resources: &mut [Resource]) {
    let candidates: Vec<Candidate> = resources.iter().map(Candidate::of).collect();
    let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (at, candidate) in candidates.iter().enumerate() {
        let names: FxHashSet<&str> = candidate.previous.iter().map(|id| id.name.as_str()).collect();
        for name in names {
            by_name.entry(name).or_default().push(at);
        }
    }
    if by_name.is_empty() {
        return;
    }
    let references = references();
    for (at, resource) in resources.iter_mut().enumerate() {
        let original = resource.original_id();
        let scope = Scope::of(resource, &candidates[at]);
        for reference in references.iter().filter(|reference| original.is_selected(reference.referrer)) {
            let find = |old: &str, namespace: Option<&str>| {
                let named = by_name.get(old).map_or(&[] as &[usize], Vec::as_slice);
                let named = named.iter().map(|at| &candidates[*at]);
                scope.select(named, reference, namespace)
            };
            walk(&mut resource.root, &reference.path, None, &mut |field| set(field, &find));
        }
    }
}

/// Writes the new name into a text, a mapping with `name`, or the items of a list.
fn set<'c>(field: &mut Value, find: &dyn Fn(&str, Option<&str>) -> Option<&'c Candidate>) {
    match &mut field.data {
        Data::Scalar(scalar) => {
            let Some(target) = find(&scalar.text, None) else { return };
            if target.name != *scalar.text || target.unknown.is_some() {
                *field = target.name_at(field);
            }
        }
        Data::Seq(items) => {
            for item in items.iter_mut().filter(|item| !matches!(item.data, Data::Seq(_))) {
                set(item, find);
            }
        }
        Data::Map(_) => {
            let namespace = field.get("namespace").map(|value| text_of(Some(value)).to_owned());
            let Some(name) = field.get("name") else { return };
            let Some(target) = find(text_of(Some(name)), namespace.as_deref()) else { return };
            let name = target.name_at(name);
            let span = name.span;
            if let Some(place) = field.get_mut("name") {
                *place = name;
            }
            if !target.namespace.is_empty() && namespace.as_deref() != Some(&target.namespace) {
                field.set("namespace", span, Value::text(target.namespace.clone(), span));
            }
        }
    }
}

impl Candidate {
    fn of(resource: &Resource) -> Candidate {
        Candidate {
            previous: resource.previous.clone(),
            id: resource.id(),
            name: resource.name().to_owned(),
            namespace: resource.namespace().to_owned(),
            unknown: resource.root.at(&["metadata", "name"]).and_then(Value::unknown_why),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }

    /// Its name, with the bytes of the field that names it.
    fn name_at(&self, field: &Value) -> Value {
        match self.unknown {
            Some(why) => Value::unknown(self.name.clone(), why, field.span),
            None => Value::text(self.name.clone(), field.span),
        }
    }
}

/// What an object can name: who is in its namespace, and was called by the same prefixes.
struct Scope {
    id: Id,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    /// Namespaces that a role binding's subjects live in.
    subjects: Vec<String>,
    role: Option<(String, String)>,
}

impl Scope {
    fn of(resource: &Resource, own: &Candidate) -> Scope {
        let subjects = resource.root.get("subjects").map_or(&[] as &[Value], Value::items).iter();
        let subjects = subjects.filter(|subject| text_of(subject.get("kind")) == "ServiceAccount");
        let role = resource.root.get("roleRef");
        Scope {
            id: own.id.clone(),
            prefixes: own.prefixes.clone(),
            suffixes: own.suffixes.clone(),
            subjects: subjects.map(|subject| text_of(subject.get("namespace")).to_owned()).collect(),
            role: role
                .map(|role| (text_of(role.get("apiGroup")).to_owned(), text_of(role.get("kind")).to_owned())),
        }
    }

    fn select<'c>(
        &self,
        named: impl Iterator<Item = &'c Candidate>,
        reference: &Reference,
        namespace: Option<&str>,
    ) -> Option<&'c Candidate> {
        let is_role = reference.path.ends_with(&["roleRef", "name"]);
        let fits_role = |id: &Id| match &self.role {
            Some((group, kind)) if is_role => id.group == *group && id.kind == *kind,
            _ => true,
        };
        let mut found: Vec<&Candidate> = named
            .filter(|candidate| candidate.previous.iter().any(|id| id.is_selected(reference.target)))
            .filter(|candidate| candidate.previous.iter().any(fits_role))
            .filter(|candidate| self.sees(candidate))
            .collect();
        if let Some(namespace) = namespace {
            let original = |candidate: &&Candidate| candidate.previous[0].namespace == namespace;
            if found.iter().any(original) {
                found.retain(original);
            } else {
                found.retain(|candidate| candidate.id.namespace == namespace);
            }
        }
        if found.len() > 1 {
            found.retain(|candidate| self.same_affixes(candidate, true));
        }
        if found.len() > 1 {
            found.retain(|candidate| self.same_affixes(candidate, false));
        }
        let first = *found.first()?;
        found.iter().all(|other| other.name == first.name).then_some(first)
    }

    fn sees(&self, candidate: &Candidate) -> bool {
        self.id.is_cluster_scoped()
            || candidate.id.is_cluster_scoped()
            || candidate.id.namespace == self.id.namespace
            || candidate.id.kind == "ServiceAccount" && self.subjects.contains(&candidate.namespace)
    }

    fn same_affixes(&self, candidate: &Candidate, allow_empty: bool) -> bool {
        let same = |a: &[String], b: &[String]| {
            allow_empty && (a.is_empty() || b.is_empty()) || a.ends_with(b) || b.ends_with(a)
        };
        let exact = |a: &[String], b: &[String]| allow_empty || a.is_empty() == b.is_empty();
        same(&self.prefixes, &candidate.prefixes)
            && same(&self.suffixes, &candidate.suffixes)
            && exact(&self.prefixes, &candidate.prefixes)
            && exact(&self.suffixes, &candidate.suffixes)
    }
}

const fn v1(kind: &'static str) -> Gvk {
    Gvk { group: "", version: "v1", kind }
}

const fn of(group: &'static str, kind: &'static str) -> Gvk {
    Gvk { group, version: "", kind }
}

/// Kinds that hold a pod's spec, and where.
const PODS: [(Gvk, &[&str]); 9] = [
    (v1("Pod"), &["spec"]),
    (kind("PodTemplate"), &["template", "spec"]),
    (kind("Deployment"), &["spec", "template", "spec"]),
    (kind("ReplicaSet"), &["spec", "template", "spec"]),
    (kind("DaemonSet"), &["spec", "template", "spec"]),
    (kind("StatefulSet"), &["spec", "template", "spec"]),
    (kind("Job"), &["spec", "template", "spec"]),
    (kind("CronJob"), &["spec", "jobTemplate", "spec", "template", "spec"]),
    (kind("ReplicationController"), &["spec", "template", "spec"]),
];

fn references() -> Vec<Reference> {
    let mut all = Vec::new();
    let mut add = |target: Gvk, referrer: Gvk, path: &[&'static str]| {
        all.push(Reference { target, referrer, path: path.to_vec() });
    };
    for scaled in ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"] {
        add(kind(scaled), kind("HorizontalPodAutoscaler"), &["spec", "scaleTargetRef", "name"]);
    }
    for (referrer, prefix) in PODS {
        let mut in_pod = |target: Gvk, path: &[&'static str]| add(target, referrer, &[prefix, path].concat());
        if referrer.kind != "ReplicationController" {
            config_in_pod(&mut in_pod);
        }
        if !matches!(referrer.kind, "ReplicaSet" | "PodTemplate") {
            in_pod(v1("ServiceAccount"), &["serviceAccountName"]);
            in_pod(v1("PersistentVolumeClaim"), &["volumes", "persistentVolumeClaim", "claimName"]);
            in_pod(of("scheduling.k8s.io", "PriorityClass"), &["priorityClassName"]);
        }
    }
    let (map, secret, service) = (v1("ConfigMap"), v1("Secret"), v1("Service"));
    let rbac = "rbac.authorization.k8s.io";
    for (target, path) in [
        (map, "nginx.ingress.kubernetes.io/fastcgi-params-configmap"),
        (secret, "ingress.kubernetes.io/auth-secret"),
        (secret, "nginx.ingress.kubernetes.io/auth-secret"),
        (secret, "nginx.ingress.kubernetes.io/auth-tls-secret"),
    ] {
        add(target, kind("Ingress"), &["metadata", "annotations", path]);
    }
    for target in [map, secret] {
        add(target, kind("Role"), &["rules", "resourceNames"]);
        add(target, kind("ClusterRole"), &["rules", "resourceNames"]);
    }
    add(map, kind("Node"), &["spec", "configSource", "configMap"]);
    add(secret, kind("Ingress"), &["spec", "tls", "secretName"]);
    add(secret, kind("ServiceAccount"), &["imagePullSecrets", "name"]);
    for key in ["secretName", "adminSecretName", "userSecretName", "secretRef"] {
        add(secret, kind("StorageClass"), &["parameters", key]);
    }
    let knative = Gvk { group: "serving.knative.dev", version: "v1", kind: "Service" };
    add(
        secret,
        knative,
        &["spec", "template", "spec", "containers", "env", "valueFrom", "secretKeyRef", "name"],
    );
    add(secret, kind("PersistentVolume"), &["spec", "azureFile", "secretName"]);
    add(service, of("apps", "StatefulSet"), &["spec", "serviceName"]);
    for path in [
        &["spec", "rules", "http", "paths", "backend", "serviceName"] as &[&'static str],
        &["spec", "backend", "serviceName"],
        &["spec", "rules", "http", "paths", "backend", "service", "name"],
        &["spec", "defaultBackend", "service", "name"],
    ] {
        add(service, kind("Ingress"), path);
    }
    add(service, of("apiregistration.k8s.io", "APIService"), &["spec", "service", "name"]);
    for webhooks in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        add(service, of("admissionregistration.k8s.io", webhooks), &["webhooks", "clientConfig", "service"]);
    }
    for (role, binding) in
        [("Role", "RoleBinding"), ("ClusterRole", "RoleBinding"), ("ClusterRole", "ClusterRoleBinding")]
    {
        add(of(rbac, role), of(rbac, binding), &["roleRef", "name"]);
    }
    for binding in ["RoleBinding", "ClusterRoleBinding"] {
        add(v1("ServiceAccount"), of(rbac, binding), &["subjects"]);
    }
    add(v1("PersistentVolume"), kind("PersistentVolumeClaim"), &["spec", "volumeName"]);
    add(v1("PersistentVolume"), kind("ClusterRole"), &["rules", "resourceNames"]);
    let class = Gvk { group: "storage.k8s.io", version: "v1", kind: "StorageClass" };
    for referrer in ["PersistentVolume", "PersistentVolumeClaim"] {
        add(class, kind(referrer), &["spec", "storageClassName"]);
    }
    add(class, kind("StatefulSet"), &["spec", "volumeClaimTemplates", "spec", "storageClassName"]);
    all
}

/// Where a pod's spec names ConfigMaps and Secrets.
fn config_in_pod(add: &mut dyn FnMut(Gvk, &[&'static str])) {
    let (map, secret) = (v1("ConfigMap"), v1("Secret"));
    add(map, &["volumes", "configMap", "name"]);
    add(secret, &["volumes", "secret", "secretName"]);
    add(map, &["volumes", "projected", "sources", "configMap", "name"]);
    add(secret, &["volumes", "projected", "sources", "secret", "name"]);
    add(secret, &["imagePullSecrets", "name"]);
    for containers in ["containers", "initContainers"] {
        add(map, &[containers, "env", "valueFrom", "configMapKeyRef", "name"]);
        add(secret, &[containers, "env", "valueFrom", "secretKeyRef", "name"]);
        add(map, &[containers, "envFrom", "configMapRef", "name"]);
        add(secret, &[containers, "envFrom", "secretRef", "name"]);
    }
}
