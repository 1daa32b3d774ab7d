//! Shell scripts: the commands of a script in order, with their words, where they stand, and how they are joined.
//!
//! The grammar is tree-sitter-bash's, and nothing of it is seen outside of this folder. A script is read as what the
//! shell gets: a [`MappedText`] of which every word knows its bytes in the file. Whether a text is for a POSIX shell
//! at all (not PowerShell, not cmd) is for the caller to know.

mod read;
mod word;

pub use read::{last_exec, parse};
pub use word::{Part, Word};

use std::ops::Range;

use crate::source::Span;

/// A script: its commands in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Every simple command, those in branches, loops, functions and substitutions too. A command comes before those
    /// in its own substitutions.
    pub commands: Vec<ShellCommand>,
    /// What the statements at the top of the script are, in order.
    pub statements: Vec<Statement>,
    /// Names of the functions that the script defines.
    pub functions: Vec<String>,
    /// False when a part of the script could not be read: then more may be in it than `commands` says.
    pub clean: bool,
}

/// A statement at the top of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Its commands, as a range of [`Script::commands`].
    pub commands: Range<usize>,
}

/// The kinds of statement, by what a shell can do at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementKind {
    /// One simple command, or an assignment.
    Simple,
    /// Commands joined by `&&` and `||`.
    List,
    /// Commands joined by `|`.
    Pipeline,
    /// `! command`.
    Negated,
    /// `( … )`.
    Subshell,
    /// `{ …; }`.
    Group,
    /// `if` and `case`.
    Branch,
    /// `for`, `while`, `until`.
    Loop,
    /// A function's definition.
    Function,
    /// Something that could not be read.
    Unreadable,
}

/// A simple command: `A=1 node server.js > log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// The program and its arguments; empty when there are only assignments.
    pub words: Vec<Word>,
    /// Assignments before the program, or those of `export`, `local` and the like.
    pub assignments: Vec<Assignment>,
    /// Redirections of this command.
    pub redirects: Vec<Redirect>,
    /// How it is joined to what stands before it.
    pub joined: Join,
    /// True when its output goes into a pipe.
    pub piped: bool,
    /// True when the shell does not wait for it: `… &`.
    pub background: bool,
    /// Where it stands.
    pub place: Place,
    /// Bytes of the script.
    pub range: Range<usize>,
    /// Bytes of the file.
    pub span: Span,
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// What it is set to; an empty word for `NAME=`.
    pub value: Word,
}

/// `2> log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The operator: `>`, `>>`, `<`, `2>&`, `<<`.
    pub operator: String,
    /// The file, or what follows the operator of a here-document; absent when it could not be read.
    pub target: Option<Word>,
}

/// How a command is joined to what stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Join {
    /// It is the first, or comes after `;`, `&` or a new line.
    #[default]
    Then,
    /// After `&&`.
    And,
    /// After `||`.
    Or,
    /// After `|`.
    Pipe,
}

/// Where a command stands. All false: at the top of the script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// In `( … )`.
    pub subshell: bool,
    /// In `{ …; }`.
    pub group: bool,
    /// In `if` or `case`.
    pub branch: bool,
    /// In a loop.
    pub looped: bool,
    /// In a function's body.
    pub function: bool,
    /// In `$( … )`, backquotes or `<( … )`.
    pub substitution: bool,
    /// After `!`.
    pub negated: bool,
}

impl Place {
    /// True for a command that the script runs itself, each time, in its own process: not in a branch, loop,
    /// subshell, function or substitution.
    pub fn is_top(self) -> bool {
        self == Place { group: self.group, ..Place::default() }
    }
}

impl Script {
    /// The script's command when it is exactly one, in the foreground.
    pub fn only(&self) -> Option<&ShellCommand> {
        let [statement] = &self.statements[..] else { return None };
        let command = self.commands.get(statement.commands.start)?;
        (statement.kind == StatementKind::Simple && !command.background && self.clean).then_some(command)
    }

    /// The last command that the script itself runs, when its last statement is a plain command, a list, a pipeline
    /// or a group of them. For a pipeline it is the last part.
    pub fn last(&self) -> Option<&ShellCommand> {
        let statement = self.statements.last()?;
        let plain = matches!(
            statement.kind,
            StatementKind::Simple | StatementKind::List | StatementKind::Pipeline | StatementKind::Group
        );
        let commands = self.commands.get(statement.commands.clone())?;
        let last = commands.iter().rev().find(|command| !command.place.substitution)?;
        (plain && last.place.is_top()).then_some(last)
    }

    /// True when the script says `set -e` (or `-o errexit`) at its top.
    pub fn stops_at_errors(&self) -> bool {
        self.commands.iter().any(|command| {
            let words: Vec<&str> = command.words.iter().filter_map(Word::literal).collect();
            command.program() == Some("set")
                && (words.contains(&"errexit")
                    || words[1..]
                        .iter()
                        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('e')))
        })
    }

    /// The commands that set a `trap` for a signal or for EXIT.
    pub fn traps(&self) -> impl Iterator<Item = &ShellCommand> {
        self.commands.iter().filter(|command| command.program() == Some("trap"))
    }
}

impl ShellCommand {
    /// The first word, when it is literal.
    pub fn program(&self) -> Option<&str> {
        self.words.first()?.literal()
    }

    /// What takes the shell's place: the words after `exec` and its options. `None` for any other command, and for
    /// an `exec` that only redirects.
    pub fn exec(&self) -> Option<&[Word]> {
        if self.program() != Some("exec") {
            return None;
        }
        let mut rest = &self.words[1..];
        loop {
            match rest.first()?.literal() {
                Some("--") => return Some(&rest[1..]).filter(|rest| !rest.is_empty()),
                Some("-a") => rest = rest.get(2..)?,
                Some("-c" | "-l" | "-cl" | "-lc") => rest = &rest[1..],
                _ => return Some(rest),
            }
        }
    }
}

#[cfg(test)]
mod tests;
