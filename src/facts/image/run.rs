//! RUN: its script, its mounts, and the shell in force.

use std::sync::Arc;

use crate::facts::Fact;
use crate::facts::install::{self, Install, Strict};
use crate::facts::node_modules::Settings;
use crate::source::{Span, Spanned};
use crate::syntax::dockerfile::{Form, Heredoc, Instruction, JsonItem, Mount};
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, ShellCommand};

use super::copy::{CopyFrom, Names, source};

/// A RUN of a stage.
#[derive(Clone, Debug)]
pub struct RunStep {
    /// Index of its instruction in the Dockerfile's.
    pub instruction: usize,
    /// What it runs.
    pub body: RunBody,
    /// The shell in force, which runs a body in shell form.
    pub shell: Arc<Fact<Vec<String>>>,
    /// WORKDIR in force.
    pub workdir: Arc<Fact<String>>,
    /// USER in force.
    pub user: Arc<Fact<Option<String>>>,
    /// Variables in force that decide what an install leaves out.
    pub settings: Arc<Settings>,
    /// Its mounts, each with what it mounts from (for `type=bind` and `type=cache`).
    pub mounts: Vec<(Mount, CopyFrom)>,
}

/// What RUN runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunBody {
    /// Exec form.
    Exec(Vec<Spanned<String>>),
    /// A script for the shell in force, heredocs included.
    Shell(MappedText),
    /// A heredoc that starts with `#!`: it is run as a program of its own.
    Program(MappedText),
}

/// What the names of all package managers contain: npm and pnpm, yarn, bun.
const MANAGERS: [&str; 3] = ["npm", "yarn", "bun"];

impl RunStep {
    /// Its body as a script; `None` for exec form.
    pub fn script(&self) -> Option<&MappedText> {
        match &self.body {
            RunBody::Exec(_) => None,
            RunBody::Shell(text) | RunBody::Program(text) => Some(text),
        }
    }

    /// The commands that install packages and that it surely runs, each with its first words and their bytes.
    pub fn installs(&self) -> Vec<(Install, String, Span)> {
        if let RunBody::Exec(words) = &self.body {
            let texts: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
            let found = install::of_words(&texts).zip(self.body.span());
            return found.map(|(install, span)| (install, texts.join(" "), span)).into_iter().collect();
        }
        // Most scripts name no package manager: those need not be parsed.
        let names = |script: &&MappedText| MANAGERS.iter().any(|name| script.text.contains(name));
        let Some(script) = self.script().filter(names) else { return Vec::new() };
        let commands = shell::parse(script).commands;
        commands
            .iter()
            .filter(|command| !command.place.branch && !command.place.function)
            .filter_map(install_of)
            .collect()
    }
}

fn install_of(command: &ShellCommand) -> Option<(Install, String, Span)> {
    let words: Option<Vec<&str>> = command.words.iter().map(|word| word.literal()).collect();
    let mut install = install::of_words(&words?)?;
    let in_ci = command.assignments.iter().any(|assignment| assignment.name == "CI");
    if in_ci && install.strict == Strict::WithCi {
        install.strict = Strict::Yes;
    }
    let shown = &command.words[..command.words.len().min(2)];
    let written: Vec<&str> = shown.iter().map(|word| word.raw.as_str()).collect();
    Some((install, written.join(" "), shown.iter().map(|word| word.span).reduce(Span::to)?))
}

impl RunBody {
    /// The bytes of all of it.
    pub fn span(&self) -> Option<Span> {
        match self {
            RunBody::Exec(words) => Some(words.first()?.span.to(words.last()?.span)),
            RunBody::Shell(text) | RunBody::Program(text) => Some(text.span(0, text.text.len())),
        }
    }
}

/// What a RUN runs, as BuildKit hands it over (`dockerfile2llb/convert.go`, dispatchRun).
pub(super) fn body(instruction: &Instruction) -> RunBody {
    let text = match instruction.command() {
        Some(Form::Exec(items)) => {
            let word = |item: &JsonItem| Spanned::new(item.text.text.clone(), item.span);
            return RunBody::Exec(items.iter().map(word).collect());
        }
        Some(Form::Shell(text)) => text,
        None => return RunBody::Shell(MappedText::new(instruction.span.file)),
    };
    if let [heredoc] = &instruction.heredocs[..]
        && heredoc.marker.contains(text.span(0, text.text.len()))
    {
        let body = lines(heredoc);
        return if body.text.starts_with("#!") { RunBody::Program(body) } else { RunBody::Shell(body) };
    }
    let mut script = text.clone();
    for heredoc in &instruction.heredocs {
        // Bytes between line and heredoc are a line end; the shell sees one newline.
        script.push_replaced("\n", Span::at(heredoc.span.file, heredoc.span.start as usize));
        append(&mut script, &heredoc.body, false);
        script.push_replaced(&heredoc.name, heredoc.end);
    }
    RunBody::Shell(script)
}

/// The lines of a heredoc, their leading tabs dropped after `<<-`.
fn lines(heredoc: &Heredoc) -> MappedText {
    let mut text = MappedText::new(heredoc.span.file);
    append(&mut text, &heredoc.body, heredoc.chomp);
    text
}

fn append(text: &mut MappedText, body: &MappedText, chomp: bool) {
    let mut at = 0;
    for line in body.text.split_inclusive('\n') {
        let tabs = if chomp { line.len() - line.trim_start_matches('\t').len() } else { 0 };
        let start = body.span(at + tabs, at + line.len());
        if start.len() == line.len() - tabs {
            text.push(&line[tabs..], start.start as usize);
        } else {
            text.push_replaced(&line[tabs..], start);
        }
        at += line.len();
    }
}

/// Where a mount takes its content from.
pub(super) fn mount_source(mount: &Mount, names: &Names) -> CopyFrom {
    match mount.from() {
        Some(from) => source(&Spanned::new(from.to_owned(), mount.span), names),
        None => CopyFrom::Context,
    }
}
