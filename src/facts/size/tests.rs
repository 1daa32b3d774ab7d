//! Small trees and archives made by hand; `tests/suite/weights.rs` reads what package managers installed.

mod archives;

use std::fs;
use std::sync::Arc;

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
fn an_entry_of_yarn_may_be_at_several_places() {
    let a = r#"{"name":"a","version":"1.0.0"}"#;
    let root = tree(&[
        ("node_modules/b/node_modules/a/package.json", a),
        ("node_modules/c/node_modules/a/package.json", r#"{"name":"a","version":"v1.0.0"}"#),
        ("node_modules/c/node_modules/a/built.node", "0123"),
    ]);
    let size = |name: &str, text: &str| {
        let lock = lock::read(FileId(0), name, Arc::from(text)).tree;
        Sizes::find(root.path(), &lock, &Caches::default(), None).of(&lock, 0)
    };
    let by_yarn = size("yarn.lock", "# yarn lockfile v1\n\na@^1:\n  version \"1.0.0\"\n");
    assert_eq!(by_yarn, Some(Size { bytes: 65, copies: 2, source: Source::Disk }));
    let by_npm =
        r#"{"lockfileVersion":3,"packages":{"":{},"node_modules/c/node_modules/a":{"version":"1.0.0"}}}"#;
    let by_npm = size("package-lock.json", by_npm);
    assert_eq!(by_npm, Some(Size { bytes: 35, copies: 1, source: Source::Disk }));
}

#[test]
fn every_row_of_the_table_is_readable() {
    assert!(table().rows.len() > 100 && table().seen.is_some());
    for row in &table().rows {
        assert!(measured(cell(row, 0).unwrap()).is_some_and(|size| size.bytes > 0), "{row:?}");
    }
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
