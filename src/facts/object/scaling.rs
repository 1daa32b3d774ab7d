//! HorizontalPodAutoscalers and PodDisruptionBudgets.

use super::Object;
use super::reading::Pair;
use crate::facts::Fact;

/// A HorizontalPodAutoscaler of any version.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// Kind of what it scales.
    pub target_kind: Fact<String>,
    /// Name of what it scales.
    pub target_name: Fact<String>,
    /// Default 1.
    pub min_replicas: Fact<i64>,
    /// The most pods.
    pub max_replicas: Fact<Option<i64>>,
    /// Names of the resources whose use it looks at as a share of the requests (`cpu`, `memory`).
    pub utilization_of: Vec<Fact<String>>,
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug)]
pub struct DisruptionBudget {
    /// Labels of the pods it is about.
    pub selector: Vec<Pair>,
    /// `minAvailable` as written.
    pub min_available: Fact<Option<String>>,
    /// `maxUnavailable` as written.
    pub max_unavailable: Fact<Option<String>>,
}

impl Object {
    /// The object as a HorizontalPodAutoscaler.
    pub fn autoscaler(&self) -> Option<Autoscaler> {
        if !self.is("autoscaling", "HorizontalPodAutoscaler") {
            return None;
        }
        let spec = self.at().get("spec");
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

    /// The object as a PodDisruptionBudget.
    pub fn disruption_budget(&self) -> Option<DisruptionBudget> {
        let spec = self.at().get("spec");
        self.is("policy", "PodDisruptionBudget").then(|| DisruptionBudget {
            selector: spec.path(&["selector", "matchLabels"]).pairs(),
            min_available: spec.get("minAvailable").text(),
            max_unavailable: spec.get("maxUnavailable").text(),
        })
    }
}
