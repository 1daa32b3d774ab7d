//! A program to start, as Dockerfiles, manifests and compose files write it.

use crate::source::{Span, Spanned};
use crate::syntax::mapped::MappedText;

/// What ENTRYPOINT, CMD, a pod's `command` and `args`, or a compose `command` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Exec form: the arguments as the kernel gets them, each with its bytes.
    Exec(Vec<Spanned<String>>),
    /// Shell form: a script for the shell in force.
    Shell(MappedText),
}

impl Command {
    /// The bytes of all of it; `None` for an empty list.
    pub fn span(&self) -> Option<Span> {
        match self {
            Command::Exec(arguments) => Some(arguments.first()?.span.to(arguments.last()?.span)),
            Command::Shell(script) => Some(script.span(0, script.text.len())),
        }
    }

    /// The words of the exec form; a shell form as the shell gets it.
    pub fn words(&self) -> Vec<String> {
        match self {
            Command::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
            Command::Shell(script) => vec!["sh".to_owned(), "-c".to_owned(), script.text.clone()],
        }
    }
}

/// True when these words do nothing but pass the time: `sleep infinity`, `tail -f /dev/null`, or a shell that does so,
/// be it in a loop. Whoever starts that wants a container to open a shell in.
pub fn only_sleeps(words: &[&str]) -> bool {
    let (program, rest) = match words {
        [first, rest @ ..] => (first.rsplit('/').next().unwrap_or(first), rest),
        [] => return false,
    };
    match (program, rest) {
        ("sleep", [_, ..]) => true,
        ("tail", rest) => rest.contains(&"/dev/null"),
        ("sh" | "bash" | "ash" | "dash", [option, script] | [option, "--", script])
            if option.ends_with('c') =>
        {
            let spaced = script.replace([';', '&', '\n'], " ; ");
            let mut sleeps = false;
            let only = spaced.split(" ; ").all(|line| {
                let mut words: Vec<&str> = line.split_whitespace().collect();
                while words.first().is_some_and(|word| matches!(*word, "do" | "while" | "exec" | "{")) {
                    words.remove(0);
                }
                let passes = matches!(words.first(), Some(&("sleep" | "tail"))) && only_sleeps(&words);
                sleeps |= passes;
                passes
                    || matches!(
                        words.first(),
                        None | Some(&("true" | ":" | "[" | "done" | "wait" | "trap" | "}"))
                    )
            });
            only && sleeps
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_sleeps() {
        for words in [
            &["sleep", "3600"] as &[&str],
            &["/bin/sleep", "infinity"],
            &["tail", "-f", "/dev/null"],
            &["sh", "-c", "sleep 1d"],
            &["/bin/bash", "-c", "--", "while true; do sleep 30; done;"],
            &["sh", "-c", "while true; do sleep 30; done;"],
            &["sh", "-c", "trap : TERM INT; sleep infinity & wait"],
            &["/bin/sh", "-ec", "while :; do sleep 5 ; done"],
        ] {
            assert!(only_sleeps(words), "{words:?}");
        }
        for words in [
            &[] as &[&str],
            &["sleep"],
            &["node", "server.js"],
            &["tail", "-f", "/var/log/web.log"],
            &["sh", "-c", "sleep 5; node server.js"],
            &["sh", "-c", "sleep 5 && exec node server.js"],
            &["sh", "-c", "while true; do curl web; sleep 1; done"],
            &["sh", "-c", "true"],
        ] {
            assert!(!only_sleeps(words), "{words:?}");
        }
    }
}
