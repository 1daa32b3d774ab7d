//! Development dependencies among the packages that the image ships.

use crate::facts::lock::Manager;
use crate::facts::node_modules::Asked;
use crate::facts::package::DependencyKind;
use crate::finding::{Edit, Safety};
use crate::model::development::{Need, NeededBy, lifecycle};
use crate::model::provenance::{Install, Modules};
use crate::model::{Image, Package};
use crate::rules::{Cx, Sink};
use crate::source::Spanned;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    // Images that are built on this one may still take the packages out.
    if image.is_base || !image.runs_node(cx.project) {
        return;
    }
    for modules in &cx.project.provenance(image.id).folders {
        let (Some(true), Some(install)) = (modules.development.known(), &modules.by) else { continue };
        let Some(package) = install.package else { continue };
        let packages = cx.project.installed_with(package, image);
        let Some(first) = packages.first() else { continue };
        report(cx, image, modules, install, first, sink);
    }
}

/// The one of them whose program a container starts: then the start has to change before they can be left out.
fn started(cx: &Cx<'_>, image: &Image) -> Option<Spanned<Need>> {
    let runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id));
    let needs = runs.flat_map(|run| cx.project.development_needs(run).items);
    needs.into_iter().find(|need| matches!(need.value.by, NeededBy::Program(_)))
}

fn report(
    cx: &Cx<'_>,
    image: &Image,
    modules: &Modules,
    install: &Install,
    package: &Package,
    sink: &mut Sink,
) {
    let at = modules.development.span().unwrap_or(install.at);
    let weight = match cx.project.packages_for_development(package) {
        Some(count) if count > 0 => format!(", {count} packages in all"),
        _ => String::new(),
    };
    let started = started(cx, image);
    let and_starts = started.as_ref().map_or_else(String::new, |need| {
        let NeededBy::Program(program) = &need.value.by else { return String::new() };
        let from =
            if *program == need.value.name { String::new() } else { format!(" from {}", need.value.name) };
        format!(" and starts {program}{from}, which is one of them")
    });
    let message = format!(
        "the image ships the development dependencies{and_starts}: `{}` installs {} too{weight}",
        install.written,
        named(package)
    );
    let flag = flag_of(image, install);
    let help = match modules.copied.is_empty() && image.stages.stages.len() == 1 {
        true => format!("install with `{flag}`; what has to be built is built in a stage of its own"),
        false => format!(
            "copy node_modules from a stage that installs with `{flag}`, or prune them before they are copied"
        ),
    };
    let help = match started {
        Some(need) => format!(
            "build what is served in a stage of its own and start something from `dependencies`: without {} this start fails",
            need.value.name
        ),
        None => help,
    };
    let mut finding = sink.report(at, message).help(help);
    if at != install.at {
        finding = finding.related(install.at, "this script installs them");
    }
    for copied in &modules.copied {
        finding = finding.related(*copied, "copied into the next stage here");
    }
    if let Some(section) = package.facts.section(DependencyKind::Development) {
        finding = finding.related(section.key, "what is meant for development only");
    }
    let Some(safety) = safety(cx, image, install, package) else { return };
    if let Some(last) = install.last_word.filter(|_| !has_work_behind(cx, image, install)) {
        let edit = Edit { span: last, text: format!("{} {flag}", cx.text(last)) };
        finding.fix(
            format!("Leave development dependencies out: `{} {flag}`", install.written),
            safety,
            vec![edit],
        );
    }
}

/// The first names of what is too much.
fn named(package: &Package) -> String {
    let names: Vec<&str> =
        package.facts.of_kind(DependencyKind::Development).map(|entry| entry.name.as_str()).collect();
    match &names[..] {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more", rest.len()),
    }
}

/// The option that leaves them out: npm before 7, which came with Node.js 15, does not know `--omit`.
fn flag_of(image: &Image, install: &Install) -> &'static str {
    let node = image.base_of(install.stage).and_then(|base| base.node()?.major);
    match install.manager {
        Manager::Npm if node.is_some_and(|major| major < 15) => "--only=production",
        Manager::Npm => "--omit=dev",
        Manager::Pnpm => "--prod",
        Manager::Yarn | Manager::Bun => "--production",
    }
}

/// Whether leaving them out changes nothing that runs; `None` when something is known to need them.
fn safety(cx: &Cx<'_>, image: &Image, install: &Install, package: &Package) -> Option<Safety> {
    let runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id));
    let scripts = lifecycle(install.manager).iter().filter(|_| !install.ignores_scripts);
    let needs = runs.map(|run| cx.project.development_needs(run));
    let needs = needs.chain(scripts.map(|script| cx.project.needs_of_script(package, script)));
    let mut safety = Safety::Safe;
    for found in needs {
        if !found.items.is_empty() {
            return None;
        }
        if found.rest.is_err() {
            safety = Safety::Unsafe;
        }
    }
    Some(safety)
}

/// True unless the install is one that an option can change, and nothing that comes after it may use the packages to
/// build something.
fn has_work_behind(cx: &Cx<'_>, image: &Image, install: &Install) -> bool {
    let provenance = cx.project.provenance(image.id);
    let shipped = |stage: usize| image.lineage().any(|other| other.index == stage);
    let simple = install.is_in_dockerfile && install.is_certain && install.asked == Asked::Nothing;
    let alone = provenance.installs.iter().filter(|other| other.package == install.package).count() == 1;
    let stages = image.stages.reachable(image.stage());
    let only_shipped = stages.iter().all(|stage| shipped(stage.index) || stage.index == install.stage);
    let works = stages
        .iter()
        .flat_map(|stage| &stage.runs)
        .any(|run| run.instruction >= install.instruction && cx.project.may_use_packages(run, install.at));
    !(simple && alone && only_shipped)
        || works
        || install.manager == Manager::Yarn && !cx.project.is_classic(install)
}
