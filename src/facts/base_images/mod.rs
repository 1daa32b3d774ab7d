//! What images bring along that people build on: runtime, ENTRYPOINT and CMD, user, what `/bin/sh` is, package managers.
//!
//! Facts only, each with its source and the day it was seen. What a table does not say is `None`: not known, never
//! guessed. Tags that move (`24`, `24-alpine`, `latest`) stand for what they named when the table was made.

mod images;
mod node;
mod programs;
mod release;
mod tag;

use std::borrow::Cow;
use std::sync::LazyLock;

use super::table::{Table, cell};
use crate::date::Date;
use crate::syntax::image_ref::ImageRef;

pub use node::{follows_newest, npm_of};
pub use programs::{BroughtBy, Programs, comes_by};
pub use release::{NodeVersion, OsRelease, Version, Versions, release_in_tag};
pub use tag::{Confidence, node_version_in_tag};

/// What is known of an image that stands in FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseImage {
    /// Registry and repository in full.
    pub name: String,
    /// What it runs; `None` when that is not known.
    pub runtime: Option<Runtime>,
    /// Its ENTRYPOINT, empty when it has none; `None`: not known.
    pub entrypoint: Option<Vec<String>>,
    /// Its CMD, likewise.
    pub cmd: Option<Vec<String>>,
    /// The user that its processes run as.
    pub user: Option<ImageUser>,
    /// Its WORKDIR.
    pub workdir: Option<String>,
    /// Its SHELL, when that is not the default of `/bin/sh -c`.
    pub shell: Option<Vec<String>>,
    /// What `/bin/sh` is.
    pub sh: Option<Sh>,
    /// The C library.
    pub libc: Option<Libc>,
    /// The operating system and its release.
    pub os: Option<OsRelease>,
    /// npm in it.
    pub npm: Tool,
    /// Yarn Classic in it.
    pub yarn: Tool,
    /// Which other programs are in it.
    pub programs: Programs,
    /// Users other than root that it has, with their ids.
    pub users: Vec<ImageUser>,
    /// Where the facts are from.
    pub source: &'static str,
    /// The day on which the source was read.
    pub seen: Option<Date>,
}

/// What an image runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// Node.js.
    Node(NodeVersion),
    /// Another runtime or program (`python`, `nginx`).
    Other(&'static str),
    /// None: an operating system, or nothing at all.
    None,
}

/// A user of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageUser {
    /// The name; absent when USER is a number.
    pub name: Option<Cow<'static, str>>,
    /// The id; absent when it is not known.
    pub uid: Option<u32>,
}

/// What answers to `/bin/sh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sh {
    /// dash: Debian and Ubuntu.
    Dash,
    /// The ash of BusyBox: Alpine.
    Busybox,
    /// bash: Red Hat's.
    Bash,
    /// Nothing: there is no `/bin/sh`.
    Absent,
}

/// The C library that programs are linked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Libc {
    /// GNU's.
    Glibc,
    /// musl: Alpine.
    Musl,
    /// There is none.
    Absent,
}

/// A program that an image may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// It is there, in a version among these; `None`: any.
    Present(Option<Versions>),
    /// It is not there.
    Absent,
    /// It is not known whether it is there.
    #[default]
    Unknown,
}

impl BaseImage {
    /// An image of which nothing is known yet but its name.
    fn unknown(name: String, source: &'static str, seen: Option<Date>) -> BaseImage {
        BaseImage {
            name,
            runtime: None,
            entrypoint: None,
            cmd: None,
            user: None,
            workdir: None,
            shell: None,
            sh: None,
            libc: None,
            os: None,
            npm: Tool::Unknown,
            yarn: Tool::Unknown,
            programs: Programs::Unknown,
            users: Vec::new(),
            source,
            seen,
        }
    }

    /// The version of Node.js, for an image that runs it.
    pub fn node(&self) -> Option<NodeVersion> {
        match &self.runtime {
            Some(Runtime::Node(version)) => Some(*version),
            _ => None,
        }
    }

    /// True when it is known to set none of the variables that Node.js and package managers ask for.
    pub fn leaves_environment(&self) -> bool {
        let names = |row: &Vec<Option<&'static str>>| match cell(row, 0).map(|name| name.split_once('*')) {
            Some(Some((start, _))) => self.name.starts_with(start),
            _ => cell(row, 0) == Some(self.name.as_str()),
        };
        self.name == "scratch" || ENVIRONMENT.rows.iter().any(names)
    }

    /// Whether its processes run as another user than root; `None`: not known.
    pub fn is_nonroot(&self) -> Option<bool> {
        Some(self.user.as_ref()?.uid? != 0)
    }
}

/// Mirrors of Docker Hub that keep its repositories' names below a prefix.
const MIRRORS: [(&str, &str); 3] = [
    ("public.ecr.aws/docker/library/", "docker.io/library/"),
    ("mirror.gcr.io/library/", "docker.io/library/"),
    ("registry.hub.docker.com/library/", "docker.io/library/"),
];

/// What is known of the image; `None` when no table knows it, or its name holds a variable.
pub fn lookup(image: &ImageRef) -> Option<BaseImage> {
    if image.is_scratch() {
        return Some(scratch());
    }
    if !image.is_literal() {
        return None;
    }
    let mut name = image.name();
    for (mirror, original) in MIRRORS {
        if let Some(rest) = name.strip_prefix(mirror) {
            name = format!("{original}{rest}");
        }
    }
    // A digest alone names an image without saying which.
    let tag = image.tag().or_else(|| image.digest().is_none().then_some("latest"));
    if name == "docker.io/library/node" {
        return Some(node::official(name, tag));
    }
    images::find(name, tag)
}

/// The empty image.
fn scratch() -> BaseImage {
    let source = "docs.docker.com: base images";
    BaseImage {
        runtime: Some(Runtime::None),
        entrypoint: Some(Vec::new()),
        cmd: Some(Vec::new()),
        user: Some(ImageUser::ROOT),
        workdir: Some("/".to_owned()),
        sh: Some(Sh::Absent),
        libc: Some(Libc::Absent),
        npm: Tool::Absent,
        yarn: Tool::Absent,
        programs: Programs::None,
        ..BaseImage::unknown("scratch".to_owned(), source, None)
    }
}

impl ImageUser {
    /// The superuser.
    pub const ROOT: ImageUser = ImageUser { name: Some(Cow::Borrowed("root")), uid: Some(0) };
}

static IMAGES: LazyLock<Table> = LazyLock::new(|| Table::read("images", include_str!("images.tsv")));
static NODE: LazyLock<Table> = LazyLock::new(|| Table::read("node-tags", include_str!("node.tsv")));
static LINES: LazyLock<Table> = LazyLock::new(|| Table::read("node-lines", include_str!("lines.tsv")));
static ENVIRONMENT: LazyLock<Table> =
    LazyLock::new(|| Table::read("image-environment", include_str!("environment.tsv")));
static NPM: LazyLock<Table> = LazyLock::new(|| Table::read("npm", include_str!("npm.tsv")));
static PROGRAMS: LazyLock<Table> = LazyLock::new(|| Table::read("programs", include_str!("programs.tsv")));

/// All tables, for `plimsoll facts`.
pub fn tables() -> [&'static Table; 6] {
    [&IMAGES, &NODE, &LINES, &NPM, &PROGRAMS, &ENVIRONMENT]
}

#[cfg(test)]
mod tests;
