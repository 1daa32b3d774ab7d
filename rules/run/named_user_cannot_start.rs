//! Pods that demand a user other than root, over an image of which the kubelet cannot tell that.

use crate::facts::Fact;
use crate::finding::{Edit, Safety};
use crate::model::user::User;
use crate::model::{Image, Run};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(container) = run.container().map(|id| cx.project.container(id)) else { return };
    let workload = cx.project.workload(container.workload);
    let windows = workload.facts.template.as_ref().is_none_or(|template| template.is_windows());
    let security = &container.facts.security;
    let Fact::Known { value: Some(true), origin } = &security.run_as_non_root else { return };
    let Some(at) = origin.span().filter(|_| !windows && !cx.project.unit(workload.unit).openshift) else {
        return;
    };
    match security.run_as_user.known() {
        Some(Some(0)) => {
            sink.report(at, "the pod never starts: runAsNonRoot is true and runAsUser is 0")
                .related(security.run_as_user.span().unwrap_or(at), "root is asked for here")
                .help("write the number of another user in runAsUser");
        }
        Some(None) => over_image(cx, run, at, sink),
        _ => {}
    }
}

/// The image decides the user, and the kubelet looks at its number before it starts it.
fn over_image(cx: &Cx<'_>, run: &Run, at: Span, sink: &mut Sink) {
    let Fact::Known { value: user, origin } = cx.project.user_of(run) else { return };
    let image = run.image.map(|id| cx.project.image(id));
    let (message, why) = match &user {
        User::Number(_) | User::Unnamed => return,
        User::Root => (
            "the kubelet refuses to start it: runAsNonRoot is true and the image runs as root".to_owned(),
            "the image's user is decided here",
        ),
        User::Named(name) => (
            format!(
                "the kubelet refuses to start it: it cannot tell that the image's user {name}, a name, is not root"
            ),
            "this is a name, and not a number",
        ),
    };
    let uid = match (&user, image) {
        (User::Named(name), Some(image)) => image.uid_of(name),
        _ => None,
    };
    let help = match uid {
        Some(uid) => {
            format!("write `USER {uid}` in the Dockerfile, or `runAsUser: {uid}` beside runAsNonRoot")
        }
        None => "write the user's number: in the Dockerfile's last USER, or as runAsUser beside runAsNonRoot"
            .to_owned(),
    };
    let mut finding = sink.report(at, message).help(help);
    if let Some(span) = origin.span() {
        finding = finding.related(span, why);
    }
    if let (Some(uid), User::Named(name), Some(image)) = (uid, &user, image)
        && let Some(edit) = edit(cx, image, name, uid)
    {
        finding.fix(format!("Write `USER {uid}` instead of {name}"), Safety::Unsafe, vec![edit]);
    }
}

/// The name in the last USER, as it stands in the Dockerfile.
fn edit(cx: &Cx<'_>, image: &Image, name: &str, uid: u32) -> Option<Edit> {
    let span = image.config().user.span().filter(|span| span.file == image.dockerfile)?;
    let text = cx.text(span);
    let rest = text.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(':'))?;
    let span = Span { end: span.end - rest.len() as u32, ..span };
    Some(Edit { span, text: uid.to_string() })
}
