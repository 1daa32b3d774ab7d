//! Comments that speak to a linter, whatever the language: where they stand and what comes after them.

use crate::source::{FileId, Span};

/// A comment that may steer plimsoll. Readers keep only those for which [`is_pragma`] is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes, with its marks.
    pub span: Span,
    /// The bytes of what stands next when the comment has its line for itself: the instruction, the mapping entry
    /// with its children, the statement. `None` when the reader does not know; the next line with text is meant.
    pub next: Option<Span>,
}

/// Words that a comment must hold to be kept.
const WORDS: [&str; 3] = ["plimsoll:", "hadolint", "check="];

/// True when a comment with this text may steer plimsoll.
pub fn is_pragma(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// The pragmas among the comments of a file. `nodes` are the starts and ends of what a comment may stand before, in
/// any order; of several that begin at the same place the widest is meant.
pub fn pragmas(
    file: FileId,
    text: &str,
    comments: impl IntoIterator<Item = (u32, u32)>,
    nodes: impl FnOnce() -> Vec<(u32, u32)>,
) -> Vec<Comment> {
    let kept = |(start, end): &(u32, u32)| text.get(*start as usize..*end as usize).is_some_and(is_pragma);
    let comments: Vec<(u32, u32)> = comments.into_iter().filter(kept).collect();
    if comments.is_empty() {
        return Vec::new();
    }
    let mut nodes = nodes();
    nodes.sort_unstable_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let comment = |(start, end): (u32, u32)| {
        let next = nodes.get(nodes.partition_point(|(node, _)| *node < end));
        Comment {
            span: Span { file, start, end },
            next: next.map(|(start, end)| Span { file, start: *start, end: *end }),
        }
    };
    comments.into_iter().map(comment).collect()
}
