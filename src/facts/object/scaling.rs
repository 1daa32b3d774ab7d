//! HorizontalPodAutoscalers, KEDA's ScaledObjects and PodDisruptionBudgets.

use super::Object;
use super::container::list;
use super::reading::{At, Pair};
use super::value::Value;
use crate::facts::{Fact, Found, Why};

/// A HorizontalPodAutoscaler of any version, or a ScaledObject, of which KEDA makes one.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// Kind of what it scales.
    pub target_kind: Fact<String>,
    /// Name of what it scales.
    pub target_name: Fact<String>,
    /// Default 1, of a ScaledObject 0.
    pub min_replicas: Fact<i64>,
    /// The most pods.
    pub max_replicas: Fact<Option<i64>>,
    /// Names of the resources whose use it looks at as a share of the requests (`cpu`, `memory`).
    pub utilization_of: Vec<Fact<String>>,
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug)]
pub struct DisruptionBudget {
    /// Labels of the pods it is about; when these are all and there are none, all pods of the namespace.
    pub selector: Found<Pair>,
    /// `minAvailable` as written.
    pub min_available: Fact<Option<String>>,
    /// `maxUnavailable` as written.
    pub max_unavailable: Fact<Option<String>>,
}

impl Object {
    /// The object as a HorizontalPodAutoscaler.
    pub fn autoscaler(&self) -> Option<Autoscaler> {
        let spec = self.at().get("spec");
        if self.is("keda.sh", "ScaledObject") {
            return Some(scaled_object(spec));
        }
        if !self.is("autoscaling", "HorizontalPodAutoscaler") {
            return None;
        }
        let (metrics, _) = spec.get("metrics").items();
        let resources = metrics.into_iter().map(|metric| metric.get("resource")).filter(|resource| {
            let target = resource.get("target");
            target.get("averageUtilization").exists() || resource.get("targetAverageUtilization").exists()
        });
        let mut utilization_of: Vec<Fact<String>> =
            resources.map(|resource| resource.get("name").required()).collect();
        let v1 = spec.get("targetCPUUtilizationPercentage");
        if v1.exists() {
            utilization_of.push(Fact::written("cpu".to_owned(), v1.span()));
        }
        Some(Autoscaler {
            target_kind: spec.path(&["scaleTargetRef", "kind"]).required(),
            target_name: spec.path(&["scaleTargetRef", "name"]).required(),
            min_replicas: spec.get("minReplicas").int_or(1),
            max_replicas: spec.get("maxReplicas").int(),
            utilization_of,
        })
    }

    /// True for a version that no cluster takes since Kubernetes 1.25 and 1.26: the object is refused, and scales nothing.
    /// Source: kubernetes.io/docs/reference/using-api/deprecation-guide; seen on 2026-11-21.
    pub fn is_of_removed_autoscaling(&self) -> bool {
        let version = self.root.at(&["apiVersion"]).and_then(Value::scalar);
        version.is_some_and(|version| matches!(&*version.text, "autoscaling/v2beta1" | "autoscaling/v2beta2"))
    }

    /// The object as a PodDisruptionBudget.
    pub fn disruption_budget(&self) -> Option<DisruptionBudget> {
        let spec = self.at().get("spec");
        self.is("policy", "PodDisruptionBudget").then(|| DisruptionBudget {
            selector: label_selector(spec.get("selector")),
            min_available: spec.get("minAvailable").text(),
            max_unavailable: spec.get("maxUnavailable").text(),
        })
    }
}

/// Source: KEDA's documentation, "ScaledObject specification".
fn scaled_object(spec: At<'_>) -> Autoscaler {
    Autoscaler {
        target_kind: spec.path(&["scaleTargetRef", "kind"]).text_or("Deployment"),
        target_name: spec.path(&["scaleTargetRef", "name"]).required(),
        min_replicas: spec.get("minReplicaCount").int_or(0),
        max_replicas: spec.get("maxReplicaCount").int(),
        utilization_of: Vec::new(),
    }
}

/// The labels of a selector that pods are chosen by. Expressions are not read: with them the labels are not all.
pub(crate) fn label_selector(at: At<'_>) -> Found<Pair> {
    let labels = at.get("matchLabels");
    let items = labels.labels().into_iter().map(|pair| crate::source::Spanned::new(pair, labels.span()));
    let by_expression = list(at.get("matchExpressions"), |_| Ok(()));
    let rest = match by_expression.items.is_empty() {
        true => by_expression.rest.and(labels.fields().1),
        false => Err(Why::Unsupported),
    };
    Found { items: items.collect(), rest }
}

impl Found<Pair> {
    /// Whether a selector of these labels chooses a pod; `None` when that cannot be told.
    pub fn chooses(&self, labels: &[Pair]) -> Option<bool> {
        let mut sure = self.rest.is_ok();
        for wanted in self.items.iter().map(|pair| &pair.value) {
            let label = labels.iter().find(|label| label.key.value == wanted.key.value);
            let Some(label) = label else { return Some(false) };
            match (label.value.known(), wanted.value.known()) {
                (Some(label), Some(wanted)) if label != wanted => return Some(false),
                (Some(_), Some(_)) => {}
                _ => sure = false,
            }
        }
        sure.then_some(true)
    }
}
