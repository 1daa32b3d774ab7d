//! How many processes of one kind run beside each other: replicas of workloads, what scales them, and compose's own.

use rustc_hash::FxHashMap;

use super::{Object, ObjectId, Project, Run, RunBy, Workload, WorkloadId};
use crate::facts::Fact;
use crate::source::Span;

/// The objects that scale workloads, by the workload.
#[derive(Debug, Default)]
pub struct Scaled {
    by: FxHashMap<WorkloadId, ObjectId>,
}

/// Several processes of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// How many there are, or may be.
    pub count: i64,
    /// True when something scales them.
    pub scaled: bool,
    /// Where it is said.
    pub at: Span,
}

impl Project {
    /// The HorizontalPodAutoscaler of the same unit that scales a workload.
    pub fn autoscaler_of(&self, workload: WorkloadId) -> Option<&Object> {
        self.scaled.by.get(&workload).map(|id| self.object(*id))
    }

    /// Where it is known that more than one process of a run is up at once.
    pub fn copies_of(&self, run: &Run) -> Option<Copies> {
        match run.by {
            RunBy::Container(id) => self.copies_of_workload(self.workload(self.container(id).workload)),
            RunBy::Compose(id) => several(&self.compose_services.get(id.0 as usize)?.facts.replicas),
            RunBy::Image => None,
        }
    }

    fn copies_of_workload(&self, workload: &Workload) -> Option<Copies> {
        let scaler = self.autoscaler_of(workload.id).and_then(|object| object.facts.autoscaler());
        if let Some(scaler) = scaler {
            let most = scaler.max_replicas;
            let (Some(Some(count)), Some(at)) = (most.known(), most.span()) else { return None };
            return (*count > 1).then_some(Copies { count: *count, scaled: true, at });
        }
        several(workload.facts.replicas.as_ref()?)
    }

    /// Finds out which HorizontalPodAutoscaler scales what.
    pub(super) fn find_scalers(&mut self) {
        let mut by = FxHashMap::default();
        for unit in &self.units {
            let mut named: FxHashMap<(String, String), Vec<&Workload>> = FxHashMap::default();
            for workload in self.workloads_of(unit.id) {
                let facts = &self.object(workload.object).facts;
                if let (Fact::Known { value: name, .. }, None) = (facts.name(), facts.uncertain) {
                    named.entry((facts.kind.value.clone(), name)).or_default().push(workload);
                }
            }
            for object in self.objects_of(unit.id).filter(|object| object.facts.uncertain.is_none()) {
                let Some(scaler) = object.facts.autoscaler() else { continue };
                let (Some(kind), Some(name)) = (scaler.target_kind.known(), scaler.target_name.known())
                else {
                    continue;
                };
                let meant = named.get(&(kind.clone(), name.clone())).into_iter().flatten();
                let same = meant
                    .filter(|one| object.facts.may_share_namespace(&self.object(one.object).facts))
                    .map(|workload| (workload.id, object.id));
                by.extend(same);
            }
        }
        self.scaled = Scaled { by };
    }
}

fn several(replicas: &Fact<i64>) -> Option<Copies> {
    let (count, at) = (*replicas.known()?, replicas.span()?);
    (count > 1).then_some(Copies { count, scaled: false, at })
}
