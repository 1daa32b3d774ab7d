//! What instructions say, typed: images, mounts, copies, ports, health checks.

use std::time::Duration;

use crate::source::{Span, Spanned};
use crate::syntax::image_ref::ImageRef;

/// The instructions that BuildKit knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each variant is the keyword of the Dockerfile reference.
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
    /// Anything else.
    Unknown,
}

/// Every keyword with its name.
pub(super) const KEYWORDS: [(&str, Keyword); 18] = [
    ("ADD", Keyword::Add),
    ("ARG", Keyword::Arg),
    ("CMD", Keyword::Cmd),
    ("COPY", Keyword::Copy),
    ("ENTRYPOINT", Keyword::Entrypoint),
    ("ENV", Keyword::Env),
    ("EXPOSE", Keyword::Expose),
    ("FROM", Keyword::From),
    ("HEALTHCHECK", Keyword::Healthcheck),
    ("LABEL", Keyword::Label),
    ("MAINTAINER", Keyword::Maintainer),
    ("ONBUILD", Keyword::Onbuild),
    ("RUN", Keyword::Run),
    ("SHELL", Keyword::Shell),
    ("STOPSIGNAL", Keyword::StopSignal),
    ("USER", Keyword::User),
    ("VOLUME", Keyword::Volume),
    ("WORKDIR", Keyword::Workdir),
];

impl Keyword {
    /// The keyword of this name in any case.
    pub fn of(name: &str) -> Keyword {
        let found = |name: &str| {
            KEYWORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, keyword)| *keyword)
        };
        // The Kelvin sign lowers to `k`: BuildKit takes it for one.
        found(name)
            .or_else(|| (!name.is_ascii()).then(|| found(&name.to_lowercase())).flatten())
            .unwrap_or(Keyword::Unknown)
    }

    /// Its name in capitals; empty for an unknown one.
    pub fn as_str(self) -> &'static str {
        KEYWORDS.iter().find(|(_, keyword)| *keyword == self).map_or("", |(name, _)| name)
    }
}

/// What an instruction says. Kinds without fields say it with their arguments alone.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // The variants carry the keywords' names.
pub enum Kind {
    From(Box<From>),
    Run(Box<Run>),
    Copy(Box<Copy>),
    Add(Box<Copy>),
    /// See [`super::Instruction::pairs`].
    Env,
    /// See [`super::Instruction::pairs`].
    Arg,
    /// See [`super::Instruction::pairs`].
    Label,
    User(Spanned<String>),
    Workdir(Spanned<String>),
    Expose(Vec<Port>),
    Volume(Vec<Spanned<String>>),
    /// See [`super::Instruction::command`].
    Cmd,
    /// See [`super::Instruction::command`].
    Entrypoint,
    /// See [`super::Instruction::command`]; always in exec form.
    Shell,
    Healthcheck(Box<Healthcheck>),
    StopSignal(Spanned<String>),
    /// See [`super::Instruction::trigger`].
    Onbuild,
    Maintainer(Spanned<String>),
    /// No such instruction.
    Unknown,
    /// An instruction that BuildKit refuses.
    Broken,
}

/// `FROM [--platform=…] image [AS alias]`.
#[derive(Clone, Debug)]
pub struct From {
    /// The image or earlier stage, before variables are expanded.
    pub image: Spanned<ImageRef>,
    /// Value of `--platform`.
    pub platform: Option<Spanned<String>>,
    /// The stage's name as written; names compare in lower case.
    pub alias: Option<Spanned<String>>,
}

/// `RUN`; its script is the instruction's command.
#[derive(Clone, Debug)]
pub struct Run {
    /// `--mount` flags.
    pub mounts: Vec<Mount>,
    /// Value of `--network`.
    pub network: Option<Spanned<String>>,
    /// Value of `--security`.
    pub security: Option<Spanned<String>>,
}

/// `--mount=type=cache,target=/x,…`.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Its fields in order, keys in lower case; a key without `=` has no value.
    pub fields: Vec<(String, Option<String>)>,
    /// The bytes of the flag.
    pub span: Span,
}

impl Mount {
    /// The value of a key (`type`, `from`, `id`, …).
    pub fn get(&self, key: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(name, _)| name == key).and_then(|(_, value)| value.as_deref())
    }

    /// Its type; `bind` when none is written.
    pub fn kind(&self) -> &str {
        self.get("type").unwrap_or("bind")
    }

    /// The stage or image it mounts from.
    pub fn from(&self) -> Option<&str> {
        self.get("from")
    }

    /// Where it is mounted (`target`, `dst`, `destination`).
    pub fn target(&self) -> Option<&str> {
        ["target", "dst", "destination"].iter().find_map(|key| self.get(key))
    }

    /// What is mounted (`source`, `src`).
    pub fn source(&self) -> Option<&str> {
        ["source", "src"].iter().find_map(|key| self.get(key))
    }
}

/// `COPY` or `ADD`.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Value of `--from`: a stage's name or number, or an image.
    pub from: Option<Spanned<String>>,
    /// Paths in the build context or in the source stage; heredocs left out.
    pub sources: Vec<Spanned<String>>,
    /// Heredocs that are sources, as indices into the instruction's.
    pub inline: Vec<usize>,
    /// The destination as written.
    pub dest: Spanned<String>,
    /// Value of `--chown`.
    pub chown: Option<Spanned<String>>,
    /// Value of `--chmod`.
    pub chmod: Option<Spanned<String>>,
    /// `--link` is set.
    pub link: bool,
    /// `--parents` is set.
    pub parents: bool,
    /// Values of `--exclude`.
    pub exclude: Vec<Spanned<String>>,
}

/// A word of EXPOSE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// As written: it may hold variables.
    pub text: Spanned<String>,
    /// First and last port when they are numbers.
    pub range: Option<(u16, u16)>,
    /// `tcp`, `udp` or `sctp`, in lower case; `tcp` when none is written.
    pub protocol: String,
}

impl Port {
    /// Reads `8080`, `8080/udp` or `8000-8010`.
    pub fn parse(text: Spanned<String>) -> Port {
        let (ports, protocol) = text.value.split_once('/').unwrap_or((&text.value, "tcp"));
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let range = first.parse().ok().zip(last.parse().ok()).filter(|(first, last)| first <= last);
        let protocol = protocol.to_ascii_lowercase();
        Port { range, protocol, text }
    }
}

/// `HEALTHCHECK`.
#[derive(Clone, Debug)]
pub struct Healthcheck {
    /// False for `NONE`, which turns an inherited check off.
    pub enabled: bool,
    /// `--interval`; zero means the default.
    pub interval: Option<Spanned<Duration>>,
    /// `--timeout`.
    pub timeout: Option<Spanned<Duration>>,
    /// `--start-period`.
    pub start_period: Option<Spanned<Duration>>,
    /// `--start-interval`.
    pub start_interval: Option<Spanned<Duration>>,
    /// `--retries`.
    pub retries: Option<Spanned<u32>>,
}
