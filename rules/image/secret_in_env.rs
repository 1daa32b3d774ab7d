//! Secrets in ENV and ARG, and tokens that a RUN writes into a layer.

use crate::facts::image::{RunStep, Stage};
use crate::facts::secret::{self, Secret};
use crate::finding::Severity;
use crate::model::Image;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::dockerfile::Keyword;
use crate::syntax::shell::{self, Part, ShellCommand, Word};

/// One way in which a secret gets into the image.
struct Leak {
    /// The variable that holds it.
    name: String,
    span: Span,
    severity: Severity,
    message: String,
    help: &'static str,
}

const AT_RUN_TIME: &str = "take it from the environment that Kubernetes sets from a Secret (`secretKeyRef`), and replace the one that was written here";
const WHILE_BUILDING: &str = "mount it for the one RUN that needs it: `RUN --mount=type=secret,id=token,env=TOKEN`, built with `--secret id=token,env=TOKEN`";

pub(crate) fn check(_: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let shipped: Vec<usize> = image.lineage().map(|stage| stage.index).collect();
    let mut leaks: Vec<Leak> = Vec::new();
    for stage in image.stages.reachable(image.stage()) {
        let is_shipped = shipped.contains(&stage.index);
        leaks.extend(in_variables(image, stage, is_shipped));
        leaks.extend(stage.runs.iter().filter_map(|run| in_run(run, is_shipped)));
    }
    // One secret that goes from ARG to ENV to a file is one fault: the worst place stands for all.
    leaks.sort_by_key(|leak| (std::cmp::Reverse(leak.severity), leak.span));
    let mut told: Vec<&str> = Vec::new();
    for leak in &leaks {
        if told.contains(&leak.name.as_str()) {
            continue;
        }
        told.push(&leak.name);
        let others = leaks.iter().filter(|other| other.name == leak.name && other.span != leak.span);
        let finding = sink.report(leak.span, leak.message.clone()).severity(leak.severity).help(leak.help);
        others.fold(finding, |finding, other| finding.related(other.span, "here too"));
    }
}

/// Secrets that ENV and ARG of a stage hold.
fn in_variables(image: &Image, stage: &Stage, is_shipped: bool) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let mut arguments: Vec<&str> = Vec::new();
    let instructions = image.tree.instructions.get(stage.instructions.clone()).unwrap_or_default();
    for instruction in instructions {
        let is_env = instruction.keyword == Keyword::Env;
        if !is_env && instruction.keyword != Keyword::Arg {
            continue;
        }
        for pair in instruction.pairs() {
            let name = pair.name.value.as_str();
            let written = pair.value.as_ref().map(|value| value.value.as_str());
            let found = match written {
                Some(text) => match secret::of_variable(name, text) {
                    Some(secret) => Some(of_literal(name, secret, is_env, is_shipped)),
                    None if is_env && is_shipped => baked_argument(name, text, &arguments),
                    None => None,
                },
                None if !is_env && secret::is_secret_name(name) => {
                    arguments.push(name);
                    Some(of_argument(name, is_shipped))
                }
                None => None,
            };
            let span = pair.value.as_ref().map_or(pair.name.span, |value| pair.name.span.to(value.span));
            leaks.extend(found.map(|(severity, message, help)| Leak {
                name: name.to_owned(),
                span,
                severity,
                message,
                help,
            }));
        }
    }
    leaks
}

type Judged = (Severity, String, &'static str);

fn of_literal(name: &str, secret: Secret, is_env: bool, is_shipped: bool) -> Judged {
    let what = match secret {
        Secret::Recognised(what) => format!("{name} holds {what}"),
        Secret::Named => format!("{name} is a secret and is written out"),
        Secret::WellKnown => format!("{name} is a password that everybody knows"),
    };
    let outcome = match (is_shipped, is_env) {
        (true, true) => "it is in the configuration of the image, for all who can pull it",
        (true, false) => "it is in the history of the image, for all who can pull it",
        (false, _) => "it is in the repository and in the build cache",
    };
    let is_bad = is_shipped && secret != Secret::WellKnown;
    let severity = if is_bad { Severity::Error } else { Severity::Warning };
    (severity, format!("{what}: {outcome}"), if is_env && is_shipped { AT_RUN_TIME } else { WHILE_BUILDING })
}

/// An ARG without a value of its own: whoever builds gives it one.
fn of_argument(name: &str, is_shipped: bool) -> Judged {
    let (severity, outcome) = match is_shipped {
        true => (Severity::Warning, "`docker history` shows the value of a build argument"),
        false => (Severity::Info, "build caches and attestations keep the value of a build argument"),
    };
    (severity, format!("{name} is handed to the build as an argument: {outcome}"), WHILE_BUILDING)
}

/// `ARG TOKEN`, `ENV TOKEN=$TOKEN`: what the build was given stays in the image.
fn baked_argument(name: &str, text: &str, arguments: &[&str]) -> Option<Judged> {
    let text = text.trim_matches('"');
    let source = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or(text.strip_prefix('$'))?;
    let is_secret = secret::is_secret_name(name) && arguments.contains(&source);
    let message = format!(
        "{name} keeps the build argument {source} in the configuration of the image, for all who can pull it"
    );
    is_secret.then_some((Severity::Error, message, AT_RUN_TIME))
}

/// A RUN that writes the token of a package registry into a file and leaves it there.
fn in_run(run: &RunStep, is_shipped: bool) -> Option<Leak> {
    let script = run.script().filter(|script| script.text.contains("_authToken"))?;
    let is_kept_out =
        run.mounts.iter().any(|(mount, _)| mount.target().is_some_and(|at| at.contains("npmrc")));
    let commands = shell::parse(script).commands;
    let removes = |command: &ShellCommand| {
        let has = |text: &str| command.words.iter().any(|word| word.raw.contains(text));
        command.program() == Some("rm") && has("npmrc") || has("config") && (has("delete") || has("rm"))
    };
    if is_kept_out || commands.iter().any(removes) {
        return None;
    }
    let (word, token) = commands
        .iter()
        .filter(|command| writes(command))
        .flat_map(|command| &command.words)
        .find_map(|word| Some((word, token_of(word)?)))?;
    let severity = if is_shipped { Severity::Error } else { Severity::Warning };
    let outcome = match is_shipped {
        true => "a later RUN cannot take it out of the layer",
        false => "it stays in the layers and the cache of the stage",
    };
    Some(Leak {
        name: token.clone().unwrap_or_default(),
        span: word.span,
        severity,
        message: format!(
            "{} is written into a file of the image: {outcome}",
            token.unwrap_or_else(|| "a token".to_owned())
        ),
        help: "mount an .npmrc for the install alone: `RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci`",
    })
}

/// True for `… > .npmrc` and `npm config set …`.
fn writes(command: &ShellCommand) -> bool {
    let sets = command.words.iter().any(|word| word.literal() == Some("set"));
    let is_manager = matches!(command.program(), Some("npm" | "pnpm" | "yarn"));
    !command.redirects.is_empty() || command.piped || is_manager && sets
}

/// The token in `…_authToken=…`: `Some(Some(name))` for a variable that the shell puts in, `Some(None)` for one that is
/// written out.
fn token_of(word: &Word) -> Option<Option<String>> {
    let at =
        word.parts.iter().position(|part| matches!(part, Part::Text(text) if text.contains("_authToken")))?;
    let Part::Text(text) = &word.parts[at] else { return None };
    match (text.ends_with('=').then(|| word.parts.get(at + 1)).flatten(), secret::npmrc_token(text)) {
        (Some(Part::Variable { name, .. }), _) => Some(Some(name.clone())),
        (_, Some(_)) => Some(None),
        _ => None,
    }
}
