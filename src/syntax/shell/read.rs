//! From tree-sitter's tree to the script's commands, in one walk without recursion.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser, TreeCursor};

use super::{
    Assignment, Join, Place, Redirect, Script, ShellCommand, Statement, StatementKind, Word, word::parts,
};
use crate::syntax::mapped::MappedText;

/// Texts over this many bytes are not read: no script that people write comes near it.
const LIMIT: usize = 1 << 20;

/// tree-sitter copies a pipeline for each command that it adds to it: with more bars than this a text is not read.
const BARS: usize = 4_000;

/// A word keeps its text, and so does every word in its substitutions: deeper ones are not read.
const SUBSTITUTIONS: u32 = 16;

/// Steps of tree-sitter's parser that a script may take for each of its bytes, and those that any may take. It calls
/// back once in about a hundred operations; real scripts stay under one call in ten bytes.
const CALLS_PER_BYTE: usize = 1;
const CALLS_FREE: usize = 20_000;

/// Reads a script of a POSIX shell or bash. What cannot be read is left out, and the script is then not `clean`.
pub fn parse(text: &MappedText) -> Script {
    let mut parser = Parser::new();
    let bytes = text.text.as_bytes();
    let too_much = bytes.len() > LIMIT || bytes.iter().filter(|byte| **byte == b'|').count() > BARS;
    if too_much || parser.set_language(&tree_sitter_bash::LANGUAGE.into()).is_err() {
        return Script::default();
    }
    let mut calls = CALLS_FREE + bytes.len() * CALLS_PER_BYTE;
    let mut spend = |_: &tree_sitter::ParseState| {
        calls -= 1;
        if calls == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut spend);
    let tree = parser.parse_with_options(&mut |at, _| &bytes[at.min(bytes.len())..], None, Some(options));
    let Some(tree) = tree else { return Script::default() };
    let clean = !tree.root_node().has_error();
    let mut walk = Walk::new(text, clean);
    walk.run(&mut tree.walk());
    walk.finish()
}

/// The `exec` that ends a script, when other parts of it cannot be read. Whatever stands around those, the last line is
/// at the top: a branch, function or here-document around it would be closed behind it. `None` when a word elsewhere may
/// take the shell's place before, end it, or go to another folder.
pub fn last_exec(text: &MappedText) -> Option<Script> {
    let script = text.text.trim_end();
    let start = script.rfind('\n')? + 1;
    let (before, line) = script.split_at(start);
    let goes_on = before.trim_end().ends_with(['\\', '&', '|', '(', '{']);
    let moves =
        |word: &str| matches!(word, "exec" | "exit" | "return" | "cd" | "pushd" | "popd" | "." | "source");
    let words = |line: &str| {
        let splits = |next: char| next.is_whitespace() || ";&|(){}`\"'".contains(next);
        line.split(splits).any(moves)
    };
    let comment = |line: &&str| !line.trim_start().starts_with('#');
    if goes_on || !line.starts_with("exec ") || before.lines().filter(comment).any(words) {
        return None;
    }
    let parsed = parse(&text.slice(start, script.len()));
    parsed.only()?.exec()?;
    Some(parsed)
}

/// A node that the walk is inside of.
struct Frame {
    /// Where the commands below it stand.
    place: Place,
    /// The command that words below it belong to.
    command: Option<usize>,
    /// The redirection that a word below it is the target of.
    redirect: bool,
    /// Number of commands before the statement that was last begun directly below it.
    statement: usize,
    /// True for the node that holds the whole script.
    top: bool,
    /// False where `|` and `&&` are not the shell's: in `[[ … ]]`, arithmetic, patterns.
    joins: bool,
    /// Number of substitutions around it.
    substitutions: u32,
}

struct Walk<'a> {
    text: &'a MappedText,
    script: Script,
    frames: Vec<Frame>,
    joined: Join,
    /// Ranges of commands that run in the background, and that write into a pipe.
    background: Vec<Range<usize>>,
    piped: Vec<Range<usize>>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a MappedText, clean: bool) -> Walk<'a> {
        Walk {
            text,
            script: Script { clean, ..Script::default() },
            frames: Vec::new(),
            joined: Join::Then,
            background: Vec::new(),
            piped: Vec::new(),
        }
    }

    fn run(&mut self, cursor: &mut TreeCursor<'_>) {
        loop {
            if self.enter(cursor.node()) && cursor.goto_first_child() {
                continue;
            }
            loop {
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    /// Takes note of a node; true when its children are to be seen, and then a frame was pushed for them (the walk
    /// pops it when it goes back up).
    fn enter(&mut self, node: Node<'_>) -> bool {
        if !node.is_named() {
            self.token(node);
            return false;
        }
        let kind = node.kind();
        if node.child_count() == 0 && !is_word(kind) && !matches!(kind, "command" | "program") {
            return false;
        }
        let parent = self.frames.last();
        let outer = parent.map_or(Place::default(), |frame| frame.place);
        let mut frame = Frame {
            place: outer,
            command: None,
            redirect: false,
            statement: self.script.commands.len(),
            top: kind == "program",
            joins: kind != "case_item" && !kind.ends_with("_expression") && !is_word(kind),
            substitutions: parent.map_or(0, |frame| frame.substitutions),
        };
        let in_command = parent.and_then(|frame| frame.command);
        let in_redirect = parent.is_some_and(|frame| frame.redirect);
        if let Some(kind) = statement_kind(kind)
            && in_command.is_none()
        {
            self.begin_statement(kind);
        }
        match kind {
            "command" | "declaration_command" | "unset_command" | "test_command" => {
                frame.command = Some(self.begin_command(node, outer));
                if kind == "test_command" {
                    let open = node.start_byte();
                    let brackets = self.slice(node.byte_range()).bytes().take_while(|byte| *byte == b'[');
                    let width = brackets.count().min(2);
                    self.add_word(frame.command.filter(|_| width > 0), open..open + width);
                    frame.command = None;
                } else if kind != "command" {
                    let open = node.start_byte();
                    let rest = self.slice(node.byte_range());
                    let width = rest.find(|next: char| next.is_ascii_whitespace()).unwrap_or(rest.len());
                    self.add_word(frame.command, open..open + width);
                }
            }
            "variable_assignment" => {
                let command = in_command.unwrap_or_else(|| self.begin_command(node, outer));
                self.add_assignment(command, node);
            }
            "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                self.add_redirect(in_command, node);
                frame.command = in_command;
                frame.redirect = true;
                if kind == "heredoc_redirect" {
                    frame.command = None;
                    frame.redirect = false;
                }
            }
            "command_name" => frame.command = in_command,
            "subshell" => frame.place.subshell = true,
            "compound_statement" => frame.place.group = true,
            "if_statement" | "case_statement" => frame.place.branch = true,
            "while_statement" | "for_statement" | "c_style_for_statement" => frame.place.looped = true,
            "function_definition" => {
                if let Some(name) = node.child_by_field_name("name") {
                    let name = self.slice(name.byte_range()).to_owned();
                    self.script.functions.push(name);
                }
                frame.place.function = true;
            }
            "negated_command" => frame.place.negated = true,
            "command_substitution" | "process_substitution" => {
                if in_command.is_some() && !in_redirect {
                    self.add_word(in_command, node.byte_range());
                }
                frame.place.substitution = true;
                frame.joins = true;
                frame.substitutions += 1;
                if frame.substitutions > SUBSTITUTIONS {
                    self.script.clean = false;
                    return false;
                }
            }
            _ if is_word(kind) && in_command.is_some() && !in_redirect => {
                self.add_word(in_command, node.byte_range());
            }
            _ => {}
        }
        if node.child_count() == 0 {
            return false;
        }
        self.frames.push(frame);
        true
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.text.get(range).unwrap_or("")
    }

    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop()
            && frame.place.substitution
            && !self.frames.last().is_some_and(|outer| outer.place.substitution)
        {
            self.joined = Join::Then;
        }
    }

    fn token(&mut self, node: Node<'_>) {
        let Some(frame) = self.frames.last() else { return };
        let token = node.kind();
        if matches!(token, "$" | "==" | "=~") {
            return self.add_word(frame.command, node.byte_range());
        }
        if frame.command.is_some() || frame.redirect || !frame.joins {
            return;
        }
        let before = frame.statement..self.script.commands.len();
        match token {
            "&&" => self.joined = Join::And,
            "||" => self.joined = Join::Or,
            "|" | "|&" => {
                self.joined = Join::Pipe;
                self.piped.push(before);
            }
            "&" => {
                self.joined = Join::Then;
                self.background.push(before);
            }
            ";" | "\n" | ";;" => self.joined = Join::Then,
            _ => {}
        }
    }

    /// A statement begins directly below the innermost frame.
    fn begin_statement(&mut self, kind: StatementKind) {
        let commands = self.script.commands.len();
        let Some(frame) = self.frames.last_mut() else { return };
        frame.statement = commands;
        if frame.top {
            self.close_statement();
            self.script.statements.push(Statement { kind, commands: commands..commands });
        } else if let Some(last) = self.script.statements.last_mut()
            && last.kind == StatementKind::Simple
            && last.commands.start == commands
            && self.frames.len() == 2
        {
            // The body of a statement with redirections is what counts.
            last.kind = kind;
        }
    }

    fn close_statement(&mut self) {
        if let Some(last) = self.script.statements.last_mut() {
            last.commands.end = self.script.commands.len();
        }
    }

    fn begin_command(&mut self, node: Node<'_>, place: Place) -> usize {
        let range = node.byte_range();
        self.script.commands.push(ShellCommand {
            words: Vec::new(),
            assignments: Vec::new(),
            redirects: Vec::new(),
            joined: std::mem::take(&mut self.joined),
            piped: false,
            background: false,
            place,
            span: self.text.span(range.start, range.end),
            range,
        });
        self.script.commands.len() - 1
    }

    fn word(&self, range: Range<usize>) -> Word {
        let raw = self.slice(range.clone());
        let span = self.text.span(range.start, range.end);
        Word { parts: parts(raw), raw: raw.to_owned(), range, span }
    }

    /// Adds a word to a command. The grammar takes an escaped blank or line end after a quote for space between two
    /// arguments (`"a b"\ c`): what touches is one word.
    fn add_word(&mut self, command: Option<usize>, mut range: Range<usize>) {
        let Some(command) = command else { return };
        let text = &self.text.text;
        let touch = |word: &mut Word| {
            let between = text.as_bytes().get(word.range.end..range.start);
            between.is_some_and(|gap| gap.len() % 2 == 0 && gap.iter().step_by(2).all(|byte| *byte == b'\\'))
        };
        let words = &mut self.script.commands[command].words;
        if let Some(before) = words.pop_if(touch) {
            range.start = before.range.start;
        }
        let word = self.word(range);
        self.script.commands[command].words.push(word);
    }

    fn add_assignment(&mut self, command: usize, node: Node<'_>) {
        let range = node.byte_range();
        let raw = self.slice(range.clone());
        let Some(equals) = raw.find('=') else { return };
        let name = raw[..equals].trim_end_matches('+').to_owned();
        let value = self.word(range.start + equals + 1..range.end);
        self.script.commands[command].assignments.push(Assignment { name, value });
    }

    /// Redirections of a whole statement are given to its last command.
    fn add_redirect(&mut self, command: Option<usize>, node: Node<'_>) {
        let raw = self.slice(node.byte_range());
        let descriptor = raw.len() - raw.trim_start_matches(|next: char| next.is_ascii_digit()).len();
        let symbols = raw[descriptor..].bytes().take_while(|byte| b"<>&|-".contains(byte)).count();
        let operator = raw[..descriptor + symbols].to_owned();
        let target = node
            .child_by_field_name("destination")
            .or_else(|| node.named_child(node.named_child_count().saturating_sub(1) as u32))
            .filter(|target| is_word(target.kind()))
            .map(|target| self.word(target.byte_range()));
        let last = self.script.commands.len().checked_sub(1);
        if let Some(command) = command.or(last) {
            self.script.commands[command].redirects.push(Redirect { operator, target });
        }
    }

    fn finish(mut self) -> Script {
        self.close_statement();
        let count = self.script.commands.len();
        for (command, background) in self.script.commands.iter_mut().zip(covered(&self.background, count)) {
            command.background = background;
        }
        for (command, piped) in self.script.commands.iter_mut().zip(covered(&self.piped, count)) {
            command.piped = piped;
        }
        self.script
    }
}

/// For each of `count` indices, whether one of the ranges holds it: linear, however the ranges overlap.
fn covered(ranges: &[Range<usize>], count: usize) -> Vec<bool> {
    let mut change = vec![0i64; count + 1];
    for range in ranges {
        change[range.start.min(count)] += 1;
        change[range.end.min(count)] -= 1;
    }
    let mut depth = 0;
    change[..count]
        .iter()
        .map(|step| {
            depth += step;
            depth > 0
        })
        .collect()
}

fn is_word(kind: &str) -> bool {
    matches!(
        kind,
        "word"
            | "string"
            | "raw_string"
            | "ansi_c_string"
            | "translated_string"
            | "concatenation"
            | "number"
            | "simple_expansion"
            | "expansion"
            | "command_substitution"
            | "process_substitution"
            | "arithmetic_expansion"
            | "brace_expression"
            | "regex"
            | "extglob_pattern"
            | "variable_name"
    )
}

fn statement_kind(kind: &str) -> Option<StatementKind> {
    Some(match kind {
        "command" | "variable_assignment" | "variable_assignments" | "declaration_command" => {
            StatementKind::Simple
        }
        "unset_command" | "test_command" | "redirected_statement" => StatementKind::Simple,
        "list" => StatementKind::List,
        "pipeline" => StatementKind::Pipeline,
        "negated_command" => StatementKind::Negated,
        "subshell" => StatementKind::Subshell,
        "compound_statement" => StatementKind::Group,
        "if_statement" | "case_statement" => StatementKind::Branch,
        "while_statement" | "for_statement" | "c_style_for_statement" => StatementKind::Loop,
        "function_definition" => StatementKind::Function,
        "ERROR" => StatementKind::Unreadable,
        _ => return None,
    })
}
