//! Containers that run as root, or that nothing keeps from it.

use crate::facts::Fact;
use crate::facts::object::Role;
use crate::finding::Severity;
use crate::model::user::User;
use crate::model::{Container, Project};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, container: &Container, sink: &mut Sink) {
    let facts = &container.facts;
    let security = &facts.security;
    let (Some(uid), Some(non_root)) = (security.run_as_user.known(), security.run_as_non_root.known()) else {
        return;
    };
    if *non_root == Some(true) || uid.is_some_and(|uid| uid > 0) || !chooses_user(cx.project, container) {
        return;
    }
    let name = facts.name.known().map_or_else(String::new, |name| format!(" {name}"));
    let help = "set securityContext.runAsNonRoot: true, and runAsUser when the image has no user of its own";
    if uid.is_some() {
        let at = security.run_as_user.span().unwrap_or(facts.anchor);
        let finding = sink
            .report(at, format!("container{name} runs as root: runAsUser is 0"))
            .help("leave runAsUser to the image, or write another number, with runAsNonRoot: true");
        if facts.role == Role::Init {
            finding.severity(Severity::Info);
        }
        return;
    }
    if cx.project.is_agent_of_node(container) {
        return;
    }
    let is_own = container.image.known().is_some();
    match cx.project.image_user(container) {
        Fact::Known { value: User::Root, origin } => {
            let message =
                format!("container{name} runs as root: its image does, and the pod sets no other user");
            let mut finding = sink.report(facts.anchor, message).help(help);
            if let Some(span) = origin.span() {
                finding = finding.related(span, "the image's user is decided here");
            }
            if !is_own {
                finding.severity(Severity::Info);
            }
        }
        Fact::Known { .. } => {}
        Fact::Unknown(_) => {
            let message =
                format!("nothing keeps container{name} from running as root: that is left to the image");
            sink.report(facts.anchor, message).help(help).severity(Severity::Info);
        }
    }
}

/// False where the user of the manifest says nothing: OpenShift chooses one, Windows has no numbers, and in a user namespace
/// root is nobody.
fn chooses_user(project: &Project, container: &Container) -> bool {
    let workload = project.workload(container.workload);
    let Some(template) = &workload.facts.template else { return false };
    let shares_users = template.host_users.known() == Some(&true);
    shares_users && !template.is_windows() && !project.unit(workload.unit).openshift
}
