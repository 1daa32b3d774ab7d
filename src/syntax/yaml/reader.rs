//! From granit's events to the arena. The only file that knows granit-parser.

mod scalar;

use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};
use rustc_hash::FxHashMap;

use crate::source::{FileId, Span};
use crate::syntax::limits::{Limits, UNREADABLE};
use crate::syntax::tree::{Builder, Comment, Document, Format, Kind, NodeId, Props, Schema, Style, Tree};
use crate::syntax::{Issue, Parsed};

use super::padding::Padding;
use super::{RULE, character, written};

/// What one pass over the text gave.
pub(super) struct Read {
    pub(super) parsed: Parsed<Tree>,
    /// Quoted texts that go on with too little indentation.
    pub(super) under_indented: Vec<UnderIndented>,
}

/// A quoted text that goes on left of where it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnderIndented {
    /// An offset before the quoted text and outside of any.
    pub(super) after: usize,
    /// The offset where it goes on.
    pub(super) at: usize,
}

struct Reader<'s> {
    text: &'s str,
    padding: &'s Padding,
    limits: &'s Limits,
    builder: Builder,
    anchors: FxHashMap<usize, NodeId>,
    issues: Vec<Issue>,
    errors: usize,
    under_indented: Vec<UnderIndented>,
    /// True between the start and the end of a document.
    in_document: bool,
    /// Where the last token known ended: indicators that have no event are looked for from here.
    seen: usize,
}

/// Whether to go on.
enum Next {
    Event,
    Document,
    Stop,
}

/// Reads a text with lines padded.
pub(super) fn read(file: FileId, text: Arc<str>, schema: Schema, limits: &Limits, padding: &Padding) -> Read {
    let padded = padding.apply(&text);
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    options.max_buffered_comment_events = 1_000_000;
    let mut parser = Parser::new_from_str_with_options(&padded, options);
    let mut reader = Reader {
        text: &text,
        padding,
        limits,
        builder: Builder::new(file, text.clone(), Format::Yaml, schema),
        anchors: FxHashMap::default(),
        issues: Vec::new(),
        errors: 0,
        under_indented: Vec::new(),
        in_document: false,
        seen: 0,
    };
    reader.run(&mut parser);
    reader.finish()
}

impl<'s> Reader<'s> {
    fn run<'p>(&mut self, parser: &mut Parser<'p, StrInput<'p>>) {
        while let Some(next) = parser.next_event() {
            let next = match next {
                Ok((event, span)) => {
                    let range = span.byte_range().unwrap_or_default();
                    let tag = span.tag_span().and_then(|span| span.byte_range());
                    let tag = tag.map(|tag| (self.back(tag.start) as u32, self.back(tag.end) as u32));
                    self.event(event, self.back(range.start), self.back(range.end), tag)
                }
                Err(error) => self.fail(&error),
            };
            match next {
                Next::Event => {}
                Next::Document if matches!(parser.proceed_next_document(), Ok(true)) => {}
                Next::Document | Next::Stop => return,
            }
        }
    }

    /// The offset in the file of one that granit gives. After a byte-order mark it may fall into a character.
    fn back(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(self.padding.back(offset))
    }

    fn event(&mut self, event: Event<'_>, start: usize, end: usize, tag_span: Option<(u32, u32)>) -> Next {
        match event {
            Event::DocumentStart(is_explicit, version) => {
                let is_1_1 = version.is_none_or(|version| (version.major, version.minor) == (1, 1));
                self.check_head(is_explicit, is_1_1, start);
                return self.start_document(is_explicit, start, end);
            }
            Event::DocumentEnd => self.end_document(end),
            Event::Comment(..) => {
                self.builder.tree.comments.push(Comment { start: start as u32, end: end as u32 });
            }
            Event::Anchor(..) => self.builder.anchor(start, end),
            Event::Scalar(text, style, anchor, tag) => {
                let id = self.scalar(text, written_as(style), (start, end), props(tag.as_deref(), tag_span));
                self.name(anchor, id);
            }
            Event::Alias(anchor) => self.alias(Some(anchor), start, end),
            Event::UnresolvedAlias(_) => self.alias(None, start, end),
            Event::SequenceStart(style, anchor, tag) => {
                let start = if style == StructureStyle::Block { self.dash(start, tag_span) } else { start };
                let is_flow = style == StructureStyle::Flow;
                let id = self.builder.open(Kind::Sequence(is_flow), start, props(tag.as_deref(), tag_span));
                self.name(anchor, id);
                self.seen = self.seen.max(end).max(start + 1);
            }
            Event::MappingStart(style, anchor, tag) => {
                let is_flow = style == StructureStyle::Flow;
                let id = self.builder.open(Kind::Mapping(is_flow), start, props(tag.as_deref(), tag_span));
                self.name(anchor, id);
                self.seen = self.seen.max(end);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            _ => {}
        }
        self.check_limits(start)
    }

    /// Notes the node that an anchor stands for; 0 is no anchor.
    fn name(&mut self, anchor: usize, id: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.take_root(id);
    }

    fn take_root(&mut self, id: NodeId) {
        if let Some(document) = self.builder.tree.documents.last_mut()
            && document.root.is_none()
            && self.in_document
        {
            document.root = Some(id);
            document.start = document.start.min(self.builder.tree.nodes[id.0 as usize].start);
        }
    }

    /// What kubectl refuses of the head of a document: another version, unknown directives, no `---` after `...`.
    fn check_head(&mut self, is_explicit: bool, is_1_1: bool, start: usize) {
        let tree = &self.builder.tree;
        if tree.schema != Schema::Kubernetes {
            return;
        }
        let file = tree.file;
        let before = tree.documents.last().map_or(0, |before| before.end as usize).min(start);
        let directives = self.text[before..start].split_inclusive('\n').scan(before, |at, line| {
            let here = *at;
            *at += line.len();
            Some((here, line))
        });
        for (at, line) in directives.filter(|(_, line)| line.starts_with('%')) {
            let is_version = line.starts_with("%YAML");
            if is_version && is_1_1 || line.starts_with("%TAG") {
                continue;
            }
            let message = "kubectl reads YAML 1.1 and refuses a document with this directive";
            let span = Span::new(file, at, at + line.trim_end().len());
            self.issues.push(Issue::new(RULE, message, span).with_help("remove the line"));
        }
        if !is_explicit && !tree.documents.is_empty() {
            let message = "a document without `---` after `...`: kubectl refuses it";
            let span = character(file, self.text, start);
            self.issues.push(Issue::new(RULE, message, span).with_help("start it with `---`"));
        }
    }

    fn start_document(&mut self, is_explicit: bool, start: usize, end: usize) -> Next {
        if self.builder.tree.documents.len() >= self.limits.documents {
            self.limit(format!("more than {} documents in one file", self.limits.documents), start);
            return Next::Stop;
        }
        self.anchors.clear();
        self.in_document = true;
        let before = self.builder.tree.documents.last().map_or(0, |before| before.end as usize);
        self.seen = if is_explicit { end } else { written::body_start(self.text, before.min(start), start) };
        let end = end as u32;
        self.builder.tree.documents.push(Document { root: None, start: start as u32, end, complete: true });
        Next::Event
    }

    fn end_document(&mut self, end: usize) {
        self.in_document = false;
        let tree = &mut self.builder.tree;
        let root = tree.documents.last().and_then(|document| document.root);
        let is_absent = root.is_some_and(|root| {
            let node = &tree.nodes[root.0 as usize];
            node.start == node.end
                && tree.props_of(root).is_none()
                && matches!(node.kind(), Kind::Scalar(Style::Plain, _))
        });
        let Some(document) = tree.documents.last_mut() else { return };
        document.end = (end as u32).max(document.end);
        if is_absent {
            document.root = None;
        }
    }

    fn alias(&mut self, anchor: Option<usize>, start: usize, end: usize) {
        let target = anchor.and_then(|anchor| self.anchors.get(&anchor).copied());
        let is_cycle = target.is_some_and(|target| self.builder.is_open(target));
        let target = target.filter(|_| !is_cycle);
        let id = self.builder.add(Kind::Alias(target), start, end, None);
        self.take_root(id);
        self.seen = self.seen.max(end);
        if target.is_some() {
            return;
        }
        let name = self.text[start..end].trim_start_matches('*');
        let message = match is_cycle {
            true => format!("the value of anchor {name:?} contains itself"),
            false => format!("alias *{name} has no anchor before it in this document"),
        };
        let span = self.builder.tree.at(id).span();
        let help = (!is_cycle).then(|| format!("anchor a value with &{name}, or quote the text"));
        self.issues.push(Issue { help, ..Issue::new(RULE, message, span) });
        self.mark_partial();
    }

    fn mark_partial(&mut self) {
        if let Some(document) = self.builder.tree.documents.last_mut() {
            document.complete = false;
        }
    }

    /// The `-` that a block sequence starts with: granit gives the first item where the sequence is not indented.
    fn dash(&self, start: usize, tag: Option<(u32, u32)>) -> usize {
        if self.text.as_bytes().get(start) == Some(&b'-') && written::is_blank_at(self.text, start + 1) {
            return start;
        }
        let after = self.text.ceil_char_boundary(self.seen.max(tag.map_or(0, |(_, end)| end as usize)));
        let found = written::tokens_from(self.text, after, start)
            .find(|at| self.text.as_bytes().get(*at) == Some(&b'-'));
        found.unwrap_or(start)
    }

    fn close(&mut self, end: usize) {
        let Some((id, content_end)) = self.builder.innermost() else { return };
        let at = self.builder.tree.nodes[id.0 as usize].start as usize;
        let has_bracket = match self.builder.tree.nodes[id.0 as usize].kind() {
            Kind::Sequence(is_flow) => is_flow,
            Kind::Mapping(is_flow) => is_flow && self.text[at..].starts_with('{'),
            _ => false,
        };
        self.builder.close(if has_bracket { end } else { content_end });
        self.seen = self.seen.max(if has_bracket { end } else { content_end });
    }

    fn check_limits(&mut self, at: usize) -> Next {
        if self.builder.depth() > self.limits.depth {
            self.too_deep(at);
            return self.abandon();
        }
        if self.builder.tree.len() > self.limits.nodes {
            self.limit(format!("more than {} nodes in one file", self.limits.nodes), at);
            self.mark_partial();
            return Next::Stop;
        }
        Next::Event
    }

    fn too_deep(&mut self, at: usize) {
        self.limit(format!("collections within each other deeper than {}", self.limits.depth), at);
    }

    fn limit(&mut self, what: String, at: usize) {
        let span = character(self.builder.tree.file, self.text, at);
        self.issues.push(Issue::new(UNREADABLE, format!("{what}: the rest is not read"), span));
    }

    /// Leaves the document that cannot be read on, keeping what was read.
    fn abandon(&mut self) -> Next {
        self.mark_partial();
        while let Some((_, end)) = self.builder.innermost() {
            self.builder.close(end);
        }
        self.in_document = false;
        self.errors += 1;
        if self.errors < self.limits.errors {
            return Next::Document;
        }
        let last = self.issues.last().map_or(0, |issue| issue.span.end as usize);
        self.limit(format!("more than {} errors in one file", self.limits.errors), last);
        Next::Stop
    }

    fn fail(&mut self, error: &ScanError) -> Next {
        let at = self.back(error.marker().byte_offset().unwrap_or(0)).min(self.text.len());
        let span = character(self.builder.tree.file, self.text, at);
        let line = self.text[..span.range().start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_header = !self.in_document && self.text[line..].starts_with('%');
        if is_header || self.builder.tree.documents.is_empty() {
            // The document whose head is wrong is skipped: a place in the order is all that is left of it.
            let start =
                line.max(self.builder.tree.documents.last().map_or(0, |before| before.end as usize)) as u32;
            self.builder.tree.documents.push(Document { root: None, start, end: start, complete: false });
        }
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            self.too_deep(at);
            return self.abandon();
        }
        if *error.kind() == ErrorKind::InvalidQuotedScalarIndent {
            self.under_indented.push(UnderIndented { after: self.seen, at });
        }
        let (message, help) = describe(error.kind());
        self.issues.push(Issue { help: help.map(str::to_owned), ..Issue::new(RULE, message, span) });
        self.abandon()
    }

    fn finish(mut self) -> Read {
        if self.in_document {
            self.abandon();
        }
        let mut tree = self.builder.finish();
        tree.comments.sort_by_key(|comment| comment.start);
        let length = self.text.len() as u32;
        let mut next = length;
        for document in tree.documents.iter_mut().rev() {
            document.end = next;
            document.start = document.start.min(next);
            next = document.start;
        }
        Read { parsed: Parsed { tree, issues: self.issues }, under_indented: self.under_indented }
    }
}

fn written_as(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn props(tag: Option<&Tag>, tag_span: Option<(u32, u32)>) -> Option<Props> {
    let tag = tag?;
    let text = format!("{}{}", tag.handle(), tag.suffix());
    Some(Props { tag: Some(text.into()), tag_span, anchor_span: None })
}

/// What is wrong, and what to write instead.
fn describe(kind: &ErrorKind) -> (String, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            ("a tab indents this line: YAML allows only blanks there", "indent with blanks")
        }
        ErrorKind::MappingValueNotAllowed => (
            "a second `: ` on one line starts a mapping where none can be",
            "quote the text, or put the entry on a line of its own",
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            "this line belongs to no mapping: its indentation fits none of those above",
            "indent it like its siblings",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "this line belongs to no sequence: its indentation fits none of those above",
            "indent it like its siblings",
        ),
        ErrorKind::UnclosedFlowCollection { .. } => ("this bracket is never closed", "close it"),
        ErrorKind::UnclosedQuotedScalar => ("this quote is never closed", "close it"),
        ErrorKind::InvalidQuotedScalarIndent => (
            "a quoted text goes on here with too little indentation, or its quote is never closed",
            "close the quote, or indent the line deeper than its key",
        ),
        ErrorKind::UnknownQuotedScalarEscape => {
            ("an escape that YAML does not know", "double the backslash, or use single quotes")
        }
        ErrorKind::SimpleKeyExpected => (
            "this line is neither a key with `:` nor part of the text above",
            "add the `:`, or quote the text",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("a plain text cannot start with {:?}", character);
            return (message, Some("quote the text"));
        }
        ErrorKind::ExpectedDocumentStart => (
            "this belongs to no document: its root ended before",
            "start a document with `---`, or indent like the lines above",
        ),
        other => return (other.to_string(), None),
    };
    (message.to_owned(), Some(help))
}
