//! How much of a text is read: sizes that no honest file has and that would cost time and memory without bound.

use crate::source::{FileId, Span};

use super::Issue;

/// The rule that reports a text over a limit.
pub const UNREADABLE: &str = "project/unreadable-file";

/// The limits of reading YAML and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Collections within each other.
    pub depth: usize,
    /// Nodes of a file.
    pub nodes: usize,
    /// Documents of a file.
    pub documents: usize,
    /// Errors after which the rest of a file is left alone.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 64 << 20, depth: 255, nodes: 10_000_000, documents: 100_000, errors: 100 }
    }
}

impl Limits {
    /// The issue of a text that is too long to be read at all.
    pub(super) fn refuse(&self, file: FileId, text: &str) -> Option<Issue> {
        let message =
            format!("the file has {} bytes, over the limit of {}: it is not read", text.len(), self.bytes);
        (text.len() > self.bytes).then(|| Issue::new(UNREADABLE, message, Span::at(file, 0)))
    }
}
