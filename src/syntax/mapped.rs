//! Text that was put together from pieces of a file, and the way back from it to the file's bytes.
//!
//! A RUN with continuation lines, a heredoc body, or a script inside of a JSON string is read as one text; what is
//! found in it must still point at the bytes as they stand in the file.

use crate::source::{FileId, Span};

/// A text and, piece by piece, where in a file its bytes stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedText {
    /// The file that the pieces are from.
    pub file: FileId,
    /// The text as its own language sees it.
    pub text: String,
    segments: Vec<Segment>,
}

/// A run of bytes of the text, and the bytes of the file that they stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    /// Offset in the text.
    at: u32,
    /// Bytes in the text.
    len: u32,
    /// Offset in the file.
    source: u32,
    /// Bytes in the file: `len` for a verbatim piece, another number for an escape such as `\n` of JSON.
    source_len: u32,
}

impl MappedText {
    /// An empty text of `file`.
    pub fn new(file: FileId) -> MappedText {
        MappedText { file, text: String::new(), segments: Vec::new() }
    }

    /// A text that stands in the file as it is, from byte `start`.
    pub fn verbatim(file: FileId, text: &str, start: usize) -> MappedText {
        let mut mapped = MappedText::new(file);
        mapped.push(text, start);
        mapped
    }

    /// Appends `text`, which stands verbatim in the file from byte `source`.
    pub fn push(&mut self, text: &str, source: usize) {
        self.push_replaced(text, Span::new(self.file, source, source + text.len()));
    }

    /// Appends `text`, which stands for the bytes of `source` (an escape sequence, or nothing at all).
    pub fn push_replaced(&mut self, text: &str, source: Span) {
        if text.is_empty() {
            return;
        }
        let segment = Segment {
            at: self.text.len() as u32,
            len: text.len() as u32,
            source: source.start,
            source_len: source.len() as u32,
        };
        self.text.push_str(text);
        match self.segments.last_mut() {
            Some(last)
                if last.len == last.source_len
                    && segment.len == segment.source_len
                    && last.source + last.source_len == segment.source =>
            {
                last.len += segment.len;
                last.source_len += segment.len;
            }
            _ => self.segments.push(segment),
        }
    }

    /// The spans of the file that bytes `start..end` of the text stand for, in order; several when a continuation
    /// cuts them. Neighbouring pieces are joined.
    pub fn pieces(&self, start: usize, end: usize) -> Vec<Span> {
        let mut pieces: Vec<Span> = Vec::new();
        let first = self.segments.partition_point(|segment| segment.at + segment.len <= start as u32);
        for segment in &self.segments[first..] {
            if segment.at >= end as u32 {
                break;
            }
            let from = (start as u32).max(segment.at) - segment.at;
            let to = (end as u32).min(segment.at + segment.len) - segment.at;
            let (from, to) =
                if segment.len == segment.source_len { (from, to) } else { (0, segment.source_len) };
            let piece = Span { file: self.file, start: segment.source + from, end: segment.source + to };
            match pieces.last_mut() {
                Some(last) if last.end == piece.start => last.end = piece.end,
                _ => pieces.push(piece),
            }
        }
        pieces
    }

    /// The smallest span of the file that holds bytes `start..end` of the text. For an empty range it is the empty
    /// span before that byte.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let pieces = self.pieces(start, end);
        if let (Some(first), Some(last)) = (pieces.first(), pieces.last()) {
            return Span { file: self.file, start: first.start, end: last.end.max(first.start) };
        }
        let at = self
            .segments
            .iter()
            .find(|segment| segment.at + segment.len > start as u32)
            .map(|segment| segment.source + (start as u32).saturating_sub(segment.at))
            .or_else(|| self.segments.last().map(|last| last.source + last.source_len))
            .unwrap_or(0);
        Span { file: self.file, start: at, end: at }
    }

    /// Bytes `start..end` as a mapped text of their own. Offsets must lie on character boundaries.
    pub fn slice(&self, start: usize, end: usize) -> MappedText {
        let mut part = MappedText::new(self.file);
        let first = self.segments.partition_point(|segment| segment.at + segment.len <= start as u32);
        for segment in &self.segments[first..] {
            if segment.at >= end as u32 {
                break;
            }
            let from = start.max(segment.at as usize);
            let to = end.min((segment.at + segment.len) as usize);
            let text = &self.text[from..to];
            if segment.len == segment.source_len {
                part.push(text, segment.source as usize + from - segment.at as usize);
            } else {
                let source = segment.source as usize;
                part.push_replaced(text, Span::new(self.file, source, source + segment.source_len as usize));
            }
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_over_a_continuation_has_two_pieces() {
        // RUN ab\
        //   cd
        let file = FileId(0);
        let mut text = MappedText::new(file);
        text.push("ab", 4);
        text.push("  cd", 8);
        assert_eq!(text.text, "ab  cd");
        assert_eq!(text.pieces(1, 5), [Span::new(file, 5, 6), Span::new(file, 8, 11)]);
        assert_eq!(text.span(1, 5), Span::new(file, 5, 11));
        assert_eq!(text.slice(1, 5).pieces(0, 4), text.pieces(1, 5));
        assert_eq!(text.span(6, 6), Span::at(file, 12));
    }

    #[test]
    fn an_escape_is_one_piece() {
        let file = FileId(0);
        let mut text = MappedText::new(file);
        text.push("a", 1);
        text.push_replaced("\"", Span::new(file, 2, 4));
        text.push("b", 4);
        assert_eq!(text.pieces(1, 2), [Span::new(file, 2, 4)]);
        assert_eq!(text.pieces(0, 3), [Span::new(file, 1, 5)]);
    }
}
