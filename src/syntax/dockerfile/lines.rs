//! The file's lines: directives, comments, continuations and heredocs, put together into instructions.

use std::ops::Range;

use crate::source::{FileId, Span, Spanned};
use crate::syntax::{Issue, Parsed};

use super::args::{Refusal, instruction};
use super::heredoc::{Marker, Terminators, is_comment, markers, trim_line_end};
use super::kind::Keyword;
use super::logical::{Logical, leading_space, lossy};
use super::tree::{Args, Directive, Dockerfile, Heredoc, Instruction, Part, PartKind};
use super::{swallowed, typed};

/// Id of the rule that reports what BuildKit refuses.
pub(super) const SYNTAX: &str = "dockerfile/syntax";

/// The longest line that BuildKit reads, in bytes without the line end.
const MAX_LINE: usize = 65_535;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a whole file.
pub(super) fn read(file: FileId, text: &[u8]) -> Parsed<Dockerfile> {
    let mut lines = Lines {
        file,
        text,
        at: 0,
        line: 0,
        escape: b'\\',
        directives_end: false,
        directives: Vec::new(),
        // About three parts a line: growing the list would copy it again and again.
        parts: Vec::with_capacity(text.len() / 16),
        issues: Vec::new(),
        refused: 0,
        adrift: false,
        terminators: Terminators::default(),
    };
    let mut instructions = Vec::with_capacity((text.len() / 64).min(1 << 16));
    let mut staged = false;
    while lines.at < text.len() {
        let refused = lines.refused;
        if let Some(mut instruction) = lines.next() {
            if !staged {
                staged = lines.starts_stage(&instruction);
            }
            if lines.refused == refused {
                let said = lines.issues.len();
                instruction.kind = typed::kind(&instruction, &mut lines.issues);
                if lines.adrift && instruction.keyword == Keyword::Unknown {
                    lines.issues.truncate(said);
                }
            }
            instructions.push(instruction);
        }
    }
    if instructions.is_empty() {
        let help = Some("start with FROM and the image to build on".to_owned());
        lines.refuse((
            Span::at(file, 0),
            "the file has no instruction: there is nothing to build".to_owned(),
            help,
        ));
    }
    lines.issues.sort_by_key(|issue| issue.span.start);
    let tree = Dockerfile {
        file,
        escape: lines.escape as char,
        directives: lines.directives,
        instructions,
        parts: lines.parts,
    };
    Parsed { tree, issues: lines.issues }
}

struct Lines<'s> {
    file: FileId,
    text: &'s [u8],
    at: usize,
    /// Lines taken so far.
    line: u32,
    escape: u8,
    directives_end: bool,
    directives: Vec<Directive>,
    parts: Vec<Part>,
    issues: Vec<Issue>,
    /// Faults so far that stop BuildKit's parser.
    refused: usize,
    /// A heredoc without end stands before: what is no instruction was its text, which is one fault.
    adrift: bool,
    terminators: Terminators<'s>,
}

impl<'s> Lines<'s> {
    fn part(&mut self, kind: PartKind, range: Range<usize>) {
        if !range.is_empty() {
            self.parts.push(Part { kind, span: Span::new(self.file, range.start, range.end) });
        }
    }

    fn refuse(&mut self, (span, message, help): Refusal) {
        self.refused += 1;
        self.issues.push(Issue { rule: SYNTAX, message, span, help, related: Vec::new() });
    }

    /// The next line without its line end, which becomes a part once `finish` is called.
    fn take(&mut self) -> (Range<usize>, Range<usize>) {
        let start = self.at;
        let rest = &self.text[start..];
        let len = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |len| len + 1);
        self.at = start + len;
        self.line += 1;
        let end = start + trim_line_end(&rest[..len]).len();
        if self.at - start > MAX_LINE && end - start > MAX_LINE {
            let message = format!("the line is longer than {MAX_LINE} bytes: the build stops here");
            let help = Some("split it with continuations, or move it into a file".to_owned());
            self.refuse((Span::new(self.file, start, end), message, help));
        }
        (start..end, end..self.at)
    }

    /// True from the first FROM on. The first other instruction but ARG is refused; those after it are not, as one
    /// missing FROM is one fault. An unknown instruction, most often a misspelt FROM, has said it already.
    fn starts_stage(&mut self, instruction: &Instruction) -> bool {
        let name = &instruction.name;
        match instruction.keyword {
            Keyword::From => true,
            Keyword::Arg => false,
            Keyword::Unknown => true,
            _ => {
                let message = format!("{} stands before the first FROM: it belongs to no stage", name.value);
                let help = "put FROM before it; only ARG may come first";
                self.issues.push(Issue::new(SYNTAX, message, name.span).with_help(help));
                true
            }
        }
    }

    /// Reads a comment, a blank line or an instruction.
    fn next(&mut self) -> Option<Instruction> {
        let (mut content, line_end) = self.take();
        if self.line == 1 && self.text.starts_with(BOM) {
            self.part(PartKind::Bom, 0..BOM.len());
            content.start = BOM.len();
        }
        let blank = leading_space(&self.text[content.clone()]);
        self.part(PartKind::Blank, content.start..content.start + blank);
        content.start += blank;
        if content.is_empty() || self.text[content.start] == b'#' {
            let directive = self.directive(content.clone());
            let kind = if directive { PartKind::Directive } else { PartKind::Comment };
            self.part(kind, content);
            self.part(PartKind::LineEnd, line_end);
            return None;
        }
        self.directives_end = true;
        Some(self.instruction(content, line_end))
    }

    /// Reads a directive; false for anything else, which ends their block.
    fn directive(&mut self, content: Range<usize>) -> bool {
        if self.directives_end {
            return false;
        }
        let Some((name, value)) = split_directive(&self.text[content.clone()]) else {
            self.directives_end = true;
            return false;
        };
        let value = content.start + value.start..content.start + value.end;
        let span = Span::new(self.file, value.start, value.end);
        let text = lossy(&self.text[value]).into_owned();
        if self.directives.iter().any(|known| known.name == name) {
            let message = format!("the directive {name} stands twice: the build stops here");
            self.refuse((span, message, Some("keep one of them".to_owned())));
        } else if name == "escape" {
            match text.as_bytes() {
                [escape @ (b'\\' | b'`')] => self.escape = *escape,
                _ => {
                    let message = format!("{text:?} is no escape character: the build stops here");
                    self.refuse((span, message, Some("write \\ or `".to_owned())));
                }
            }
        }
        self.directives.push(Directive { name, value: Spanned::new(text, span) });
        true
    }

    /// Takes a line of an instruction apart; true when the next line continues it.
    fn text_line(&mut self, content: Range<usize>, line_end: Range<usize>) -> (Range<usize>, bool) {
        let continued = continuation(&self.text[content.clone()], self.escape);
        let end = continued.map_or(content.end, |len| content.start + len);
        self.part(PartKind::Text, content.start..end);
        self.part(PartKind::Continuation, end..content.end);
        self.part(PartKind::LineEnd, line_end);
        (content.start..end, continued.is_some())
    }

    fn instruction(&mut self, content: Range<usize>, line_end: Range<usize>) -> Instruction {
        let first_line = self.line;
        let mut empty_lines = Vec::new();
        let (piece, mut open) = self.text_line(content, line_end);
        let mut logical = Logical::new(self.file, &self.text[piece.clone()], piece.start);
        while open && self.at < self.text.len() {
            let (content, line_end) = self.take();
            let line = &self.text[content.clone()];
            let blank = content.start + leading_space(line);
            if is_comment(line) || blank == content.end {
                if blank == content.end {
                    empty_lines.push(Span::new(self.file, content.start, content.end));
                }
                self.part(PartKind::Blank, content.start..blank);
                self.part(PartKind::Comment, blank..content.end);
                self.part(PartKind::LineEnd, line_end);
                continue;
            }
            let (piece, more) = self.text_line(content, line_end);
            logical.push(&self.text[piece.clone()], piece.start);
            open = more;
        }
        let (mut instruction, refusal) = instruction(&logical, self.escape);
        if let Some(refusal) = refusal {
            self.refuse(refusal);
        }
        swallowed::check(&logical, &instruction, &mut self.issues);
        instruction.empty_lines = empty_lines;
        instruction.first_line = first_line;
        if takes_heredocs(&instruction) {
            instruction.heredocs = self.heredocs(&logical);
        }
        instruction.last_line = self.line;
        instruction
    }

    /// Takes the lines of the heredocs that a line opens. One without end takes none: the lines after it are read
    /// as instructions, which they most often are.
    fn heredocs(&mut self, line: &Logical) -> Vec<Heredoc> {
        let mut heredocs = Vec::new();
        for marker in markers(line) {
            let Some(end) = self.terminators.find(self.text, self.at, &marker) else {
                let message = format!(
                    "the heredoc {} has no end: no line after it holds only {}, and the build stops here",
                    marker.name, marker.name
                );
                let help = Some(format!("end it with a line that holds {} and nothing else", marker.name));
                self.refuse((marker.span, message, help));
                self.adrift = true;
                break;
            };
            heredocs.push(self.heredoc(marker, end));
        }
        heredocs
    }

    fn heredoc(&mut self, marker: Marker, end: Range<usize>) -> Heredoc {
        let body = self.at..end.start;
        let bytes = &self.text[body.clone()];
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
        self.part(PartKind::HeredocBody, body.clone());
        self.at = end.start;
        let (_, line_end) = self.take();
        self.part(PartKind::HeredocEnd, end.clone());
        self.part(PartKind::LineEnd, line_end);
        Heredoc {
            name: marker.name,
            marker: marker.span,
            expand: marker.expand,
            chomp: marker.chomp,
            fd: marker.fd,
            body: Logical::new(self.file, bytes, body.start).mapped(0..bytes.len()),
            span: Span::new(self.file, body.start, body.end),
            end: Span::new(self.file, end.start, end.end),
        }
    }
}

/// RUN, COPY and ADD take heredocs unless they are in JSON form; so does ONBUILD one of them.
fn takes_heredocs(instruction: &Instruction) -> bool {
    let inner = match &instruction.args {
        Args::Sub(sub) if sub.chain.is_empty() => &sub.instruction,
        _ => instruction,
    };
    matches!(inner.keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
        && !matches!(inner.args, Args::Json(_))
}

/// Length of the text before an escape character that continues a line; `None` when the line ends here.
fn continuation(line: &[u8], escape: u8) -> Option<usize> {
    let last = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t'))?;
    let doubled = last > 0 && line[last - 1] == escape;
    (line[last] == escape && !doubled).then_some(last)
}

/// Name (in lower case) and value of a directive that BuildKit knows.
fn split_directive(line: &[u8]) -> Option<(String, Range<usize>)> {
    let is_space = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let spaces = |from: usize| line[from..].iter().take_while(|byte| is_space(byte)).count();
    if line.first() != Some(&b'#') {
        return None;
    }
    let start = 1 + spaces(1);
    let end = start + line[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = std::str::from_utf8(&line[start..end]).ok()?.to_ascii_lowercase();
    let equals = end + spaces(end);
    if !matches!(&*name, "escape" | "syntax" | "check") || line.get(equals) != Some(&b'=') {
        return None;
    }
    let mut value = equals + 1 + spaces(equals + 1)..line.len();
    value.end = line.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1).max(value.start);
    if value.is_empty() {
        // Blanks alone: the last of them is the value.
        value = (line.len() - 1).max(equals + 1)..line.len();
    }
    (!value.is_empty()).then_some((name, value))
}
