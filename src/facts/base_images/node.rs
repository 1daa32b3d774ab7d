//! The official image `node`: its tags say version and variant by one algebra (nodejs/docker-node, stackbrew.js).

use super::release::{debian_codename, minor_of};
use super::{
    BaseImage, ImageUser, LINES, Libc, NODE, NPM, NodeVersion, OsRelease, Programs, Runtime, Sh, Tool,
    Version, Versions,
};
use crate::facts::table::{Table, cell};

/// The first releases whose images surely have `docker-entrypoint.sh`: it came on 2019-05-26.
const WITH_ENTRYPOINT: [(u32, Version); 3] =
    [(8, Version(8, 16, 1)), (10, Version(10, 16, 0)), (12, Version(12, 4, 0))];

/// What a tag of `node` names.
pub(super) fn official(name: String, tag: Option<&str>) -> BaseImage {
    let (version, variant) = tag.map_or((NodeVersion::default(), None), split);
    let variant = variant.as_deref();
    let alpine = variant.is_some_and(|variant| variant.starts_with("alpine"));
    let windows = variant
        .is_some_and(|variant| variant.contains("nanoserver") || variant.contains("windowsservercore"));
    let unknown = BaseImage::unknown(name, NODE.source, NODE.seen);
    let runtime = Some(Runtime::Node(version));
    if windows {
        return BaseImage { runtime, ..unknown };
    }
    BaseImage {
        runtime,
        entrypoint: match has_entrypoint(version) {
            true => Some(vec!["docker-entrypoint.sh".to_owned()]),
            false => lacks_entrypoint(version).then(Vec::new),
        },
        cmd: Some(vec!["node".to_owned()]),
        user: Some(ImageUser::ROOT),
        workdir: Some("/".to_owned()),
        // A digest does not tell Alpine from Debian.
        sh: variant.map(|_| if alpine { Sh::Busybox } else { Sh::Dash }),
        libc: variant.map(|_| if alpine { Libc::Musl } else { Libc::Glibc }),
        os: variant.and_then(|variant| os(version, variant)),
        npm: Tool::Present(npm_of(version)),
        yarn: yarn(version),
        programs: match variant {
            None => Programs::Unknown,
            Some(_) if alpine => Programs::Alpine,
            Some(variant) if variant.ends_with("slim") => Programs::Slim,
            Some(_) => Programs::Full,
        },
        users: vec![ImageUser { name: Some("node".into()), uid: Some(1000) }],
        ..unknown
    }
}

/// Version and variant of a tag. The variant is `""` for the default one, and absent when the tag is not of the
/// algebra.
fn split(tag: &str) -> (NodeVersion, Option<String>) {
    let (first, rest) = tag.split_once('-').unwrap_or((tag, ""));
    if let Some(version) = NodeVersion::parse(first) {
        return (version, Some(rest.to_owned()));
    }
    let newest = line(|_| true);
    match first {
        "latest" | "current" => (newest, Some(rest.to_owned())),
        // The line that `lts` names changes in October: the table cannot say which is meant.
        "lts" => match LINES.rows.iter().find(|row| cell(row, 2) == Some(rest)) {
            Some(row) if !rest.is_empty() => (line(|other| other == row.as_slice()), Some(String::new())),
            _ => (NodeVersion::default(), Some(rest.to_owned())),
        },
        _ if LINES.rows.iter().any(|row| cell(row, 2) == Some(first)) => {
            (line(|row| cell(row, 2) == Some(first)), Some(rest.to_owned()))
        }
        _ if is_variant(tag) => (newest, Some(tag.to_owned())),
        _ => (NodeVersion::default(), None),
    }
}

/// Whether a tag of the official image `node` stands for whatever line is newest (`latest`, `lts-slim`, `alpine`), and
/// for none in particular; `None` for a tag outside of the algebra.
pub fn follows_newest(tag: Option<&str>) -> Option<bool> {
    let Some(tag) = tag else { return Some(true) };
    let (first, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let is_codename =
        |word: &str| !word.is_empty() && LINES.rows.iter().any(|row| cell(row, 2) == Some(word));
    if NodeVersion::parse(first).is_some() || is_codename(first) || (first == "lts" && is_codename(rest)) {
        return Some(false);
    }
    let floats = matches!(first, "latest" | "current" | "lts") || is_variant(tag);
    floats.then_some(true)
}

/// The last line that fits, as a floating version.
fn line(fits: impl Fn(&[Option<&'static str>]) -> bool) -> NodeVersion {
    let row = LINES.rows.iter().rfind(|row| fits(row));
    NodeVersion { major: row.and_then(|row| cell(row, 0)?.parse().ok()), ..NodeVersion::default() }
}

fn is_variant(tag: &str) -> bool {
    let name = tag.strip_suffix("-slim").unwrap_or(tag);
    tag == "slim"
        || tag.starts_with("alpine")
        || debian_codename(name).is_some_and(|codename| codename == name)
}

fn has_entrypoint(version: NodeVersion) -> bool {
    let Some(major) = version.major else { return true };
    let Some((_, first)) = WITH_ENTRYPOINT.iter().find(|(line, _)| *line == major) else {
        return major >= 13;
    };
    match (version.minor, version.patch) {
        (None, _) => true,
        (Some(minor), None) => (major, minor) >= (first.0, first.1) && (major != 8 || minor > 16),
        (Some(minor), Some(patch)) => Version(major, minor, patch) >= *first,
    }
}

/// The releases that were the newest of their lines on 2019-05-26 (nodejs.org's index of releases). Images of older ones were not built
/// again, and so start with no ENTRYPOINT; lines without a row had ended or begin after it.
const NEWEST_WITHOUT: [(u32, Version); 6] = [
    (4, Version(4, 9, 1)),
    (6, Version(6, 17, 1)),
    (8, Version(8, 16, 0)),
    (10, Version(10, 15, 3)),
    (11, Version(11, 15, 0)),
    (12, Version(12, 3, 1)),
];

fn lacks_entrypoint(version: NodeVersion) -> bool {
    let (Some(major), Some(minor)) = (version.major, version.minor) else { return false };
    let newest = NEWEST_WITHOUT.iter().find(|(line, _)| *line == major);
    let older = |(_, newest): &(u32, Version)| match version.patch {
        Some(patch) => Version(major, minor, patch) < *newest,
        None => minor < newest.1,
    };
    newest.is_some_and(older)
}

fn os(version: NodeVersion, variant: &str) -> Option<OsRelease> {
    let row = row(&NODE, version, 0);
    if let Some(release) = variant.strip_prefix("alpine") {
        let default = || cell(row?, 2).map(str::to_owned);
        return Some(OsRelease::Alpine(if release.is_empty() { default() } else { minor_of(release) }));
    }
    let name = variant.strip_suffix("-slim").unwrap_or(variant);
    match name {
        "" | "slim" => Some(OsRelease::Debian(row.and_then(|row| cell(row, 1)).map(str::to_owned))),
        _ => debian_codename(name).map(|codename| OsRelease::Debian(Some(codename))),
    }
}

/// Yarn Classic is in the images of all lines until 25, in none from 26 on.
fn yarn(version: NodeVersion) -> Tool {
    match version.major {
        None => Tool::Unknown,
        Some(major) if major >= 26 => Tool::Absent,
        Some(_) => {
            let row = row(&NODE, version, 0);
            Tool::Present(row.and_then(|row| cell(row, 3)).and_then(Version::parse).map(Versions::one))
        }
    }
}

/// The npm that this version of Node.js carries; for a floating version that of the last release it stands for.
/// `None` when the table does not reach.
pub fn npm_of(version: NodeVersion) -> Option<Versions> {
    let npm = cell(row(&NPM, version, 0)?, 1)?;
    Version::parse(npm).map(Versions::one)
}

/// The last row of a line that is not above the version.
fn row(table: &'static Table, version: NodeVersion, key: usize) -> Option<&'static [Option<&'static str>]> {
    let highest =
        Version(version.major?, version.minor.unwrap_or(u32::MAX), version.patch.unwrap_or(u32::MAX));
    let fits = |row: &&Vec<Option<&'static str>>| {
        let from = cell(row, key).and_then(Version::parse);
        from.is_some_and(|from| from.0 == highest.0 && from <= highest)
    };
    table.rows.iter().rfind(fits).map(Vec::as_slice)
}
