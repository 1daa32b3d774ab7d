//! JavaScript and TypeScript: tree-sitter's grammars behind a walk of our own.
//!
//! Syntax errors are no issues here: the grammars refuse some valid code, and while somebody types most files are broken
//! for a moment. What can be read is walked. No type of tree-sitter leaves this module.

mod angles;
mod generated;
mod kind;
mod piece;
mod pragma;
mod spelt;
mod walk;
mod word;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, Parser};

pub use generated::{Generated, generated};
pub use kind::{Kind, Role};
pub use walk::{Node, Step, Walk};

use crate::source::{FileId, ProjectPath, Span};
use crate::syntax::{Issue, Parsed};

/// Bytes of the largest file that is read.
pub const LIMIT: usize = 2 << 20;

/// The grammar a file is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `.js`, `.mjs`, `.cjs`, `.jsx`, and programs without an extension.
    JavaScript,
    /// `.ts`, `.mts`, `.cts`.
    TypeScript,
    /// `.tsx`.
    Tsx,
}

impl Dialect {
    /// The dialect of a path by its extension; `None` when it names no script.
    pub fn of(path: &ProjectPath) -> Option<Dialect> {
        match path.extension()? {
            "js" | "mjs" | "cjs" | "jsx" => Some(Dialect::JavaScript),
            "ts" | "mts" | "cts" => Some(Dialect::TypeScript),
            "tsx" => Some(Dialect::Tsx),
            _ => None,
        }
    }

    /// The dialect of a program without an extension, by the interpreter that its first line names.
    pub fn of_first_line(text: &str) -> Option<Dialect> {
        let line = text.lines().next()?.trim_start_matches('\u{feff}').strip_prefix("#!")?;
        let mut names = line.split_whitespace().filter_map(|word| word.rsplit('/').next());
        match names.find(|name| *name != "env" && !name.starts_with('-') && !name.contains('='))? {
            "node" | "nodejs" | "bun" => Some(Dialect::JavaScript),
            "ts-node" | "tsx" | "deno" => Some(Dialect::TypeScript),
            _ => None,
        }
    }
}

/// True for a file of declarations (`.d.ts`), in which no statement runs.
pub fn is_declaration(path: &ProjectPath) -> bool {
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|end| path.as_str().ends_with(end))
}

/// A parsed file. Walk it with [`Script::walk`].
#[derive(Debug)]
pub struct Script {
    tree: tree_sitter::Tree,
    dialect: Dialect,
}

impl Script {
    /// The nodes in the order of `text`, which is what was parsed; each is entered and left.
    pub fn walk<'s>(&'s self, text: &'s str) -> Walk<'s> {
        Walk::new(&self.tree, text, self.dialect)
    }

    /// True for a statement of a block, of a case or of the script itself: where it goes, nothing takes its place. False
    /// for the only body of an `if`, a loop or a label.
    pub fn lists(&self, statement: Span) -> bool {
        let (start, end) = (statement.start as usize, statement.end as usize);
        let mut node = self.tree.root_node().descendant_for_byte_range(start, end);
        while let Some(inner) = node.filter(|node| node.kind() != "expression_statement") {
            node = inner.parent();
        }
        let holder = node.and_then(|node| node.parent()).map(|holder| holder.kind());
        matches!(holder, Some("program" | "statement_block" | "switch_case" | "switch_default"))
    }

    /// True when some part of the text did not fit the grammar.
    pub fn has_error(&self) -> bool {
        self.tree.root_node().has_error()
    }
}

thread_local! {
    /// One parser for each dialect, made at the first file of a thread.
    static PARSERS: RefCell<[Option<Parser>; 3]> = const { RefCell::new([None, None, None]) };
}

/// Reads `text`. TypeScript with more `<` than its grammar can keep apart is read as JavaScript, whose grammar knows no
/// type arguments: no file that people write is. `None`, with an issue, only when the text is over [`LIMIT`] or so ambiguous that reading it would
/// take time out of proportion to its length.
pub fn parse(file: FileId, text: &str, dialect: Dialect) -> Parsed<Option<Script>> {
    if text.len() > LIMIT {
        let message = format!("a script of {} bytes is not read: the limit is {LIMIT} bytes", text.len());
        return refused(file, message);
    }
    // The JavaScript grammar has no type arguments to get lost in.
    let lost = dialect != Dialect::JavaScript && angles::are_too_many(text);
    let dialect = if lost { Dialect::JavaScript } else { dialect };
    match parse_bounded(text, dialect) {
        Some(tree) => Parsed { tree: Some(Script { tree, dialect }), issues: Vec::new() },
        None => refused(file, "this script is too ambiguous to be read in bounded time".to_owned()),
    }
}

fn refused(file: FileId, message: String) -> Parsed<Option<Script>> {
    let issue = Issue::new("project/unreadable-file", message, Span::at(file, 0));
    Parsed { tree: None, issues: vec![issue] }
}

/// Parses, and gives up on texts that take too long. The parser reports after every so many steps: ordinary code takes one
/// report for 75 bytes or more, texts that are made to be ambiguous one for 14. Minified code lies between, so the count
/// alone cannot tell; but only a text that is far behind by count is held to the clock, and the outcome for all others is
/// always the same. The clock is asked at reports: one long recovery between two of them is not cut short.
fn parse_bounded(text: &str, dialect: Dialect) -> Option<tree_sitter::Tree> {
    let started = Instant::now();
    let most = PATIENCE + PATIENCE_A_BYTE * text.len() as u32;
    let (mut behind, mut furthest) = (0, 0);
    let mut count = |state: &tree_sitter::ParseState| {
        let gained = state.current_byte_offset().saturating_sub(furthest);
        furthest += gained;
        behind = (behind + BYTES_A_REPORT).saturating_sub(gained);
        if behind > MOST_BEHIND && started.elapsed() > most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    PARSERS.with_borrow_mut(|parsers| {
        let slot = &mut parsers[dialect as usize];
        let mut parser = slot.take().or_else(|| new_parser(dialect))?;
        let options = ParseOptions::new().progress_callback(&mut count);
        let bytes = text.as_bytes();
        let tree =
            parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        if tree.is_none() {
            parser.reset();
        }
        *slot = Some(parser);
        tree
    })
}

fn new_parser(dialect: Dialect) -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&kind::language(dialect)).ok()?;
    Some(parser)
}

/// Bytes that a text must go by for each report.
const BYTES_A_REPORT: usize = 32;
/// Bytes that it may stay behind before it is held to the clock.
const MOST_BEHIND: usize = 16_384;
/// Time that any text may take; ordinary code takes a tenth of a microsecond for a byte.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time that each byte adds.
const PATIENCE_A_BYTE: Duration = Duration::from_micros(2);
