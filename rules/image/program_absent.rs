//! Programs that are started in an image that does not hold them.

use rustc_hash::FxHashSet;

use crate::facts::base_images::Sh;
use crate::facts::command::Command;
use crate::facts::image::RunBody;
use crate::facts::{Fact, Origin};
use crate::model::contents::source_of;
use crate::model::{Image, Project};
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::shell;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let project = cx.project;
    let config = image.config();
    let (entrypoint, cmd) = (&config.entrypoint, &config.cmd);
    if behind_node(image) {
        behind_entrypoint(project, image, "CMD", cmd, sink);
        for container in image.containers.iter().map(|id| project.container(*id)) {
            if container.facts.command.known() == Some(&None) {
                behind_entrypoint(project, image, "args", &container.facts.args, sink);
            }
        }
    } else {
        started(project, image, "the container", entrypoint, sink);
        if hands_on(entrypoint) {
            started(project, image, "the container", cmd, sink);
        }
    }
    for container in image.containers.iter().map(|id| project.container(*id)) {
        started(project, image, "the container", &container.facts.command, sink);
    }
    if let Fact::Known { value: Some(health), origin } = &config.healthcheck {
        let fact = Fact::Known { value: Some(health.command.clone()), origin: origin.clone() };
        started(project, image, "HEALTHCHECK", &fact, sink);
    }
    runs(project, image, sink);
}

/// True when the ENTRYPOINT is that of a base image, which is node.
fn behind_node(image: &Image) -> bool {
    let Fact::Known { value: Some(Command::Exec(words)), origin: Origin::Table { .. } } =
        &image.config().entrypoint
    else {
        return false;
    };
    matches!(&words[..], [word] if word.value.ends_with("/bin/node"))
}

/// True for an ENTRYPOINT that starts what CMD names: there is none, it is that of the base, or an init.
fn hands_on(entrypoint: &Fact<Option<Command>>) -> bool {
    match entrypoint {
        Fact::Known { value: None, .. } | Fact::Known { origin: Origin::Table { .. }, .. } => true,
        Fact::Known { value: Some(Command::Exec(words)), .. } => {
            let names: Vec<&str> =
                words.iter().map(|word| word.value.rsplit('/').next().unwrap_or(&word.value)).collect();
            matches!(names[..], ["tini" | "dumb-init"] | ["tini" | "dumb-init", "--"])
        }
        _ => false,
    }
}

/// Words that are handed to node as if it were a shell.
fn behind_entrypoint(
    project: &Project,
    image: &Image,
    what: &str,
    fact: &Fact<Option<Command>>,
    sink: &mut Sink,
) {
    let (Some(Some(command)), false) =
        (fact.known(), matches!(fact, Fact::Known { origin: Origin::Table { .. }, .. }))
    else {
        return;
    };
    let Some(at) = command.span() else { return };
    let base = image.root_stage().from_span;
    let words: Vec<&str> = match command {
        Command::Shell(_) => vec!["/bin/sh"],
        Command::Exec(words) => words.iter().map(|word| word.value.as_str()).collect(),
    };
    let Some(first) = words.first() else { return };
    let name = first.rsplit('/').next().unwrap_or(first);
    let is_program = matches!(name, "node" | "nodejs" | "npm" | "npx" | "yarn" | "pnpm" | "sh" | "bash");
    let is_file = || {
        source_of(image, &format!("/{name}"), &project.sources)
            .known()
            .is_some_and(|path| project.sources.exists(path))
    };
    if !is_program || first.contains('/') && name != "sh" && name != "bash" && name != "node" || is_file() {
        return;
    }
    let message = format!(
        "{what} names {name}, and the ENTRYPOINT of the base image is node already: it looks for a script called `{first}`, and ends"
    );
    let rest = words[1..].iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    let help = match name {
        "node" | "nodejs" if !rest.is_empty() => format!("write what comes after it: `[{rest}]`"),
        _ => "name the file that node runs, as `[\"server.js\"]`: there is no shell and no npm".to_owned(),
    };
    sink.report(at, message).related(base, "this image starts node").help(help);
}

/// The first program of a command.
fn started(project: &Project, image: &Image, who: &str, fact: &Fact<Option<Command>>, sink: &mut Sink) {
    let Fact::Known { value: Some(command), origin: Origin::Written(_) } = fact else { return };
    let Some(at) = command.span() else { return };
    match command {
        Command::Shell(text) if text.text.trim_start().starts_with('[') => {}
        Command::Shell(text) => {
            if image.base.as_ref().and_then(|base| base.sh) == Some(Sh::Absent) && !image.has_own_shell() {
                if project.has_program(image, "/bin/sh") == Some(false) {
                    absent(image, at, who, "/bin/sh", "the shell form needs it", sink);
                }
                return;
            }
            let script = shell::parse(text);
            let first = script.commands.first().filter(|command| command.place.is_top());
            let Some((program, at)) =
                first.and_then(|command| Some((command.program()?, command.words[0].span)))
            else {
                return;
            };
            of_name(project, image, (who, program, at), sink);
        }
        Command::Exec(words) => {
            if let Some(first) = words.first() {
                of_name(project, image, (who, &first.value, first.span), sink);
            }
        }
    }
}

fn of_name(project: &Project, image: &Image, (who, program, at): (&str, &str, Span), sink: &mut Sink) {
    // That a named init is missing is the matter of `run/init-needed`.
    let name = program.rsplit('/').next().unwrap_or(program);
    if matches!(name, "tini" | "dumb-init") {
        return;
    }
    if project.has_program(image, program) == Some(false) {
        absent(image, at, who, program, "nothing in the Dockerfile brings it", sink);
        return;
    }
    if let Some((interpreter, line)) = interpreter(project, image, program)
        && project.has_program(image, &interpreter) == Some(false)
    {
        let base = base_of(image);
        let message = format!(
            "{who} starts {name}, a script for {interpreter}, which is not in {base}: it ends with \"no such file or directory\""
        );
        sink.report(at, message)
            .related(line, "the kernel looks for this")
            .help(format!("install {interpreter}, or write the script for `/bin/sh`"));
    }
}

/// What the first line of a script of the project names.
fn interpreter(project: &Project, image: &Image, program: &str) -> Option<(String, Span)> {
    let path = match program.strip_prefix("./") {
        Some(rest) => format!("{}/{rest}", image.config().workdir.known()?),
        None if program.starts_with('/') => program.to_owned(),
        None => return None,
    };
    let source = source_of(image, &path, &project.sources);
    let file = project.sources.find(source.known()?)?;
    let first = project.sources.file(file).text().lines().next()?;
    let mut words = first.strip_prefix("#!")?.split_whitespace();
    let named = words.next()?;
    let interpreter =
        if named.ends_with("/env") { words.find(|word| !word.starts_with('-'))? } else { named };
    let end = first.len();
    Some((interpreter.to_owned(), Span { file, start: 0, end: end as u32 }))
}

/// Commands of RUN in the shipped stage and those it is built on.
fn runs(project: &Project, image: &Image, sink: &mut Sink) {
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for run in image.lineage().flat_map(|stage| &stage.runs) {
        if !run.mounts.is_empty() {
            continue;
        }
        let no_shell = image.base.as_ref().and_then(|base| base.sh) == Some(Sh::Absent);
        let default_shell =
            run.shell.known().and_then(|shell| shell.first()).is_some_and(|shell| shell == "/bin/sh");
        match &run.body {
            RunBody::Shell(_) if no_shell && default_shell => {
                let Some(at) = run.body.span() else { continue };
                if project.has_program(image, "/bin/sh") == Some(false) && seen.insert("/bin/sh".to_owned()) {
                    absent(image, at, "RUN", "/bin/sh", "the shell form needs it", sink);
                }
            }
            RunBody::Shell(text) => {
                for command in &shell::parse(text).commands {
                    let place = command.place;
                    if place.branch || place.function || place.substitution || place.negated {
                        continue;
                    }
                    let Some(program) = command.program().filter(|program| !program.contains('/')) else {
                        continue;
                    };
                    let missing = project.has_program(image, program) == Some(false);
                    if missing && seen.insert(program.to_owned()) {
                        absent(
                            image,
                            command.words[0].span,
                            "RUN",
                            program,
                            "nothing before it brings it",
                            sink,
                        );
                    }
                }
            }
            RunBody::Exec(_) | RunBody::Program(_) => {}
        }
    }
}

fn base_of(image: &Image) -> String {
    image.base_name().map_or_else(|| "the image".to_owned(), |name| name.without_digest().to_owned())
}

fn absent(image: &Image, at: Span, who: &str, program: &str, why: &str, sink: &mut Sink) {
    let base = base_of(image);
    let verb = if who == "RUN" { "calls" } else { "starts" };
    let consequence = match who {
        "RUN" => "the build fails",
        "HEALTHCHECK" => "the container is never healthy",
        _ => "it ends before it has begun",
    };
    let help = match program.rsplit('/').next().unwrap_or(program) {
        "sh" | "bash" if base.contains("distroless") || base == "scratch" => {
            "write a list of words whose first is a program of the image: `[\"/app/server\"]`".to_owned()
        }
        "yarn" | "yarnpkg" => {
            "images of node 26 and later bring no Yarn: `RUN npm install -g yarn@1.22.22` before".to_owned()
        }
        "curl" | "wget" => {
            "let node ask: `node -e \"fetch('http://localhost:3000').then(r => process.exit(r.ok ? 0 : 1))\"`"
                .to_owned()
        }
        name @ ("nodemon" | "ts-node" | "tsx" | "next" | "nest" | "tsc" | "pm2" | "pm2-runtime"
        | "cross-env" | "serve" | "http-server") => {
            format!("what npm installs for the app is not on the PATH: write `node_modules/.bin/{name}`")
        }
        name => format!("install {name} in the stage that ships, or start something that is there"),
    };
    sink.report(at, format!("{who} {verb} {program}, which is not in {base}: {why}, and {consequence}"))
        .related(image.root_stage().from_span, "what everything is built on")
        .help(help);
}
