//! Blanks put before the lines that a quoted text goes on with, and the way back to the offsets of the file.
//!
//! kubectl accepts a quoted text that goes on left of its key; YAML 1.2 and granit do not. Leading blanks of such a
//! line are no part of the text, so that padding it changes nothing but where it may stand.

use std::borrow::Cow;

/// Blanks to insert, in the order of the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Padding {
    inserts: Vec<Insert>,
}

#[derive(Clone, Copy, Debug)]
struct Insert {
    /// Offset in the file, the start of a line.
    at: usize,
    /// Number of blanks.
    blanks: usize,
    /// Offset of the first blank in the padded text.
    padded: usize,
}

impl Padding {
    /// Number of padded lines.
    pub(super) fn len(&self) -> usize {
        self.inserts.len()
    }

    /// Pads the quoted text that begins at or after `after` and goes on at `at`; nothing when there is none, or it
    /// does not end before its document does.
    pub(super) fn add(&mut self, text: &str, after: usize, at: usize) {
        let Some(quoted) = quoted_around(text, after, at) else { return };
        let line_start = text[..quoted.start].rfind('\n').map_or(0, |newline| newline + 1);
        let blanks = text[line_start..quoted.start].chars().count() + 1;
        let lines = text[quoted.clone()].match_indices('\n').map(|(newline, _)| quoted.start + newline + 1);
        let mut added = false;
        for line in lines {
            let is_padded = self
                .inserts
                .iter()
                .rev()
                .take_while(|insert| insert.at >= line)
                .any(|insert| insert.at == line);
            if !is_padded {
                self.inserts.push(Insert { at: line, blanks, padded: 0 });
                added = true;
            }
        }
        if added {
            self.place();
        }
    }

    fn place(&mut self) {
        self.inserts.sort_by_key(|insert| insert.at);
        let mut before = 0;
        for insert in &mut self.inserts {
            insert.padded = insert.at + before;
            before += insert.blanks;
        }
    }

    /// The padded text.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.inserts.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut padded = String::with_capacity(text.len() + self.inserts.len() * 16);
        let mut from = 0;
        for insert in &self.inserts {
            padded.push_str(&text[from..insert.at]);
            padded.extend(std::iter::repeat_n(' ', insert.blanks));
            from = insert.at;
        }
        padded.push_str(&text[from..]);
        Cow::Owned(padded)
    }

    /// The offset in the file of an offset in the padded text.
    pub(super) fn back(&self, offset: usize) -> usize {
        let count = self.inserts.partition_point(|insert| insert.padded <= offset);
        let Some(insert) = count.checked_sub(1).map(|last| self.inserts[last]) else { return offset };
        insert.at + offset.saturating_sub(insert.padded + insert.blanks)
    }
}

/// The quoted text, quotes included, that holds byte `at`, looking from `after`, which is outside of any.
fn quoted_around(text: &str, after: usize, at: usize) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut from = after;
    while from < at {
        let byte = bytes[from];
        let is_start =
            from == 0 || matches!(bytes[from - 1], b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b',' | b':');
        match byte {
            b'\'' | b'"' if is_start => {
                let end = closing_quote(text, from)?;
                if end > at {
                    return Some(from..end);
                }
                from = end;
            }
            b'#' if is_start => from += text[from..].find('\n').unwrap_or(text.len() - from),
            _ => from += 1,
        }
    }
    None
}

/// The offset after the quote that closes the one at `start`; `None` when the document ends first.
fn closing_quote(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            byte if *byte == quote => return Some(at + 1),
            b'\n' if text[at + 1..].starts_with("---") || text[at + 1..].starts_with("...") => return None,
            _ => {}
        }
        at += 1;
    }
    None
}
