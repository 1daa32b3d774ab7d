//! Words of a shell: quotes taken off, escapes read, expansions kept as what they are.

use std::ops::Range;

use crate::source::Span;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it is made of, in order; empty for `""`.
    pub parts: Vec<Part>,
    /// The word as it is written.
    pub raw: String,
    /// Bytes of the script.
    pub range: Range<usize>,
    /// Bytes of the file.
    pub span: Span,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text, with quotes and escapes resolved.
    Text(String),
    /// `$NAME` or `${NAME}`; also `@`, `*`, `#`, `?`, `$`, `!`, `-` and digits.
    Variable {
        /// Its name.
        name: String,
        /// True inside of double quotes: it stays one word (`"$@"`: one for each argument).
        quoted: bool,
    },
    /// An expansion that is more than a name: `${X:-y}`, `$(…)`, `$((…))`, backquotes, `<(…)`, `{a,b}`, a pattern.
    Other(String),
}

impl Word {
    /// The word as the program gets it, when no expansion is in it.
    pub fn literal(&self) -> Option<&str> {
        match &self.parts[..] {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The variable's name, when the word is nothing else than `$NAME`, quoted or not.
    pub fn variable(&self) -> Option<&str> {
        match &self.parts[..] {
            [Part::Variable { name, .. }] => Some(name),
            _ => None,
        }
    }

    /// True for `"$@"`, `$@`, `"$*"` and `$*`.
    pub fn is_all_arguments(&self) -> bool {
        matches!(self.variable(), Some("@" | "*"))
    }

    /// The word with its variables filled in; `None` when one is not known or something else must be computed.
    pub fn expand(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Variable { name, .. } => text.push_str(&value(name)?),
                Part::Other(_) => return None,
            }
        }
        Some(text)
    }
}

/// Reads the raw text of one word into its parts.
pub(super) fn parts(raw: &str) -> Vec<Part> {
    let mut reader = Reader { raw, at: 0, parts: Vec::new(), text: String::new(), any_text: false };
    reader.run();
    reader.parts
}

/// How far the end of a pattern's bracket or of a brace list is looked for.
const AHEAD: usize = 256;

/// A position in a raw word, and what was read before it.
struct Reader<'a> {
    raw: &'a str,
    at: usize,
    parts: Vec<Part>,
    text: String,
    /// True once `text` holds something, be it empty quotes beside other parts.
    any_text: bool,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\\' => self.escape(),
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' if self.raw[self.at..].starts_with("$'") => self.ansi_quoted(),
                '$' if self.raw[self.at..].starts_with("$\"") => self.at += 1,
                '$' => self.dollar(false),
                '`' => self.delimited_by('`'),
                '<' | '>' if self.raw[self.at + 1..].starts_with('(') => self.rest_is_other(),
                '*' | '?' | '[' => self.pattern(),
                '{' if self.is_brace_list() => self.rest_is_other(),
                other => self.push(other),
            }
        }
        self.flush();
    }

    fn peek(&self) -> Option<char> {
        self.raw[self.at..].chars().next()
    }

    fn push(&mut self, character: char) {
        self.text.push(character);
        self.any_text = true;
        self.at += character.len_utf8();
    }

    fn flush(&mut self) {
        if self.any_text && !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
        self.any_text = false;
    }

    fn other(&mut self, end: usize) {
        self.flush();
        self.parts.push(Part::Other(self.raw[self.at..end].to_owned()));
        self.at = end;
    }

    fn rest_is_other(&mut self) {
        self.other(self.raw.len());
    }

    /// A character of a pattern stands for itself only when nothing matches it, so the word is not literal. `[` alone
    /// is the name of a program and `?`, `*` alone are patterns.
    fn pattern(&mut self) {
        let rest = &self.raw[self.at..];
        if rest.starts_with('[') && !rest.bytes().take(AHEAD).any(|byte| byte == b']') {
            return self.push('[');
        }
        self.other(self.at + 1);
    }

    fn is_brace_list(&self) -> bool {
        let rest = &self.raw.as_bytes()[self.at..];
        let rest = &rest[..rest.len().min(AHEAD)];
        let inner = rest.iter().position(|byte| *byte == b'}').map(|end| &rest[..end]);
        inner.is_some_and(|inner| inner.contains(&b',') || inner.windows(2).any(|pair| pair == b".."))
    }

    fn escape(&mut self) {
        self.at += 1;
        match self.peek() {
            Some('\n') => self.at += 1,
            Some(character) => self.push(character),
            None => self.text.push('\\'),
        }
    }

    fn single_quoted(&mut self) {
        let start = self.at + 1;
        let end = self.raw[start..].find('\'').map_or(self.raw.len(), |found| start + found);
        self.text.push_str(&self.raw[start..end]);
        self.any_text = true;
        self.at = (end + 1).min(self.raw.len());
    }

    fn double_quoted(&mut self) {
        self.at += 1;
        self.any_text = true;
        while let Some(next) = self.peek() {
            match next {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => match self.raw[self.at + 1..].chars().next() {
                    Some('\n') => self.at += 2,
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        self.push(escaped);
                    }
                    _ => self.push('\\'),
                },
                '$' => self.dollar(true),
                '`' => self.delimited_by('`'),
                other => self.push(other),
            }
        }
    }

    /// `$'…'`. The escapes that people write in commands; any other keeps its backslash, as bash does.
    fn ansi_quoted(&mut self) {
        self.at += 2;
        self.any_text = true;
        while let Some(next) = self.peek() {
            if next == '\'' {
                self.at += 1;
                return;
            }
            if next != '\\' {
                self.push(next);
                continue;
            }
            self.at += 1;
            let Some(escaped) = self.peek() else { return self.text.push('\\') };
            self.at += escaped.len_utf8();
            match escaped {
                'n' => self.text.push('\n'),
                't' => self.text.push('\t'),
                'r' => self.text.push('\r'),
                'e' | 'E' => self.text.push('\u{1b}'),
                '\\' | '\'' | '"' | '?' => self.text.push(escaped),
                other => self.text.extend(['\\', other]),
            }
        }
    }

    fn dollar(&mut self, quoted: bool) {
        let rest = &self.raw[self.at + 1..];
        if let Some(braced) = rest.strip_prefix('{') {
            let name = name_length(braced);
            if name > 0 && braced[name..].starts_with('}') {
                return self.variable(braced[..name].to_owned(), 3 + name, quoted);
            }
            return self.balanced('{', '}', quoted);
        }
        if rest.starts_with('(') {
            return self.balanced('(', ')', quoted);
        }
        match name_length(rest) {
            0 => self.push('$'),
            // `$10` is `${1}0`.
            length if rest.starts_with(|first: char| first.is_ascii_digit()) => {
                self.variable(rest[..length.min(1)].to_owned(), 2, quoted);
            }
            length => self.variable(rest[..length].to_owned(), 1 + length, quoted),
        }
    }

    fn variable(&mut self, name: String, length: usize, quoted: bool) {
        self.flush();
        self.parts.push(Part::Variable { name, quoted });
        self.at += length;
        self.any_text = quoted;
    }

    /// `${…}` or `$(…)`, to the bracket that closes it. Brackets in quotes inside of it are counted too: then the part
    /// ends early or late, and the word is not literal either way.
    fn balanced(&mut self, open: char, close: char, quoted: bool) {
        let mut depth = 0usize;
        let mut end = self.raw.len();
        for (at, character) in self.raw[self.at..].char_indices() {
            if character == open {
                depth += 1;
            } else if character == close {
                depth -= 1;
                if depth == 0 {
                    end = self.at + at + 1;
                    break;
                }
            }
        }
        self.other(end);
        self.any_text = quoted;
    }

    fn delimited_by(&mut self, mark: char) {
        let start = self.at + mark.len_utf8();
        let end = self.raw[start..].find(mark).map_or(self.raw.len(), |found| start + found + 1);
        self.other(end);
    }
}

/// Bytes of the variable's name that `text` starts with.
fn name_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => 1,
        Some(first) if first.is_ascii_digit() => text.bytes().take_while(u8::is_ascii_digit).count(),
        _ => text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count(),
    }
}
