//! Dependencies that ship and that nothing names.

use crate::facts::package::Dependency;
use crate::facts::tool;
use crate::model::Package;
use crate::model::use_of::Tier;
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, package: &Package, sink: &mut Sink) {
    if !cx.project.is_seen_through(package) {
        return;
    }
    let is_unused = |(entry, tier): &(&Dependency, Tier)| {
        *tier == Tier::Nowhere && tool::purpose_of(entry.package_name()).is_none()
    };
    let uses = cx.project.uses(package).into_iter();
    let mut unused = uses.filter(is_unused).map(|(entry, _)| entry);
    let Some(first) = unused.next() else { return };
    let others: Vec<&Dependency> = unused.collect();
    let name = &first.name;
    let message = match &others[..] {
        [] => format!("{name} is installed into the image, and nothing in the project names it"),
        [other] => format!("{name} and {} are installed into the image, and nothing names them", other.name),
        [other, rest @ ..] => format!(
            "{name}, {} and {} more are installed into the image, and nothing names them",
            other.name,
            rest.len()
        ),
    };
    let finding = sink.report(first.key, message);
    let finding = finding.help("remove what is not used: `npm uninstall` renews the lock file, too");
    others.iter().fold(finding, |finding, other| finding.also(other.key, "named nowhere either"));
}
