//! What a package's `.tgz` holds: the headers of a tar archive (ustar, pax, GNU long names) behind gzip. Only sizes and
//! names are kept.
//!
//! Sources: POSIX.1-2017 pax, GNU tar's manual; npm leaves out links and takes the first folder of each path away
//! (pacote, lib/fetcher.js).

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use rustc_hash::FxHashMap;

use super::contents::Contents;

const BLOCK: usize = 512;
/// Most bytes that an archive may unpack to (1 GiB): the largest packages have a fifth of it.
const MAX_UNPACKED: u64 = 1 << 30;
/// Most files of one package.
const MAX_FILES: usize = 500_000;
/// Longest pax header or name that is kept.
const MAX_EXTENSION: u64 = 1 << 20;

/// What a package's `.tgz` holds. `None` for what is none, is cut short or is too large.
pub fn contents(archive: impl Read) -> Option<Contents> {
    let mut archive = MultiGzDecoder::new(archive).take(MAX_UNPACKED);
    // A path that comes twice is written twice: the last one stays.
    let mut files: FxHashMap<String, u64> = FxHashMap::default();
    let mut said = Extension::default();
    let mut block = [0; BLOCK];
    loop {
        let is_read = fill(&mut archive, &mut block)?;
        if archive.limit() == 0 {
            return None;
        }
        // Some archives end without the blocks of zeros.
        if !is_read || block.iter().all(|byte| *byte == 0) {
            break;
        }
        let header = Header::read(&block)?;
        let is_extension = matches!(header.kind, b'x' | b'L');
        let size = said.size.filter(|_| !is_extension).unwrap_or(header.size);
        match header.kind {
            b'x' | b'L' if size > MAX_EXTENSION => return None,
            b'x' => said.read_pax(&extension(&mut archive, size)?),
            b'L' => said.path = Some(until_zero(&extension(&mut archive, size)?)),
            kind => {
                let path = said.path.take().unwrap_or(header.path);
                said = Extension::default();
                if let Some(path) = inner(&path).filter(|_| matches!(kind, b'0' | 0 | b'7')) {
                    files.insert(path, size);
                }
                pass(&mut archive, size.checked_next_multiple_of(BLOCK as u64)?)?;
            }
        }
        if files.len() > MAX_FILES {
            return None;
        }
    }
    let mut contents = Contents::default();
    files.iter().for_each(|(path, bytes)| contents.add(path, *bytes));
    Some(contents)
}

/// The path below the first folder, as it is written: `package/./a//b` is `a/b`. `None` when there is none, for folders and
/// for what leads out.
fn inner(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let is_file = parts.len() > 1 && !path.ends_with('/') && !parts.contains(&"..");
    is_file.then(|| parts[1..].join("/"))
}

/// What one header says.
struct Header {
    path: String,
    size: u64,
    kind: u8,
}

impl Header {
    fn read(block: &[u8; BLOCK]) -> Option<Header> {
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        let field: u64 = block[148..156].iter().map(|byte| u64::from(*byte)).sum();
        // The sum is made with spaces in its own place.
        if number(&block[148..156])? != sum - field + 8 * u64::from(b' ') {
            return None;
        }
        let name = until_zero(&block[..100]);
        let prefix =
            if &block[257..263] == b"ustar\0" { until_zero(&block[345..500]) } else { String::new() };
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        Some(Header { path, size: number(&block[124..136])?, kind: block[156] })
    }
}

/// A number in octal digits, or in base 256 when its first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |sum, byte| Some(sum.checked_mul(256)? + u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// What the entry before a file says of it.
#[derive(Default)]
struct Extension {
    path: Option<String>,
    size: Option<u64>,
}

impl Extension {
    /// Reads records of `<length> <key>=<value>\n`.
    fn read_pax(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| rest.get(space + 1..length)) else { return };
            let record = String::from_utf8_lossy(record);
            match record.trim_end_matches('\n').split_once('=') {
                Some(("path", path)) => self.path = Some(path.to_owned()),
                Some(("size", size)) => self.size = size.parse().ok(),
                _ => {}
            }
            rest = &rest[length.unwrap_or(rest.len())..];
        }
    }
}

/// Reads a block; false at the end of the archive.
fn fill(archive: &mut impl Read, block: &mut [u8; BLOCK]) -> Option<bool> {
    let first = io::copy(&mut archive.take(1), &mut &mut block[..1]).ok()?;
    if first == 0 {
        return Some(false);
    }
    archive.read_exact(&mut block[1..]).ok()?;
    Some(true)
}

/// The bytes of an entry, which fills whole blocks.
fn extension(archive: &mut impl Read, size: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    archive.read_exact(&mut bytes).ok()?;
    pass(archive, size.next_multiple_of(BLOCK as u64) - size)?;
    Some(bytes)
}

/// Passes over bytes.
fn pass(archive: &mut impl Read, count: u64) -> Option<()> {
    let passed = io::copy(&mut archive.take(count), &mut io::sink()).ok()?;
    (passed == count).then_some(())
}
