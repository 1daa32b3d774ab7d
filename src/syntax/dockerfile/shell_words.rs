//! BuildKit's own small shell: words, quotes and `$variables` of a Dockerfile (not of the shell that RUN starts).
//!
//! It finds heredocs in a line and expands variables in arguments; the two differ only in [`Mode`].

use std::ops::Range;

use super::pattern::{Pattern, PatternError};

/// How deep `${a:-${b:-…}}` may nest; deeper text is refused.
const MAX_DEPTH: usize = 64;

/// How many bytes an expansion may be longer than its text: values that double line by line must not fill memory.
const MAX_GROWTH: usize = 1024;

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// This value.
    Set(String),
    /// Nothing: it is not set.
    Unset,
    /// A value that reading does not tell.
    Unknown,
}

/// What becomes of quotes, escapes and unset variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// The escape character.
    pub escape: char,
    /// Quotes stay in the result.
    pub raw_quotes: bool,
    /// Quotes have no meaning (heredoc bodies).
    pub literal_quotes: bool,
    /// Escape characters stay in the result.
    pub raw_escapes: bool,
    /// `$name` of an unset variable stays as it is, instead of becoming empty.
    pub keep_unset: bool,
}

impl Mode {
    /// Expansion of an argument.
    pub fn expand(escape: char) -> Mode {
        Mode { escape, raw_quotes: false, literal_quotes: false, raw_escapes: false, keep_unset: false }
    }
}

/// Why a text has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// BuildKit refuses it.
    Syntax(&'static str),
    /// `${name:?message}` of a variable that is not set.
    Required(String),
    /// It uses this variable, whose value is not known.
    Unknown(String),
    /// It nests deeper, or costs more, than is read here.
    TooComplex,
}

/// A word of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its value.
    pub text: String,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// A text after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// All of it as one string.
    pub text: String,
    /// The same cut at blanks, as EXPOSE and heredocs need it.
    pub words: Vec<Word>,
    /// Variables it uses that are not set.
    pub unset: Vec<String>,
}

/// Expands `text`.
pub fn expand(text: &str, mode: Mode, lookup: &dyn Fn(&str) -> Variable) -> Result<Expanded, ExpandError> {
    let mut shell = Shell { text, at: 0, mode, lookup, unset: Vec::new() };
    if text.starts_with('\u{feff}') {
        shell.at = '\u{feff}'.len_utf8();
    }
    let (text, words) = shell.until(None, mode.raw_escapes, 0)?;
    Ok(Expanded { text, words, unset: shell.unset })
}

struct Shell<'a> {
    text: &'a str,
    at: usize,
    mode: Mode,
    lookup: &'a dyn Fn(&str) -> Variable,
    unset: Vec<String>,
}

/// Collects words while their characters come.
#[derive(Default)]
struct Words {
    words: Vec<Word>,
    word: String,
    start: usize,
    end: usize,
    inside: bool,
}

impl Words {
    fn push(&mut self, character: char, range: Range<usize>) {
        if !character.is_whitespace() {
            self.push_raw(character.encode_utf8(&mut [0; 4]), range);
        } else if self.inside {
            self.finish();
        }
    }

    fn push_raw(&mut self, text: &str, range: Range<usize>) {
        if !self.inside {
            self.start = range.start;
        }
        self.end = range.end;
        self.word.push_str(text);
        self.inside = true;
    }

    fn finish(&mut self) {
        if !self.word.is_empty() {
            let text = std::mem::take(&mut self.word);
            self.words.push(Word { text, range: self.start..self.end });
            self.inside = false;
        }
    }
}

impl Shell<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn bound(&self, result: &str) -> Result<(), ExpandError> {
        let fits = result.len() <= self.text.len() + MAX_GROWTH;
        if fits { Ok(()) } else { Err(ExpandError::TooComplex) }
    }

    /// Reads on to `stop`, which is taken, or to the end of the text.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
        depth: usize,
    ) -> Result<(String, Vec<Word>), ExpandError> {
        if depth > MAX_DEPTH {
            return Err(ExpandError::TooComplex);
        }
        let mut result = String::new();
        let mut words = Words::default();
        while let Some(character) = self.peek() {
            let start = self.at;
            self.bound(&result)?;
            if stop == Some(character) {
                self.next();
                words.finish();
                return Ok((result, words.words));
            }
            match character {
                '$' => {
                    let value = self.dollar(depth)?;
                    result.push_str(&value);
                    value.chars().for_each(|character| words.push(character, start..self.at));
                }
                '\'' | '"' if !self.mode.literal_quotes => {
                    let value = match character {
                        '\'' => self.single_quoted()?,
                        _ => self.double_quoted(raw_escapes, depth)?,
                    };
                    result.push_str(&value);
                    words.push_raw(&value, start..self.at);
                }
                '<' => {
                    let value = self.possible_heredoc();
                    result.push_str(&value);
                    words.push_raw(&value, start..self.at);
                }
                _ => {
                    self.next();
                    if character != self.mode.escape {
                        words.push(character, start..self.at);
                        result.push(character);
                        continue;
                    }
                    if raw_escapes {
                        words.push_raw(character.encode_utf8(&mut [0; 4]), start..self.at);
                        result.push(character);
                    }
                    let Some(escaped) = self.next() else { break };
                    words.push_raw(escaped.encode_utf8(&mut [0; 4]), start..self.at);
                    result.push(escaped);
                }
            }
        }
        if stop.is_some() {
            return Err(ExpandError::Syntax("a `}` or `/` is missing in `${…}`"));
        }
        words.finish();
        Ok((result, words.words))
    }

    /// `<`, or `<<` with the blanks after it, so that `<< EOF` is one word.
    fn possible_heredoc(&mut self) -> String {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while self.peek().is_some_and(|character| matches!(character, ' ' | '\t' | '\r' | '\n')) {
                self.next();
            }
        }
        self.text[start..self.at].to_owned()
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let start = self.at + 1;
        let Some(len) = self.text[start..].find('\'') else {
            return Err(ExpandError::Syntax("a single quote is not closed"));
        };
        self.at = start + len + 1;
        let range = if self.mode.raw_quotes { start - 1..self.at } else { start..start + len };
        Ok(self.text[range].to_owned())
    }

    fn double_quoted(&mut self, raw_escapes: bool, depth: usize) -> Result<String, ExpandError> {
        let mut result = String::new();
        self.next();
        if self.mode.raw_quotes {
            result.push('"');
        }
        loop {
            self.bound(&result)?;
            match self.peek() {
                None => return Err(ExpandError::Syntax("a double quote is not closed")),
                Some('"') => {
                    self.next();
                    if self.mode.raw_quotes {
                        result.push('"');
                    }
                    return Ok(result);
                }
                Some('$') => result.push_str(&self.dollar(depth)?),
                Some(character) => {
                    self.next();
                    if character != self.mode.escape {
                        result.push(character);
                        continue;
                    }
                    if raw_escapes {
                        result.push(character);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.mode.escape => {
                            self.next();
                            result.push(next);
                        }
                        Some(_) => result.push(character),
                    }
                }
            }
        }
    }

    fn dollar(&mut self, depth: usize) -> Result<String, ExpandError> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return match self.value(&name)? {
                None if self.mode.keep_unset => Ok(format!("${name}")),
                value => Ok(value.unwrap_or_default()),
            };
        }
        self.next();
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return Err(ExpandError::Syntax("bad substitution"));
        }
        let name = self.name();
        let bad = Err(ExpandError::Syntax("unsupported modifier in substitution"));
        match self.next() {
            Some('}') => match self.value(&name)? {
                None if self.mode.keep_unset => Ok(format!("${{{name}}}")),
                value => Ok(value.unwrap_or_default()),
            },
            Some(':') => {
                let modifier = self.next();
                self.modified(&name, true, modifier, depth)
            }
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => {
                self.modified(&name, false, Some(modifier), depth)
            }
            Some('/') => self.replaced(&name, depth),
            _ => bad,
        }
    }

    fn modified(
        &mut self,
        name: &str,
        colon: bool,
        modifier: Option<char>,
        depth: usize,
    ) -> Result<String, ExpandError> {
        let raw = matches!(modifier, Some('#' | '%'));
        let (word, _) = self.until(Some('}'), raw, depth + 1)?;
        let value = self.value(name)?;
        if value.is_none() && self.mode.keep_unset {
            let colon = if colon { ":" } else { "" };
            return Ok(format!("${{{name}{colon}{}{word}}}", modifier.map_or(String::new(), String::from)));
        }
        let filled = value.clone().filter(|value| !(colon && value.is_empty()));
        match modifier {
            Some('-') => Ok(filled.unwrap_or(word)),
            Some('+') => Ok(filled.map(|_| word).unwrap_or_default()),
            Some('?') => filled.ok_or_else(|| ExpandError::Required(name.to_owned())),
            Some(side @ ('#' | '%')) => {
                let (pattern, longest) = match word.strip_prefix(side) {
                    Some(pattern) => (pattern, true),
                    None => (word.as_str(), false),
                };
                let pattern = Pattern::parse(pattern)?;
                let value = value.unwrap_or_default();
                Ok(match side {
                    '#' => pattern.trim_start(&value, longest)?,
                    _ => pattern.trim_end(&value, longest)?,
                })
            }
            _ => Err(ExpandError::Syntax("unsupported modifier in substitution")),
        }
    }

    fn replaced(&mut self, name: &str, depth: usize) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let (pattern, _) = self.until(Some('/'), true, depth + 1)?;
        let (replacement, _) = self.until(Some('}'), true, depth + 1)?;
        let value = self.value(name)?;
        if value.is_none() && self.mode.keep_unset {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        Ok(Pattern::parse(&pattern)?.replace(&value.unwrap_or_default(), &replacement, all)?)
    }

    /// The value of a variable; `None` when it is not set.
    fn value(&mut self, name: &str) -> Result<Option<String>, ExpandError> {
        match (self.lookup)(name) {
            Variable::Set(value) => Ok(Some(value)),
            Variable::Unknown => Err(ExpandError::Unknown(name.to_owned())),
            Variable::Unset => {
                self.unset.push(name.to_owned());
                Ok(None)
            }
        }
    }

    /// A name, a number, or one of the shell's special parameters.
    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return String::new() };
        let len = if first.is_numeric() {
            rest.find(|character: char| !character.is_numeric()).unwrap_or(rest.len())
        } else if "@*#?-$!".contains(first) {
            1
        } else {
            rest.find(|character: char| !character.is_alphanumeric() && character != '_')
                .unwrap_or(rest.len())
        };
        self.at += len;
        rest[..len].to_owned()
    }
}

impl From<PatternError> for ExpandError {
    fn from(error: PatternError) -> ExpandError {
        match error {
            PatternError::Escape => ExpandError::Syntax("invalid escape in a pattern"),
            PatternError::TooComplex => ExpandError::TooComplex,
        }
    }
}
