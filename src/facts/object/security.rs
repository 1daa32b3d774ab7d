//! Security contexts: what holds for a container after the pod's and its own are laid over each other.

use super::reading::At;
use crate::facts::{Fact, Found};

/// The security context in force for a container. Fields of the container win over those of its pod.
#[derive(Clone, Debug)]
pub struct SecurityContext {
    /// User id; `None`: the image decides.
    pub run_as_user: Fact<Option<i64>>,
    /// Group id; `None`: the image decides.
    pub run_as_group: Fact<Option<i64>>,
    /// Whether the kubelet refuses to start it as root; `None` is the same as false, but nobody chose it.
    pub run_as_non_root: Fact<Option<bool>>,
    /// Type of the seccomp profile.
    pub seccomp: Fact<Option<String>>,
    /// Whether it has the host's powers; default false.
    pub privileged: Fact<bool>,
    /// Whether its root file system is read-only; default false.
    pub read_only_root_filesystem: Fact<bool>,
    /// Whether a process may gain more powers than its parent; default true.
    pub allow_privilege_escalation: Fact<bool>,
    /// Capabilities added.
    pub added: Found<String>,
    /// Capabilities dropped.
    pub dropped: Found<String>,
}

impl SecurityContext {
    /// Lays a container's context over its pod's; either may be absent.
    pub(crate) fn effective(pod: At<'_>, container: At<'_>) -> SecurityContext {
        let either = |path: &[&str]| {
            let own = container.path(path);
            let shared = pod.path(path);
            // What neither says would be written into the container.
            if own.exists() || !shared.exists() { own } else { shared }
        };
        SecurityContext {
            run_as_user: both(either(&["runAsUser"]).int(), pod),
            run_as_group: both(either(&["runAsGroup"]).int(), pod),
            run_as_non_root: both(either(&["runAsNonRoot"]).bool(), pod),
            seccomp: both(either(&["seccompProfile", "type"]).text(), pod),
            privileged: container.get("privileged").bool_or(false),
            read_only_root_filesystem: container.get("readOnlyRootFilesystem").bool_or(false),
            allow_privilege_escalation: container.get("allowPrivilegeEscalation").bool_or(true),
            added: container.path(&["capabilities", "add"]).texts(),
            dropped: container.path(&["capabilities", "drop"]).texts(),
        }
    }
}

/// A field that the container does not set is unknown when the pod's context is.
fn both<T>(fact: Fact<Option<T>>, pod: At<'_>) -> Fact<Option<T>> {
    match (&fact, pod.value.and_then(|value| value.unknown_why())) {
        (Fact::Known { value: None, .. }, Some(why)) => Fact::Unknown(why),
        _ => fact,
    }
}
