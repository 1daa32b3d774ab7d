//! What granit's events do not tell of a text: where its marks stand, and whether its bytes serve as they are.

use std::borrow::Cow;
use std::ops::Range;

use crate::syntax::scalar::base64;
use crate::syntax::tree::{Builder, Text};

/// The text of a scalar whose bytes without quotes are `inner`.
pub(super) fn text(builder: &mut Builder, inner: Range<usize>, text: &str) -> Text {
    match builder.tree.text.get(inner.clone()) == Some(text) {
        true => Text::Verbatim(inner.start as u32, inner.end as u32),
        false => builder.cook(text),
    }
}

/// The text of a block whose body begins at `start`.
pub(super) fn block_text(builder: &mut Builder, start: usize, written: &str) -> Text {
    text(builder, start..start + written.len(), written)
}

/// The bytes of a base64 text, as text; as it is when they are none.
pub(super) fn decoded(builder: &mut Builder, text: Text) -> Text {
    let written = builder.tree.resolve(text).and_then(base64);
    match written.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(decoded) => builder.cook(&decoded),
        None => text,
    }
}

/// A block that the file ends in gets the line end that is not there from granit and js-yaml, and none from libyaml
/// and the Go readers.
pub(super) fn without_invented_newline<'t>(
    source: &str,
    body: Range<usize>,
    text: Cow<'t, str>,
) -> Cow<'t, str> {
    let written = &source[body.clone()];
    let is_cut = body.end == source.len() && !written.ends_with(['\n', '\r']) && !written.trim().is_empty();
    if !is_cut || !text.ends_with('\n') {
        return text;
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..text.len() - 1]),
        Cow::Owned(mut text) => {
            text.pop();
            Cow::Owned(text)
        }
    }
}

/// True for a blank, a line end and the end of the text.
pub(super) fn is_blank_at(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Offsets in `from..to` where something stands that is no blank, comment, tag, anchor or `:`, `?`, `,` of an entry.
pub(super) fn tokens_from(text: &str, from: usize, to: usize) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    std::iter::from_fn(move || {
        while at < to {
            let here = at;
            match bytes[at] {
                b' ' | b'\t' | b'\n' | b'\r' | b':' | b'?' | b',' => at += 1,
                b'#' => {
                    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
                    at += bytes[at..to].iter().position(is_line_end).unwrap_or(to - at);
                }
                b'&' | b'!' => {
                    at += bytes[at..to].iter().position(u8::is_ascii_whitespace).unwrap_or(to - at);
                }
                _ => {
                    at += 1;
                    return Some(here);
                }
            }
        }
        None
    })
}

/// Where the first line of a document without `---` begins: comments, directives and the end mark of the document
/// before, which may be broken, are none.
pub(super) fn body_start(text: &str, from: usize, to: usize) -> usize {
    let is_after_line_end = |mark: &(usize, &str)| text[..from + mark.0].ends_with(['\n', '\r']);
    let mut end_marks = text[from..to].rmatch_indices("...").filter(is_after_line_end);
    let mut at = end_marks.next().map_or(from, |(mark, _)| from + mark);
    for line in text[at..to].split_inclusive(['\n', '\r']) {
        let is_head =
            line.trim().is_empty() || line.trim_start().starts_with('#') || line.starts_with(['%', '.']);
        if !is_head {
            break;
        }
        at += line.len();
    }
    at
}

/// The bytes of a block from its `|` or `>` to the end of its last line with text. Its marks are looked for from
/// `seen`, the end of the token before.
pub(super) fn block_span(text: &str, seen: usize, body: Range<usize>) -> Range<usize> {
    let mark = tokens_from(text, seen, text.len()).find(|at| text.as_bytes()[*at] != b'-');
    let Some(mark) = mark.filter(|mark| matches!(text.as_bytes()[*mark], b'|' | b'>')) else { return body };
    let content = text[body.clone()].trim_end_matches([' ', '\t', '\n', '\r']).len();
    if content > 0 && body.start > mark {
        let last = body.start + content;
        let end = text[last..body.end].find(['\n', '\r']).map_or(body.end, |line_end| last + line_end);
        return mark..end;
    }
    let header =
        text[mark + 1..].bytes().take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
    mark..mark + 1 + header
}
