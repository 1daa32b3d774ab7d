//! LimitRange: what a namespace fills in for containers that say nothing of their resources.

use super::Object;
use super::quantity::Quantity;
use crate::facts::Fact;

/// The defaults of a LimitRange for containers; unknown where a template fills them in.
#[derive(Clone, Debug)]
pub struct LimitRange {
    /// `defaultRequest.cpu`, else `default.cpu`.
    pub cpu_request: Fact<Option<Quantity>>,
    /// `defaultRequest.memory`, else `default.memory`.
    pub memory_request: Fact<Option<Quantity>>,
    /// `default.memory`.
    pub memory_limit: Fact<Option<Quantity>>,
}

impl Object {
    /// The object as a LimitRange with an entry for containers.
    pub fn limit_range(&self) -> Option<LimitRange> {
        if !self.is("", "LimitRange") {
            return None;
        }
        let (items, _) = self.at().path(&["spec", "limits"]).items();
        let of_containers = items.into_iter().find(|item| {
            item.get("type").value.and_then(|value| value.as_str()).is_some_and(|kind| kind == "Container")
        })?;
        let limit = |resource: &str| of_containers.path(&["default", resource]);
        let request = |resource: &str| {
            let own = of_containers.path(&["defaultRequest", resource]);
            if own.exists() { own } else { limit(resource) }
        };
        Some(LimitRange {
            cpu_request: request("cpu").quantity(),
            memory_request: request("memory").quantity(),
            memory_limit: limit("memory").quantity(),
        })
    }
}
