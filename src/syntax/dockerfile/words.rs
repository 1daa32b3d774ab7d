//! How BuildKit cuts a logical line: keyword, flags, words.

use std::ops::Range;

use crate::source::Spanned;

use super::logical::{Logical, decode, is_blank, lossy, trim};
use super::tree::Flag;

/// Ranges of a logical line: its keyword and what follows.
pub(super) fn split_keyword(bytes: &[u8], range: Range<usize>) -> (Range<usize>, Range<usize>) {
    let all = trim(bytes, range);
    let Some(len) = bytes[all.clone()].iter().position(|byte| is_blank(*byte)) else {
        return (all.clone(), all.end..all.end);
    };
    let keyword = all.start..all.start + len;
    let blanks = bytes[keyword.end..all.end].iter().take_while(|byte| is_blank(**byte)).count();
    (keyword.clone(), keyword.end + blanks..all.end)
}

/// Takes the leading `--flags` off; the range that remains is trimmed.
///
/// BuildKit takes each byte for a character here, so that the bytes 0x85 and 0xA0 end a flag even within a character.
pub(super) fn split_flags(line: &Logical, range: Range<usize>, escape: u8) -> (Vec<Flag>, Range<usize>) {
    let bytes = &*line.bytes;
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        at += bytes[at..range.end].iter().take_while(|byte| is_latin1_space(**byte)).count();
        if !bytes[at..range.end].starts_with(b"--") {
            return (flags, trim(bytes, at..range.end));
        }
        let word = read_flag(&bytes[..range.end], at, escape);
        let ended = word.end < range.end;
        if word.value == b"--" {
            // A bare `--` at the very end of the line is dropped as well.
            let rest = if ended { word.end..range.end } else { range.end..range.end };
            return (flags, trim(bytes, rest));
        }
        flags.push(Flag {
            text: lossy(&word.value).into_owned(),
            span: line.span(at..word.end),
            value_span: word.equals.map(|equals| line.span(equals + 1..word.end)),
        });
        at = word.end;
    }
}

struct FlagWord {
    value: Vec<u8>,
    end: usize,
    equals: Option<usize>,
}

fn read_flag(bytes: &[u8], start: usize, escape: u8) -> FlagWord {
    let mut value = Vec::new();
    let mut quote = None;
    let mut equals = None;
    let mut at = start;
    while at < bytes.len() {
        let mut byte = bytes[at];
        match quote {
            None if is_latin1_space(byte) => break,
            None if byte == b'\'' || byte == b'"' => {
                quote = Some(byte);
                at += 1;
                continue;
            }
            Some(open) if byte == open => {
                quote = None;
                at += 1;
                continue;
            }
            _ => {}
        }
        if byte == escape {
            at += 1;
            match bytes.get(at) {
                Some(next) => byte = *next,
                None => break,
            }
        }
        if byte == b'=' && equals.is_none() {
            equals = Some(at);
        }
        value.push(byte);
        at += 1;
    }
    FlagWord { value, end: at.min(bytes.len()), equals }
}

fn is_latin1_space(byte: u8) -> bool {
    (byte as char).is_whitespace()
}

/// Words between blanks (`[\t\v\f\r ]+`), without regard to quotes.
pub(super) fn blank_words(line: &Logical, range: Range<usize>) -> Vec<Spanned<String>> {
    let mut words = Vec::new();
    if range.is_empty() {
        return words;
    }
    let mut at = range.start;
    loop {
        let len = line.bytes[at..range.end].iter().take_while(|byte| !is_blank(**byte)).count();
        words.push(line.spanned(at..at + len));
        at += len;
        if at == range.end {
            return words;
        }
        at += line.bytes[at..range.end].iter().take_while(|byte| is_blank(**byte)).count();
    }
}

/// Words as ENV, LABEL and ARG have them: quotes and escapes keep blanks together and stay in the word. An escape
/// character at the very end is dropped.
pub(super) fn quoted_words(bytes: &[u8], range: Range<usize>, escape: u8) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = range.start;
    let step = |at: usize| decode(&bytes[at..range.end]);
    while let Some((character, len)) = step(at) {
        if character.is_whitespace() {
            at += len;
            continue;
        }
        let start = at;
        let mut end = at;
        let mut quote = None;
        while let Some((character, len)) = step(at) {
            if quote.is_none() && character.is_whitespace() {
                break;
            }
            if quote.is_none() && (character == '\'' || character == '"') {
                quote = Some(character);
            } else if quote == Some(character) {
                quote = None;
            }
            let escapes = character == escape as char && quote != Some('\'');
            at += len;
            if escapes {
                match step(at) {
                    Some((_, len)) => at += len,
                    None => break,
                }
            }
            end = at;
        }
        if end > start {
            words.push(start..end);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn flags(text: &str) -> (Vec<String>, String) {
        let line = Logical::new(FileId(0), text.as_bytes(), 0);
        let (flags, rest) = split_flags(&line, 0..text.len(), b'\\');
        (flags.into_iter().map(|flag| flag.text).collect(), text[rest].to_owned())
    }

    #[test]
    fn flags_lose_their_quotes_and_end_at_the_first_word() {
        assert_eq!(flags("--a=\"b c\" --d e --f"), (vec!["--a=b c".into(), "--d".into()], "e --f".into()));
        assert_eq!(flags("-- --a b"), (vec![], "--a b".into()));
        assert_eq!(flags("--a\\ b"), (vec!["--a b".into()], "".into()));
        assert_eq!(flags("-a"), (vec![], "-a".into()));
    }

    #[test]
    fn quoted_words_stay_whole() {
        let words = |text: &str| {
            let ranges = quoted_words(text.as_bytes(), 0..text.len(), b'\\');
            ranges.into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(words(r#"a="b c" d=e\ f 'g h'"#), [r#"a="b c""#, r"d=e\ f", "'g h'"]);
        assert_eq!(words(r"a\"), ["a"]);
        assert_eq!(words(r#""a\"b" c"#), [r#""a\"b""#, "c"]);
    }
}
