//! The central directory of a zip archive: names and unpacked sizes of what is in it, without opening any of it.
//!
//! Source: PKWARE's APPNOTE 6.3.10, 4.3.12 and 4.3.16. Archives of more than 4 GiB or 65,535 entries (zip64) are not read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// The record at the end, without the comment that may follow it.
const END: usize = 22;
const MAX_COMMENT: u64 = u16::MAX as u64;
const ENTRY: usize = 46;
/// Largest directory that is read, in bytes (64 MiB).
const MAX_DIRECTORY: u32 = 64 << 20;

/// A regular file in an archive.
pub(super) struct Member {
    /// Its path, as written.
    pub(super) path: String,
    /// Its unpacked bytes.
    pub(super) bytes: u64,
}

/// The regular files of an archive; `None` for what is none, or is cut short.
pub(super) fn members(mut file: File) -> Option<Vec<Member>> {
    let length = file.seek(SeekFrom::End(0)).ok()?;
    let tail = bytes_at(&mut file, length.saturating_sub(END as u64 + MAX_COMMENT), length)?;
    let at = (0..=tail.len().checked_sub(END)?).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06"))?;
    let end = &tail[at..];
    let (size, offset) = (u32_at(end, 12)?, u32_at(end, 16)?);
    if size > MAX_DIRECTORY {
        return None;
    }
    let start = u64::from(offset);
    let directory = bytes_at(&mut file, start, start + u64::from(size))?;
    let mut rest = directory.as_slice();
    let mut members = Vec::new();
    while !rest.is_empty() {
        let (member, length) = entry(rest)?;
        members.extend(member);
        rest = rest.get(length..)?;
    }
    (members.len() <= usize::from(u16_at(end, 10)?)).then_some(members)
}

/// The first entry and its length; folders and links are passed over.
fn entry(bytes: &[u8]) -> Option<(Option<Member>, usize)> {
    const LINK: u32 = 0o120_000;
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let size = u32_at(bytes, 24).filter(|size| *size != u32::MAX)?;
    let lengths = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
    let [name, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
    let is_link = (u32_at(bytes, 38)? >> 16) & 0o170_000 == LINK;
    let path = String::from_utf8_lossy(bytes.get(ENTRY..ENTRY + name)?).into_owned();
    let member = (!is_link && !path.ends_with('/')).then_some(Member { path, bytes: u64::from(size) });
    Some((member, ENTRY + name + extra + comment))
}

fn bytes_at(file: &mut File, start: u64, end: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(end.checked_sub(start)?).ok()?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    file.take(length as u64).read_to_end(&mut bytes).ok()?;
    (bytes.len() == length).then_some(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
