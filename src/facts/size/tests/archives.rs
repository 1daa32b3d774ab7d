//! Archives, as package managers keep them in their caches.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::super::contents::Contents;
use super::super::*;
use super::{npm_lock, tree};
use crate::facts::lock;
use crate::source::FileId;

fn header(path: &str, size: usize, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[148..156].fill(b' ');
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn entry(path: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(path, content.len(), kind);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn gzip(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    parts.iter().for_each(|part| encoder.write_all(part).unwrap());
    encoder.finish().unwrap()
}

fn contents(own: u64, bundled: &[(&str, u64)]) -> Contents {
    Contents { own, bundled: bundled.iter().map(|(path, bytes)| ((*path).to_owned(), *bytes)).collect() }
}

#[test]
fn archives_of_packages_are_added_up() {
    let long = format!("package/{}", "x".repeat(200));
    let record = format!("{} path={long}\n", long.len() + 10);
    let archive = gzip(&[
        entry("package/", b'5', b""),
        entry("package/a.js", b'0', b"12345"),
        entry("package/.//a.js", b'0', b"123"),
        entry("package/../a.js", b'0', b"123"),
        entry("package/link", b'2', b""),
        entry("PaxHeader", b'x', record.as_bytes()),
        entry("package/cut", b'0', b"1234567"),
        entry("package/node_modules/in/index.js", b'0', &[0; 600]),
        entry("stray", b'0', b"1"),
        vec![0; 1024],
    ]);
    assert_eq!(tarball::contents(archive.as_slice()), Some(contents(10, &[("node_modules/in", 600)])));
    let without_end = gzip(&[entry("p/a", b'0', b"12")]);
    assert_eq!(tarball::contents(without_end.as_slice()), Some(contents(2, &[])));
    for cut in [10, archive.len() / 2] {
        assert_eq!(tarball::contents(&archive[..cut]), None, "{cut}");
    }
    assert_eq!(tarball::contents(gzip(&[header("p/a", 0o7777777777, b'0')]).as_slice()), None);
    assert_eq!(tarball::contents(gzip(&[vec![b'x'; 512]]).as_slice()), None);
    assert_eq!(tarball::contents(&b"no archive"[..]), None);
}

/// A cache with one archive, and a lock file with the package of it.
fn npm_cache_with(archive: &[u8]) -> (TempDir, Lock) {
    // 64 bytes of zero.
    let folder = format!("_cacache/content-v2/sha512/00/00/{}", "0".repeat(124));
    let root = tree(&[]);
    fs::create_dir_all(root.path().join(&folder).parent().unwrap()).unwrap();
    fs::write(root.path().join(folder), archive).unwrap();
    let sum = format!("sha512-{}==", "A".repeat(86));
    let lock = npm_lock(&format!(
        r#"{{"lockfileVersion":3,"packages":{{"":{{}},
            "node_modules/a":{{"version":"1.0.0","integrity":"{sum}"}},
            "node_modules/a/node_modules/in":{{"version":"1.0.0","inBundle":true}},
            "node_modules/a/node_modules/in/node_modules/deep":{{"version":"1.0.0","inBundle":true}},
            "node_modules/a/node_modules/gone":{{"version":"1.0.0","inBundle":true}}
        }}}}"#
    ));
    (root, lock)
}

#[test]
fn caches_are_asked_by_the_checksum() {
    let (cache, lock) = npm_cache_with(&gzip(&[entry("p/a", b'0', b"12"), vec![0; 1024]]));
    let empty = tree(&[]);
    for folder in [cache.path().to_path_buf(), cache.path().join("_cacache")] {
        let caches = Caches { npm: Some(folder), ..Caches::default() };
        let size = Sizes::find(empty.path(), &lock, &caches, None).of(&lock, 0);
        assert_eq!(size, Some(Size { bytes: 2, copies: 1, source: Source::NpmCache }));
    }
    let list = r#"{"name":"a","files":{"a.js":{"size":7,"mode":420},"node_modules/x/b":{"size":1}}}"#;
    let store = tree(&[
        (&format!("v10/index/00/{}-a@1.0.0.json", "0".repeat(62)), list),
        (&format!("v3/files/00/{}-index.json", "0".repeat(126)), "{"),
    ]);
    let caches = Caches { pnpm: Some(store.path().to_path_buf()), ..Caches::default() };
    let size = Sizes::find(empty.path(), &lock, &caches, None).of(&lock, 0);
    assert_eq!(size, Some(Size { bytes: 8, copies: 1, source: Source::PnpmStore }));
    let old = Caches { pnpm: Some(store.path().join("v3")), ..Caches::default() };
    assert_eq!(Sizes::find(empty.path(), &lock, &old, None).of(&lock, 0), None);
}

/// A zip archive that holds nothing but its directory.
fn zip_of(members: &[(&str, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, size) in members {
        let mut entry = vec![0; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[24..28].copy_from_slice(&size.to_le_bytes());
        entry[28..30].copy_from_slice(&(path.len() as u16).to_le_bytes());
        entry.extend(path.as_bytes());
        bytes.extend(entry);
    }
    let mut end = vec![0; 22];
    end[..4].copy_from_slice(b"PK\x05\x06");
    end[10..12].copy_from_slice(&(members.len() as u16).to_le_bytes());
    end[12..16].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    bytes.extend(end);
    bytes
}

#[test]
fn archives_of_yarn_are_taken_by_name_and_version() {
    let text = "__metadata:\n  version: 8\n\n\"@a/b-c@npm:1\":\n  version: 1.0.0\n  resolution: \"@a/b-c@npm:1.0.0\"\n  checksum: 10c0/00\n  languageName: node\n  linkType: hard\n";
    let lock = lock::read(FileId(0), "yarn.lock", Arc::from(text)).tree;
    let root = tree(&[("package.json", "{}"), (".yarn/cache/.gitignore", "")]);
    let put = |hash: &str, name: &str, members: &[(&str, u32)]| {
        let file = root.path().join(format!(".yarn/cache/{name}-npm-1.0.0-{hash}-10c0.zip"));
        fs::write(file, zip_of(members)).unwrap();
    };
    let size = || Sizes::find(root.path(), &lock, &Caches::default(), None).of(&lock, 0);
    assert_eq!(size(), None);
    // Another package whose name makes the same file name.
    put("0", "@a-b-c", &[("node_modules/@a-b/c/package.json", 9)]);
    assert_eq!(size(), None);
    let folder = "node_modules/@a/b-c/";
    let members = ["", "package.json", "lib/", "lib/x.js"].map(|path| format!("{folder}{path}"));
    let members: Vec<(&str, u32)> = members.iter().map(String::as_str).zip([0, 3, 0, 4]).collect();
    put("1", "@a-b-c", &members);
    assert_eq!(size(), Some(Size { bytes: 7, copies: 1, source: Source::BerryCache }));
}

#[test]
fn broken_zip_archives_have_no_members() {
    let whole = zip_of(&[("node_modules/a/package.json", 1)]);
    let root = tree(&[]);
    let members = |bytes: &[u8]| {
        let path = root.path().join("x.zip");
        fs::write(&path, bytes).unwrap();
        zip::members(fs::File::open(&path).unwrap()).map(|members| members.len())
    };
    assert_eq!(members(&whole), Some(1));
    for at in 0..whole.len() {
        members(&whole[..at]);
        members(&whole[at..]);
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        members(&changed);
    }
    assert_eq!((members(b""), members(&whole[..40])), (None, None));
}

#[test]
fn bundled_packages_are_in_the_archive_of_their_holder() {
    let modules = "package/node_modules";
    let (cache, lock) = npm_cache_with(&gzip(&[
        entry("package/index.js", b'0', b"1"),
        entry(&format!("{modules}/in/index.js"), b'0', b"12"),
        entry(&format!("{modules}/in/node_modules/deep/index.js"), b'0', b"1234"),
        entry(&format!("{modules}/free/index.js"), b'0', b"12345678"),
        vec![0; 1024],
    ]));
    let caches = Caches { npm: Some(cache.path().to_path_buf()), ..Caches::default() };
    let sizes = Sizes::find(tree(&[]).path(), &lock, &caches, None);
    let bytes: Vec<Option<u64>> = (0..4).map(|at| sizes.of(&lock, at).map(|size| size.bytes)).collect();
    // The one that the lock file does not name belongs to the holder.
    assert_eq!(bytes, [Some(9), Some(2), Some(4), None]);
}

#[test]
fn mutated_archives_are_read_without_panic() {
    let plain: Vec<u8> = [
        entry("package/a.js", b'0', b"12345"),
        entry("PaxHeader", b'x', b"20 path=package/long\n12 size=123\n"),
        entry("package/b.js", b'L', b"package/other\0"),
        entry("package/node_modules/@s/in/index.js", b'0', &[0; 600]),
    ]
    .concat();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for _ in 0..2000 {
        let mut bytes = plain.clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            bytes[at] = b"\0 079@/\x80\xff\n="[next(10)];
        }
        // The sums of headers are made right again, so that what they say is believed.
        for block in bytes.chunks_exact_mut(512) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let archive = gzip(&[bytes]);
        tarball::contents(archive.as_slice());
        let mut broken = archive.clone();
        broken[next(archive.len())] ^= 1 << next(8);
        tarball::contents(broken.as_slice());
    }
}
