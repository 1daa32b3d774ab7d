//! The distribution that a stage stands on, when no fixes come for it any more.

use crate::facts::base_images::{self, OsRelease, release_in_tag};
use crate::facts::end_of_life::{self, Support};
use crate::finding::Severity;
use crate::model::Image;
use crate::rules::{Cx, Sink};
use crate::syntax::image_ref::ImageRef;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let shipped = image.root_stage().index;
    for stage in image.stages.reachable(image.stage()) {
        let Some(base) = stage.from.image().filter(|base| !ends_with_its_node(cx, base)) else { continue };
        let Some(Distribution { key, name, support }) = written_release(base) else { continue };
        if !support.is_over(cx.as_of) || cx.project.is_from_set_elsewhere(image, stage) {
            continue;
        }
        let end = support.last_day();
        let message =
            format!("{name} has had no fixes since {end}: known holes in its libraries and tools stay open");
        let help = end_of_life::newest_release(key, cx.as_of).map_or_else(
            || "go to a release that gets fixes".to_owned(),
            |(newest, support)| {
                format!("go to {key} {newest}, which gets fixes until {}", support.last_day())
            },
        );
        let finding = sink.report(stage.from_span, message).help(help);
        if stage.index != shipped {
            finding.severity(Severity::Info).label("a stage that builds what is shipped");
        }
    }
}

struct Distribution {
    /// `alpine`, `debian`, `ubuntu`.
    key: &'static str,
    name: String,
    support: Support,
}

/// The release that the name or the tag of an image says. What a tag brings along without saying so follows its
/// publisher, and is not judged.
fn written_release(image: &ImageRef) -> Option<Distribution> {
    let is_system = |base: &base_images::BaseImage| base.runtime == Some(base_images::Runtime::None);
    let is_written = |base: &base_images::BaseImage| is_system(base) || base.name.contains("-debian");
    let known = base_images::lookup(image).filter(is_written).and_then(|base| base.os);
    let release = known.or_else(|| release_in_tag(image.tag()?))?;
    let (key, shown, release, support) = match release {
        OsRelease::Alpine(Some(release)) => {
            ("alpine", "Alpine", release.clone(), end_of_life::alpine(&release)?)
        }
        OsRelease::Debian(Some(release)) => {
            ("debian", "Debian", release.clone(), end_of_life::debian(&release)?)
        }
        OsRelease::Ubuntu(Some(release)) => {
            ("ubuntu", "Ubuntu", release.clone(), end_of_life::ubuntu(&release)?)
        }
        _ => return None,
    };
    Some(Distribution { key, name: format!("{shown} {release}"), support })
}

/// True when the Node.js of the image is past its end, too: image/node-eol says so, and the way out is the same.
fn ends_with_its_node(cx: &Cx<'_>, image: &ImageRef) -> bool {
    let named = base_images::lookup(image).and_then(|base| base.node());
    let version = named.or_else(|| base_images::node_version_in_tag(image).map(|(version, _)| version));
    let major = version.and_then(|version| version.major);
    major.and_then(end_of_life::node).is_some_and(|support| support.is_over(cx.as_of))
}
