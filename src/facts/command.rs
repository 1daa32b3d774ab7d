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
}
