//! How many pods a workload is meant to have and what keeps some of them alive: disruption budgets, and the workloads of each
//! unit of which too little is said.

use rustc_hash::{FxHashMap, FxHashSet};

use super::purpose::Purpose;
use super::{Object, ObjectId, Project, UnitId, Workload, WorkloadId};
use crate::facts::object::{LimitRange, VolumeSource, WorkloadKind};
use crate::facts::server;

/// Who guards whose pods, found once.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    budgets: FxHashMap<WorkloadId, ObjectId>,
    lone: FxHashMap<UnitId, Vec<WorkloadId>>,
    huddled: FxHashMap<UnitId, Vec<WorkloadId>>,
    unguarded: FxHashMap<UnitId, Vec<WorkloadId>>,
}

impl Project {
    /// The PodDisruptionBudget of its unit that is known to be about the pods of a workload.
    pub fn budget_of(&self, workload: WorkloadId) -> Option<&Object> {
        self.scale.budgets.get(&workload).map(|id| self.object(*id))
    }

    /// The least number of pods that a workload is meant to have: the autoscaler's, else `replicas`.
    pub fn pods_of(&self, workload: &Workload) -> Option<i64> {
        match self.autoscaler_of(workload.id) {
            Some(object) => object.facts.autoscaler()?.min_replicas.known().copied(),
            None => workload.facts.replicas.as_ref()?.known().copied(),
        }
    }

    /// Workloads of a unit that clients reach through a Service, and that are one pod by nobody's express wish.
    pub fn lone_of(&self, unit: UnitId) -> &[WorkloadId] {
        self.scale.lone.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Workloads of a unit with two pods or more of which nothing says that they are to be on different nodes.
    pub fn huddled_of(&self, unit: UnitId) -> &[WorkloadId] {
        self.scale.huddled.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// Workloads of a whole unit with two pods or more that no PodDisruptionBudget is about.
    pub fn unguarded_of(&self, unit: UnitId) -> &[WorkloadId] {
        self.scale.unguarded.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// The defaults for containers of the namespace that a workload goes to.
    pub fn limit_range_of(&self, workload: &Workload) -> Option<LimitRange> {
        let namespace = self.object(workload.object).facts.namespace();
        let ranges = self.unit(workload.unit).limit_ranges.iter().map(|id| self.object(*id));
        ranges.into_iter().find_map(|object| {
            let range = object.facts.limit_range()?;
            (object.facts.namespace().known() == namespace.known()).then_some(range)
        })
    }

    /// Finds out who scales what; what leads where, what there is and what scales what is found before.
    pub(super) fn find_scale(&mut self) {
        let scaled = self.scaled_names();
        let may_be_guarded = self.find_budgets();
        let (mut lone, mut huddled, mut unguarded) = (Vec::new(), Vec::new(), Vec::new());
        for workload in &self.workloads {
            let object = &self.object(workload.object).facts;
            let is_sure = self.unit(workload.unit).rest.is_ok() && workload.purpose.decided == Purpose::Ship;
            if !is_sure || object.uncertain.is_some() || !has_equal_pods(workload.facts.kind) {
                continue;
            }
            // A budget or an autoscaler of another folder may be laid beside it.
            let named = object.name().known().is_some_and(|name| scaled.contains(name));
            let pods = self.pods_of(workload);
            if pods == Some(1) && !named && self.is_lone(workload) {
                lone.push(workload);
            }
            // Pods that share the claim of one node are on that node, or they do not start.
            if pods.is_some_and(|pods| pods >= 2) && self.single_claim_of(workload).is_none() {
                huddled.extend(has_no_spread(workload).then_some(workload));
                let guards = may_be_guarded.contains(&workload.id) || !self.is_whole(workload.unit);
                unguarded.extend((!guards).then_some(workload));
            }
        }
        let (lone, huddled, unguarded) = (by_unit(lone), by_unit(huddled), by_unit(unguarded));
        (self.scale.lone, self.scale.huddled, self.scale.unguarded) = (lone, huddled, unguarded);
    }

    /// The names of all that autoscalers of the project are for.
    fn scaled_names(&self) -> FxHashSet<String> {
        let scaled = self.objects.iter().filter_map(|object| object.facts.autoscaler());
        scaled.filter_map(|autoscaler| autoscaler.target_name.known().cloned()).collect()
    }

    /// Remembers which budget is about which pods, and gives the workloads that some budget of the project may be about.
    fn find_budgets(&mut self) -> FxHashSet<WorkloadId> {
        let mut may_be_guarded = FxHashSet::default();
        let budgets: Vec<_> = self
            .objects
            .iter()
            .filter_map(|object| Some((object, object.facts.disruption_budget()?.selector)))
            .collect();
        let mut found = Vec::new();
        // Budgets are few; a project of thousands of them is held to those of the first hundred.
        for (object, selector) in budgets.iter().take(MOST_BUDGETS) {
            for workload in &self.workloads {
                let labels = workload.facts.template.as_ref().map(|template| &template.labels);
                let chosen = labels.and_then(|labels| selector.chooses(labels));
                if chosen == Some(false) {
                    continue;
                }
                may_be_guarded.insert(workload.id);
                let is_near = workload.unit == object.unit
                    && self.object(workload.object).facts.may_share_namespace(&object.facts);
                if is_near && chosen == Some(true) {
                    found.push((workload.id, object.id));
                }
            }
        }
        if budgets.len() > MOST_BUDGETS {
            may_be_guarded.extend(self.workloads.iter().map(|workload| workload.id));
        }
        for (workload, budget) in found {
            self.scale.budgets.entry(workload).or_insert(budget);
        }
        may_be_guarded
    }

    /// True when requests come to its pods and nothing shows that one pod is what is wanted.
    fn is_lone(&self, workload: &Workload) -> bool {
        let Some(template) = &workload.facts.template else { return false };
        let strategy = workload.facts.strategy.as_ref().and_then(|strategy| strategy.kind.known());
        // Members of a StatefulSet are not equal: a second one is another database.
        let is_singular = strategy.is_some_and(|kind| kind == "Recreate")
            || workload.facts.kind == WorkloadKind::StatefulSet
            || template.main().any(|container| {
                server::of_container(container).is_some() || server::is_lone_watcher(container)
            })
            || template.volumes.items.iter().any(|volume| !is_shared(&volume.value.source));
        !is_singular && !self.services_of(workload.id).is_empty()
    }
}

/// Budgets that are looked at.
const MOST_BUDGETS: usize = 100;

fn by_unit(workloads: Vec<&Workload>) -> FxHashMap<UnitId, Vec<WorkloadId>> {
    let mut by_unit: FxHashMap<UnitId, Vec<WorkloadId>> = FxHashMap::default();
    for workload in workloads {
        by_unit.entry(workload.unit).or_default().push(workload.id);
    }
    by_unit
}

/// Kinds whose pods are as many as one asks for.
fn has_equal_pods(kind: WorkloadKind) -> bool {
    use WorkloadKind::*;
    matches!(kind, Deployment | StatefulSet | ReplicaSet | ReplicationController | DeploymentConfig | Rollout)
}

/// True for a volume that as many pods as one likes may have.
fn is_shared(source: &VolumeSource) -> bool {
    use VolumeSource::*;
    matches!(source, ConfigMap(_) | Secret(_) | EmptyDir | Ephemeral | Other(_))
}

fn has_no_spread(workload: &Workload) -> bool {
    let Some(template) = &workload.facts.template else { return false };
    template.spread.items.is_empty() && template.spread.rest.is_ok() && template.node_selector.is_empty()
}
