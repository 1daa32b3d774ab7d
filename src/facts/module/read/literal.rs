//! Strings and numbers as they are written, turned into what they mean.

use super::Reader;
use crate::facts::module::{Bytes, Name, Value, ValueId};

impl Reader {
    /// The text of a quoted literal; `None` when its end quote is missing.
    pub(super) fn string(&mut self, at: Bytes) -> Option<Name> {
        let raw = self.source(at);
        let quote = raw.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'))?;
        if raw.len() < 2 || !raw.ends_with(quote) {
            return None;
        }
        let body = &raw[1..raw.len() - 1];
        if !body.contains('\\') {
            return Some(Name { start: at.start + 1, end: at.end - 1 });
        }
        let cooked = unescape(body);
        Some(self.cook(&cooked))
    }

    /// The value of a number; `None` for one of `bigint`.
    pub(super) fn number(&mut self, at: Bytes) -> Option<ValueId> {
        let number = parse_number(self.source(at))?;
        Some(self.push(Value::Number(number), at))
    }
}

fn parse_number(raw: &str) -> Option<f64> {
    let digits = raw.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return u64::from_str_radix(rest, radix).ok().map(|number| number as f64);
        }
    }
    digits.parse().ok()
}

/// The text that the body of a literal stands for.
fn unescape(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else { break };
        rest = &rest[escape.len_utf8()..];
        match escape {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'v' => text.push('\u{b}'),
            '0' => text.push('\0'),
            '\r' => rest = rest.strip_prefix('\n').unwrap_or(rest),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            'x' => rest = code_point(rest, rest.get(..2), 2, &mut text),
            'u' if rest.starts_with('{') => {
                let end = rest.find('}').unwrap_or(0);
                rest = code_point(rest, rest.get(1..end), end + 1, &mut text);
            }
            'u' => rest = code_point(rest, rest.get(..4), 4, &mut text),
            other => text.push(other),
        }
    }
    text.push_str(rest);
    text
}

/// Appends the character of `digits` and gives what follows it; digits that name no character stay as they are.
fn code_point<'t>(rest: &'t str, digits: Option<&str>, len: usize, text: &mut String) -> &'t str {
    let character = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    match character {
        Some(character) => {
            text.push(character);
            rest.get(len..).unwrap_or("")
        }
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_what_javascript_says() {
        assert_eq!(unescape(r"a\n\x41\u0042\u{1F600}\'\q"), "a\nAB😀'q");
        assert_eq!(unescape("a\\\nb"), "ab");
        assert_eq!(unescape(r"\u{zz}\x4"), "{zz}4");
    }

    #[test]
    fn numbers_mean_what_javascript_says() {
        assert_eq!(parse_number("3_000"), Some(3000.0));
        assert_eq!(parse_number("0x1F90"), Some(8080.0));
        assert_eq!(parse_number("1e3"), Some(1000.0));
        assert_eq!(parse_number("1n"), None);
    }
}
