//! Commands that look like a list and are none, and lists that wait for a shell.

use crate::facts::Fact;
use crate::facts::command::Command;
use crate::finding::{Edit, Safety};
use crate::model::Image;
use crate::rules::{Cx, Sink};
use crate::syntax::mapped::MappedText;

pub(crate) fn check(_: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let config = image.config();
    for (name, fact) in [("ENTRYPOINT", &config.entrypoint), ("CMD", &config.cmd)] {
        let Fact::Known { value: Some(command), .. } = fact else { continue };
        judge(image, name, command, sink);
    }
    if let Some(Some(health)) = config.healthcheck.known() {
        judge(image, "HEALTHCHECK", &health.command, sink);
    }
}

fn judge(image: &Image, name: &str, command: &Command, sink: &mut Sink) {
    match command {
        Command::Shell(text) => no_list(name, text, sink),
        Command::Exec(words) => {
            let words: Vec<_> = words.iter().collect();
            let Some((first, rest)) = words.split_first() else { return };
            let program = first.value.rsplit('/').next().unwrap_or(&first.value);
            // A shell reads its words itself, and so may a script that stands in front of them.
            let is_read = matches!(program, "sh" | "bash" | "ash" | "dash" | "eval" | "envsubst" | "cmd")
                || name == "CMD" && !starts_plainly(image);
            if is_read {
                return;
            }
            for word in words.iter().filter(|word| word.span.file == image.dockerfile) {
                if let Some(variable) = variable(image, &word.value) {
                    let message = format!(
                        "{name} is a list, which no shell reads: `{}` is handed over as it is, with the {variable} in it",
                        word.value
                    );
                    sink.report(word.span, message).help(
                        "let a shell fill it in, and give its place away: `[\"sh\", \"-c\", \"exec …\"]`",
                    );
                }
            }
            if let Some(word) = rest
                .iter()
                .find(|word| matches!(word.value.as_str(), "&&" | "||" | "|" | ">" | ">>" | "2>&1"))
            {
                let message = format!(
                    "{name} is a list, which no shell reads: `{}` and what follows are arguments of {program}",
                    word.value
                );
                sink.report(word.span, message)
                    .help("write it as one line for a shell: `[\"sh\", \"-c\", \"… && exec …\"]`");
            }
        }
    }
}

/// Whether what CMD says is started without a script of the project in front of it.
fn starts_plainly(image: &Image) -> bool {
    match image.config().entrypoint.known() {
        Some(None) => true,
        Some(Some(Command::Exec(words))) => {
            let first = words.first().map_or("", |word| word.value.as_str());
            let is_of_base = words.first().is_some_and(|word| word.span == image.root_stage().from_span);
            let name = first.rsplit('/').next().unwrap_or(first);
            is_of_base || matches!(name, "tini" | "dumb-init" | "node")
        }
        _ => false,
    }
}

/// `$NAME` of a variable that the image sets, or that everybody knows. Other dollars may be meant.
fn variable<'a>(image: &Image, word: &'a str) -> Option<&'a str> {
    let at = word.find('$')?;
    let rest = &word[at + 1..];
    let name = rest.strip_prefix('{').unwrap_or(rest);
    let end = name.find(|next: char| !(next.is_ascii_alphanumeric() || next == '_')).unwrap_or(name.len());
    let known = image.config().env.get(&name[..end]).is_some()
        || matches!(&name[..end], "PORT" | "HOST" | "HOME" | "NODE_ENV" | "NODE_OPTIONS");
    let closing = usize::from(rest.starts_with('{')) * 2;
    known.then(|| &word[at..(at + 1 + end + closing).min(word.len())])
}

/// A text for the shell that was meant as a list.
fn no_list(name: &str, text: &MappedText, sink: &mut Sink) {
    let trimmed = text.text.trim();
    let Some(inside) = trimmed.strip_prefix('[') else { return };
    let inside = inside.trim_start();
    if !trimmed.ends_with(']') && !inside.starts_with(QUOTES) || is_test(trimmed) {
        return;
    }
    let at = text.span(0, text.text.len());
    let message = format!(
        "{name} begins like a list and is no JSON: Docker hands all of it to a shell, which looks for a program called `{}`",
        trimmed.split_whitespace().next().unwrap_or("[")
    );
    let draft = sink.report(at, message);
    match requoted(trimmed) {
        Some(list) => {
            let edit = Edit { span: at, text: list.clone() };
            draft.help(format!("write `{list}`")).fix("Write it as a JSON list", Safety::Safe, vec![edit])
        }
        None => draft.help("write a JSON list: words in double quotes, with commas between them"),
    };
}

/// `[ "$ROLE" = worker ] && …`: the shell's own test, and what depends on it.
fn is_test(text: &str) -> bool {
    text.starts_with("[ ") && [" ] && ", " ] || ", " ]; "].iter().any(|end| text.contains(end))
}

const QUOTES: [char; 6] = ['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];

/// The list that was meant, where nothing but quotes or a comma at the end is wrong.
fn requoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut words: Vec<String> = Vec::new();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let open = rest.chars().next().filter(|open| QUOTES.contains(open))?;
        let closes = |next: char| match open {
            '"' | '\'' => next == open,
            _ => QUOTES[2..].contains(&next),
        };
        let body = &rest[open.len_utf8()..];
        let end = body.find(closes)?;
        let word = &body[..end];
        if word.contains(['\\', '"', '$', '\n']) {
            return None;
        }
        words.push(serde_json::to_string(word).ok()?);
        let closing = body[end..].chars().next()?;
        rest = body[end + closing.len_utf8()..].trim_start();
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    (!words.is_empty()).then(|| format!("[{}]", words.join(", ")))
}
