//! State that one of several replicas keeps for itself.

use crate::facts::module::{Kept, KeptWhat};
use crate::model::copies::Copies;
use crate::model::disk::Disk;
use crate::model::{Object, Run};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node() && run.stays(cx.project)) else {
        return;
    };
    if program.kept.is_empty() {
        return;
    }
    let Some(copies) = cx.project.copies_of(run) else { return };
    for kept in &program.kept {
        let Some(place) = place(cx, run, kept) else { continue };
        let (message, help) = words(kept, &place, copies);
        let said = if copies.scaled { "scaled here" } else { "the number of replicas" };
        sink.report(kept.span, message)
            .related(copies.at, said)
            .related(run.start, "the process starts here")
            .help(help);
    }
}

/// Where it is kept, in words, when no other replica sees that.
fn place(cx: &Cx<'_>, run: &Run, kept: &Kept) -> Option<String> {
    let Some(path) = &kept.path else {
        return (!sticks(cx, run)).then(|| "the memory of each process".to_owned());
    };
    let text = run.path_of(path).ok()?;
    match cx.project.disk_of(run, text.as_deref()) {
        Disk::Container => Some("the disk of each container".to_owned()),
        Disk::Pod(mounted) => Some(format!("the volume {} of each pod", mounted.name)),
        Disk::Volume(_) | Disk::Unknown => None,
    }
}

fn words(kept: &Kept, place: &str, copies: Copies) -> (String, &'static str) {
    let (library, count) = (kept.library, copies.count);
    let with = if copies.scaled { format!("up to {count} replicas") } else { format!("{count} replicas") };
    match kept.what {
        KeptWhat::Sessions => (
            format!("{library} keeps sessions in {place}: of {with}, one knows the user"),
            "keep sessions in a store that all replicas share: connect-redis, connect-pg-simple, or a signed cookie",
        ),
        KeptWhat::Uploads => (
            format!("{library} keeps uploads on {place}: of {with}, one has the file"),
            "put uploads into object storage, or on a volume that all replicas mount",
        ),
        KeptWhat::Database => (
            format!("{library} keeps its database on {place}: {with} have one each, which goes with the pod"),
            "use a database server, or one replica with a volume",
        ),
    }
}

/// True when a client is, or may be, led to the same replica again.
fn sticks(cx: &Cx<'_>, run: &Run) -> bool {
    let Some(container) = run.container() else { return false };
    let services = cx.project.services_of(cx.project.container(container).workload);
    services.iter().any(|id| {
        let service = cx.project.object(*id);
        let by_address =
            service.facts.service().is_some_and(|view| view.affinity.known().is_none_or(|one| one != "None"));
        let ingresses = cx.project.ingresses_of(*id).iter().map(|way| cx.project.object(way.object));
        by_address || has_affinity(service) || ingresses.into_iter().any(has_affinity)
    })
}

/// An annotation by which an ingress controller or a load balancer keeps a client with one pod.
fn has_affinity(object: &Object) -> bool {
    object.facts.annotations().iter().any(|pair| {
        let key = pair.key.value.to_ascii_lowercase();
        let value = pair.value.known().map_or("", String::as_str);
        ["affinity", "sticky", "session-cookie"].iter().any(|word| key.contains(word))
            || value.contains("stickiness.enabled=true")
    })
}
