//! Every other image: the first row of `images.tsv` that fits name and tag.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::release::{debian_codename, minor_of, release_in_tag, ubuntu_version};
use super::{BaseImage, IMAGES, ImageUser, Libc, NodeVersion, OsRelease, Programs, Runtime, Sh, Tool};
use crate::facts::table::cell;

/// What the wildcards of a repository stood for.
#[derive(Clone, Copy, Default)]
struct Captured<'a> {
    node: Option<&'a str>,
    debian: Option<&'a str>,
}

/// The rows of the table by the repositories that they name, so that a name is not held against each.
struct Index {
    /// Rows by a repository without wildcards.
    exact: FxHashMap<&'static str, Vec<usize>>,
    /// Rows with a repository that has some, in their order.
    wild: Vec<(usize, &'static str)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { exact: FxHashMap::default(), wild: Vec::new() };
    for (number, row) in IMAGES.rows.iter().enumerate() {
        for repository in cell(row, 0).into_iter().flat_map(|text| text.split(' ')) {
            match repository.contains(['{', '*']) {
                true => index.wild.push((number, repository)),
                false => index.exact.entry(repository).or_default().push(number),
            }
        }
    }
    index
});

/// The image of this name and tag; no tag: only a digest is known.
pub(super) fn find(name: String, tag: Option<&str>) -> Option<BaseImage> {
    let exact = INDEX.exact.get(name.as_str()).into_iter().flatten();
    let exact = exact.map(|row| (*row, Captured::default()));
    let wild = INDEX.wild.iter().filter_map(|(row, pattern)| Some((*row, capture(pattern, &name)?)));
    let mut candidates: Vec<(usize, Captured<'_>)> = exact.chain(wild).collect();
    // A row that names it twice is taken as its first pattern has it.
    candidates.sort_by_key(|(row, _)| *row);
    let fits = |row: &[Option<&'static str>]| {
        let tags = cell(row, 1)?;
        let mut patterns = tags.split(' ');
        patterns.find(|pattern| *pattern == "*" || tag.is_some_and(|tag| glob(pattern, tag)))
    };
    let (row, captured) = candidates.into_iter().find(|(row, _)| fits(&IMAGES.rows[*row]).is_some())?;
    let image = read(&IMAGES.rows[row], &captured, tag.unwrap_or(""));
    Some(BaseImage { name: name.clone(), ..image })
}

/// Matches a repository: `*` takes what is not `/`, `{N}` and `{D}` take digits.
fn capture<'a>(pattern: &str, name: &'a str) -> Option<Captured<'a>> {
    let mut captured = Captured::default();
    let (mut pattern, mut rest) = (pattern, name);
    while let Some(open) = pattern.find(['{', '*']) {
        rest = rest.strip_prefix(&pattern[..open])?;
        let wild = &pattern[open..];
        if let Some(after) = wild.strip_prefix('*') {
            let next = after.split(['{', '*']).next().unwrap_or("");
            let end = if next.is_empty() { rest.len() } else { rest.find(next)? };
            if rest[..end].contains('/') && !next.is_empty() {
                return None;
            }
            rest = &rest[end..];
            pattern = after;
            continue;
        }
        let digits = rest.len() - rest.trim_start_matches(|next: char| next.is_ascii_digit()).len();
        if digits == 0 {
            return None;
        }
        let taken = Some(&rest[..digits]);
        if wild.starts_with("{N}") {
            captured.node = taken;
        } else {
            captured.debian = taken;
        }
        rest = &rest[digits..];
        pattern = &wild[3..];
    }
    (pattern == rest).then_some(captured)
}

/// Matches a tag: `*` at the ends only.
fn glob(pattern: &str, tag: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => tag.contains(pattern.trim_matches('*')),
        (Some(end), None) => tag.ends_with(end),
        (None, Some(start)) => tag.starts_with(start),
        (None, None) => tag == pattern,
    }
}

fn read(row: &[Option<&'static str>], captured: &Captured<'_>, tag: &str) -> BaseImage {
    let list = |column: usize| cell(row, column).and_then(|text| serde_json::from_str(text).ok());
    let source = cell(row, 12).unwrap_or(IMAGES.source);
    let seen = cell(row, 13).and_then(|day| day.parse().ok());
    let runtime = cell(row, 2).map(|text| runtime(text, captured, tag));
    let alpine = matches!(release_in_tag(tag), Some(OsRelease::Alpine(_)));
    let windows = tag.contains("nanoserver") || tag.contains("windowsservercore");
    let by_tag = |column: usize| cell(row, column) == Some("by-tag");
    let npm = match (cell(row, 10), &runtime) {
        (Some("npm"), Some(Runtime::Node(_))) => Tool::Present(None),
        (Some("none"), _) => Tool::Absent,
        _ => Tool::Unknown,
    };
    let unknown = BaseImage::unknown(String::new(), source, seen);
    if windows {
        return BaseImage { runtime, ..unknown };
    }
    BaseImage {
        runtime,
        entrypoint: list(3),
        cmd: list(4),
        user: cell(row, 5).and_then(user),
        workdir: cell(row, 6).map(str::to_owned),
        shell: list(14),
        sh: match cell(row, 7) {
            _ if by_tag(7) => Some(if alpine { Sh::Busybox } else { Sh::Dash }),
            Some("dash") => Some(Sh::Dash),
            Some("busybox") => Some(Sh::Busybox),
            Some("bash") => Some(Sh::Bash),
            Some("none") => Some(Sh::Absent),
            _ => None,
        },
        libc: match cell(row, 8) {
            _ if by_tag(8) => Some(if alpine { Libc::Musl } else { Libc::Glibc }),
            Some("glibc") => Some(Libc::Glibc),
            Some("musl") => Some(Libc::Musl),
            Some("none") => Some(Libc::Absent),
            _ => None,
        },
        os: cell(row, 9).and_then(|text| os(text, captured, tag)),
        npm,
        programs: match cell(row, 15) {
            Some("none") => Programs::None,
            Some("debian") => Programs::Debian,
            Some("alpine") => Programs::Alpine,
            _ => Programs::Unknown,
        },
        yarn: if npm == Tool::Absent { Tool::Absent } else { Tool::Unknown },
        users: cell(row, 11).map_or_else(Vec::new, |text| text.split(' ').filter_map(user).collect()),
        ..unknown
    }
}

fn runtime(text: &'static str, captured: &Captured<'_>, tag: &str) -> Runtime {
    let words = || tag.split('-');
    let version = match text {
        "none" => return Runtime::None,
        "node:{N}" => captured.node.and_then(NodeVersion::parse),
        "node:tag" => words().next().and_then(NodeVersion::parse),
        // `1-22-bookworm` is definition 1 with Node.js 22, `22-bookworm` any definition with 22; a definition's
        // version has one digit or dots with a first number below 8.
        "node:devtag" => words()
            .filter_map(NodeVersion::parse)
            .find(|version| version.major.is_some_and(|major| major >= 8)),
        other => return Runtime::Other(other),
    };
    Runtime::Node(version.unwrap_or_default())
}

fn user(text: &'static str) -> Option<ImageUser> {
    if text == "root" {
        return Some(ImageUser::ROOT);
    }
    let (name, uid) = text.split_once(':')?;
    Some(ImageUser {
        name: Some(name).filter(|name| !name.is_empty()).map(Into::into),
        uid: uid.parse().ok(),
    })
}

fn os(text: &'static str, captured: &Captured<'_>, tag: &str) -> Option<OsRelease> {
    let first = tag.split('-').next().unwrap_or(tag);
    Some(match text {
        "alpine" => OsRelease::Alpine(None),
        "alpine:tag" => OsRelease::Alpine(minor_of(first)),
        "debian" => OsRelease::Debian(None),
        "debian:{D}" => OsRelease::Debian(captured.debian.and_then(debian_codename)),
        "debian:tag" => match release_in_tag(tag) {
            Some(found @ OsRelease::Debian(_)) => found,
            _ => OsRelease::Debian(debian_version_in(tag)),
        },
        "ubuntu:tag" => OsRelease::Ubuntu(ubuntu_version(first)),
        "by-tag" => return release_in_tag(tag),
        other => OsRelease::Other(other),
    })
}

/// The codename for `12`, `12.5-slim` or `…-debian-12-…`.
fn debian_version_in(tag: &str) -> Option<String> {
    let after = tag.split_once("debian-").map_or(tag, |(_, after)| after);
    debian_codename(after.split('-').next()?)
}
