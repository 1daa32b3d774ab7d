//! Small trees and archives made by hand; `tests/suite/weights.rs` reads what package managers installed.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::disk::Installed;
use super::*;
use crate::facts::lock::{self, EdgeKind, Target};
use crate::source::FileId;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn walk(root: &TempDir) -> Installed {
    disk::walk(root.path(), std::iter::empty()).unwrap()
}

fn npm_lock(text: &str) -> Lock {
    lock::read(FileId(0), "package-lock.json", Arc::from(text)).tree
}

/// `name@version bytes` of each package, in order.
fn listed(installed: &Installed) -> Vec<String> {
    let line = |package: &disk::DiskPackage| {
        let bytes = package.bytes.map_or("?".to_owned(), |bytes| bytes.to_string());
        format!("{}@{} {bytes}", package.name, package.version.as_deref().unwrap_or("?"))
    };
    installed.packages.iter().map(line).collect()
}

#[test]
fn a_package_is_without_those_within_it() {
    let a = r#"{"name":"a","version":"1.0.0","dependencies":{"@s/b":"*","c":"*"},"peerDependencies":{"gone":"*"}}"#;
    let root = tree(&[
        ("package.json", r#"{"dependencies":{"a":"1"},"devDependencies":{"@s/b":"2"}}"#),
        ("node_modules/a/package.json", a),
        ("node_modules/a/lib/index.js", "12345"),
        ("node_modules/a/test/node_modules/fixture/package.json", "{}"),
        ("node_modules/a/node_modules/@s/b/package.json", r#"{"name":"@s/b","version":"1.0.0"}"#),
        ("node_modules/@s/b/package.json", r#"{"name":"@s/b","version":"2.0.0"}"#),
        ("node_modules/c/package.json", "not JSON"),
        ("node_modules/no-package/index.js", "1"),
        ("node_modules/.bin/a", "#!/bin/sh"),
    ]);
    let installed = walk(&root);
    let own = a.len() + 5 + 2;
    assert_eq!(
        listed(&installed),
        [
            "@s/b@2.0.0 33".to_owned(),
            format!("a@1.0.0 {own}"),
            "@s/b@1.0.0 33".to_owned(),
            "c@? 8".to_owned()
        ]
    );
    let found: Vec<(&str, EdgeKind, Target)> =
        installed.packages[1].edges.iter().map(|edge| (edge.name.as_str(), edge.kind, edge.target)).collect();
    assert_eq!(
        found,
        [
            ("@s/b", EdgeKind::Production, Target::Package(2)),
            ("c", EdgeKind::Production, Target::Package(3)),
            ("gone", EdgeKind::Peer, Target::Missing)
        ]
    );
    let root_asks: Vec<Target> = installed.importers[0].edges.iter().map(|edge| edge.target).collect();
    assert_eq!(root_asks, [Target::Package(1), Target::Package(0)]);
    assert_eq!(installed.path_of(&installed.packages[2]).unwrap(), "node_modules/a/node_modules/@s/b");
}

#[test]
fn nothing_installed_is_nothing() {
    let root = tree(&[("package.json", "{}"), ("node_modules/.cache/x", "1")]);
    assert!(disk::walk(root.path(), ["../..", "/", ""].into_iter()).is_none());
    assert!(disk::walk(&root.path().join("none"), std::iter::empty()).is_none());
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_never_out_of_the_root() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("x/package.json", r#"{"name":"x","version":"1.0.0"}"#)]);
    let root = tree(&[
        ("package.json", r#"{"dependencies":{"a":"1","x":"1","api":"1"}}"#),
        ("packages/api/package.json", r#"{"name":"api","dependencies":{"a":"1"}}"#),
        ("node_modules/.pnpm/a@1.0.0/node_modules/a/package.json", r#"{"name":"a","version":"1.0.0"}"#),
        ("node_modules/.pnpm/a@1.0.0/node_modules/a/big", "0123456789"),
    ]);
    let at = |path: &str| root.path().join(path);
    symlink(".pnpm/a@1.0.0/node_modules/a", at("node_modules/a")).unwrap();
    symlink("../../..", at("node_modules/.pnpm/a@1.0.0/node_modules/loop")).unwrap();
    symlink(".", at("node_modules/.pnpm/a@1.0.0/node_modules/a/self")).unwrap();
    symlink("dangling", at("node_modules/dangling")).unwrap();
    symlink(outside.path().join("x"), at("node_modules/x")).unwrap();
    symlink(outside.path(), at("node_modules/@scope")).unwrap();
    symlink("../packages/api", at("node_modules/api")).unwrap();
    let installed = walk(&root);
    assert_eq!(listed(&installed), ["a@1.0.0 40"]);
    let folders: Vec<&str> = installed.importers.iter().map(|importer| importer.folder.as_str()).collect();
    assert_eq!(folders, ["", "packages/api"]);
    let targets: Vec<Target> = installed.importers[0].edges.iter().map(|edge| edge.target).collect();
    // In the order of names: a, api, x.
    assert_eq!(targets, [Target::Package(0), Target::Importer(1), Target::Missing]);
}

#[cfg(unix)]
#[test]
fn links_to_one_file_count_each_and_once_for_the_disk() {
    let manifest = |name: &str| format!(r#"{{"name":"{name}","version":"1.0.0"}}"#);
    let root = tree(&[
        ("node_modules/a/package.json", &manifest("a")),
        ("node_modules/a/licence", "0123456789"),
        ("node_modules/b/package.json", &manifest("b")),
    ]);
    let at = |path: &str| root.path().join(path);
    fs::hard_link(at("node_modules/a/licence"), at("node_modules/a/copying")).unwrap();
    fs::hard_link(at("node_modules/a/licence"), at("node_modules/b/licence")).unwrap();
    let installed = walk(&root);
    assert_eq!(listed(&installed), ["a@1.0.0 50", "b@1.0.0 40"]);
    assert_eq!(installed.once, 40 + 30);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_listed_has_no_number() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&[
        ("node_modules/a/package.json", r#"{"name":"a","version":"1.0.0"}"#),
        ("node_modules/a/closed/x", "1"),
    ]);
    let closed = root.path().join("node_modules/a/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to root.
    let is_open = fs::read_dir(&closed).is_ok();
    let installed = walk(&root);
    assert!(is_open || (installed.packages[0].bytes.is_none() && !installed.complete));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn leftovers_are_those_of_native_builds() {
    let root = tree(&[
        ("node_modules/n/package.json", r#"{"name":"n","version":"1.0.0"}"#),
        ("node_modules/n/binding.gyp", "{}"),
        ("node_modules/n/deps/sqlite3/sqlite3.c", "0123456789"),
        ("node_modules/n/build/Release/n.node", "0123"),
        ("node_modules/n/build/Release/obj.target/n/main.o", "01234"),
        ("node_modules/n/build/Release/sqlite3.a", "0"),
        ("node_modules/n/lib/deps/x.js", "1"),
        ("node_modules/p/package.json", r#"{"name":"p","version":"1.0.0"}"#),
        ("node_modules/p/deps/x.o", "1"),
    ]);
    let leftovers: Vec<u64> = walk(&root).packages.iter().map(|package| package.build_leftovers).collect();
    assert_eq!(leftovers, [16, 0]);
}

const LOCKED: &str = r#"{"lockfileVersion":3,"packages":{
    "":{"dependencies":{"a":"1"}},
    "node_modules/a":{"version":"1.0.0"},
    "node_modules/b":{"version":"1.0.0"},
    "node_modules/b/node_modules/inner":{"version":"1.0.0","inBundle":true},
    "node_modules/lodash":{"version":"0.0.1"},
    "node_modules/../../etc":{"version":"1.0.0","integrity":"sha512-../../etc"}
}}"#;

#[test]
fn the_disk_is_asked_first_and_other_versions_are_not_taken() {
    let root = tree(&[
        ("node_modules/a/package.json", r#"{"name":"a","version":"1.0.1"}"#),
        (
            "node_modules/b/package.json",
            r#"{"name":"b","version":"1.0.0","bundleDependencies":["inner","free"]}"#,
        ),
        ("node_modules/b/node_modules/inner/package.json", r#"{"name":"inner","version":"1.0.0"}"#),
        ("node_modules/b/node_modules/free/package.json", r#"{"name":"free","version":"1.0.0"}"#),
    ]);
    let lock = npm_lock(LOCKED);
    let mut committed = Committed::default();
    ["a", "b", "inner"].iter().for_each(|name| committed.set(name, "1.0.0", 5));
    let sizes = Sizes::find(root.path(), &lock, &Caches::default(), Some(&committed));
    let all: Vec<u32> = (0..lock.packages.len() as u32).collect();
    sizes.read_ahead(&lock, &all);
    let of = |name: &str| {
        let at = lock.packages.iter().position(|package| package.name == name).unwrap();
        sizes.of(&lock, at as u32).map(|size| (size.bytes, size.source))
    };
    assert_eq!(of("a"), Some((5, Source::Committed)));
    // With the bundled package that the lock file does not name.
    assert_eq!(of("b"), Some((68 + 33, Source::Disk)));
    assert_eq!(of("inner"), Some((34, Source::Disk)));
    assert!(matches!(of("lodash"), Some((_, Source::Table { seen: Some(_), .. }))));
    assert_eq!(sizes.of(&lock, 99), None);
    assert_eq!(of("../../etc"), None);
}

#[test]
fn every_row_of_the_table_is_readable() {
    assert!(table().rows.len() > 100 && table().seen.is_some());
    for row in &table().rows {
        assert!(measured(cell(row, 0).unwrap()).is_some_and(|size| size.bytes > 0), "{row:?}");
    }
}

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
    assert_eq!(tarball::parts(archive.as_slice()), Some(Parts { own: 10, bundled: 600 }));
    let without_end = gzip(&[entry("p/a", b'0', b"12")]);
    assert_eq!(tarball::parts(without_end.as_slice()), Some(Parts { own: 2, bundled: 0 }));
    for cut in [10, archive.len() / 2] {
        assert_eq!(tarball::parts(&archive[..cut]), None, "{cut}");
    }
    assert_eq!(tarball::parts(gzip(&[header("p/a", 0o7777777777, b'0')]).as_slice()), None);
    assert_eq!(tarball::parts(gzip(&[vec![b'x'; 512]]).as_slice()), None);
    assert_eq!(tarball::parts(&b"no archive"[..]), None);
}

fn npm_cache_with(archive: &[u8]) -> (TempDir, Lock) {
    // 64 bytes of zero.
    let folder = format!("_cacache/content-v2/sha512/00/00/{}", "0".repeat(124));
    let root = tree(&[]);
    fs::create_dir_all(root.path().join(&folder).parent().unwrap()).unwrap();
    fs::write(root.path().join(folder), archive).unwrap();
    let sum = format!("sha512-{}==", "A".repeat(86));
    let lock = npm_lock(&format!(
        r#"{{"lockfileVersion":3,"packages":{{"":{{}},"node_modules/a":{{"version":"1.0.0","integrity":"{sum}"}}}}}}"#
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
        assert_eq!(size, Some(Size { bytes: 2, source: Source::NpmCache }));
    }
    let list = r#"{"name":"a","files":{"a.js":{"size":7,"mode":420},"node_modules/x/b":{"size":1}}}"#;
    let store = tree(&[
        (&format!("v10/index/00/{}-a@1.0.0.json", "0".repeat(62)), list),
        (&format!("v3/files/00/{}-index.json", "0".repeat(126)), "{"),
    ]);
    let caches = Caches { pnpm: Some(store.path().to_path_buf()), ..Caches::default() };
    let size = Sizes::find(empty.path(), &lock, &caches, None).of(&lock, 0);
    assert_eq!(size, Some(Size { bytes: 7, source: Source::PnpmStore }));
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
    assert_eq!(size(), Some(Size { bytes: 7, source: Source::BerryCache }));
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
fn committed_sizes_are_read_and_written() {
    let mut committed = Committed::default();
    committed.set("b", "1.0.0", 2);
    committed.set("@s/a", "1.0.0", 1);
    let text = committed.text();
    assert_eq!(
        text,
        "{\n  \"version\": 1,\n  \"packages\": {\n    \"@s/a@1.0.0\": 1,\n    \"b@1.0.0\": 2\n  }\n}\n"
    );
    let again = Committed::read(FileId(0), text.into());
    assert_eq!((again.tree, again.issues.len()), (committed, 0));
    let empty = Committed::default();
    assert_eq!(Committed::read(FileId(0), empty.text().into()).tree, empty);
}

#[test]
fn faults_of_committed_sizes_have_places() {
    let text =
        r#"{"version": 1, "packages": {"a@1.0.0": 5, "b": 1, "@s/c": 1, "d@1": -1, "e@1": "x", "f@1": 1.5}}"#;
    let read = Committed::read(FileId(0), text.into());
    let places: Vec<&str> = read.issues.iter().map(|issue| &text[issue.span.range()]).collect();
    assert_eq!(places, ["\"b\": 1", "\"@s/c\": 1", "\"d@1\": -1", "\"e@1\": \"x\"", "\"f@1\": 1.5"]);
    assert_eq!((read.tree.of("a", "1.0.0"), read.tree.count()), (Some(5), 1));
    for broken in ["", "[]", "{}", r#"{"version":2,"packages":{}}"#, r#"{"version":1,"packages":[]}"#, "{"] {
        let read = Committed::read(FileId(0), broken.into());
        assert!(!read.issues.is_empty() && read.tree.count() == 0, "{broken}");
    }
}
