//! The user that the shipped stage ends with, when that is known to be root.

use crate::facts::command::Command;
use crate::facts::object::Container;
use crate::facts::{Fact, Origin};
use crate::finding::{Edit, Safety, Severity};
use crate::model::user::User;
use crate::model::{Image, Run};
use crate::rules::{Cx, Sink, start};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Fact::Known { value: user, origin } = &image.config().user else { return };
    let from = image.stage().from_span;
    let is_root = image.user().known() == Some(&User::Root);
    // Those that are built on it choose their own user; what starts nothing runs as nobody.
    let starts = |command: &Fact<Option<Command>>| !matches!(command.known(), Some(None));
    if !is_root || image.is_base || !(starts(&image.config().entrypoint) || starts(&image.config().cmd)) {
        return;
    }
    if reads_the_node(cx, image) {
        return;
    }
    let (at, message) = match (user, origin.span()) {
        (Some(user), Some(at)) if at.file == image.dockerfile && matches!(origin, Origin::Written(_)) => {
            (at, format!("the container runs as root: the last USER is {user}"))
        }
        _ => {
            let base = image.base_name().map_or("the base image", |base| base.without_digest());
            (from, format!("the container runs as root: {base} does, and no USER follows"))
        }
    };
    let user = user_of_base(image);
    let help = match user {
        Some((name, uid)) => format!("end the stage with `USER {uid}`: the image has that user, {name}"),
        None => "make a user, and end the stage with USER and its number".to_owned(),
    };
    let mut finding = sink.report(at, message).help(help);
    if at == from
        && let Some(span) = started_by(image)
    {
        finding = finding.related(span, "this runs as root");
    }
    if let Some(span) = user_made(image) {
        finding = finding.related(span, "a user is made here and never selected");
    }
    if let Some((name, uid)) = user
        && let Some((title, edit)) = fix(cx, image, name, uid)
    {
        finding = finding.fix(title, Safety::Unsafe, vec![edit]);
    }
    if let Some(spans) = pods_choose(cx, image) {
        let finding = finding.severity(Severity::Info);
        spans.into_iter().fold(finding, |finding, span| finding.related(span, "the pod sets another user"));
    }
}

/// The name and number of a user that the base image has beside root.
fn user_of_base(image: &Image) -> Option<(&str, u32)> {
    let user = image.base.as_ref()?.users.iter().find(|user| user.uid.is_some_and(|uid| uid > 0))?;
    Some((user.name.as_deref()?, user.uid?))
}

/// A USER before the instruction that starts the server. None where a script makes or removes users: which of them is
/// meant is not known.
fn fix(cx: &Cx<'_>, image: &Image, name: &str, uid: u32) -> Option<(String, Edit)> {
    let (at, newline) = start::before_start(cx.project, image)?;
    let is_behind = |user: Span| user.file == at.file && user.start > at.start;
    let changes_users = image.lineage().flat_map(|stage| &stage.runs).any(|run| {
        let words = ["useradd", "adduser", "usermod", "userdel", "deluser"];
        run.script().is_none_or(|script| words.iter().any(|word| script.text.contains(word)))
    });
    let mut runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id));
    let is_privileged = |run: &Run| {
        run.serving.servers.iter().any(|server| server.port.known().is_some_and(|port| *port < 1024))
    };
    if changes_users || image.config().user.span().is_some_and(is_behind) || runs.any(is_privileged) {
        return None;
    }
    // The kubelet can tell of a number that it is not root, and of a name it cannot.
    let user = if image.containers.is_empty() { name.to_owned() } else { uid.to_string() };
    let title = format!("Start as {name}: `USER {user}`; paths that the process writes must belong to it");
    Some((title, Edit { span: at, text: format!("USER {user}{newline}") }))
}

/// The instruction of the same file that says what is started.
fn started_by(image: &Image) -> Option<Span> {
    let config = image.config();
    let written = |command: &Fact<Option<Command>>| {
        let Fact::Known { value: Some(_), origin: Origin::Written(span) } = command else { return None };
        Some(*span).filter(|span| span.file == image.dockerfile)
    };
    written(&config.entrypoint).or_else(|| written(&config.cmd))
}

/// Where a stage of the shipped lineage makes a user.
fn user_made(image: &Image) -> Option<Span> {
    image.lineage().flat_map(|stage| &stage.runs).find_map(|run| {
        let script = run.script()?;
        let at = ["useradd ", "adduser "].iter().find_map(|program| script.text.find(program))?;
        Some(script.span(at, at + "useradd".len()))
    })
}

/// True when every container that runs it is an agent of the node.
fn reads_the_node(cx: &Cx<'_>, image: &Image) -> bool {
    let mut containers = image.containers.iter().map(|id| cx.project.container(*id));
    !image.containers.is_empty() && containers.all(|container| cx.project.is_agent_of_node(container))
}

/// Where all pods that run the image choose another user; `None` when there are none, or one does not.
fn pods_choose(cx: &Cx<'_>, image: &Image) -> Option<Vec<Span>> {
    let chosen = |container: &Container| {
        let user = &container.security.run_as_user;
        user.known()?.filter(|user| *user > 0)?;
        user.span()
    };
    let containers = image.containers.iter().map(|id| &*cx.project.container(*id).facts);
    let spans: Option<Vec<Span>> = containers.map(chosen).collect();
    spans.filter(|spans| !spans.is_empty())
}
