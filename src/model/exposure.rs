//! How traffic finds pods: which Services lead to a workload's pods, and which Ingresses and routes lead to these
//! Services.
//!
//! Names and labels mean the same thing only within a unit, so nothing is looked for beyond it; but for the one Service of a
//! name in a folder whose files are variants. Only what is known
//! counts: a selector with a value that is filled in later leads nowhere here, and neither does one that a transformer
//! may still change. That nothing leads to a workload is therefore no proof that nothing does.

use rustc_hash::{FxHashMap, FxHashSet};

use super::unit::MadeFrom;
use super::{Object, ObjectId, Project, UnitId, Workload, WorkloadId};
use crate::facts::object::reading::Pair;
use crate::facts::object::{Backend, Service};
use crate::source::ProjectPath;

/// Services that one workload is shown to be led to by; more than a few are one selector that fits everything.
const MOST: usize = 64;

/// An Ingress or a route that leads to a Service.
#[derive(Clone, Debug)]
pub struct Way {
    /// The Ingress, HTTPRoute or Route.
    pub object: ObjectId,
    /// Its rules that name the Service, in the order of the file.
    pub backends: Vec<Backend>,
}

/// The ways to all workloads, found once.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    services: FxHashMap<WorkloadId, Vec<ObjectId>>,
    pods: FxHashMap<ObjectId, Vec<WorkloadId>>,
    named: FxHashMap<(UnitId, String), Vec<ObjectId>>,
    ways: FxHashMap<ObjectId, Vec<Way>>,
    googles: FxHashSet<UnitId>,
    /// True when something of the project is stored on Google's disks: its clusters are those of GKE.
    on_googles_disks: bool,
}

impl Project {
    /// The Services of its unit that are known to lead to the pods of a workload, in the order of the unit.
    pub fn services_of(&self, workload: WorkloadId) -> &[ObjectId] {
        self.exposure.services.get(&workload).map_or(&[], Vec::as_slice)
    }

    /// The Ingresses and routes of its unit that are known to lead to a Service, in the order of the unit.
    pub fn ingresses_of(&self, service: ObjectId) -> &[Way] {
        self.exposure.ways.get(&service).map_or(&[], Vec::as_slice)
    }

    /// True when an Ingress or a route that leads to the Service goes through the port of the nodes by design.
    pub fn needs_node_port(&self, service: &Object) -> bool {
        self.ingresses_of(service.id).iter().map(|way| self.object(way.object)).any(|way| {
            let beside_googles = self.exposure.on_googles_disks
                || [way.unit, service.unit].iter().any(|unit| self.exposure.googles.contains(unit));
            way.facts.wants_node_port(&service.facts, beside_googles)
        })
    }

    /// The workloads of its unit whose pods a Service is known to lead to, in the order of the unit.
    pub fn workloads_behind(&self, service: ObjectId) -> &[WorkloadId] {
        self.exposure.pods.get(&service).map_or(&[], Vec::as_slice)
    }

    /// The Services of its unit that a backend of an Ingress or a route may mean.
    pub fn services_meant(&self, object: &Object, backend: &Backend) -> Vec<&Object> {
        let named = backend.service.known().map(|name| (object.unit, name.clone()));
        let named = named.and_then(|key| self.exposure.named.get(&key)).into_iter().flatten();
        named.map(|id| self.object(*id)).filter(|service| reaches(object, backend, service)).collect()
    }

    /// Finds out what leads where.
    pub(super) fn find_ways(&mut self) {
        let mut exposure = Exposure { named: self.services_by_name(), ..Exposure::default() };
        for unit in &self.units {
            self.find_services(unit.id, &mut exposure);
        }
        let googles = self.objects.iter().filter(|object| object.facts.is_for_google());
        exposure.googles = googles.map(|object| object.unit).collect();
        exposure.on_googles_disks = self.objects.iter().any(|object| object.facts.is_on_googles_disks());
        self.exposure = exposure;
        self.exposure.ways = self.find_ingresses();
    }

    fn services_by_name(&self) -> FxHashMap<(UnitId, String), Vec<ObjectId>> {
        let mut named: FxHashMap<(UnitId, String), Vec<ObjectId>> = FxHashMap::default();
        for object in self.objects.iter().filter(|object| object.facts.is("", "Service")) {
            if let Some(name) = object.facts.name().known() {
                named.entry((object.unit, name.clone())).or_default().push(object.id);
            }
        }
        named
    }

    fn find_services(&self, unit: UnitId, exposure: &mut Exposure) {
        let by_label = self.by_label(unit);
        for object in self.objects_of(unit).filter(|object| object.facts.uncertain.is_none()) {
            let Some(service) = object.facts.service().filter(has_selector) else { continue };
            // The label that the fewest pods have leaves the least to look at.
            let found = service.selector.iter().map(|pair| Some(by_label.get(&key_of(pair)?)?.as_slice()));
            let Some(candidates) = found.map(Option::unwrap_or_default).min_by_key(|found| found.len())
            else {
                continue;
            };
            for workload in candidates.iter().filter(|workload| self.leads(object, &service, workload)) {
                let services = exposure.services.entry(workload.id).or_default();
                if services.len() < MOST {
                    services.push(object.id);
                    exposure.pods.entry(object.id).or_default().push(workload.id);
                }
            }
        }
    }

    fn leads(&self, object: &Object, service: &Service, workload: &Workload) -> bool {
        let labels = workload.facts.template.as_ref().map_or(&[] as &[Pair], |template| &template.labels);
        service.selects(labels) && object.facts.may_share_namespace(&self.object(workload.object).facts)
    }

    /// The workloads of a unit by each label of their pods.
    fn by_label(&self, unit: UnitId) -> FxHashMap<(&str, &str), Vec<&Workload>> {
        let mut by_label: FxHashMap<(&str, &str), Vec<&Workload>> = FxHashMap::default();
        for workload in self.workloads_of(unit) {
            if self.object(workload.object).facts.uncertain.is_some() {
                continue;
            }
            let labels = workload.facts.template.iter().flat_map(|template| &template.labels);
            for label in labels.filter_map(key_of) {
                by_label.entry(label).or_default().push(workload);
            }
        }
        by_label
    }

    fn find_ingresses(&self) -> FxHashMap<ObjectId, Vec<Way>> {
        let only = self.services_of_folders();
        let mut found: FxHashMap<ObjectId, Vec<Way>> = FxHashMap::default();
        for object in &self.objects {
            for backend in object.facts.backends().into_iter().flat_map(|backends| backends.items) {
                let backend = backend.value;
                let mut services = self.services_meant(object, &backend);
                if services.is_empty() {
                    services.extend(self.only_one_meant(&only, object, &backend));
                }
                for service in services {
                    let ways = found.entry(service.id).or_default();
                    match ways.last_mut().filter(|way| way.object == object.id) {
                        Some(way) => way.backends.push(backend.clone()),
                        None => ways.push(Way { object: object.id, backends: vec![backend.clone()] }),
                    }
                }
            }
        }
        found
    }

    /// Of folders that hold variants and are cut into files, the Services by folder and name.
    fn services_of_folders(&self) -> FxHashMap<(ProjectPath, &str), Vec<ObjectId>> {
        let mut found: FxHashMap<(ProjectPath, &str), Vec<ObjectId>> = FxHashMap::default();
        for ((unit, name), services) in &self.exposure.named {
            if let Some(folder) = self.folder_of_variants(*unit) {
                found.entry((folder, name)).or_default().extend(services);
            }
        }
        found
    }

    fn folder_of_variants(&self, unit: UnitId) -> Option<ProjectPath> {
        let unit = self.unit(unit);
        (unit.made_from == MadeFrom::File).then(|| unit.at.parent().unwrap_or_else(ProjectPath::root))
    }

    /// The Service of another file of the folder: whichever variants are applied together, a name that stands there once
    /// can mean nothing else.
    fn only_one_meant(
        &self,
        only: &FxHashMap<(ProjectPath, &str), Vec<ObjectId>>,
        object: &Object,
        backend: &Backend,
    ) -> Option<&Object> {
        let folder = self.folder_of_variants(object.unit)?;
        let [one] = only.get(&(folder, backend.service.known()?.as_str()))?.as_slice() else { return None };
        Some(self.object(*one)).filter(|service| reaches(object, backend, service))
    }
}

/// True for a Service that finds its pods itself: a name for a host outside of the cluster (`ExternalName`) does not.
fn has_selector(service: &Service) -> bool {
    service.kind.known().is_some_and(|kind| kind != "ExternalName")
}

fn key_of(pair: &Pair) -> Option<(&str, &str)> {
    Some((pair.key.value.as_str(), pair.value.known()?.as_str()))
}

/// True unless the Service is known to be in another namespace than the one that is meant.
fn reaches(object: &Object, backend: &Backend, service: &Object) -> bool {
    let Some(named) = backend.namespace.known() else { return false };
    match (named, service.facts.namespace().known()) {
        (Some(wanted), Some(Some(namespace))) => wanted == namespace,
        (Some(_), _) => true,
        (None, _) => object.facts.may_share_namespace(&service.facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(manifests: &str) -> Project {
        Project::from_texts([(ProjectPath::new("k8s/all.yaml").unwrap(), manifests.to_owned())])
    }

    fn pod(name: &str, labels: &str) -> String {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {labels}}}\nspec: {{containers: [{{name: a, image: a}}]}}\n"
        )
    }

    fn service(metadata: &str, spec: &str) -> String {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {spec}\n")
    }

    fn ingress(metadata: &str, backend: &str) -> String {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {metadata}\nspec: {{rules: [{{host: a.example, http: {{paths: [{{path: /, backend: {{service: {backend}}}}}]}}}}]}}\n"
        )
    }

    fn name(project: &Project, object: ObjectId) -> String {
        project.object(object).facts.name().known().cloned().unwrap_or_default()
    }

    /// Names of the Services of the first workload.
    fn found(manifests: &str) -> Vec<String> {
        let project = project(manifests);
        let services = project.services_of(project.workloads[0].id);
        services.iter().map(|service| name(&project, *service)).collect()
    }

    #[test]
    fn a_selector_is_a_part_of_the_labels() {
        let web = pod("web", "{app: web, tier: front}");
        assert_eq!(found(&(web.clone() + &service("{name: part}", "{selector: {app: web}}"))), ["part"]);
        let all = service("{name: all}", "{selector: {tier: front, app: web}}");
        assert_eq!(found(&(web.clone() + &all)), ["all"]);
        for nothing in [
            "{selector: {app: web, tier: back}}",
            "{selector: {app: web, other: x}}",
            "{selector: {app: Web}}",
            "{selector: {}}",
            "{ports: [{port: 80}]}",
            "{type: ExternalName, externalName: a.example, selector: {app: web}}",
            "{selector: {app: \"${APP}\"}}",
        ] {
            assert_eq!(found(&(web.clone() + &service("{name: none}", nothing))), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn nothing_is_found_beyond_the_namespace_or_the_unit() {
        let web = pod("web, namespace: a", "{app: web}");
        let selects = "{selector: {app: web}}";
        assert_eq!(found(&(web.clone() + &service("{name: s, namespace: a}", selects))), ["s"]);
        assert_eq!(found(&(web.clone() + &service("{name: s}", selects))), ["s"], "whoever applies it says");
        assert_eq!(found(&(web.clone() + &service("{name: s, namespace: b}", selects))), [""; 0]);
        let path = |path: &str| ProjectPath::new(path).unwrap();
        let texts = [(path("a/pod.yaml"), web), (path("b/service.yaml"), service("{name: s}", selects))];
        let project = Project::from_texts(texts);
        assert!(project.services_of(project.workloads[0].id).is_empty());
    }

    /// What leads to the Service `web`: the names of the objects with the number of their rules.
    fn ways(manifests: &str) -> Vec<(String, usize)> {
        let project = project(manifests);
        let service = project.objects.iter().find(|object| object.facts.is("", "Service")).unwrap().id;
        let ways = project.ingresses_of(service).iter();
        ways.map(|way| (name(&project, way.object), way.backends.len())).collect()
    }

    #[test]
    fn among_variants_a_name_that_stands_once_is_meant() {
        let path = |path: &str| ProjectPath::new(path).unwrap();
        let web = service("{name: web}", "{selector: {app: web}}");
        let plain = ingress("{name: i}", "{name: web}");
        let ways = |files: Vec<(ProjectPath, String)>| {
            let project = Project::from_texts(files);
            let services = project.objects.iter().filter(|object| object.facts.is("", "Service"));
            services.map(|service| project.ingresses_of(service.id).len()).collect::<Vec<_>>()
        };
        let (one, two) = ((path("k/i.yaml"), plain.clone()), (path("k/tls.yaml"), plain.clone()));
        assert_eq!(ways(vec![one.clone(), two, (path("k/web.yaml"), web.clone())]), [2]);
        assert_eq!(ways(vec![one, (path("k/a.yaml"), web.clone()), (path("k/b.yaml"), web)]), [0, 0]);
    }

    #[test]
    fn ingresses_and_routes_name_their_service() {
        let web = service("{name: web, namespace: a}", "{selector: {app: web}}");
        let named = |name: &str, count: usize| vec![(name.to_owned(), count)];
        let two =
            ingress("{name: i}", "{name: web}, resource: null}}, {path: /b, backend: {service: {name: web}");
        assert_eq!(ways(&(web.clone() + &two)), named("i", 2));
        assert_eq!(ways(&(web.clone() + &ingress("{name: i}", "{name: other}"))), []);
        assert_eq!(ways(&(web.clone() + &ingress("{name: i, namespace: b}", "{name: web}"))), []);
        let route = |backend: &str| {
            format!(
                "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r, namespace: b}}\nspec: {{rules: [{{backendRefs: [{backend}]}}]}}\n"
            )
        };
        assert_eq!(ways(&(web.clone() + &route("{name: web, namespace: a}"))), named("r", 1));
        assert_eq!(ways(&(web.clone() + &route("{name: web, namespace: c}"))), []);
        assert_eq!(ways(&(web.clone() + &route("{name: web}"))), [], "its own namespace is meant");
        let openshift = "---\napiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: o}\nspec: {host: a, to: {name: web}}\n";
        assert_eq!(ways(&(web + openshift)), named("o", 1));
    }
}
