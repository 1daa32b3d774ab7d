//! Claims of pods that one node can have at a time.

use super::{Project, Workload};
use crate::facts::Fact;
use crate::facts::object::{Claim, PersistentVolume, VolumeSource};
use crate::source::Span;

/// A claim that is for one node at a time, as pods name it.
#[derive(Debug)]
pub struct SingleClaim {
    /// What it says.
    pub claim: Claim,
    /// Its name.
    pub name: String,
    /// Where the pods name it.
    pub at: Span,
    /// Where it says for how many it is.
    pub modes: Span,
}

impl Project {
    /// The first claim of the pods of a workload that is known to be for one node, where nothing else ties the pods to it.
    pub fn single_claim_of(&self, workload: &Workload) -> Option<SingleClaim> {
        let template = workload.facts.template.as_ref()?;
        if template.is_tied || !template.node_selector.is_empty() {
            return None;
        }
        let object = &self.object(workload.object).facts;
        template.volumes.items.iter().find_map(|volume| {
            let VolumeSource::Claim(named) = &volume.value.source else { return None };
            let (name, at) = (named.known()?, named.span()?);
            let found = self.claim_named(workload.unit, name)?;
            let claim = found.facts.claim().filter(|_| found.facts.may_share_namespace(object))?;
            let modes = &claim.access_modes;
            let is_single = !modes.items.is_empty()
                && modes.rest.is_ok()
                && modes
                    .items
                    .iter()
                    .all(|mode| matches!(mode.value.as_str(), "ReadWriteOnce" | "ReadWriteOncePod"));
            let span = modes.items.first()?.span;
            (is_single && !self.is_of_a_node(workload, &claim)).then(|| SingleClaim {
                claim,
                name: name.clone(),
                at,
                modes: span,
            })
        })
    }

    /// True for a claim whose volume is a folder of a node: nothing is attached, and the pods go there by themselves.
    fn is_of_a_node(&self, workload: &Workload, claim: &Claim) -> bool {
        let volumes = self.volumes_of(workload.unit).filter_map(|object| object.facts.persistent_volume());
        // A class of no name is none: such a claim takes a volume that has none.
        fn class(fact: &Fact<Option<String>>) -> Option<Option<&str>> {
            fact.known().map(|class| class.as_deref().filter(|name| !name.is_empty()))
        }
        let fits = |volume: &PersistentVolume| {
            let by_name = claim
                .volume
                .known()
                .cloned()
                .flatten()
                .is_some_and(|name| volume.name.known() == Some(&name));
            let by_claim = claim.name.known().is_some()
                && volume.claim.known().cloned().flatten().as_ref() == claim.name.known();
            by_name || by_claim || class(&claim.class) == class(&volume.class)
        };
        volumes.into_iter().any(|volume| fits(&volume) && volume.host_path.known() != Some(&None))
    }
}
