//! Versions and releases, as tags of images name them.

use std::fmt;

use crate::facts::end_of_life;

/// A version of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Reads `1.2.3`, `v1.2.3`; what follows a `-` or `+` is left out.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts = text.split(['-', '+']).next()?.split('.').map(|part| part.parse::<u32>().ok());
        let version = Version(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Versions from the lowest to the highest that may be meant, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    /// The lowest.
    pub lowest: Version,
    /// The highest.
    pub highest: Version,
}

impl Versions {
    /// Exactly one version.
    pub fn one(version: Version) -> Versions {
        Versions { lowest: version, highest: version }
    }

    /// True when every version that may be meant lies in `from..=to`.
    pub fn within(self, from: Version, to: Version) -> bool {
        from <= self.lowest && self.highest <= to
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lowest == self.highest {
            return self.lowest.fmt(f);
        }
        write!(f, "{} to {}", self.lowest, self.highest)
    }
}

/// A version of Node.js as far as a name tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeVersion {
    /// The line; absent where the name moves between lines (`lts`) or is a digest.
    pub major: Option<u32>,
    /// The second number; absent where the tag moves within the line.
    pub minor: Option<u32>,
    /// The third number; absent where the tag moves within the minor.
    pub patch: Option<u32>,
}

impl NodeVersion {
    /// Reads `24`, `24.1` or `24.1.0`, with or without a `v`.
    pub fn parse(text: &str) -> Option<NodeVersion> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let number = |part: &str| {
            let digits =
                !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let parts: Vec<Option<u32>> = text.split('.').map(number).collect();
        match parts[..] {
            [major @ Some(_)] => Some(NodeVersion { major, ..NodeVersion::default() }),
            [major @ Some(_), minor @ Some(_)] => Some(NodeVersion { major, minor, patch: None }),
            [major @ Some(_), minor @ Some(_), patch @ Some(_)] => Some(NodeVersion { major, minor, patch }),
            _ => None,
        }
    }

    /// The whole version, when the name tells all three numbers.
    pub fn exact(self) -> Option<Version> {
        Some(Version(self.major?, self.minor?, self.patch?))
    }
}

impl fmt::Display for NodeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(major) = self.major else { return f.write_str("of an unnamed line") };
        write!(f, "{major}")?;
        for part in [self.minor, self.patch].into_iter().map_while(|part| part) {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

/// An operating system and its release, as far as known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OsRelease {
    /// Alpine Linux, by its first two numbers.
    Alpine(Option<String>),
    /// Debian, by codename.
    Debian(Option<String>),
    /// Ubuntu, by version.
    Ubuntu(Option<String>),
    /// Another one (`rhel`, `wolfi`).
    Other(&'static str),
}

/// The release that a tag names: `24-alpine3.22`, `3.12-slim-bookworm`, `22.04`. Words that no table of releases knows
/// are not taken for one.
pub fn release_in_tag(tag: &str) -> Option<OsRelease> {
    let mut named = None;
    for word in tag.split(['-', '_']) {
        if let Some(rest) = word.strip_prefix("alpine") {
            return Some(OsRelease::Alpine(minor_of(rest).filter(|_| !rest.is_empty())));
        }
        if named.is_some() || word.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let debian = word.strip_prefix("debian").unwrap_or(word);
        if end_of_life::debian(debian).is_some() {
            named = debian_codename(debian).map(|codename| OsRelease::Debian(Some(codename)));
        } else if end_of_life::ubuntu(word).is_some() {
            named = ubuntu_version(word).map(|version| OsRelease::Ubuntu(Some(version)));
        }
    }
    named
}

/// The first two numbers of `3.22.1`.
pub(super) fn minor_of(version: &str) -> Option<String> {
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next()?, numbers.next()?);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| format!("{major}.{minor}"))
}

/// Debian's codename for a codename, a version (`12`) or a point release (`12.5`).
pub(super) fn debian_codename(release: &str) -> Option<String> {
    find_row(0, release, &[0, 1]).or_else(|| find_row(0, release.split('.').next()?, &[1]))
}

/// Ubuntu's version for a version or a codename.
pub(super) fn ubuntu_version(release: &str) -> Option<String> {
    find_row(1, release, &[0, 1])
}

fn find_row(table: usize, name: &str, keys: &[usize]) -> Option<String> {
    let [_, debian, ubuntu, _] = end_of_life::tables();
    let table = if table == 0 { debian } else { ubuntu };
    let row = table
        .rows
        .iter()
        .find(|row| keys.iter().any(|key| row.get(*key).copied().flatten() == Some(name)))?;
    row.first()?.map(str::to_owned)
}
