//! Processes without root's powers that listen below 1024.

use crate::facts::Fact;
use crate::model::Run;
use crate::model::user::User;
use crate::rules::{Cx, Sink};

/// The first port that every user may listen on, unless the system is told otherwise.
const FIRST_FREE: u16 = 1024;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let server = run
        .serving
        .servers
        .iter()
        .find(|server| server.port.known().is_some_and(|port| (1..FIRST_FREE).contains(port)));
    let (Some(server), Fact::Known { value: user, origin }) = (server, cx.project.user_of(run)) else {
        return;
    };
    let Some(port) = server.port.known().filter(|_| user != User::Root && !may_bind(cx, run)) else { return };
    let who = match &user {
        User::Root => return,
        User::Number(uid) => format!("user {uid}"),
        User::Named(name) => format!("user {name}"),
        User::Unnamed => "a user that is not root".to_owned(),
    };
    let message = format!(
        "{who} listens on port {port}: nodes that keep ports below {FIRST_FREE} for root end the process with EACCES"
    );
    let mut finding = sink
        .report(server.port.span().unwrap_or(server.at), message)
        .help("listen on 3000 or 8080: a Service may offer port 80 all the same");
    if let Some(span) = origin.span() {
        finding = finding.related(span, "the user is decided here");
    }
    if server.port.span().is_some_and(|span| span != server.at) {
        finding.related(server.at, "the server listens here");
    }
}

/// True when a RUN gives node itself the power: `setcap 'cap_net_bind_service=+ep' /usr/local/bin/node`.
fn gave_file_power(cx: &Cx<'_>, run: &Run) -> bool {
    let Some(image) = run.image.map(|id| cx.project.image(id)) else { return false };
    let gives =
        |text: &str| text.contains("setcap") && text.to_ascii_lowercase().contains("cap_net_bind_service");
    let mut runs = image.lineage().flat_map(|stage| &stage.runs);
    runs.any(|run| run.script().is_some_and(|script| gives(&script.text)))
}

/// True when the image, the pod or Docker gives the power, or may.
fn may_bind(cx: &Cx<'_>, run: &Run) -> bool {
    if run.service().is_some() || gave_file_power(cx, run) {
        return true;
    }
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return false };
    let added = &container.facts.security.added;
    let gives = |capability: &str| matches!(capability, "NET_BIND_SERVICE" | "CAP_NET_BIND_SERVICE" | "ALL");
    let workload = cx.project.workload(container.workload);
    let sysctls = workload.facts.template.as_ref().is_none_or(|template| template.sets_sysctls);
    sysctls || added.rest.is_err() || added.items.iter().any(|capability| gives(&capability.value))
}
