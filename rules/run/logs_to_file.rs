//! Logs that do not go to the standard output.

use crate::facts::module::{LogSink, LogTo, is_device};
use crate::finding::Severity;
use crate::model::Run;
use crate::model::disk::Disk;
use crate::rules::{Cx, Sink};

/// Places that one finding shows beside its own.
const MOST: usize = 5;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let Some(program) = run.program.as_ref().filter(|_| run.is_node()) else { return };
    let mut all = program.logs.iter().filter(|log| is_sure(cx, run, log));
    let Some(first) = all.next() else { return };
    let (message, severity, disk) = match &first.to {
        LogTo::Syslog => (
            format!(
                "{} sends the logs to syslog: `kubectl logs` and what collects from the nodes see none of them",
                first.library
            ),
            Severity::Info,
            None,
        ),
        LogTo::File(path) => {
            let text = run.path_of(path).ok().flatten();
            let disk = cx.project.disk_of(run, text.as_deref());
            let name =
                text.or_else(|| path.name().map(str::to_owned)).map_or("a file".to_owned(), |text| text);
            let (where_to, severity) = consequence(&disk);
            (format!("{} writes logs to {name}, {where_to}", first.library), severity, Some(disk))
        }
    };
    let mut finding = sink.report(first.span, message).severity(severity);
    if let Some(Disk::Pod(mounted) | Disk::Volume(mounted)) = disk {
        finding = finding.related(mounted.at, "mounted here");
    }
    for other in all.take(MOST) {
        finding = finding.related(other.span, "and here");
    }
    if let Some(import) = program.imported_at(first.span.file) {
        finding = finding.related(import, "that file is loaded here");
    }
    finding.related(run.start, "the process starts here").help(
        "write to the standard output and let the cluster collect it: a console transport, or `/dev/stdout` where a path is asked for",
    );
}

fn consequence(disk: &Disk) -> (String, Severity) {
    match disk {
        Disk::Pod(mounted) => match &mounted.seen_by {
            Some(reader) => (
                format!("which container {reader} may read, and `kubectl logs` does not show"),
                Severity::Info,
            ),
            None => ("which nothing reads and which is gone with the pod".to_owned(), Severity::Warning),
        },
        Disk::Volume(mounted) => (
            format!("on the volume {}: kept, but `kubectl logs` does not show it", mounted.name),
            Severity::Info,
        ),
        _ => (
            "which is gone with the container and which `kubectl logs` does not show".to_owned(),
            Severity::Warning,
        ),
    }
}

/// True unless the file is, or may be, the standard output under another name.
fn is_sure(cx: &Cx<'_>, run: &Run, log: &LogSink) -> bool {
    let LogTo::File(path) = &log.to else { return true };
    let Ok(text) = run.path_of(path) else { return false };
    if text.is_some_and(|text| text.is_empty() || is_device(&text)) {
        return false;
    }
    !path.name().is_some_and(|name| is_linked(cx, run, name))
}

/// `RUN ln -sf /dev/stdout /app/logs/app.log`, as nginx has it.
fn is_linked(cx: &Cx<'_>, run: &Run, name: &str) -> bool {
    let Some(image) = run.image.map(|id| cx.project.image(id)) else { return false };
    let mut texts = image.lineage().flat_map(|stage| &stage.runs).filter_map(|run| run.script());
    texts.any(|script| {
        let text = &script.text;
        text.contains(name)
            && (text.contains("/dev/std") || text.contains("/proc/1/fd/") || text.contains("/proc/self/fd/"))
    })
}
