//! Files with secrets that are copied into an image.

use crate::finding::{Safety, Severity};
use crate::model::Image;
use crate::model::sent::{Sent, Taken};
use crate::rules::{Cx, Draft, Sink};
use crate::source::{ProjectPath, Span};
use crate::syntax::ignorefile;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Some(sent) = cx.project.sent(image) else { return };
    let mut is_settings_known = false;
    for (path, what) in &cx.project.strays.secrets {
        let Some(inside) = sent.path(path).filter(|path| sent.sends(path)) else { continue };
        let Some(taken) = image.taking(inside).into_iter().next() else { continue };
        is_settings_known |= *what == "environment settings";
        let (outcome, severity) = match image.holds(inside) {
            true => ("whoever can pull the image can read it", Severity::Error),
            false => {
                ("it stays in the layers and the cache of a stage that is not shipped", Severity::Warning)
            }
        };
        let message = format!("{inside} holds {what} and is copied: {outcome}");
        let file = cx.project.sources.find(path).map(|file| Span::at(file, 0));
        let finding = report(cx, &sent, sink, &Leak { taken, inside, message, severity });
        if let Some(file) = file {
            finding.related(file, format!("holds {what}"));
        }
    }
    if !is_settings_known {
        expected_settings(cx, image, &sent, sink);
    }
}

/// What is copied, and what is to be said of it.
struct Leak<'a> {
    taken: Taken<'a>,
    inside: &'a str,
    message: String,
    severity: Severity,
}

fn report<'s>(cx: &Cx<'_>, sent: &Sent<'_>, sink: &'s mut Sink, leak: &Leak<'_>) -> Draft<'s> {
    let copied = cx.text(leak.taken.source);
    let pattern = format!("**/{}", leak.inside.rsplit('/').next().unwrap_or(leak.inside));
    // What is named in COPY is wanted there: leaving it out of the context would break the build.
    let place = sent.place(leak.inside).filter(|_| !leak.taken.by_name);
    let Some((file, span)) = place else {
        let help = match leak.taken.by_name {
            true => "hand it in when it is needed: `RUN --mount=type=secret` while building, a Secret of Kubernetes at run time".to_owned(),
            false => format!("leave it out: `{pattern}` in a .dockerignore at the root of the context"),
        };
        return sink.report(leak.taken.source, leak.message.clone()).severity(leak.severity).help(help);
    };
    let source = cx.project.sources.file(file);
    sink.report(span, leak.message.clone())
        .severity(leak.severity)
        .related(leak.taken.source, format!("`{copied}` takes it"))
        .help(format!("add `{pattern}` to {}", source.path))
        .fix(
            format!("Leave {pattern} out of the context"),
            Safety::Safe,
            vec![ignorefile::append(file, source.text(), &[&pattern])],
        )
}

/// An `.env` that is not in the repository and that developers have, because there is a sample of it.
fn expected_settings(cx: &Cx<'_>, image: &Image, sent: &Sent<'_>, sink: &mut Sink) {
    // Without an ignore file all of the context is copied: ignorefile/missing says that.
    if sent.ignorefile.is_none() {
        return;
    }
    let own = image.package.map(|id| &cx.project.package(id).folder);
    let beside = |folder: &ProjectPath| folder == sent.root || own == Some(folder);
    for sample in &cx.project.strays.samples {
        let Some(folder) = sample.parent().filter(|folder| beside(folder)) else { continue };
        let Some(path) = folder.join(".env").filter(|path| !cx.project.sources.exists(path)) else {
            continue;
        };
        let Some(inside) = sent.path(&path).filter(|path| sent.sends(path) && image.holds(path)) else {
            continue;
        };
        let Some(taken) = image.taking(inside).into_iter().find(|taken| !taken.by_name) else { continue };
        let message = format!(
            "nothing leaves out {inside}: whoever has filled in {} and builds, ships the values",
            sample.name()
        );
        report(cx, sent, sink, &Leak { taken, inside, message, severity: Severity::Warning });
        return;
    }
}
