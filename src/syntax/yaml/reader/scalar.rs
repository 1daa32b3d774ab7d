//! Scalars on their way to the arena: their bytes and their text, where granit tells them in a way of its own.

use std::borrow::Cow;

use crate::syntax::tree::{Kind, NodeId, Props, Schema, Style, Text};
use crate::syntax::yaml::written;

use super::Reader;

/// Base64 text that the Go readers decode.
const BINARY: &str = "tag:yaml.org,2002:binary";

impl Reader<'_> {
    /// Adds a scalar whose bytes granit gives as `start..end`.
    pub(super) fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: Style,
        (start, end): (usize, usize),
        props: Option<Props>,
    ) -> NodeId {
        let schema = self.builder.tree.schema;
        let (span, text) = match style {
            Style::Plain if start == end => {
                let is_value = props.is_none() && self.is_value_next();
                let at = if is_value { self.absent_value(start) } else { start };
                // granit gives an absent value the text `~`; it has none.
                (at..at, Text::Verbatim(at as u32, at as u32))
            }
            Style::Plain => (start..end, written::text(&mut self.builder, start..end, &text)),
            Style::Single | Style::Double => {
                let inner = (start + 1).min(end)..end.saturating_sub(1).max(start);
                (start..end, written::text(&mut self.builder, inner, &text))
            }
            Style::Literal | Style::Folded => {
                let tag_end =
                    props.as_ref().and_then(|props| props.tag_span).map_or(0, |(_, end)| end as usize);
                let text = match schema {
                    Schema::Core => text,
                    _ => written::without_invented_newline(self.text, start..end, text),
                };
                let span = written::block_span(self.text, self.seen.max(tag_end), start..end);
                (span, written::block_text(&mut self.builder, start, &text))
            }
        };
        let is_binary = props.as_ref().is_some_and(|props| props.tag.as_deref() == Some(BINARY));
        let text = match text {
            text if is_binary && schema != Schema::Core => written::decoded(&mut self.builder, text),
            text => text,
        };
        self.seen = self.seen.max(end);
        self.builder.add(Kind::Scalar(style, text), span.start, span.end, props)
    }

    /// Where an absent value is: after the `:` of its key, or after a key that has none. granit puts it before the
    /// `:`, or before whatever comes next, which may be the `:` of an entry further out.
    fn absent_value(&self, start: usize) -> usize {
        let seen = self.seen.min(start);
        let between = self.text[seen..start].trim_start_matches([' ', '\t']);
        if !between.is_empty() {
            return if between.starts_with(['#', '\n', '\r']) { seen } else { start };
        }
        let bytes = &self.text.as_bytes()[start..];
        let is_colon = bytes.first() == Some(&b':');
        let is_mark =
            written::is_blank_at(self.text, start + 1) || matches!(bytes.get(1), Some(b',' | b'}' | b']'));
        if is_colon && is_mark { start + 1 } else { seen }
    }

    /// True when a key of the innermost mapping waits for its value.
    fn is_value_next(&self) -> bool {
        let innermost = self.builder.innermost().map(|(id, _)| &self.builder.tree.nodes[id.0 as usize]);
        innermost.is_some_and(|node| matches!(node.kind(), Kind::Mapping(_)) && node.len() % 2 == 1)
    }
}
