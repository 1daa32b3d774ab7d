//! What a registry says of one package: the size in its document, or that of its archive.
//!
//! Source: npm's documentation of the registry (package metadata, `dist`). Mirrors leave `unpackedSize` out, and packages from
//! before 2018 have none. A checksum that a lock file has must be the registry's: another package under the same name is not
//! the one that is installed.

use std::io::{self, Read};

use ring::digest::{self, Algorithm, Context};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::Value;

use super::address::Address;
use super::settings::Registry;
use super::wire::{Fault, Kind, Wire, not_followed};
use crate::facts::size::sum::{self, Sum};
use crate::facts::size::{Contents, unpack};
use crate::weigh::Wanted;

/// What is known of a package after asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Bytes of the package, and of packages that were published inside of it: name, version, bytes.
    Sizes(Vec<(String, String, u64)>),
    /// The registry does not know it, or does not say.
    Unknown,
    /// The registry wants to know who asks.
    Refused,
    /// It is of this host, which is not the registry's.
    Elsewhere(String),
    /// What it says cannot be read or believed, for this reason.
    Senseless(String),
    /// The host cannot be talked to, for this reason.
    Unreachable(String, String),
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Answer {
        match fault {
            Fault::Status(401 | 403) => Answer::Refused,
            Fault::Status(404 | 405 | 410) => Answer::Unknown,
            Fault::Status(status) => Answer::Senseless(format!("an answer of status {status}")),
            Fault::Unreachable(host, cause) => Answer::Unreachable(host, cause),
            Fault::Senseless(fault) => Answer::Senseless(fault),
        }
    }
}

/// Largest document of one version, in bytes (8 MiB); of all versions (64 MiB).
const MAX_DOCUMENT: u64 = 8 << 20;
const MAX_LIST: u64 = 64 << 20;
/// Largest archive that is read, in bytes (512 MiB).
const MAX_ARCHIVE: u64 = 512 << 20;
/// More than any package has.
const MAX_UNPACKED: u64 = 1 << 40;
/// npm's short form of a list of versions.
const SHORT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

#[derive(Deserialize)]
struct Version {
    dist: Dist,
}

#[derive(Deserialize)]
struct List {
    versions: FxHashMap<String, Version>,
}

/// Values are taken as they come: what is of another kind is as if it were not there.
#[derive(Deserialize)]
struct Dist {
    #[serde(default, rename = "unpackedSize")]
    unpacked: Value,
    #[serde(default)]
    tarball: Value,
    #[serde(default)]
    integrity: Value,
    #[serde(default)]
    shasum: Value,
}

impl Dist {
    /// Zero stands where nobody counted.
    fn unpacked(&self) -> Option<u64> {
        self.unpacked.as_u64().filter(|bytes| (1..MAX_UNPACKED).contains(bytes))
    }

    fn sums(&self) -> Vec<Sum> {
        let mut sums = self.integrity.as_str().map(sum::read).unwrap_or_default();
        sums.extend(self.shasum.as_str().and_then(sum::sha1));
        sums
    }
}

/// Asks for a package.
pub(super) fn ask(wire: &Wire<'_>, registry: &Registry, wanted: &Wanted) -> Answer {
    let Some((name, version)) = path_of(&wanted.name).zip(encoded(&wanted.version)) else {
        return Answer::Senseless("no name and version that a registry has".to_owned());
    };
    let answer = sizes(wire, registry, wanted, &name, &version).map_or_else(Answer::from, Answer::Sizes);
    if !matches!(answer, Answer::Unreachable(..)) {
        wire.answered(&registry.address.host);
    }
    answer
}

fn sizes(
    wire: &Wire<'_>,
    registry: &Registry,
    wanted: &Wanted,
    name: &str,
    version: &str,
) -> Result<Vec<(String, String, u64)>, Fault> {
    let dist = dist(wire, registry, wanted, name, version)?;
    let said = dist.sums();
    let is_this = agree(&wanted.sums, &said);
    if is_this == Some(false) {
        return Err(Fault::Senseless("another checksum than the lock file's".to_owned()));
    }
    let is_believed = is_this.is_some() || wanted.sums.is_empty();
    let size = |bytes: u64| (wanted.name.clone(), wanted.version.clone(), bytes);
    if let Some(bytes) = dist.unpacked().filter(|_| is_believed && wanted.within.is_empty()) {
        return Ok(vec![size(bytes)]);
    }
    let address = match dist.tarball.as_str() {
        Some(written) => registry.address.archive(written).ok_or_else(not_followed)?,
        None => usual_archive(registry, wanted, version),
    };
    let sums = if wanted.sums.is_empty() { &said } else { &wanted.sums };
    let contents = contents(wire, registry, &address, sums)?;
    let mut sizes = vec![size(contents.own)];
    for (folder, bytes) in contents.bundled {
        match wanted.within.iter().find(|within| within.folder == folder) {
            Some(within) => sizes.push((within.name.clone(), within.version.clone(), bytes)),
            None => sizes[0].2 = sizes[0].2.saturating_add(bytes),
        }
    }
    Ok(sizes)
}

/// What the registry says of the archive of a version. Some registries have only a document of all versions.
fn dist(
    wire: &Wire<'_>,
    registry: &Registry,
    wanted: &Wanted,
    name: &str,
    version: &str,
) -> Result<Dist, Fault> {
    let unreadable = |_| Fault::Senseless("a document that cannot be read".to_owned());
    let address = registry.address.below(&format!("{name}/{version}"));
    match wire.document(registry, &address, "application/json", MAX_DOCUMENT) {
        Ok(document) => {
            serde_json::from_slice::<Version>(&document).map(|said| said.dist).map_err(unreadable)
        }
        Err(Fault::Status(400 | 404 | 405 | 501)) => {
            let list = wire.document(registry, &registry.address.below(name), SHORT, MAX_LIST)?;
            let mut list: List = serde_json::from_slice(&list).map_err(unreadable)?;
            list.versions.remove(&wanted.version).map(|said| said.dist).ok_or(Fault::Status(404))
        }
        Err(fault) => Err(fault),
    }
}

/// Where npm's registry has an archive.
fn usual_archive(registry: &Registry, wanted: &Wanted, version: &str) -> Address {
    let last = wanted.name.rsplit('/').next().unwrap_or(&wanted.name);
    registry.address.below(&format!("{}/-/{last}-{version}.tgz", wanted.name))
}

/// What an archive holds, read as it comes in, when it has the checksum that it should have.
fn contents(
    wire: &Wire<'_>,
    registry: &Registry,
    address: &Address,
    sums: &[Sum],
) -> Result<Contents, Fault> {
    let (body, from) = wire.archive(registry, address)?;
    let mut archive = Summed::new(body, sums);
    let contents = unpack(&mut archive);
    // What follows the last file counts for the checksum.
    let rest = io::copy(&mut archive, &mut io::sink());
    if archive.left == 0 {
        return Err(Fault::Senseless(format!("an archive of more than {} MiB", MAX_ARCHIVE >> 20)));
    }
    if let Some(error) = archive.error.take().or(rest.err()) {
        return Err(wire.broken_off(&from, Kind::Archive, error));
    }
    wire.answered(&from.host);
    if !archive.ends_as(sums) {
        return Err(Fault::Senseless("an archive of another checksum".to_owned()));
    }
    contents.ok_or_else(|| Fault::Senseless("an archive that cannot be read".to_owned()))
}

/// Reads on and adds up a checksum on the way.
struct Summed<R> {
    inner: R,
    sum: Option<Context>,
    left: u64,
    /// What went wrong first: whoever unpacks does not say.
    error: Option<io::Error>,
}

impl<R: Read> Summed<R> {
    fn new(inner: R, sums: &[Sum]) -> Summed<R> {
        let algorithm = sums.first().and_then(|sum| algorithm(sum.algorithm));
        Summed { inner, sum: algorithm.map(Context::new), left: MAX_ARCHIVE, error: None }
    }

    /// True when the sum comes to one of those of the strongest kind, or none is known.
    fn ends_as(self, sums: &[Sum]) -> bool {
        let Some((sum, strongest)) = self.sum.zip(sums.first()) else { return sums.is_empty() };
        let hex: String = sum.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        sums.iter().any(|sum| sum.algorithm == strongest.algorithm && sum.hex == hex)
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        match self.inner.read(&mut buffer[..room]) {
            Ok(count) => {
                self.left -= count as u64;
                if let Some(sum) = &mut self.sum {
                    sum.update(&buffer[..count]);
                }
                Ok(count)
            }
            Err(error) => {
                let again = io::Error::from(error.kind());
                self.error.get_or_insert(error);
                Err(again)
            }
        }
    }
}

fn algorithm(name: &str) -> Option<&'static Algorithm> {
    match name {
        "sha512" => Some(&digest::SHA512),
        "sha384" => Some(&digest::SHA384),
        "sha256" => Some(&digest::SHA256),
        "sha1" => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

/// Whether two lists of checksums are of one archive, by the strongest kind that both have; `None` when they have none.
fn agree(ours: &[Sum], theirs: &[Sum]) -> Option<bool> {
    let is_common = |sum: &&Sum| theirs.iter().any(|their| their.algorithm == sum.algorithm);
    let kind = ours.iter().find(is_common)?.algorithm;
    Some(ours.iter().filter(|sum| sum.algorithm == kind).any(|sum| theirs.contains(sum)))
}

/// The name of a package as a path: `name`, `@scope%2fname`.
fn path_of(name: &str) -> Option<String> {
    match name.strip_prefix('@') {
        Some(scoped) => {
            let (scope, name) = scoped.split_once('/')?;
            Some(format!("@{}%2f{}", encoded(scope)?, encoded(name)?))
        }
        None => encoded(name),
    }
}

/// A part of a path; `None` for what no registry has, and what would lead elsewhere.
fn encoded(part: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!'()*+".contains(&byte);
    let is_name =
        !part.is_empty() && part.len() <= 256 && !part.starts_with('.') && part.bytes().all(is_plain);
    is_name.then(|| part.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_lead_elsewhere() {
        assert_eq!(path_of("@a/b-c").as_deref(), Some("@a%2fb-c"));
        assert_eq!(path_of("lodash.merge").as_deref(), Some("lodash.merge"));
        assert_eq!(encoded("1.0.0-rc.1+x").as_deref(), Some("1.0.0-rc.1%2Bx"));
        for wrong in ["", "..", "a/b", "@a", "@a/b/c", "@/b", "a?b", "a#b", "a%2fb", "a b", "a\r\nb", "@../a"]
        {
            assert_eq!(path_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn checksums_are_compared_by_the_strongest_that_both_have() {
        let sum = |algorithm, hex: &str| Sum { algorithm, hex: hex.to_owned() };
        let ours = [sum("sha512", "a"), sum("sha1", "b")];
        assert_eq!(agree(&ours, &[sum("sha512", "a"), sum("sha1", "x")]), Some(true));
        assert_eq!(agree(&ours, &[sum("sha512", "x"), sum("sha1", "b")]), Some(false));
        assert_eq!(agree(&ours, &[sum("sha1", "b")]), Some(true));
        assert_eq!(agree(&ours, &[sum("sha256", "a")]), None);
        assert_eq!(agree(&[], &ours), None);
    }
}
