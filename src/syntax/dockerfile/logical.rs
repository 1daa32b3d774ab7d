//! A logical line: the bytes that BuildKit sees after continuations are joined, and where each of them stands.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{FileId, Span, Spanned};
use crate::syntax::mapped::MappedText;

/// The bytes of one instruction. One line of the file is borrowed, joined lines are copied.
#[derive(Clone, Debug)]
pub(super) struct Logical<'s> {
    pub(super) file: FileId,
    pub(super) bytes: Cow<'s, [u8]>,
    /// Where the first piece starts in the file. Most lines have no other, and need no list.
    first: u32,
    /// Where each further piece starts: in the logical line and in the file.
    cuts: Vec<(u32, u32)>,
}

impl<'s> Logical<'s> {
    /// The line that starts with `bytes`, which stand at `at` in the file.
    pub(super) fn new(file: FileId, bytes: &'s [u8], at: usize) -> Logical<'s> {
        Logical { file, bytes: Cow::Borrowed(bytes), first: at as u32, cuts: Vec::new() }
    }

    /// Joins a continuation line to it.
    pub(super) fn push(&mut self, bytes: &'s [u8], at: usize) {
        if bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.bytes = Cow::Borrowed(bytes);
            self.first = at as u32;
            return;
        }
        self.cuts.push((self.bytes.len() as u32, at as u32));
        self.bytes.to_mut().extend_from_slice(bytes);
    }

    /// Starts of the pieces in the logical line.
    pub(super) fn starts(&self) -> impl Iterator<Item = usize> {
        std::iter::once(0).chain(self.cuts.iter().map(|(at, _)| *at as usize))
    }

    fn source(&self, at: usize) -> usize {
        let after = self.cuts.partition_point(|(start, _)| *start as usize <= at);
        let (start, source) = after.checked_sub(1).map_or((0, self.first), |cut| self.cuts[cut]);
        source as usize + at - start as usize
    }

    /// The smallest span of the file that holds a range; empty for an empty one.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        if range.is_empty() {
            // After the byte before it, so that an empty rest of a line stands at that line's end.
            let at =
                range.start.checked_sub(1).map_or_else(|| self.source(0), |before| self.source(before) + 1);
            return Span::at(self.file, at);
        }
        Span::new(self.file, self.source(range.start), self.source(range.end - 1) + 1)
    }

    /// The text of a range; a byte that is not UTF-8 becomes one replacement character.
    pub(super) fn text(&self, range: Range<usize>) -> String {
        lossy(&self.bytes[range]).into_owned()
    }

    /// Text and span of a range.
    pub(super) fn spanned(&self, range: Range<usize>) -> Spanned<String> {
        Spanned::new(self.text(range.clone()), self.span(range))
    }

    /// The text of a range with the way back.
    pub(super) fn mapped(&self, range: Range<usize>) -> MappedText {
        let mut mapped = MappedText::new(self.file);
        self.map_into(&mut mapped, range);
        mapped
    }

    /// Appends the text of a range.
    pub(super) fn map_into(&self, mapped: &mut MappedText, range: Range<usize>) {
        let mut at = range.start;
        for chunk in self.bytes[range].utf8_chunks() {
            self.map_valid(mapped, chunk.valid(), at);
            at += chunk.valid().len();
            for _ in chunk.invalid() {
                mapped.push_replaced("\u{fffd}", self.span(at..at + 1));
                at += 1;
            }
        }
    }

    fn map_valid(&self, mapped: &mut MappedText, mut text: &str, mut at: usize) {
        while !text.is_empty() {
            let next = self.cuts.partition_point(|(start, _)| *start as usize <= at);
            let until = self.cuts.get(next).map_or(text.len(), |(start, _)| *start as usize - at);
            let mut len = until.min(text.len());
            if text.is_char_boundary(len) {
                mapped.push(&text[..len], self.source(at));
            } else {
                // A continuation cuts a character: the character stands for the hull of its halves.
                let start = text.floor_char_boundary(len);
                mapped.push(&text[..start], self.source(at));
                len = text.ceil_char_boundary(len);
                mapped.push_replaced(&text[start..len], self.span(at + start..at + len));
            }
            text = &text[len..];
            at += len;
        }
    }
}

/// The text of bytes; a byte that is not UTF-8 becomes one replacement character (as Go decodes it).
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Cow::Owned(text)
}

/// The character at the start of `bytes` and its length; a byte that is not UTF-8 is a replacement character.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    let len = match first {
        0..=0x7f => return Some((first as char, 1)),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some(('\u{fffd}', 1)),
    };
    let character = bytes.get(..len).and_then(|head| std::str::from_utf8(head).ok()?.chars().next());
    Some(character.map_or(('\u{fffd}', 1), |character| (character, len)))
}

/// Number of bytes of white space (by Unicode) at the start.
pub(super) fn leading_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some((character, len)) = decode(&bytes[at..]) {
        if !character.is_whitespace() {
            break;
        }
        at += len;
    }
    at
}

/// The range without white space (by Unicode) at both ends.
pub(super) fn trim(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let start = range.start + leading_space(&bytes[range.clone()]);
    let mut end = range.end;
    while end > start {
        // The last character: up to three bytes that continue, then the one that leads.
        let mut from = end - 1;
        while from > start && end - from < 4 && (0x80..0xc0).contains(&bytes[from]) {
            from -= 1;
        }
        match decode(&bytes[from..end]) {
            Some((character, len)) if from + len == end && character.is_whitespace() => end = from,
            _ => break,
        }
    }
    start..end
}

/// The blanks that separate words: `[\t\v\f\r ]`.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_cut_by_a_continuation_map_to_their_hull() {
        let file = FileId(0);
        let mut line = Logical::new(file, b"a\xe2", 0);
        line.push(b"\x82\xacb", 4);
        let mapped = line.mapped(0..5);
        assert_eq!(mapped.text, "a€b");
        assert_eq!(mapped.pieces(1, 4), [Span::new(file, 1, 6)]);
        assert_eq!(line.span(4..5), Span::new(file, 6, 7));
        assert_eq!(line.span(5..5), Span::at(file, 7));
    }

    #[test]
    fn bytes_that_are_not_utf8_become_one_character_each() {
        let line = Logical::new(FileId(0), b"\xf0\x9fx", 2);
        assert_eq!(line.mapped(0..3).text, "\u{fffd}\u{fffd}x");
        assert_eq!(line.mapped(0..3).pieces(6, 7), [Span::new(FileId(0), 4, 5)]);
    }

    #[test]
    fn trimming_knows_wide_blanks() {
        let bytes = "\u{3000} a\u{a0}".as_bytes();
        assert_eq!(trim(bytes, 0..bytes.len()), 4..5);
        assert_eq!(trim(b" \x85 ", 0..3), 1..2);
    }
}
