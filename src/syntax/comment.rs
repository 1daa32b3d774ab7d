//! Comments that speak to a linter, whatever the language: where they stand and what comes after them.

use super::dockerfile::{Dockerfile, PartKind};
use super::tree::{Kind, NodeId, Tree};
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

/// The pragmas of a Dockerfile; each stands before an instruction. Parser directives are among them.
pub fn of_dockerfile(dockerfile: &Dockerfile, text: &str) -> Vec<Comment> {
    let parts = dockerfile.parts.iter();
    let comments = parts.filter(|part| matches!(part.kind, PartKind::Comment | PartKind::Directive));
    pragmas(dockerfile.file, text, comments.map(|part| (part.span.start, part.span.end)), || {
        let spans = dockerfile.instructions.iter().map(|instruction| instruction.full_span());
        spans.map(|span| (span.start, span.end)).collect()
    })
}

/// The pragmas of YAML or JSON; each stands before an entry of a mapping or an item of a sequence.
pub fn of_tree(tree: &Tree) -> Vec<Comment> {
    let comments = tree.comments.iter().map(|comment| (comment.start, comment.end));
    pragmas(tree.file, &tree.text, comments, || {
        let mut nodes = Vec::new();
        for id in 0..tree.len() {
            let at = tree.at(NodeId(id as u32));
            match at.kind() {
                Kind::Mapping(_) => nodes.extend(at.written_entries().map(|entry| {
                    let key = entry.key.span();
                    (key.start, key.end.max(entry.value.span().end))
                })),
                Kind::Sequence(_) => {
                    nodes.extend(at.items().map(|item| (item.span().start, item.span().end)))
                }
                Kind::Scalar(..) | Kind::Alias(_) => {}
            }
        }
        nodes
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::Schema;
    use super::super::{dockerfile, script, yaml};
    use super::*;

    const FILE: FileId = FileId(0);

    fn next<'t>(text: &'t str, comments: &[Comment]) -> Vec<&'t str> {
        comments.iter().map(|comment| comment.next.map_or("", |next| &text[next.range()])).collect()
    }

    #[test]
    fn what_comes_next_is_the_reader_s_unit() {
        let text = "# check=skip=all\nFROM x\n# a word\n# plimsoll: ignore[a/b] y\nRUN a \\\n  b\nUSER c\n";
        let comments = of_dockerfile(&dockerfile::parse(FILE, text.as_bytes()).tree, text);
        assert_eq!(next(text, &comments), ["FROM x", "RUN a \\\n  b"]);

        let text = "# plimsoll: ignore[a/b] x\na:\n  b: 1\n  c:\n    # plimsoll: ignore[a/b] y\n    - d: 1\n      e: 2\n    - f\n";
        let comments = of_tree(&yaml::parse(FILE, text.into(), Schema::Kubernetes).tree);
        assert_eq!(next(text, &comments)[1], "d: 1\n      e: 2");
        assert!(next(text, &comments)[0].starts_with("a:\n  b: 1\n  c:"));

        let text = "k: v\n# plimsoll: ignore[a/b] x\nl: w\nm: n\n";
        let comments = of_tree(&yaml::parse(FILE, text.into(), Schema::Kubernetes).tree);
        assert_eq!(next(text, &comments), ["l: w"]);

        let text = "f();\n// plimsoll: ignore[a/b] x\nasync function g() {\n  h(); // plimsoll: ignore[a/b] y\n}\nlast();\n";
        let parsed = script::parse(FILE, text, script::Dialect::JavaScript);
        let comments = parsed.tree.unwrap().pragmas(FILE, text);
        assert_eq!(
            next(text, &comments),
            ["async function g() {\n  h(); // plimsoll: ignore[a/b] y\n}", "last();"]
        );
    }

    #[test]
    fn files_without_pragmas_cost_nothing() {
        let comments = pragmas(FILE, "# a word\n", [(0, 8)], || panic!("not asked"));
        assert!(comments.is_empty());
    }
}
