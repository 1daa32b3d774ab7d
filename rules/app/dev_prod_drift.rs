//! Images that are developed on or tested, beside another one that ships.

use crate::facts::base_images::Libc;
use crate::model::purpose::Purpose;
use crate::model::{App, Image, Project};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, app: &App, sink: &mut Sink) {
    let project = cx.project;
    let images = || app.images.iter().map(|id| project.image(*id)).filter(|image| !image.is_base);
    let mut ships = images().filter(|image| image.purpose.decided == Purpose::Ship);
    // Of several that ship it is not known which one the others stand for.
    let Some(shipped) = ships.next().filter(|_| ships.next().is_none()) else { return };
    for other in images().filter(|image| matches!(image.purpose.decided, Purpose::Test | Purpose::Develop)) {
        if !is_beside(project, other, shipped) {
            continue;
        }
        let tested = other.purpose.decided == Purpose::Test;
        let (name, ship) = (name(project, other), self::name(project, shipped));
        let done = if tested { "tests run on" } else { "development runs on" };
        let message = match difference(other, shipped) {
            Some((theirs, ours)) => format!("{done} {theirs} ({name}), and what ships on {ours} ({ship})"),
            None if tested && serves(project, other) => {
                format!(
                    "the server that is tested is {name}, and the one that ships is {ship}: nothing tests that one"
                )
            }
            None => continue,
        };
        sink.report(other.root_stage().from_span, message)
            .related(shipped.root_stage().from_span, format!("{ship} begins here"))
            .subject(name)
            .help("build both from one base, as stages of one Dockerfile, and run the last tests against the image that ships");
    }
}

/// True for the same Dockerfile, or one in the same folder: one elsewhere may hold the tests alone.
fn is_beside(project: &Project, one: &Image, other: &Image) -> bool {
    let folder = |image: &Image| project.sources.file(image.dockerfile).path.parent();
    one.dockerfile == other.dockerfile || folder(one) == folder(other)
}

/// The Dockerfile, with the target that is built.
fn name(project: &Project, image: &Image) -> String {
    let path = &project.sources.file(image.dockerfile).path;
    match &image.target {
        Some(target) => format!("{path}, target {target}"),
        None => path.to_string(),
    }
}

/// What the two are built on, where it makes native add-ons and the language differ.
fn difference(one: &Image, other: &Image) -> Option<(String, String)> {
    let major = |image: &Image| image.base.as_ref()?.node()?.major;
    if let (Some(one), Some(other)) = (major(one), major(other))
        && one != other
    {
        return Some((format!("Node {one}"), format!("Node {other}")));
    }
    let libc = |image: &Image| match image.base.as_ref()?.libc? {
        Libc::Musl => Some("musl"),
        Libc::Glibc => Some("glibc"),
        Libc::Absent => None,
    };
    let (one, other) = (libc(one)?, libc(other)?);
    (one != other).then(|| (one.to_owned(), other.to_owned()))
}

/// True when it is known that a container of the image listens.
fn serves(project: &Project, image: &Image) -> bool {
    project
        .runs
        .iter()
        .filter(|run| run.image == Some(image.id))
        .any(|run| run.program.as_ref().is_some_and(|program| !program.listens.is_empty()))
}
