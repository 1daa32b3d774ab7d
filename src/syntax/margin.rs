//! What is written in the margin of a node: the comments above it and the one behind it.

use crate::source::Span;

use super::tree::{Comment, Ref, Tree};

impl<'t> Ref<'t> {
    /// The comments on the lines right above the line that it begins on, each with its line for itself, in order.
    pub fn leading_comments(self) -> Vec<Span> {
        let tree = self.tree;
        let mut line = line_start(&tree.text, self.span().range().start);
        let mut found = Vec::new();
        let before = tree.comments.partition_point(|comment| (comment.start as usize) < line);
        for comment in tree.comments[..before].iter().rev() {
            let between = tree.text.get(comment.end as usize..line);
            let start = line_start(&tree.text, comment.start as usize);
            let is_alone =
                tree.text[start..comment.start as usize].trim_matches([' ', '\t', '\u{feff}']).is_empty();
            if !is_alone || !between.is_some_and(is_line_end) {
                break;
            }
            found.push(span(tree, comment));
            line = start;
        }
        found.reverse();
        found
    }

    /// The comment behind it on its last line; behind the header for a block.
    pub fn trailing_comment(self) -> Option<Span> {
        let end = self.header_span().unwrap_or(self.span()).end;
        let text = &self.tree.text;
        let comment =
            self.tree.comments.get(self.tree.comments.partition_point(|comment| comment.start < end))?;
        let between = text.get(end as usize..comment.start as usize)?;
        (!between.contains(['\n', '\r'])).then(|| span(self.tree, comment))
    }
}

fn is_line_end(between: &str) -> bool {
    matches!(between.trim_end_matches([' ', '\t']), "\n" | "\r\n" | "\r")
}

fn span(tree: &Tree, comment: &Comment) -> Span {
    Span { file: tree.file, start: comment.start, end: comment.end }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |line_end| line_end + 1)
}

#[cfg(test)]
mod tests {
    use crate::source::FileId;
    use crate::syntax::tree::Schema;
    use crate::syntax::yaml;

    #[test]
    fn comments_belong_to_the_line_below_or_the_value_before() {
        let text = "# far\n\n# one\n# two\na: # of a\n  b: 1 # of b\n  # of c\n  c: | # why\n    x # text\n";
        let parsed = yaml::parse(FileId(0), text.into(), Schema::Core);
        let root = parsed.tree.root().unwrap();
        let slice = |span: crate::source::Span| &text[span.range()];
        let above = |key: &str, at: crate::syntax::tree::Ref<'_>| -> Vec<String> {
            let spans = at.entry(key).unwrap().key.leading_comments();
            spans.into_iter().map(|span| slice(span).to_owned()).collect()
        };
        let a = root.get("a").unwrap();
        assert_eq!(above("a", root), ["# one", "# two"]);
        assert_eq!(above("b", a), [] as [&str; 0]);
        assert_eq!(above("c", a), ["# of c"]);
        assert_eq!(root.entry("a").unwrap().key.trailing_comment().map(slice), Some("# of a"));
        assert_eq!(a.get("b").unwrap().trailing_comment().map(slice), Some("# of b"));
        assert_eq!(a.get("c").unwrap().trailing_comment().map(slice), Some("# why"));
        assert_eq!(a.trailing_comment(), None);
    }
}
