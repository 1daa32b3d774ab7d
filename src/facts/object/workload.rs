//! Workloads: objects of any kind that start pods, seen as one.

use super::Object;
use super::container::list;
use super::pod::PodTemplate;
use super::reading::{At, Pair};
use super::storage::Claim;
use crate::facts::{Fact, Found};

/// The kinds that start pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// `apps` Deployment.
    Deployment,
    /// `apps` StatefulSet.
    StatefulSet,
    /// `apps` DaemonSet.
    DaemonSet,
    /// `apps` ReplicaSet.
    ReplicaSet,
    /// Core ReplicationController.
    ReplicationController,
    /// `batch` Job.
    Job,
    /// `batch` CronJob.
    CronJob,
    /// Core Pod.
    Pod,
    /// OpenShift DeploymentConfig.
    DeploymentConfig,
    /// Argo Rollouts' Rollout.
    Rollout,
    /// Knative Service.
    KnativeService,
}

/// An object that starts pods.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its pods; `None` for a Rollout that refers to another workload.
    pub template: Option<PodTemplate>,
    /// Number of pods wanted; default 1. `None` for kinds without it.
    pub replicas: Option<Fact<i64>>,
    /// Labels that its pods are found by (`matchLabels`, or the plain selector of older kinds).
    pub selector: Vec<Pair>,
    /// How pods are replaced.
    pub strategy: Option<Strategy>,
    /// Seconds a pod must be ready before it counts as available; default 0.
    pub min_ready: Fact<i64>,
    /// StatefulSet: name of the headless Service.
    pub service_name: Fact<Option<String>>,
    /// StatefulSet: `volumeClaimTemplates`.
    pub claims: Found<Claim>,
    /// Job and CronJob.
    pub job: Option<JobFields>,
    /// CronJob only.
    pub cron: Option<CronFields>,
}

/// How a workload replaces its pods.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// `RollingUpdate`, `Recreate`, `OnDelete`; of a DeploymentConfig `Rolling`, `Recreate`, `Custom`.
    pub kind: Fact<String>,
    /// `maxUnavailable` as written; default `25%`.
    pub max_unavailable: Fact<String>,
    /// `maxSurge` as written; default `25%`.
    pub max_surge: Fact<String>,
}

/// Fields of a Job, also inside of a CronJob.
#[derive(Clone, Debug)]
pub struct JobFields {
    /// Retries; default 6.
    pub backoff_limit: Fact<i64>,
    /// Seconds that it may take in all.
    pub active_deadline: Fact<Option<i64>>,
    /// Seconds that it is kept after its end.
    pub ttl_after_finished: Fact<Option<i64>>,
    /// Pods that must succeed.
    pub completions: Fact<Option<i64>>,
    /// Pods at once.
    pub parallelism: Fact<i64>,
}

/// Fields of a CronJob.
#[derive(Clone, Debug)]
pub struct CronFields {
    /// The schedule.
    pub schedule: Fact<String>,
    /// `Allow` by default.
    pub concurrency_policy: Fact<String>,
    /// Seconds that a start may come late.
    pub starting_deadline: Fact<Option<i64>>,
    /// Default false.
    pub suspend: Fact<bool>,
    /// Finished Jobs kept; default 3.
    pub successful_history: Fact<i64>,
    /// Failed Jobs kept; default 1.
    pub failed_history: Fact<i64>,
    /// Time zone of the schedule; `None`: that of the controller.
    pub time_zone: Fact<Option<String>>,
}

impl WorkloadKind {
    /// The kind of an object; `None` when it starts no pods.
    pub fn of(object: &Object) -> Option<WorkloadKind> {
        use WorkloadKind::*;
        Some(match (object.group(), object.kind.value.as_str()) {
            ("apps" | "extensions", "Deployment") => Deployment,
            ("apps", "StatefulSet") => StatefulSet,
            ("apps" | "extensions", "DaemonSet") => DaemonSet,
            ("apps" | "extensions", "ReplicaSet") => ReplicaSet,
            ("", "ReplicationController") => ReplicationController,
            ("batch", "Job") => Job,
            ("batch", "CronJob") => CronJob,
            ("", "Pod") => Pod,
            ("apps.openshift.io" | "", "DeploymentConfig") => DeploymentConfig,
            ("argoproj.io", "Rollout") => Rollout,
            ("serving.knative.dev", "Service") => KnativeService,
            _ => return None,
        })
    }

    /// Keys from the root to what holds `metadata` and `spec` of the pods.
    pub fn template_path(self) -> &'static [&'static str] {
        match self {
            WorkloadKind::Pod => &[],
            WorkloadKind::CronJob => &["spec", "jobTemplate", "spec", "template"],
            _ => &["spec", "template"],
        }
    }
}

impl Object {
    /// The object as a workload; `None` when it starts no pods.
    pub fn workload(&self) -> Option<Workload> {
        let kind = WorkloadKind::of(self)?;
        let (root, spec) = (self.at(), self.at().get("spec"));
        let template = root.path(kind.template_path());
        let refers = kind == WorkloadKind::Rollout && spec.get("workloadRef").exists();
        let job = match kind {
            WorkloadKind::Job => Some(spec),
            WorkloadKind::CronJob => Some(spec.path(&["jobTemplate", "spec"])),
            _ => None,
        };
        let claims = list(spec.get("volumeClaimTemplates"), |item| Ok(Claim::read(item)));
        Some(Workload {
            kind,
            template: (!refers).then(|| PodTemplate::read(template)),
            replicas: has_replicas(kind).then(|| spec.get("replicas").int_or(1)),
            selector: selector(spec),
            strategy: strategy(kind, spec),
            min_ready: spec.get("minReadySeconds").int_or(0),
            service_name: spec.get("serviceName").text(),
            claims,
            job: job.map(JobFields::read),
            cron: (kind == WorkloadKind::CronJob).then(|| CronFields::read(spec)),
        })
    }
}

fn has_replicas(kind: WorkloadKind) -> bool {
    use WorkloadKind::*;
    matches!(kind, Deployment | StatefulSet | ReplicaSet | ReplicationController | DeploymentConfig | Rollout)
}

fn selector(spec: At<'_>) -> Vec<Pair> {
    let selector = spec.get("selector");
    let matched = selector.get("matchLabels");
    let by_expression = selector.get("matchExpressions").exists();
    if matched.exists() || by_expression { matched.labels() } else { selector.labels() }
}

fn strategy(kind: WorkloadKind, spec: At<'_>) -> Option<Strategy> {
    let (key, inner, default) = match kind {
        WorkloadKind::Deployment => ("strategy", "rollingUpdate", "RollingUpdate"),
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            ("updateStrategy", "rollingUpdate", "RollingUpdate")
        }
        WorkloadKind::DeploymentConfig => ("strategy", "rollingParams", "Rolling"),
        _ => return None,
    };
    let at = spec.get(key);
    let (unavailable, surge) = match kind {
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => ("1", "0"),
        _ => ("25%", "25%"),
    };
    Some(Strategy {
        kind: at.get("type").text_or(default),
        max_unavailable: at.path(&[inner, "maxUnavailable"]).text_or(unavailable),
        max_surge: at.path(&[inner, "maxSurge"]).text_or(surge),
    })
}

impl JobFields {
    fn read(spec: At<'_>) -> JobFields {
        JobFields {
            backoff_limit: spec.get("backoffLimit").int_or(6),
            active_deadline: spec.get("activeDeadlineSeconds").int(),
            ttl_after_finished: spec.get("ttlSecondsAfterFinished").int(),
            completions: spec.get("completions").int(),
            parallelism: spec.get("parallelism").int_or(1),
        }
    }
}

impl CronFields {
    fn read(spec: At<'_>) -> CronFields {
        CronFields {
            schedule: spec.get("schedule").required(),
            concurrency_policy: spec.get("concurrencyPolicy").text_or("Allow"),
            starting_deadline: spec.get("startingDeadlineSeconds").int(),
            suspend: spec.get("suspend").bool_or(false),
            successful_history: spec.get("successfulJobsHistoryLimit").int_or(3),
            failed_history: spec.get("failedJobsHistoryLimit").int_or(1),
            time_zone: spec.get("timeZone").text(),
        }
    }
}
