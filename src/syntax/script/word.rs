//! Words, strings and numbers, as far as they are plain.

use super::kind::Kind;

/// Bytes of the longest path that is read. Each link of a chain of calls starts with the same one.
const LONGEST_PATH: usize = 256;

/// `a.b.c` at the start of a text.
pub(super) struct Path {
    pub(super) len: usize,
    pub(super) dots: usize,
}

impl Path {
    pub(super) fn of(text: &[u8]) -> Option<Path> {
        let text = &text[..text.len().min(LONGEST_PATH)];
        let mut path = Path { len: word(text), dots: 0 };
        while path.len > 0 && text.get(path.len) == Some(&b'.') {
            let property = word(&text[path.len + 1..]);
            if property == 0 {
                return None;
            }
            path.len += 1 + property;
            path.dots += 1;
        }
        (0 < path.len && path.len < LONGEST_PATH).then_some(path)
    }
}

/// Bytes of a quoted string, with its quotes.
pub(super) fn string(text: &[u8]) -> Option<usize> {
    let quote = *text.first()?;
    let inner = text[1..].iter().position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n'))?;
    (text[1 + inner] == quote).then_some(inner + 2)
}

/// Bytes of a whole decimal number.
pub(super) fn number(text: &[u8]) -> Option<usize> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let more = text.get(digits).is_some_and(|byte| is_word_byte(*byte) || *byte == b'.');
    (!more).then_some(digits)
}

/// Bytes of the word at the start of `text`; 0 when none stands there that is ASCII throughout.
pub(super) fn word(text: &[u8]) -> usize {
    let len = text.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(text.len());
    let plain = text.first().is_some_and(|byte| !byte.is_ascii_digit());
    if plain && text.get(len).is_none_or(|byte| byte.is_ascii() && *byte != b'\\') { len } else { 0 }
}

pub(super) fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && word(text) == text.len()
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// What a word is as an expression; `None` for words that start one, or may.
pub(super) fn kind_of_word(word: &[u8]) -> Option<Kind> {
    Some(match word {
        [] | b"import" | b"new" | b"yield" | b"await" | b"async" | b"function" | b"class" => return None,
        b"this" | b"super" => Kind::Keyword,
        b"undefined" => Kind::Undefined,
        b"null" => Kind::Null,
        b"true" => Kind::True,
        b"false" => Kind::False,
        _ => Kind::Identifier,
    })
}
