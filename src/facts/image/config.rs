//! The configuration of an image: what it inherits, and what instructions set over it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::facts::command::Command;
use crate::facts::{Fact, Found, Origin, Why};
use crate::source::{Span, Spanned};
use crate::syntax::dockerfile::Port;

/// What a table knows of an image from outside. `None` means that the table does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseConfig {
    /// The row, as `plimsoll facts` prints it.
    pub row: &'static str,
    /// USER; `Some(None)` for root by default.
    pub user: Option<Option<String>>,
    /// WORKDIR.
    pub workdir: Option<String>,
    /// ENTRYPOINT, in exec form; empty when the image has none.
    pub entrypoint: Option<Vec<String>>,
    /// CMD, in exec form; empty when the image has none.
    pub cmd: Option<Vec<String>>,
    /// SHELL; `/bin/sh -c` when the table does not say.
    pub shell: Option<Vec<String>>,
}

/// The configuration of an image or stage. A field that nothing sets is `Known(None)` with the default as its origin.
#[derive(Clone, Debug)]
pub struct Config {
    /// USER with its group, as written after expansion; `None` for root by default.
    pub user: Fact<Option<String>>,
    /// WORKDIR, absolute.
    pub workdir: Fact<String>,
    /// ENTRYPOINT; an empty one counts as none.
    pub entrypoint: Fact<Option<Command>>,
    /// CMD.
    pub cmd: Fact<Option<Command>>,
    /// The shell of shell forms, `/bin/sh -c` by default.
    pub shell: Fact<Vec<String>>,
    /// STOPSIGNAL; `None` for SIGTERM by default.
    pub stop_signal: Fact<Option<String>>,
    /// HEALTHCHECK; `None` when there is none, or when NONE turned it off.
    pub healthcheck: Fact<Option<Health>>,
    /// ENV.
    pub env: Env,
    /// EXPOSE.
    pub exposed: Found<Port>,
    /// VOLUME.
    pub volumes: Found<String>,
}

/// Environment variables, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env {
    /// Those that are set.
    pub variables: BTreeMap<String, Fact<String>>,
    /// `Ok` when these are all there are.
    pub rest: Result<(), Why>,
}

impl Env {
    /// The value of a variable. `None` means unset only when `rest` is `Ok`.
    pub fn get(&self, name: &str) -> Option<&Fact<String>> {
        self.variables.get(name)
    }
}

/// A HEALTHCHECK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What it runs.
    pub command: Command,
    /// `--interval`.
    pub interval: Option<Spanned<Duration>>,
    /// `--timeout`.
    pub timeout: Option<Spanned<Duration>>,
    /// `--start-period`.
    pub start_period: Option<Spanned<Duration>>,
    /// `--retries`.
    pub retries: Option<Spanned<u32>>,
}

impl Config {
    /// The configuration of the empty image, for the FROM at `owner`.
    pub(super) fn scratch(owner: Span) -> Config {
        let default = || Origin::Default { owner, source: "docker" };
        Config {
            user: Fact::Known { value: None, origin: default() },
            workdir: Fact::Known { value: "/".to_owned(), origin: default() },
            entrypoint: Fact::Known { value: None, origin: default() },
            cmd: Fact::Known { value: None, origin: default() },
            shell: Fact::Known { value: default_shell(), origin: default() },
            stop_signal: Fact::Known { value: None, origin: default() },
            healthcheck: Fact::Known { value: None, origin: default() },
            env: Env { variables: BTreeMap::new(), rest: Ok(()) },
            exposed: Found::default(),
            volumes: Found::default(),
        }
    }

    /// A configuration of which nothing is known.
    pub(super) fn unknown(why: Why) -> Config {
        Config {
            user: Fact::Unknown(why),
            workdir: Fact::Unknown(why),
            entrypoint: Fact::Unknown(why),
            cmd: Fact::Unknown(why),
            shell: Fact::Unknown(why),
            stop_signal: Fact::Unknown(why),
            healthcheck: Fact::Unknown(why),
            env: Env { variables: BTreeMap::new(), rest: Err(why) },
            exposed: Found { items: Vec::new(), rest: Err(why) },
            volumes: Found { items: Vec::new(), rest: Err(why) },
        }
    }

    /// The configuration that a table gives for the image named at `named_at`.
    pub fn of_base(base: BaseConfig, named_at: Span) -> Config {
        let origin = || Origin::Table { named_at, row: base.row };
        let command = |words: Option<Vec<String>>| {
            let Some(words) = words else { return Fact::Unknown(Why::UnknownBase) };
            let spanned = |word| Spanned::new(word, named_at);
            let value = (!words.is_empty()).then(|| Command::Exec(words.into_iter().map(spanned).collect()));
            Fact::Known { value, origin: origin() }
        };
        Config {
            user: base
                .user
                .map_or(Fact::Unknown(Why::UnknownBase), |value| Fact::Known { value, origin: origin() }),
            workdir: base
                .workdir
                .map_or(Fact::Unknown(Why::UnknownBase), |value| Fact::Known { value, origin: origin() }),
            entrypoint: command(base.entrypoint),
            cmd: command(base.cmd),
            shell: Fact::Known { value: base.shell.unwrap_or_else(default_shell), origin: origin() },
            // Tables do not say the rest of images.
            ..Config::unknown(Why::UnknownBase)
        }
    }

    /// About how many bytes a stage over this one copies.
    pub(super) fn size(&self) -> usize {
        let command = |fact: &Fact<Option<Command>>| match fact.known() {
            Some(Some(Command::Exec(words))) => words.iter().map(|word| word.value.len() + ENTRY).sum(),
            Some(Some(Command::Shell(text))) => text.text.len() + ENTRY,
            _ => 0,
        };
        let text = |fact: &Fact<Option<String>>| match fact.known() {
            Some(Some(text)) => text.len(),
            _ => 0,
        };
        let health = match self.healthcheck.known() {
            Some(Some(health)) => health.command.span().map_or(0, Span::len) + ENTRY,
            _ => 0,
        };
        let shell = self.shell.known().map_or(0, |words| words.iter().map(|word| word.len() + ENTRY).sum());
        size_of_values(&self.env.variables)
            + (self.exposed.items.len() + self.volumes.items.len()) * ENTRY
            + self.volumes.items.iter().map(|volume| volume.value.len()).sum::<usize>()
            + command(&self.entrypoint)
            + command(&self.cmd)
            + health
            + shell
            + text(&self.user)
            + text(&self.stop_signal)
            + ENTRY
    }
}

/// About what an entry of a list or map costs beside its text, in bytes.
const ENTRY: usize = 96;

/// About how many bytes a map of values takes.
pub(super) fn size_of_values(values: &BTreeMap<String, Fact<String>>) -> usize {
    let size =
        |(name, value): (&String, &Fact<String>)| name.len() + value.known().map_or(0, String::len) + ENTRY;
    values.iter().map(size).sum()
}

fn default_shell() -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned()]
}

/// A signal by its full name, as Docker reads it: with or without `SIG`, or as a number of Linux.
pub fn signal_name(signal: &str) -> String {
    let upper = signal.trim().to_ascii_uppercase();
    match upper.as_str() {
        "9" => "SIGKILL".to_owned(),
        "19" => "SIGSTOP".to_owned(),
        "15" => "SIGTERM".to_owned(),
        "2" => "SIGINT".to_owned(),
        "3" => "SIGQUIT".to_owned(),
        "1" => "SIGHUP".to_owned(),
        "10" => "SIGUSR1".to_owned(),
        "12" => "SIGUSR2".to_owned(),
        _ if upper.starts_with("SIG") => upper,
        _ => format!("SIG{upper}"),
    }
}
