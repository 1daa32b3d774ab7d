//! The tree of a Dockerfile: instructions with their flags, arguments and heredocs, and the parts that add up to the
//! file byte by byte.

use crate::source::{FileId, Span, Spanned};
use crate::syntax::mapped::MappedText;

use super::kind::{Keyword, Kind};

/// A Dockerfile as BuildKit reads it, broken lines included.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// The file it was read from.
    pub file: FileId,
    /// The escape character: `\`, or a backtick by `# escape`.
    pub escape: char,
    /// Parser directives at the top of the file.
    pub directives: Vec<Directive>,
    /// Its instructions in order; unknown and broken ones too.
    pub instructions: Vec<Instruction>,
    /// Every byte of the file, in order and without gaps.
    pub parts: Vec<Part>,
}

impl Dockerfile {
    /// The comments, those between continuation lines included, each from its `#` to the end of its line.
    pub fn comments(&self) -> impl Iterator<Item = Span> {
        self.parts.iter().filter(|part| part.kind == PartKind::Comment).map(|part| part.span)
    }
}

/// `# syntax=…`, `# escape=…` or `# check=…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: Spanned<String>,
}

/// A run of bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the bytes are.
    pub kind: PartKind,
    /// The bytes.
    pub span: Span,
}

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// The byte-order mark.
    Bom,
    /// White space that belongs to nothing.
    Blank,
    /// A comment, from `#` to the end of its line.
    Comment,
    /// A parser directive.
    Directive,
    /// A piece of an instruction's logical line.
    Text,
    /// An escape character that joins two lines, with the blanks after it.
    Continuation,
    /// The bytes that end a line.
    LineEnd,
    /// Lines of a heredoc.
    HeredocBody,
    /// The name that ends a heredoc, with the tabs before it.
    HeredocEnd,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Which one it is, whatever its case.
    pub keyword: Keyword,
    /// The keyword as it is written.
    pub name: Spanned<String>,
    /// Its flags (`--from=build`), unquoted.
    pub flags: Vec<Flag>,
    /// What follows, in the form that BuildKit gives it.
    pub args: Args,
    /// Its heredocs in order.
    pub heredocs: Vec<Heredoc>,
    /// What it says; [`Kind::Broken`] when BuildKit refuses it.
    pub kind: Kind,
    /// From its keyword to the last byte of its last line; heredocs follow after it.
    pub span: Span,
    /// Number of its first line, from 1.
    pub first_line: u32,
    /// Number of its last line, heredocs included.
    pub last_line: u32,
    /// Empty lines between its continuation lines: BuildKit skips them and warns.
    pub empty_lines: Vec<Span>,
}

impl Instruction {
    /// True when BuildKit refuses it.
    pub fn is_broken(&self) -> bool {
        matches!(self.kind, Kind::Broken | Kind::Unknown)
    }

    /// The flag of this name (without dashes): the last one, as BuildKit has it.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rev().find(|flag| flag.name() == name)
    }

    /// Pairs of ENV, LABEL and ARG; none for others.
    pub fn pairs(&self) -> &[Pair] {
        match &self.args {
            Args::Pairs(pairs) => pairs,
            Args::LegacyPair(pair) => std::slice::from_ref(pair),
            _ => &[],
        }
    }

    /// The command of RUN, CMD, ENTRYPOINT, SHELL or HEALTHCHECK CMD.
    pub fn command(&self) -> Option<Form<'_>> {
        match &self.args {
            Args::Health(_, rest) => rest.form(),
            args => args.form(),
        }
    }

    /// The instruction in ONBUILD.
    pub fn trigger(&self) -> Option<&Instruction> {
        match &self.args {
            Args::Sub(sub) => Some(&sub.instruction),
            _ => None,
        }
    }

    /// Keyword, arguments and heredocs: all lines of it.
    pub fn full_span(&self) -> Span {
        self.heredocs.last().map_or(self.span, |heredoc| self.span.to(heredoc.end))
    }
}

/// How a command is written.
#[derive(Clone, Copy, Debug)]
pub enum Form<'a> {
    /// As a JSON array: run without a shell.
    Exec(&'a [JsonItem]),
    /// As text for the shell in force.
    Shell(&'a MappedText),
}

/// A flag before the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// All of it without quotes and escapes: `--from=build`.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Span,
    /// The bytes after its `=`, when there are any.
    pub value_span: Option<Span>,
}

impl Flag {
    /// Its name without dashes.
    pub fn name(&self) -> &str {
        let text = self.text.strip_prefix("--").unwrap_or(&self.text);
        text.split_once('=').map_or(text, |(name, _)| name)
    }

    /// What follows its `=`.
    pub fn value(&self) -> Option<&str> {
        self.text.split_once('=').map(|(_, value)| value)
    }

    /// The value with its bytes.
    pub fn spanned(&self) -> Option<Spanned<String>> {
        Some(Spanned::new(self.value()?.to_owned(), self.value_span.unwrap_or(self.span)))
    }
}

/// The arguments of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Args {
    /// None are written, or the instruction is unknown.
    None,
    /// A JSON array of strings.
    Json(Vec<JsonItem>),
    /// Words between blanks.
    Words(Vec<Spanned<String>>),
    /// `name=value` pairs; in ARG the value may be missing.
    Pairs(Vec<Pair>),
    /// `ENV name value to the end of the line`.
    LegacyPair(Pair),
    /// The rest of the line as it is.
    Text(MappedText),
    /// HEALTHCHECK: its type (`CMD`, `NONE`) and what follows.
    Health(Spanned<String>, Box<Args>),
    /// ONBUILD: an instruction.
    Sub(Box<Trigger>),
}

impl Args {
    fn form(&self) -> Option<Form<'_>> {
        match self {
            Args::Json(items) => Some(Form::Exec(items)),
            Args::Text(text) => Some(Form::Shell(text)),
            _ => None,
        }
    }
}

/// What stands in ONBUILD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Further `ONBUILD` keywords before it with their flags, which BuildKit refuses.
    pub chain: Vec<(Spanned<String>, Vec<Flag>)>,
    /// The instruction itself.
    pub instruction: Instruction,
}

impl PartialEq for Instruction {
    fn eq(&self, other: &Instruction) -> bool {
        self.span == other.span && self.name == other.name && self.args == other.args
    }
}

impl Eq for Instruction {}

/// A string of a JSON array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonItem {
    /// Its value, with the way back through escapes and continuations.
    pub text: MappedText,
    /// Its bytes, quotes included.
    pub span: Span,
}

/// A name and its value, as ENV, LABEL and ARG write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name as written.
    pub name: Spanned<String>,
    /// The value as written, quotes and escapes kept; `None` for an ARG without one.
    pub value: Option<Spanned<String>>,
}

/// A heredoc of RUN, COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The name, which ends it.
    pub name: String,
    /// The word that opens it (`<<-EOF`).
    pub marker: Span,
    /// Whether variables in its lines are expanded: its name is not quoted.
    pub expand: bool,
    /// Whether leading tabs are dropped: `<<-`.
    pub chomp: bool,
    /// File descriptor before the `<<`; 0 when none is written.
    pub fd: u64,
    /// Its lines as they stand in the file, line ends included.
    pub body: MappedText,
    /// The bytes of its lines.
    pub span: Span,
    /// The line that ends it, without the line end.
    pub end: Span,
}
