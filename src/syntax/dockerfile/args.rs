//! From a logical line to an instruction's keyword, flags and arguments.

use std::ops::Range;

use crate::source::{Span, Spanned};

use super::json_form::{self, JsonForm};
use super::kind::{Keyword, Kind};
use super::logical::{Logical, is_blank, trim};
use super::tree::{Args, Flag, Instruction, Pair, Trigger};
use super::words::{blank_words, quoted_words, split_flags, split_keyword};

/// A fault that BuildKit's parser refuses the whole file for.
pub(super) type Refusal = (Span, String, Option<String>);

/// Reads one instruction, the inner one of ONBUILD included. Line numbers and heredocs come later.
pub(super) fn instruction(line: &Logical, escape: u8) -> (Instruction, Option<Refusal>) {
    // BuildKit recurses over ONBUILD; a chain of a million of them must not cost a stack.
    let mut outer = Vec::new();
    let mut head = read_head(line, 0..line.bytes.len(), escape);
    while Keyword::of(&head.name.value) == Keyword::Onbuild && !head.rest.is_empty() {
        let rest = head.rest.clone();
        outer.push(std::mem::replace(&mut head, read_head(line, rest, escape)));
    }
    let (inner, refusal) = simple(line, head, escape);
    let mut outer = outer.into_iter();
    let Some(first) = outer.next() else { return (inner, refusal) };
    let span = first.name.span.to(inner.span);
    let chain = outer.map(|head| (head.name, head.flags)).collect();
    let args = Args::Sub(Box::new(Trigger { chain, instruction: inner }));
    (bare(Keyword::Onbuild, first.name, first.flags, args, span), refusal)
}

/// Keyword and flags, and the range of what follows.
struct Head {
    name: Spanned<String>,
    flags: Vec<Flag>,
    keyword: Range<usize>,
    rest: Range<usize>,
}

fn read_head(line: &Logical, range: Range<usize>, escape: u8) -> Head {
    let (keyword, rest) = split_keyword(&line.bytes, range);
    let (flags, rest) = split_flags(line, rest, escape);
    Head { name: line.spanned(keyword.clone()), flags, keyword, rest }
}

fn bare(keyword: Keyword, name: Spanned<String>, flags: Vec<Flag>, args: Args, span: Span) -> Instruction {
    Instruction {
        keyword,
        name,
        flags,
        args,
        heredocs: Vec::new(),
        kind: Kind::Broken,
        span,
        first_line: 0,
        last_line: 0,
        empty_lines: Vec::new(),
    }
}

fn simple(line: &Logical, head: Head, escape: u8) -> (Instruction, Option<Refusal>) {
    let known = Keyword::of(&head.name.value);
    let reader = Reader { line, escape };
    let (args, refusal) = reader.args(known, head.rest);
    let end = trim(&line.bytes, 0..line.bytes.len()).end.max(head.keyword.end);
    let span = line.span(head.keyword.start..end);
    (bare(known, head.name, head.flags, args, span), refusal)
}

struct Reader<'l, 's> {
    line: &'l Logical<'s>,
    escape: u8,
}

/// Arguments, and why BuildKit refuses them: what could be read of them is kept.
type Read = (Args, Option<Refusal>);

impl Reader<'_, '_> {
    fn args(&self, keyword: Keyword, rest: Range<usize>) -> Read {
        use Keyword as K;
        if rest.is_empty() {
            return (Args::None, None);
        }
        match keyword {
            K::Run | K::Cmd | K::Entrypoint | K::Shell => self.json_or_text(rest),
            K::Add | K::Copy | K::Volume => self.json_or_words(rest),
            K::Expose | K::From => (Args::Words(blank_words(self.line, rest)), None),
            K::User | K::Workdir | K::StopSignal | K::Maintainer => {
                (Args::Text(self.line.mapped(rest)), None)
            }
            K::Env => self.pairs(rest, "ENV"),
            K::Label => self.pairs(rest, "LABEL"),
            K::Arg => (self.arg_pairs(rest), None),
            K::Healthcheck => self.health(rest),
            K::Onbuild | K::Unknown => (Args::None, None),
        }
    }

    fn json(&self, rest: Range<usize>) -> Option<Read> {
        match json_form::read(self.line, rest.clone()) {
            JsonForm::Strings(items) => Some((Args::Json(items), None)),
            JsonForm::NotJson => None,
            JsonForm::NotStrings(value) => {
                let refusal = (
                    self.line.span(value),
                    "a JSON array of arguments may hold strings only: the build stops here".to_owned(),
                    Some("write this argument in double quotes".to_owned()),
                );
                Some((Args::Text(self.line.mapped(rest)), Some(refusal)))
            }
        }
    }

    fn json_or_text(&self, rest: Range<usize>) -> Read {
        if rest.is_empty() {
            return (Args::None, None);
        }
        self.json(rest.clone()).unwrap_or_else(|| (Args::Text(self.line.mapped(rest)), None))
    }

    fn json_or_words(&self, rest: Range<usize>) -> Read {
        self.json(rest.clone()).unwrap_or_else(|| (Args::Words(blank_words(self.line, rest)), None))
    }

    fn pairs(&self, rest: Range<usize>, keyword: &str) -> Read {
        let words = quoted_words(&self.line.bytes, rest.clone(), self.escape);
        let Some(first) = words.first() else { return (Args::None, None) };
        if !self.line.bytes[first.clone()].contains(&b'=') {
            return self.legacy_pair(rest, keyword);
        }
        let without = words.iter().find(|word| !self.line.bytes[(*word).clone()].contains(&b'=')).cloned();
        let pairs = Args::Pairs(words.into_iter().map(|word| self.pair(word)).collect());
        let Some(word) = without else { return (pairs, None) };
        let message = format!(
            "{keyword} needs name=value, and {:?} has no =: the build stops here",
            self.line.text(word.clone())
        );
        let help = Some("quote the value when blanks belong to it".to_owned());
        (pairs, Some((self.line.span(word), message, help)))
    }

    /// `ENV name the rest of the line`.
    fn legacy_pair(&self, rest: Range<usize>, keyword: &str) -> Read {
        let bytes = &self.line.bytes[rest.clone()];
        let Some(len) = bytes.iter().position(|byte| is_blank(*byte)) else {
            let pair = Pair { name: self.line.spanned(rest.clone()), value: None };
            let message = format!("{keyword} {} has no value: the build stops here", pair.name.value);
            let help = Some(format!("write {keyword} {}=value", pair.name.value));
            return (Args::LegacyPair(pair), Some((self.line.span(rest), message, help)));
        };
        let blanks = bytes[len..].iter().take_while(|byte| is_blank(**byte)).count();
        let name = self.line.spanned(rest.start..rest.start + len);
        let value = Some(self.line.spanned(rest.start + len + blanks..rest.end));
        (Args::LegacyPair(Pair { name, value }), None)
    }

    fn arg_pairs(&self, rest: Range<usize>) -> Args {
        let words = quoted_words(&self.line.bytes, rest, self.escape);
        if words.is_empty() {
            return Args::None;
        }
        Args::Pairs(words.into_iter().map(|word| self.pair(word)).collect())
    }

    fn pair(&self, word: Range<usize>) -> Pair {
        match self.line.bytes[word.clone()].iter().position(|byte| *byte == b'=') {
            None => Pair { name: self.line.spanned(word), value: None },
            Some(len) => Pair {
                name: self.line.spanned(word.start..word.start + len),
                value: Some(self.line.spanned(word.start + len + 1..word.end)),
            },
        }
    }

    fn health(&self, rest: Range<usize>) -> Read {
        // Bytes are taken for characters here, as in flags.
        let space = |byte: &&u8| (**byte as char).is_whitespace();
        let bytes = &self.line.bytes[rest.clone()];
        let len = bytes.iter().take_while(|byte| !space(byte)).count();
        if len == 0 {
            return (Args::None, None);
        }
        let blanks = bytes[len..].iter().take_while(space).count();
        let word = self.line.spanned(rest.start..rest.start + len);
        let (args, refusal) = self.json_or_text(rest.start + len + blanks..rest.end);
        (Args::Health(word, Box::new(args)), refusal)
    }
}
