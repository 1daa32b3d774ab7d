//! What may be said to be missing. A unit that was read as a whole may still be a part: its Services in one folder and its
//! Deployments in the next, pods that an operator makes from an object of its own kind, things that a chart brought. So
//! something counts as missing only when the unit is whole, and when it is nowhere else in the project either.

use rustc_hash::{FxHashMap, FxHashSet};

use super::unit::MadeFrom;
use super::{Object, ObjectId, Project, UnitId, Workload, WorkloadId};
use crate::facts::object::{self, Pair};

/// Names and labels of all units, found once.
#[derive(Clone, Debug, Default)]
pub struct Known {
    services: FxHashSet<String>,
    workloads: FxHashSet<(String, String)>,
    pods: FxHashMap<(String, String), Vec<WorkloadId>>,
    makers: FxHashSet<UnitId>,
    claims: FxHashMap<(UnitId, String), ObjectId>,
    volumes: FxHashMap<UnitId, Vec<ObjectId>>,
    classes: FxHashMap<(UnitId, String), String>,
}

impl Project {
    /// True when what a unit does not hold is not there: all of its objects are known, workloads and Services by name, its
    /// folder holds no variants that were cut apart, and no object is of a kind that may make others.
    pub fn is_whole(&self, unit: UnitId) -> bool {
        let at = self.unit(unit);
        at.rest.is_ok() && at.made_from != MadeFrom::File && !self.known.makers.contains(&unit)
    }

    /// True when some unit of the project holds a Service of this name.
    pub fn has_service(&self, name: &str) -> bool {
        self.known.services.contains(name)
    }

    /// True when some unit of the project holds a workload of this kind and name.
    pub fn has_workload(&self, kind: &str, name: &str) -> bool {
        self.known.workloads.contains(&(kind.to_owned(), name.to_owned()))
    }

    /// The PersistentVolumeClaim of this name in a unit.
    pub fn claim_named(&self, unit: UnitId, name: &str) -> Option<&Object> {
        self.known.claims.get(&(unit, name.to_owned())).map(|id| self.object(*id))
    }

    /// The PersistentVolumes and StorageClasses of a unit.
    pub fn volumes_of(&self, unit: UnitId) -> impl Iterator<Item = &Object> {
        self.known.volumes.get(&unit).into_iter().flatten().map(|id| self.object(*id))
    }

    /// True when an IngressClass of the unit says that Ingresses of this class are for this controller.
    pub fn is_class_of(&self, unit: UnitId, class: &str, controller: &str) -> bool {
        self.known.classes.get(&(unit, class.to_owned())).is_some_and(|named| named == controller)
    }

    /// True when pods of any unit may have all of these labels.
    pub fn has_pods_with(&self, selector: &[Pair]) -> bool {
        let candidates = selector.iter().map(|pair| {
            let value = pair.value.known()?;
            let found = self.known.pods.get(&(pair.key.value.clone(), value.clone()));
            Some(found.map_or(&[] as &[WorkloadId], Vec::as_slice))
        });
        // A value that is not known leaves all that have the others.
        let fewest = candidates.flatten().min_by_key(|found| found.len());
        fewest.is_none_or(|found| found.iter().any(|id| has_labels(self.workload(*id), selector)))
    }

    /// Finds out what there is.
    pub(super) fn find_known(&mut self) {
        let mut known = Known::default();
        for object in &self.objects {
            let name = object.facts.name().known().cloned();
            // What has no known name may be called as one likes.
            if name.is_none() && (object.workload.is_some() || object.facts.is("", "Service")) {
                known.makers.insert(object.unit);
            }
            if object.facts.is("", "Service") {
                known.services.extend(name.clone());
            }
            if let Some(workload) = object.workload {
                known.workloads.extend(name.map(|name| (object.facts.kind.value.clone(), name)));
                let template = self.workload(workload).facts.template.as_ref();
                for label in template.iter().flat_map(|template| &template.labels) {
                    let Some(value) = label.value.known() else { continue };
                    known.pods.entry((label.key.value.clone(), value.clone())).or_default().push(workload);
                }
            }
            match (object.facts.group(), object.facts.kind.value.as_str()) {
                ("", "PersistentVolumeClaim") => {
                    let name = object.facts.name().known().cloned().unwrap_or_default();
                    known.claims.entry((object.unit, name)).or_insert(object.id);
                }
                ("", "PersistentVolume") | ("storage.k8s.io", "StorageClass") => {
                    known.volumes.entry(object.unit).or_default().push(object.id);
                }
                ("networking.k8s.io", "IngressClass") => {
                    let controller =
                        object.facts.root.at(&["spec", "controller"]).and_then(|named| named.as_str());
                    if let (Some(name), Some(controller)) = (object.facts.name().known(), controller) {
                        known.classes.insert((object.unit, name.clone()), controller.to_owned());
                    }
                }
                _ => {}
            }
            if may_make_others(object) {
                known.makers.insert(object.unit);
            }
        }
        self.known = known;
    }
}

/// True unless a label of the pods is known to be another, or known not to be there.
pub fn has_labels(workload: &Workload, selector: &[Pair]) -> bool {
    let Some(template) = &workload.facts.template else { return true };
    selector.iter().all(|wanted| {
        let label = template.labels.iter().find(|label| label.key.value == wanted.key.value);
        label.is_some_and(|label| match (label.value.known(), wanted.value.known()) {
            (Some(label), Some(wanted)) => label == wanted,
            _ => true,
        })
    })
}

/// True for an object of a kind that somebody else's controller reads, and may make pods or Services of.
fn may_make_others(object: &Object) -> bool {
    let group = object.facts.group();
    let is_built_in = matches!(group, "" | "apps" | "batch" | "autoscaling" | "policy" | "extensions")
        || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io");
    let is_quiet =
        QUIET.contains(&group) || QUIET_KINDS.iter().any(|(quiet, kind)| object.facts.is(quiet, kind));
    !(is_built_in || is_quiet || object::WorkloadKind::of(&object.facts).is_some())
}

/// API groups of which no object makes pods or Services. Sources: their documentation, seen on 2026-11-21.
const QUIET: &[&str] = &[
    "acme.cert-manager.io",
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "cloud.google.com",
    "configuration.konghq.com",
    "crd.projectcalico.org",
    "external-secrets.io",
    "image.openshift.io",
    "keda.sh",
    "kyverno.io",
    "networking.gke.io",
    "networking.istio.io",
    "projectcontour.io",
    "projectcalico.org",
    "route.openshift.io",
    "security.istio.io",
    "telemetry.istio.io",
    "traefik.containo.us",
    "traefik.io",
];

/// Single kinds of groups of which others do.
const QUIET_KINDS: &[(&str, &str)] = &[
    ("dapr.io", "Component"),
    ("dapr.io", "Configuration"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("secrets.hashicorp.com", "VaultAuth"),
    ("secrets.hashicorp.com", "VaultStaticSecret"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: [{name: a, image: a}]}\n";

    fn project(files: &[(&str, &str)]) -> Project {
        let file = |(path, text): &(&str, &str)| (ProjectPath::new(path).unwrap(), (*text).to_owned());
        Project::from_texts(files.iter().map(file))
    }

    fn whole(files: &[(&str, &str)]) -> bool {
        let project = project(files);
        project.is_whole(project.units[0].id)
    }

    #[test]
    fn a_unit_is_whole_when_nothing_else_may_add_to_it() {
        let object =
            |api: &str, kind: &str| format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\n");
        assert!(whole(&[("k8s/a.yaml", POD)]));
        let with = |more: &str| whole(&[("k8s/a.yaml", &format!("{POD}{more}"))]);
        assert!(with(&object("cert-manager.io/v1", "Certificate")));
        assert!(with(&object("gateway.networking.k8s.io/v1", "HTTPRoute")));
        assert!(!with(&object("postgresql.cnpg.io/v1", "Cluster")));
        assert!(!with(&object("argoproj.io/v1alpha1", "Application")));
        assert!(!with(&object("jobset.x-k8s.io/v1", "JobSet")));
        assert!(!with("---\napiVersion: v1\nkind: Service\nmetadata: {name: \"${NAME}\"}\n"));
        assert!(!whole(&[("k8s/a.yaml", POD), ("k8s/b.yaml", POD)]), "variants are cut apart");
        assert!(
            !whole(&[("chart/Chart.yaml", "name: c\n"), ("chart/crds/a.yaml", POD)]),
            "a chart has templates"
        );
    }

    #[test]
    fn names_and_labels_count_wherever_they_are() {
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: a}}\n";
        let project = project(&[("a/pod.yaml", POD), ("b/service.yaml", service)]);
        assert!(project.has_service("s") && !project.has_service("a"));
        assert!(project.has_workload("Pod", "a") && !project.has_workload("Deployment", "a"));
        let service = project.objects.iter().find_map(|object| object.facts.service()).unwrap();
        assert!(project.has_pods_with(&service.selector));
    }
}
