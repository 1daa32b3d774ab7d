//! The process chain: what the container runtime starts, what that starts, and so on to node; and whether SIGTERM
//! finds the way down.
//!
//! [`resolve`] follows it through ENTRYPOINT and CMD, init programs, shells, package managers and their scripts, shell
//! scripts of the repository and wrappers. It runs nothing: what only running would show is unknown, with why. What a
//! program does with SIGTERM is measured (`signal.rs` has the table), by version and by what `/bin/sh` is.

mod argument;
mod aside;
mod delivery;
mod framework;
mod manager;
mod node;
mod resolve;
mod script;
mod sentence;
mod shells;
mod signal;
mod wrapper;

use std::collections::BTreeMap;

use crate::facts::base_images::{BaseImage, Sh, Tool, Versions};
use crate::facts::command::Command;
use crate::facts::module::{ManagedApp, Workers};
use crate::facts::package::Package;
use crate::facts::{Fact, Why};
use crate::source::{ProjectPath, Sources, Span, Spanned};
use crate::syntax::mapped::MappedText;

pub use aside::{Aside, When};
pub use delivery::{Delivery, Loss};
pub use resolve::resolve;
pub use signal::{ROWS, Row, Signal};

/// What the container runtime is told to start. The caller has already let a manifest's or compose file's command and
/// arguments replace what the image says.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// ENTRYPOINT, or what replaces it.
    pub entrypoint: Fact<Option<Command>>,
    /// CMD, or what replaces it.
    pub cmd: Fact<Option<Command>>,
    /// SHELL in force for the shell form.
    pub shell: Fact<Vec<String>>,
    /// The image that the stage stands on.
    pub base: Option<&'a BaseImage>,
    /// WORKDIR, or what replaces it.
    pub workdir: Fact<String>,
    /// Variables of the container's environment.
    pub env: &'a BTreeMap<String, Fact<String>>,
    /// The programs that the chain may go through.
    pub tools: Tools,
}

/// Programs of the image that the chain may go through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// What `/bin/sh` is.
    pub sh: Option<Sh>,
    /// npm and npx.
    pub npm: Tool,
    /// Yarn, when the image has one of its own and no package.json names another.
    pub yarn: Tool,
    /// pnpm, likewise.
    pub pnpm: Tool,
}

impl Tools {
    /// What the base image brings along.
    pub fn of(base: Option<&BaseImage>) -> Tools {
        base.map_or_else(Tools::default, |base| Tools {
            sh: base.sh,
            npm: base.npm,
            yarn: base.yarn,
            pnpm: Tool::Unknown,
        })
    }
}

/// What the chain may look into.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The files of the project.
    pub sources: &'a Sources,
    /// The file or folder of the repository that an absolute path inside of the image was copied from.
    pub source_of: &'a dyn Fn(&str) -> Fact<ProjectPath>,
    /// The package.json that lies in a folder.
    pub package_in: &'a dyn Fn(&ProjectPath) -> Option<&'a Package>,
    /// The folder of the workspace of this name.
    pub workspace: &'a dyn Fn(&str) -> Option<ProjectPath>,
    /// The apps of a configuration file of pm2.
    pub ecosystem: &'a dyn Fn(&ProjectPath) -> Vec<Spanned<ManagedApp>>,
}

/// From the container's first process to the last one that the chain could be followed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessChain {
    /// The programs in the order in which they start each other.
    pub steps: Vec<Step>,
    /// What the chain ends with.
    pub end: End,
    /// What scripts on the way run before that, or at the same time.
    pub asides: Vec<Aside>,
    /// Processes that a process manager starts of the same program, when it starts several.
    pub workers: Option<Spanned<Workers>>,
}

/// One program of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name without folder: `npm`, `sh`, `node`.
    pub program: String,
    /// As people would write it: `npm run start:prod`.
    pub command: String,
    /// What it is for.
    pub role: Role,
    /// The bytes that name it.
    pub at: Option<Span>,
    /// What it may do with SIGTERM: one when its version is known well enough.
    pub signals: Vec<Signal>,
    /// The row of the measured table that says so.
    pub row: Option<&'static Row>,
    /// Its version, as far as it matters.
    pub version: Option<Versions>,
    /// Scripts that run before and after the one that it runs: `prestart`.
    pub hooks: Vec<Spanned<String>>,
    /// The script of package.json that it runs.
    pub script: Option<MappedText>,
}

/// What a program of the chain is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// tini, dumb-init: the first process, that reaps and forwards.
    Init,
    /// A shell that runs a line of text.
    Shell,
    /// A shell script in a file.
    Script,
    /// npm, Yarn, pnpm, bun run, npx.
    PackageManager,
    /// A program that sets something up and then runs another: env, cross-env, dotenv.
    Wrapper,
    /// A program that runs several others, one after the other or at once.
    Runner,
    /// pm2, forever: it keeps processes alive.
    ProcessManager,
    /// nodemon, `next dev`: it restarts on changes, or serves unbuilt sources.
    DevServer,
    /// ts-node, tsx: it compiles in the process that runs.
    Transpiler,
    /// A program of a package that serves: `next start`, `http-server`.
    Framework,
    /// node.
    Node,
    /// Something else.
    Other,
}

/// What a chain ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A node process.
    Node {
        /// The file it runs.
        entry: Fact<Entry>,
        /// Its own options, before the file: `--max-old-space-size=512`.
        flags: Vec<Spanned<String>>,
    },
    /// Another program.
    Other(String),
    /// Nothing: neither ENTRYPOINT nor CMD says what to start.
    Nothing,
    /// It could not be followed to the end.
    Unknown(Why),
}

/// The file that node runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the image, absolute; as written where WORKDIR is not known.
    pub path: String,
    /// The file of the repository that it was copied from; of a file that a build makes, where it would stand.
    pub source: Fact<ProjectPath>,
}

impl Step {
    /// True for a program that restarts another one when files change: nodemon, `node --watch`.
    pub fn is_watcher(&self) -> bool {
        let watchers = ["nodemon", "node-dev", "ts-node-dev", "tsnd", "tsx", "node --watch", "supervisor"];
        matches!(self.role, Role::DevServer | Role::ProcessManager)
            && watchers.contains(&self.program.as_str())
    }
}

impl ProcessChain {
    /// The steps that are still there once the last one runs: a step whose process became the next one is not.
    pub fn remaining(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().filter(|(_, step)| step.signals != [Signal::Replaced])
    }

    /// True when the last program of the chain is the container's first process; `None`: that is not known.
    pub fn ends_as_first_process(&self) -> Option<bool> {
        let (last, before) = self.steps.split_last()?;
        if before.iter().all(|step| step.signals == [Signal::Replaced]) {
            return Some(true);
        }
        let unsure =
            before.iter().any(|step| step.signals.contains(&Signal::Replaced) && step.signals.len() > 1);
        (!unsure && last.role != Role::Other).then_some(false)
    }

    /// The first step of this role.
    pub fn step(&self, role: Role) -> Option<&Step> {
        self.steps.iter().find(|step| step.role == role)
    }
}

#[cfg(test)]
mod tests;
