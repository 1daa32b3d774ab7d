//! Pod templates: what a workload of any kind starts.

use std::sync::Arc;

use super::container::{Container, Resources, Role, list};
use super::reading::{At, Pair};
use super::scaling::label_selector;
use crate::facts::{Fact, Found, Why};
use crate::source::Span;

/// The pods that a workload starts.
#[derive(Clone, Debug)]
pub struct PodTemplate {
    /// Where to show what is missing: the key `spec` of the template, or of the Pod.
    pub anchor: Span,
    /// Labels of the pods.
    pub labels: Vec<Pair>,
    /// Annotations of the pods.
    pub annotations: Vec<Pair>,
    /// Init containers, sidecars and main containers, in the order in which they start.
    pub containers: Vec<Arc<Container>>,
    /// `Ok` when these are all containers.
    pub rest: Result<(), Why>,
    /// Volumes.
    pub volumes: Found<Volume>,
    /// What the pod as a whole requests and may use (Kubernetes 1.32 and later).
    pub resources: Resources,
    /// Conditions that somebody else sets and that the pod must have to be ready.
    pub readiness_gates: Found<String>,
    /// Seconds between SIGTERM and SIGKILL; default 30.
    pub grace_period: Fact<i64>,
    /// Seconds that the pod may live.
    pub active_deadline: Fact<Option<i64>>,
    /// `Always` by default.
    pub restart_policy: Fact<String>,
    /// Name of the service account; `default` by default.
    pub service_account: Fact<String>,
    /// Whether the pod gets the account's token; `None`: the account decides, which is yes by default.
    pub automount_token: Fact<Option<bool>>,
    /// `priorityClassName`; `None`: the cluster's default.
    pub priority_class: Fact<Option<String>>,
    /// Whether the pod shares the node's network; default false.
    pub host_network: Fact<bool>,
    /// Whether root in the pod is root of the node; default true. When not, it is a user namespace's own.
    pub host_users: Fact<bool>,
    /// Whether the pod sees the node's processes; default false.
    pub host_pid: Fact<bool>,
    /// Whether the containers see each other's processes, under one process 1; default false.
    pub share_processes: Fact<bool>,
    /// True when the pod sets kernel parameters, such as the first port that every user may listen on.
    pub sets_sysctls: bool,
    /// Group that owns the volumes.
    pub fs_group: Fact<Option<i64>>,
    /// Names of the Secrets that images are pulled with.
    pub pull_secrets: Found<String>,
    /// Key and values of `nodeSelector`.
    pub node_selector: Vec<Pair>,
    /// `os.name`.
    pub os: Fact<Option<String>>,
    /// What keeps pods away from each other: terms of `podAntiAffinity` and `topologySpreadConstraints`.
    pub spread: Found<Spread>,
    /// Whether `affinity` ties the pod to nodes or to other pods.
    pub is_tied: bool,
}

/// A wish or a demand that pods do not stand together.
#[derive(Clone, Debug)]
pub struct Spread {
    /// The pods that are counted; none at all when there is no selector.
    pub selector: Option<Found<Pair>>,
    /// The label of nodes within which they are counted together (`kubernetes.io/hostname`).
    pub topology: Fact<String>,
}

/// A volume of a pod.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name.
    pub name: Fact<String>,
    /// What is in it.
    pub source: VolumeSource,
}

/// What a volume holds.
#[derive(Clone, Debug)]
pub enum VolumeSource {
    /// A PersistentVolumeClaim by name.
    Claim(Fact<String>),
    /// A ConfigMap by name.
    ConfigMap(Fact<String>),
    /// A Secret by name.
    Secret(Fact<String>),
    /// A folder that lives as long as the pod.
    EmptyDir,
    /// A path of the node.
    HostPath(Fact<String>),
    /// A claim that lives as long as the pod.
    Ephemeral,
    /// Another kind, by its key (`nfs`, `projected`, `csi`).
    Other(String),
    /// It cannot be told.
    Unknown(Why),
}

impl PodTemplate {
    /// Reads `metadata` and `spec` below `at`, a Pod or the template of a workload.
    pub(crate) fn read(at: At<'_>) -> PodTemplate {
        let spec = at.get("spec");
        let security = spec.get("securityContext");
        let (init, rest_of_init) = spec.get("initContainers").items();
        let (main, rest_of_main) = spec.get("containers").items();
        let init = init.into_iter().map(|item| Container::read(item, security, true));
        let main = main.into_iter().map(|item| Container::read(item, security, false));
        let containers = init.chain(main).map(Arc::new).collect();
        let account = spec.get("serviceAccountName");
        let account = if account.exists() { account } else { spec.get("serviceAccount") };
        PodTemplate {
            anchor: spec.anchor,
            labels: at.path(&["metadata", "labels"]).labels(),
            annotations: at.path(&["metadata", "annotations"]).pairs(),
            containers,
            rest: rest_of_init.and(rest_of_main),
            volumes: list(spec.get("volumes"), |item| Ok(volume(item))),
            resources: Resources::read(spec.get("resources"), spec.anchor),
            readiness_gates: list(spec.get("readinessGates"), |item| text(item.get("conditionType"))),
            grace_period: spec.get("terminationGracePeriodSeconds").int_or(30),
            active_deadline: spec.get("activeDeadlineSeconds").int(),
            restart_policy: spec.get("restartPolicy").text_or("Always"),
            service_account: account.text_or("default"),
            automount_token: spec.get("automountServiceAccountToken").bool(),
            priority_class: spec.get("priorityClassName").text(),
            host_network: spec.get("hostNetwork").bool_or(false),
            host_users: spec.get("hostUsers").bool_or(true),
            host_pid: spec.get("hostPID").bool_or(false),
            share_processes: spec.get("shareProcessNamespace").bool_or(false),
            sets_sysctls: security.get("sysctls").exists(),
            fs_group: security.get("fsGroup").int(),
            pull_secrets: list(spec.get("imagePullSecrets"), |item| text(item.get("name"))),
            node_selector: spec.get("nodeSelector").pairs(),
            os: spec.path(&["os", "name"]).text(),
            spread: spread(spec),
            is_tied: ["podAffinity", "nodeAffinity"]
                .iter()
                .any(|kind| spec.path(&["affinity", kind, REQUIRED]).exists()),
        }
    }

    /// The main containers.
    pub fn main(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().map(Arc::as_ref).filter(|container| container.role == Role::Main)
    }

    /// True when somebody else puts a container into the pod: a service mesh, Dapr, an agent.
    pub fn is_injected(&self) -> bool {
        let says = |pair: &Pair| {
            let key = pair.key.value.as_str();
            (key.contains("inject") || key == "dapr.io/enabled")
                && pair.value.known().is_none_or(|value| value != "false")
        };
        self.annotations.iter().chain(&self.labels).any(says)
    }

    /// True when the cluster itself hangs on the pod: of all pods it is evicted last.
    pub fn is_critical(&self) -> bool {
        let class = self.priority_class.known().and_then(Option::as_deref);
        matches!(class, Some("system-node-critical" | "system-cluster-critical"))
    }

    /// True when the pod is known to run on Windows, where users have no numbers.
    pub fn is_windows(&self) -> bool {
        let says = |text: Option<&String>| text.is_some_and(|text| text == "windows");
        says(self.os.known().and_then(Option::as_ref))
            || self
                .node_selector
                .iter()
                .any(|pair| pair.key.value.ends_with("kubernetes.io/os") && says(pair.value.known()))
    }

    /// True when no main container does more than sleep: a shell for people.
    pub fn only_sleeps(&self) -> bool {
        self.rest.is_ok() && self.main().next().is_some() && self.main().all(Container::only_sleeps)
    }

    /// The main containers and the sidecars: all that run for as long as the pod does.
    pub fn running(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().map(Arc::as_ref).filter(|container| container.role != Role::Init)
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn spread(spec: At<'_>) -> Found<Spread> {
    let anti = spec.path(&["affinity", "podAntiAffinity"]);
    let mut found = list(spec.get("topologySpreadConstraints"), |item| Ok(term(item)));
    for more in [
        list(anti.get(REQUIRED), |item| Ok(term(item))),
        list(anti.get(PREFERRED), |item| Ok(term(item.get("podAffinityTerm")))),
    ] {
        found.items.extend(more.items);
        found.rest = found.rest.and(more.rest);
    }
    found
}

fn term(at: At<'_>) -> Spread {
    let selector = at.get("labelSelector");
    Spread {
        selector: selector.exists().then(|| label_selector(selector)),
        topology: at.get("topologyKey").required(),
    }
}

fn text(at: At<'_>) -> Result<String, Why> {
    match at.required() {
        Fact::Known { value, .. } => Ok(value),
        Fact::Unknown(why) => Err(why),
    }
}

fn volume(at: At<'_>) -> Volume {
    Volume { name: at.get("name").required(), source: volume_source(at) }
}

fn volume_source(at: At<'_>) -> VolumeSource {
    // `emptyDir:` without a value is null to YAML and the default source to Kubernetes.
    let fields = at.value.map_or(&[] as &[_], |value| value.fields());
    let Some(field) = fields.iter().find(|field| &*field.key != "name" && !field.value.is_null()) else {
        return VolumeSource::EmptyDir;
    };
    let source = at.get(&field.key);
    match &*field.key {
        "persistentVolumeClaim" => VolumeSource::Claim(source.get("claimName").required()),
        "configMap" => VolumeSource::ConfigMap(source.get("name").required()),
        "secret" => VolumeSource::Secret(source.get("secretName").required()),
        "emptyDir" => VolumeSource::EmptyDir,
        "hostPath" => VolumeSource::HostPath(source.get("path").required()),
        "ephemeral" => VolumeSource::Ephemeral,
        key if field.value.unknown_why().is_none() => VolumeSource::Other(key.to_owned()),
        _ => VolumeSource::Unknown(field.value.unknown_why().unwrap_or(Why::Unsupported)),
    }
}
