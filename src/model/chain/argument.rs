//! Arguments of a program: their text where it is known, always with their bytes.

use crate::facts::command::Command;
use crate::source::{Span, Spanned};
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::Word;

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// What the program gets; `None` when that is not known.
    pub(super) text: Option<String>,
    /// As it is written.
    pub(super) raw: String,
    /// The bytes that say it; absent for what a table or a default says.
    pub(super) span: Option<Span>,
    /// The same as a text of its own, for a shell that reads it as a script.
    pub(super) script: Option<MappedText>,
}

impl Argument {
    /// An argument that nothing in the project says: from the table of base images, or a default.
    pub(super) fn implied(text: &str, owner: Option<Span>) -> Argument {
        Argument { text: Some(text.to_owned()), raw: text.to_owned(), span: owner, script: None }
    }

    /// An argument of an exec form or of a list in a manifest.
    fn listed(argument: &Spanned<String>) -> Argument {
        let (text, span) = (argument.value.as_str(), argument.span);
        let mut script = MappedText::new(span.file);
        match span.len().checked_sub(text.len()) {
            // The span holds the text, or the text in quotes, without any escape.
            Some(0) => script.push(text, span.start as usize),
            Some(2) => script.push(text, span.start as usize + 1),
            _ => script.push_replaced(text, span),
        }
        Argument { text: Some(text.to_owned()), raw: text.to_owned(), span: Some(span), script: Some(script) }
    }

    /// A word of a shell script, with the values of variables that are known.
    pub(super) fn word(word: &Word, value: impl Fn(&str) -> Option<String>) -> Argument {
        Argument { text: word.expand(value), raw: word.raw.clone(), span: Some(word.span), script: None }
    }

    /// The text, or nothing when it is not known.
    pub(super) fn known(&self) -> &str {
        self.text.as_deref().unwrap_or("")
    }

    /// The script that a shell would read from it.
    pub(super) fn as_script(&self) -> Option<MappedText> {
        if let Some(script) = &self.script {
            return Some(script.clone());
        }
        let (text, span) = (self.text.as_deref()?, self.span?);
        let mut script = MappedText::new(span.file);
        script.push_replaced(text, span);
        Some(script)
    }
}

/// The arguments of a command; the shell form gets the shell in front.
pub(super) fn arguments(command: &Command, shell: &[String]) -> Vec<Argument> {
    match command {
        Command::Exec(arguments) => arguments.iter().map(Argument::listed).collect(),
        Command::Shell(script) => {
            let span = script.span(0, script.text.len());
            let mut arguments: Vec<Argument> =
                shell.iter().map(|part| Argument::implied(part, Some(span))).collect();
            arguments.push(Argument {
                text: Some(script.text.clone()),
                raw: script.text.clone(),
                span: Some(span),
                script: Some(script.clone()),
            });
            arguments
        }
    }
}

/// The name of a program without its folder.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A command as people write it, cut where it gets long.
pub(super) fn written(arguments: &[Argument]) -> String {
    const LONGEST: usize = 60;
    let mut text = String::new();
    for (at, argument) in arguments.iter().enumerate() {
        let part = argument.text.as_deref().unwrap_or(&argument.raw);
        let part = if at == 0 { base_name(part) } else { part };
        let part: String = part.chars().map(|next| if next.is_control() { ' ' } else { next }).collect();
        if at > 0 {
            text.push(' ');
        }
        text.push_str(&part);
        if text.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
            break;
        }
    }
    text
}
