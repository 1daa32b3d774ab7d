//! JSON read into the same [`Tree`] as YAML, over jsonc-parser's tokens: the only file that knows that crate.
//!
//! What one can read past (a comment, a comma too many or too few) is an issue and reading goes on; at anything else
//! it stops, and what was read is kept with its document marked as not complete.

use std::borrow::Cow;
use std::sync::Arc;

use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use crate::source::{FileId, Span};

use super::limits::{Limits, UNREADABLE};
use super::tree::{Builder, Comment, Document, Format, Kind, NodeId, Schema, Style, Text, Tree};
use super::{Issue, Parsed, view};

/// The rule that reports what is wrong in JSON.
pub const RULE: &str = "json/syntax";

/// What a kind of file allows beyond JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 8259: package.json, lock files.
    Strict,
    /// Comments and trailing commas: tsconfig.json, bun.lock, devcontainer.json.
    Comments,
}

/// Reads a JSON text.
pub fn parse(file: FileId, text: Arc<str>, dialect: Dialect) -> Parsed<Tree> {
    parse_within(file, text, dialect, &Limits::default())
}

/// [`parse`] with other limits.
pub fn parse_within(file: FileId, text: Arc<str>, dialect: Dialect, limits: &Limits) -> Parsed<Tree> {
    if let Some(issue) = limits.refuse(file, &text) {
        let tree = Builder::new(file, text, Format::Json, Schema::Core).tree;
        return Parsed { tree, issues: vec![issue] };
    }
    let mut parsed = read(file, text, dialect, limits);
    for duplicate in view::untangle(&mut parsed.tree).into_iter().take(limits.errors) {
        let key = parsed.tree.at(duplicate.second).str().unwrap_or_default();
        let issue = super::yaml::equal_keys(RULE, &parsed.tree, key, duplicate.first, duplicate.second);
        parsed.issues.push(issue);
    }
    parsed.issues.sort_by_key(|issue| issue.span.start);
    parsed
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    Value,
    /// After `[`.
    ItemOrEnd,
    /// After `{`.
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// After a comma: a key or an item.
    Another,
    Nothing,
}

struct Reader<'s> {
    text: &'s str,
    /// Offset of the text that the scanner sees: 3 after a byte-order mark.
    base: usize,
    dialect: Dialect,
    limits: &'s Limits,
    builder: Builder,
    issues: Vec<Issue>,
    expected: Expected,
}

fn read(file: FileId, text: Arc<str>, dialect: Dialect, limits: &Limits) -> Parsed<Tree> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let options = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut reader = Reader {
        text: &text,
        base: text.len() - body.len(),
        dialect,
        limits,
        builder: Builder::new(file, text.clone(), Format::Json, Schema::Core),
        issues: Vec::new(),
        expected: Expected::Value,
    };
    let document = Document { root: None, start: 0, end: text.len() as u32, complete: true };
    reader.builder.tree.documents.push(document);
    let complete = reader.run(&mut Scanner::new(body, &options));
    while let Some((_, end)) = reader.builder.innermost() {
        reader.builder.close(end);
    }
    let mut tree = reader.builder.finish();
    let root = (!tree.is_empty()).then_some(NodeId(0));
    if let Some(document) = tree.documents.first_mut() {
        document.root = root;
        document.complete = complete;
    }
    Parsed { tree, issues: reader.issues }
}

impl Reader<'_> {
    /// Reads to the end; false when it stopped before.
    fn run<'t>(&mut self, scanner: &mut Scanner<'t>) -> bool {
        loop {
            let token = match scanner.scan() {
                Ok(Some(token)) => token,
                Ok(None) => return self.end_of_text(),
                Err(error) => {
                    self.refuse(&error);
                    return false;
                }
            };
            let (start, end) = (self.base + scanner.token_start(), self.base + scanner.token_end());
            if !self.token(token, start, end) {
                return false;
            }
            if self.is_over_limit(start) {
                return false;
            }
        }
    }

    fn end_of_text(&mut self) -> bool {
        let end = self.text.trim_end().len();
        if let Some((id, _)) = self.builder.innermost() {
            let node = self.builder.tree.at(id).span();
            let bracket = Span { end: node.start + 1, ..node };
            self.issues.push(Issue::new(RULE, "this bracket is never closed", bracket));
            return false;
        }
        if self.expected == Expected::Value {
            self.issue("the file is empty: there is no JSON value in it", end, end);
            return false;
        }
        true
    }

    fn issue(&mut self, message: &str, start: usize, end: usize) {
        let span = Span::new(self.builder.tree.file, start, end);
        self.issues.push(Issue::new(RULE, message, span));
    }

    fn refuse(&mut self, error: &ParseError) {
        let range = error.range();
        let start = (self.base + range.start).min(self.text.len());
        let end = (self.base + range.end).min(self.text.len());
        // A quote that is never closed runs to the end of the file: its line is enough to point at.
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        let message = match error.kind() {
            ParseErrorKind::SingleQuotedStringsNotAllowed => {
                "single quotes: JSON has double quotes only".to_owned()
            }
            other => lower_first(&other.to_string()),
        };
        self.issue(&message, start, end.min(line_end).max(start));
    }

    fn is_over_limit(&mut self, at: usize) -> bool {
        let what = if self.builder.depth() > self.limits.depth {
            format!("collections within each other deeper than {}", self.limits.depth)
        } else if self.builder.tree.len() > self.limits.nodes {
            format!("more than {} nodes in one file", self.limits.nodes)
        } else if self.issues.len() >= self.limits.errors {
            format!("more than {} errors in one file", self.limits.errors)
        } else {
            return false;
        };
        let span = Span::new(self.builder.tree.file, at, at + 1);
        self.issues.push(Issue::new(UNREADABLE, format!("{what}: the rest is not read"), span));
        true
    }

    /// Takes one token; false when reading cannot go on.
    fn token(&mut self, token: Token<'_>, start: usize, end: usize) -> bool {
        if let Token::CommentLine(_) | Token::CommentBlock(_) = token {
            self.builder.tree.comments.push(Comment { start: start as u32, end: end as u32 });
            if self.dialect == Dialect::Strict {
                self.issue("a comment: the readers of this file take none", start, end);
            }
            return true;
        }
        match self.expected {
            Expected::Nothing => {
                self.issue("text after the end of the JSON value", start, end);
                false
            }
            Expected::Colon if token == Token::Colon => {
                self.expected = Expected::Value;
                true
            }
            Expected::Colon => {
                self.issue("a `:` is missing between key and value", start, end);
                false
            }
            Expected::CommaOrEnd if token == Token::Comma => {
                self.expected = Expected::Another;
                true
            }
            Expected::CommaOrEnd if self.closes(&token) => self.close(end),
            Expected::CommaOrEnd if matches!(token, Token::CloseBrace | Token::CloseBracket) => {
                self.mismatch(start, end)
            }
            Expected::CommaOrEnd => {
                self.issue("a `,` is missing before this", start, end);
                self.expected = Expected::Another;
                self.part(token, start, end)
            }
            Expected::Another if self.closes(&token) => {
                if self.dialect == Dialect::Strict {
                    self.issue(
                        "a comma before the closing bracket: the readers of this file take none",
                        start,
                        end,
                    );
                }
                self.close(end)
            }
            Expected::ItemOrEnd | Expected::KeyOrEnd if self.closes(&token) => self.close(end),
            Expected::Value | Expected::ItemOrEnd | Expected::KeyOrEnd | Expected::Another => {
                self.part(token, start, end)
            }
        }
    }

    fn is_in_object(&self) -> bool {
        let kind = self.builder.innermost().map(|(id, _)| self.builder.tree.at(id).kind());
        matches!(kind, Some(Kind::Mapping(_)))
    }

    fn closes(&self, token: &Token<'_>) -> bool {
        match token {
            Token::CloseBrace => self.is_in_object(),
            Token::CloseBracket => self.builder.depth() > 0 && !self.is_in_object(),
            _ => false,
        }
    }

    fn close(&mut self, end: usize) -> bool {
        self.builder.close(end);
        self.after_value();
        true
    }

    fn mismatch(&mut self, start: usize, end: usize) -> bool {
        self.issue("this bracket does not close the one that is open", start, end);
        if let (Some((id, _)), Some(issue)) = (self.builder.innermost(), self.issues.last_mut()) {
            let span = self.builder.tree.at(id).span();
            issue.related.push(Span { end: span.start + 1, ..span });
        }
        false
    }

    fn after_value(&mut self) {
        self.expected = if self.builder.depth() == 0 { Expected::Nothing } else { Expected::CommaOrEnd };
    }

    /// Takes a key where one is expected, else a value.
    fn part(&mut self, token: Token<'_>, start: usize, end: usize) -> bool {
        let is_key = matches!(self.expected, Expected::KeyOrEnd | Expected::Another) && self.is_in_object();
        match token {
            Token::String(text) => {
                self.string(text, start, end);
                if is_key {
                    self.expected = Expected::Colon;
                    return true;
                }
            }
            _ if is_key => {
                self.issue("a key in double quotes is missing here", start, end);
                return false;
            }
            Token::OpenBrace => {
                self.builder.open(Kind::Mapping(true), start, None);
                self.expected = Expected::KeyOrEnd;
                return true;
            }
            Token::OpenBracket => {
                self.builder.open(Kind::Sequence(true), start, None);
                self.expected = Expected::ItemOrEnd;
                return true;
            }
            Token::Number(_) | Token::Boolean(_) | Token::Null => {
                let text = Text::Verbatim(start as u32, end as u32);
                self.builder.add(Kind::Scalar(Style::Plain, text), start, end, None);
            }
            Token::CloseBrace | Token::CloseBracket => return self.mismatch(start, end),
            _ => {
                self.issue("a value is missing here", start, end);
                return false;
            }
        }
        self.after_value();
        true
    }

    fn string(&mut self, text: Cow<'_, str>, start: usize, end: usize) {
        let body = &self.text[start + 1..end - 1];
        if body.bytes().any(|byte| byte < 0x20) {
            self.issue("a control character in a string: JSON writes it as an escape", start, end);
        }
        let text = match text {
            Cow::Borrowed(_) => Text::Verbatim(start as u32 + 1, end as u32 - 1),
            Cow::Owned(text) => self.builder.cook(&text),
        };
        self.builder.add(Kind::Scalar(Style::Double, text), start, end, None);
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> Parsed<Tree> {
        parse(FileId(0), text.into(), Dialect::Strict)
    }

    #[test]
    fn reads_values_with_their_bytes() {
        let parsed = strict("\u{feff}{\"a\": {\"b\\n\": [1, 2.5, true, null]}}");
        assert_eq!(parsed.issues, []);
        let tree = parsed.tree;
        let list = tree.root().unwrap().at_path(&["a", "b\n"]).unwrap();
        assert_eq!(&tree.text[list.span().range()], "[1, 2.5, true, null]");
        assert_eq!(list.items().next().unwrap().as_i64(), Some(1));
        assert!(list.items().last().unwrap().is_null());
    }

    #[test]
    fn reads_past_comments_and_commas() {
        let text = "{\"a\": 1, // c\n \"b\": [1 2,],}";
        let parsed = strict(text);
        assert_eq!(parsed.issues.len(), 4, "{:?}", parsed.issues);
        assert!(parsed.tree.documents[0].complete);
        assert_eq!(parsed.tree.root().unwrap().get("b").unwrap().items().count(), 2);
        let with_comments = parse(FileId(0), text.into(), Dialect::Comments);
        assert_eq!(with_comments.issues.len(), 1, "{:?}", with_comments.issues);
    }

    #[test]
    fn keeps_what_stands_before_an_error() {
        let parsed = strict("{\"a\": 1, \"b\": {\"c\": 2");
        assert!(!parsed.tree.documents[0].complete);
        assert_eq!(parsed.tree.root().unwrap().at_path(&["b", "c"]).unwrap().as_i64(), Some(2));
        for text in
            ["", "{", "[1}", "{]", "{1:2}", "{\"a\" 1}", "[,]", "1 2", "\"a", "{\"a\":}", "tru", "'a'"]
        {
            assert!(!strict(text).tree.documents[0].complete, "{text}");
            assert_eq!(strict(text).issues.len(), 1, "{text}");
        }
    }

    #[test]
    fn limits_are_one_issue_each() {
        let limits = Limits { bytes: 40, depth: 3, nodes: 8, documents: 1, errors: 2 };
        let rules = |text: &str| -> Vec<_> {
            let parsed = parse_within(FileId(0), text.into(), Dialect::Strict, &limits);
            parsed.issues.into_iter().map(|issue| issue.rule).collect()
        };
        assert_eq!(rules("[[[]]]"), [] as [&str; 0]);
        assert_eq!(rules("[[[[]]]]"), [UNREADABLE]);
        assert_eq!(rules("[1,2,3,4,5,6,7,8,9]"), [UNREADABLE]);
        assert_eq!(rules("[1 2 3 4 5]"), [RULE, RULE, UNREADABLE]);
        assert_eq!(rules(&" ".repeat(41)), [UNREADABLE]);
    }

    #[test]
    fn equal_keys_are_two_places() {
        let parsed = strict("{\"a\": 1, \"a\": 2}");
        assert_eq!(parsed.issues[0].related.len(), 1);
        assert_eq!(parsed.tree.root().unwrap().get("a").unwrap().as_i64(), Some(2));
    }
}
