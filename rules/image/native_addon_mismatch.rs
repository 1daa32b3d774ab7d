//! Compiled packages that come from a stage with another C library, or of another platform.

use crate::facts::base_images::Libc;
use crate::facts::native::bound_to_libc;
use crate::model::provenance::{Install, Modules};
use crate::model::{Image, Package};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    for modules in &cx.project.provenance(image.id).folders {
        let (Some(install), Some(copied)) = (&modules.by, modules.copied.last()) else { continue };
        let Some(package) = install.package.map(|id| cx.project.package(id)) else { continue };
        let Some(mismatch) = mismatch(image, install) else { continue };
        let names = compiled(cx, package, modules);
        let [first, rest @ ..] = &names[..] else { continue };
        let named = match rest {
            [] => first.clone(),
            [other] => format!("{first} and {other}"),
            [other, rest @ ..] => format!("{first}, {other} and {} more", rest.len()),
        };
        let from = from_span(image, install.stage);
        sink.report(*copied, format!("{named} will not load: {}", mismatch.what))
            .related(install.at, "installed here")
            .related(from, mismatch.there)
            .related(image.root_stage().from_span, mismatch.here)
            .help(mismatch.help);
    }
}

/// What two stages differ in.
struct Mismatch {
    what: String,
    there: String,
    here: String,
    help: &'static str,
}

fn mismatch(image: &Image, install: &Install) -> Option<Mismatch> {
    let libc = |libc: Option<Libc>| match libc {
        Some(Libc::Glibc) => Some("glibc"),
        Some(Libc::Musl) => Some("musl"),
        _ => None,
    };
    let there = libc(image.base_of(install.stage)?.libc);
    let here = libc(image.base.as_ref()?.libc);
    if let (Some(there), Some(here)) = (there, here)
        && there != here
    {
        return Some(Mismatch {
            what: format!("node_modules are installed for {there}, and the image has {here}"),
            there: format!("a system with {there}"),
            here: format!("a system with {here}"),
            help: "install in a stage with the same base as the one that is shipped",
        });
    }
    let (built, shipped) = (is_for_builder(image, install.stage), is_for_builder(image, image.stage));
    (built && !shipped).then(|| Mismatch {
        what: "node_modules are installed for the platform that builds, not for the one that runs".to_owned(),
        there: "always the platform of the machine that builds".to_owned(),
        here: "the platform that is built for".to_owned(),
        help: "install production packages in a stage without `--platform=$BUILDPLATFORM`",
    })
}

/// True for a stage that says `--platform=$BUILDPLATFORM`, itself or where it begins.
fn is_for_builder(image: &Image, stage: usize) -> bool {
    let Some(root) = image.stages.stages.get(stage).and_then(|stage| image.stages.lineage(stage).last())
    else {
        return false;
    };
    let from = image.tree.instructions.get(root.instructions.start);
    let value = from.and_then(|from| from.flag("platform")).and_then(|flag| flag.value());
    value.is_some_and(|value| value.contains("BUILDPLATFORM"))
}

fn from_span(image: &Image, stage: usize) -> Span {
    let stage = image.stages.stages.get(stage).and_then(|stage| image.stages.lineage(stage).last());
    stage.map_or(image.root_stage().from_span, |stage| stage.from_span)
}

/// The packages among node_modules that are compiled for one system, as the lock file tells.
fn compiled(cx: &Cx<'_>, package: &Package, modules: &Modules) -> Vec<String> {
    let with = modules.development.known() == Some(&true);
    cx.project.locked(package, with).map_or_else(Vec::new, |(lock, reach)| bound_to_libc(lock, &reach))
}
