//! Colours of the terminal, or none. The choice is made once, by the command line.

use std::fmt::Display;

use crate::checklist::State;
use crate::finding::Severity;

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// True to write escape sequences.
    pub coloured: bool,
}

impl Paint {
    /// Text without colour.
    pub const PLAIN: Paint = Paint { coloured: false };

    /// Bold.
    pub fn bold(self, text: impl Display) -> String {
        self.with("1", text)
    }

    /// Less visible than the rest.
    pub fn dim(self, text: impl Display) -> String {
        self.with("2", text)
    }

    /// For what to do.
    pub fn help(self, text: impl Display) -> String {
        self.with("36", text)
    }

    /// A line of a unified diff in the colour of what it does.
    pub fn diff(self, line: &str) -> String {
        let code = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => "1",
            Some(b'-') => "31",
            Some(b'+') => "32",
            Some(b'@') => "36",
            _ => return line.to_owned(),
        };
        let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
        self.with(code, text) + end
    }

    /// In the colour of a severity, bold.
    pub fn severity(self, severity: Severity, text: impl Display) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;34",
        };
        self.with(code, text)
    }

    /// In the colour of how an item of the checklist stands.
    pub fn state(self, state: State, text: impl Display) -> String {
        let code = match state {
            State::Met => "32",
            State::Broken => "1;31",
            State::Unknown => "33",
        };
        self.with(code, text)
    }

    fn with(self, code: &str, text: impl Display) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
