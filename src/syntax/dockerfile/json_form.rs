//! The JSON form of arguments: a strict JSON array of strings, as Go's encoding/json reads it.

use std::ops::Range;

use super::logical::Logical;
use super::tree::JsonItem;
use crate::syntax::mapped::MappedText;

/// What a text that may be a JSON array is.
pub(super) enum JsonForm {
    /// An array of strings.
    Strings(Vec<JsonItem>),
    /// A valid array that holds something else, at this range: BuildKit refuses it.
    NotStrings(Range<usize>),
    /// No JSON: BuildKit takes it as text.
    NotJson,
}

/// Go's encoding/json refuses deeper nesting.
const MAX_DEPTH: usize = 10_000;

/// Reads the JSON form of a range.
pub(super) fn read(line: &Logical, range: Range<usize>) -> JsonForm {
    let bytes = &line.bytes[..range.end];
    if bytes.get(range.start) != Some(&b'[') {
        return JsonForm::NotJson;
    }
    let mut scanner = Scanner { bytes, at: range.start, strings: Vec::new(), other: None };
    match scanner.array() {
        None => JsonForm::NotJson,
        Some(()) => match scanner.other {
            Some(other) => JsonForm::NotStrings(other),
            None => JsonForm::Strings(scanner.strings.into_iter().map(|range| item(line, range)).collect()),
        },
    }
}

/// Checks a JSON text whose outermost value is an array. Containers inside are a stack of bits, not recursion.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Strings directly in the outermost array, quotes included.
    strings: Vec<Range<usize>>,
    /// The first value directly in the outermost array that is no string.
    other: Option<Range<usize>>,
}

impl Scanner<'_> {
    fn array(&mut self) -> Option<()> {
        // True for an object, false for an array.
        let mut open: Vec<bool> = Vec::new();
        loop {
            self.blanks();
            let start = self.at;
            let opened = match *self.bytes.get(self.at)? {
                b'[' | b'{' => {
                    open.push(self.bytes[self.at] == b'{');
                    self.at += 1;
                    true
                }
                b'"' => {
                    self.string()?;
                    if open.len() == 1 {
                        self.strings.push(start..self.at);
                    }
                    false
                }
                _ => {
                    self.literal()?;
                    false
                }
            };
            if open.len() > MAX_DEPTH {
                return None;
            }
            let inside = open.len() - usize::from(opened);
            if inside == 1 && self.bytes[start] != b'"' && self.other.is_none() {
                self.other = Some(start..self.at);
            }
            self.between(&mut open, opened)?;
            if open.is_empty() {
                self.blanks();
                return (self.at == self.bytes.len()).then_some(());
            }
        }
    }

    /// From the end of a value, or from an opening bracket, to the start of the next value: closes what closes.
    fn between(&mut self, open: &mut Vec<bool>, mut opened: bool) -> Option<()> {
        loop {
            self.blanks();
            let Some(object) = open.last().copied() else { return Some(()) };
            let byte = *self.bytes.get(self.at)?;
            if byte == if object { b'}' } else { b']' } {
                self.at += 1;
                open.pop();
                opened = false;
                continue;
            }
            if !opened {
                if byte != b',' {
                    return None;
                }
                self.at += 1;
            }
            if object {
                self.blanks();
                if self.bytes.get(self.at) != Some(&b'"') {
                    return None;
                }
                self.string()?;
                self.blanks();
                if self.bytes.get(self.at) != Some(&b':') {
                    return None;
                }
                self.at += 1;
            }
            return Some(());
        }
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => match *self.bytes.get(self.at + 1)? {
                    b'u' => {
                        let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        self.at += 6;
                    }
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                    _ => return None,
                },
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
    }

    fn literal(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        for word in ["true", "false", "null"] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Some(());
            }
        }
        let len = number_len(rest)?;
        // A number that no float holds is an error of its own in Go, so that the text is no JSON form.
        let number = std::str::from_utf8(&rest[..len]).ok()?;
        number.parse::<f64>().ok().filter(|value| value.is_finite())?;
        self.at += len;
        Some(())
    }
}

/// Length of the JSON number at the start of `bytes`.
fn number_len(bytes: &[u8]) -> Option<usize> {
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 {
        return None;
    }
    at += if bytes[at] == b'0' { 1 } else { whole };
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

/// The string whose quotes are the ends of `range`.
fn item(line: &Logical, range: Range<usize>) -> JsonItem {
    let mut text = MappedText::new(line.file);
    let (mut at, end) = (range.start + 1, range.end - 1);
    while at < end {
        if line.bytes[at] != b'\\' {
            let len = line.bytes[at..end].iter().take_while(|byte| **byte != b'\\').count();
            line.map_into(&mut text, at..at + len);
            at += len;
            continue;
        }
        let (character, len) = escape(&line.bytes[at..end]);
        text.push_replaced(character.encode_utf8(&mut [0; 4]), line.span(at..at + len));
        at += len;
    }
    JsonItem { text, span: line.span(range) }
}

/// The character of a valid escape and its length; half a surrogate pair is a replacement character.
fn escape(bytes: &[u8]) -> (char, usize) {
    let character = match bytes[1] {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = hex(&bytes[2..6]);
            let second = (bytes.get(6..8) == Some(b"\\u")).then(|| hex(&bytes[8..12]));
            let pair = second.and_then(|second| char::decode_utf16([unit, second]).next()?.ok());
            return match pair.filter(|character| *character as u32 > 0xffff) {
                Some(character) => (character, 12),
                None => (char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}'), 6),
            };
        }
        other => other as char,
    };
    (character, 2)
}

fn hex(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |value, digit| value << 4 | (*digit as char).to_digit(16).unwrap_or(0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn form(text: &str) -> Result<Vec<String>, bool> {
        let line = Logical::new(FileId(0), text.as_bytes(), 0);
        match read(&line, 0..text.len()) {
            JsonForm::Strings(items) => Ok(items.into_iter().map(|item| item.text.text).collect()),
            JsonForm::NotStrings(_) => Err(true),
            JsonForm::NotJson => Err(false),
        }
    }

    #[test]
    fn only_strict_arrays_of_strings_are_json_form() {
        assert_eq!(form("[]"), Ok(vec![]));
        assert_eq!(
            form(r#"[ "a" , "b\n\u00e4\ud83d\ude00\ud83d" ] "#),
            Ok(vec!["a".into(), "b\nä😀\u{fffd}".into()])
        );
        for text in
            ["[", "['a']", r#"["a",]"#, r#"["a"] x"#, "[\"\t\"]", r#"["a" "b"]"#, "[1e999]", "[01]", "[,]"]
        {
            assert_eq!(form(text), Err(false), "{text}");
        }
        for text in ["[1]", r#"["a", null]"#, r#"[{"a": [1, {}]}, "b"]"#, "[[]]", "[-1.5e+3]"] {
            assert_eq!(form(text), Err(true), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        assert_eq!(form(&"[".repeat(1_000_000)), Err(false));
        assert_eq!(form(&format!("{}{}", "[".repeat(9_000), "]".repeat(9_000))), Err(true));
        assert_eq!(form(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))), Err(false));
    }
}
