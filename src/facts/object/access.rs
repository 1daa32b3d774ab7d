//! Who may do what: roles and their bindings.

use super::Object;
use super::container::list;
use super::reading::At;
use crate::facts::{Fact, Found};

/// A Role, ClusterRole, RoleBinding or ClusterRoleBinding.
#[derive(Clone, Debug)]
pub struct Access {
    /// True for the kinds that hold in the whole cluster.
    pub cluster_wide: bool,
    /// What a role allows.
    pub rules: Found<AccessRule>,
    /// Name of the role that a binding gives; `None` for a role.
    pub role: Fact<Option<String>>,
    /// To whom a binding gives it.
    pub subjects: Found<Subject>,
}

/// A rule of a role.
#[derive(Clone, Debug)]
pub struct AccessRule {
    /// API groups.
    pub groups: Found<String>,
    /// Resources.
    pub resources: Found<String>,
    /// Verbs.
    pub verbs: Found<String>,
}

/// Somebody who is given a role.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: Fact<String>,
    /// Its name.
    pub name: Fact<String>,
    /// Its namespace.
    pub namespace: Fact<Option<String>>,
}

impl Object {
    /// The object as a role or a binding.
    pub fn access(&self) -> Option<Access> {
        let kinds = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];
        if self.group() != "rbac.authorization.k8s.io" || !kinds.contains(&self.kind.value.as_str()) {
            return None;
        }
        let root = self.at();
        Some(Access {
            cluster_wide: self.kind.value.starts_with("Cluster"),
            rules: list(root.get("rules"), |item| Ok(rule(item))),
            role: root.path(&["roleRef", "name"]).text(),
            subjects: list(root.get("subjects"), |item| Ok(subject(item))),
        })
    }
}

fn rule(at: At<'_>) -> AccessRule {
    AccessRule {
        groups: at.get("apiGroups").texts(),
        resources: at.get("resources").texts(),
        verbs: at.get("verbs").texts(),
    }
}

fn subject(at: At<'_>) -> Subject {
    Subject {
        kind: at.get("kind").required(),
        name: at.get("name").required(),
        namespace: at.get("namespace").text(),
    }
}
