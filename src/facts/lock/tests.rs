//! The traps of each format, one by one; whole files of real managers are in `tests/suite/locks.rs`.

use std::time::{Duration, Instant};

use super::*;
use crate::syntax::{Issue, json};

fn lock(name: &str, text: &str) -> (Lock, Vec<Issue>) {
    let parsed = read(FileId(0), name, text.into());
    (parsed.tree, parsed.issues)
}

/// A lock file without issues.
fn clean(name: &str, text: &str) -> Lock {
    let (lock, issues) = lock(name, text);
    assert!(issues.is_empty() && lock.complete, "{issues:?}");
    lock
}

fn package(text: &str) -> crate::facts::package::Package {
    crate::facts::package::Package::read(&json::parse(FileId(1), text.into(), json::Dialect::Strict).tree)
}

/// What the edge of this name leads to, as `name@version`.
fn answer(lock: &Lock, edges: &[Edge], name: &str) -> String {
    let edge = edges.iter().find(|edge| edge.name == name).expect("an edge of this name");
    match lock.package(edge.target) {
        Some(found) => format!("{}@{}", found.name, found.version.as_deref().unwrap_or("?")),
        None => format!("{:?}", edge.target),
    }
}

#[test]
fn npm_nested_duplicates_links_and_aliases() {
    let text = r#"{"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"a": "^1", "web": "*", "out": "file:../out", "x": "npm:@s/y@1", "f": "1"},
             "optionalDependencies": {"f": "1", "none": "1"}},
        "apps/web": {"name": "web", "dependencies": {"b": "^2"}, "devDependencies": {"a": "^2"}},
        "apps/web/node_modules/a": {"version": "2.0.0", "dev": true},
        "node_modules/web": {"resolved": "apps/web", "link": true},
        "node_modules/out": {"resolved": "../out", "link": true},
        "../out": {"dependencies": {"a": "*"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "^1"}, "hasInstallScript": true},
        "node_modules/a/node_modules/b": {"version": "1.0.0", "peerDependencies": {"p": "*", "q": "*"},
             "peerDependenciesMeta": {"q": {"optional": true}}},
        "node_modules/b": {"version": "2.0.0", "os": ["!win32"]},
        "node_modules/x": {"name": "@s/y", "version": "1.0.0"},
        "node_modules/f": {"version": "1.0.0", "optional": true}
    }}"#;
    let lock = clean("package-lock.json", text);
    assert_eq!(lock.packages.len(), 6);
    let root = &lock.importers[0];
    assert_eq!(answer(&lock, &root.edges, "a"), "a@1.0.0");
    assert_eq!(answer(&lock, &root.edges, "web"), "Importer(1)");
    assert_eq!(answer(&lock, &root.edges, "out"), "Importer(2)");
    assert_eq!(answer(&lock, &root.edges, "x"), "@s/y@1.0.0");
    assert_eq!(root.edges.iter().filter(|edge| edge.name == "f").count(), 1);
    let web = &lock.importers[1];
    assert_eq!(
        (answer(&lock, &web.edges, "a"), answer(&lock, &web.edges, "b")),
        ("a@2.0.0".into(), "b@2.0.0".into())
    );
    assert_eq!(answer(&lock, &lock.importers[2].edges, "a"), "Outside");
    let a = lock.named("a").find(|package| package.key == "node_modules/a").unwrap();
    assert!(a.flags.install_script);
    assert_eq!(answer(&lock, &a.edges, "b"), "b@1.0.0");
    let open: Vec<&str> = lock.unresolved().map(|edge| edge.name.as_str()).collect();
    assert_eq!(open, ["p"]);
}

#[test]
fn npm_1_finds_names_upwards_and_reads_aliases() {
    let text = r#"{"lockfileVersion": 1, "requires": true, "dependencies": {
        "a": {"version": "1.0.0", "requires": {"b": "^1", "c": "^1"}, "dependencies": {
            "b": {"version": "1.0.0", "requires": {"c": "^2"}, "dependencies": {"c": {"version": "2.0.0"}}}}},
        "b": {"version": "2.0.0", "dev": true},
        "c": {"version": "npm:@s/d@1.0.0"},
        "g": {"version": "git+ssh://git@host.example/g.git#abc", "from": "g@host"}
    }}"#;
    let lock = clean("package-lock.json", text);
    let a = lock.named("a").next().unwrap();
    assert_eq!(
        (answer(&lock, &a.edges, "b"), answer(&lock, &a.edges, "c")),
        ("b@1.0.0".into(), "@s/d@1.0.0".into())
    );
    let inner = lock.named("b").find(|package| package.version.as_deref() == Some("1.0.0")).unwrap();
    assert_eq!(answer(&lock, &inner.edges, "c"), "c@2.0.0");
    let git = lock.named("g").next().unwrap();
    assert!(git.version.is_none() && git.resolved.as_deref().unwrap().starts_with("git+ssh"));
    let root = lock.importer("", &package(r#"{"dependencies": {"b": "^2"}}"#)).unwrap();
    assert_eq!(answer(&lock, &root.edges, "b"), "b@2.0.0");
}

#[test]
fn shrinkwrap_and_hand_made_versions() {
    assert!(clean("npm-shrinkwrap.json", r#"{"lockfileVersion": 2, "packages": {"": {}}}"#).shrinkwrap);
    assert_eq!(clean("package-lock.json", r#"{"packages": {"": {}}}"#).flavour, Flavour::Npm(3));
    assert_eq!(clean("package-lock.json", r#"{"dependencies": {}}"#).flavour, Flavour::Npm(1));
    let (empty, issues) = lock("package-lock.json", "{}");
    assert!(!empty.complete && issues.len() == 1 && empty.flavour == Flavour::Unknown);
}

#[test]
fn a_bad_entry_costs_that_entry() {
    let text = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": 5, "node_modules/b": {"version": "1.0.0"}}}"#;
    let (lock, issues) = lock("package-lock.json", text);
    assert_eq!((lock.packages.len(), issues.len(), lock.complete), (1, 1, false));
    assert_eq!(&text[issues[0].span.range()], r#""node_modules/a": 5"#);
}

#[test]
fn berry_resolutions_patches_and_conditions() {
    let text = "__metadata:\n  version: 8\n\n\"a@npm:^1.0.0\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n  dependencies:\n    \
                b: \"npm:^1.0.0\"\n    c: \"npm:^1.0.0\"\n  peerDependencies:\n    p: \"*\"\n\n\"b@npm:2.0.0\":\n  version: 2.0.0\n  \
                resolution: \"b@npm:2.0.0\"\n  conditions: os=darwin\n\n\"c@patch:c@npm%3A^1.0.0#~/c.patch\":\n  version: 1.0.0\n  \
                resolution: \"c@patch:c@npm%3A1.0.0#~/c.patch::version=1.0.0&hash=1\"\n\n\"root@workspace:.\":\n  \
                version: 0.0.0-use.local\n  resolution: \"root@workspace:.\"\n  dependencies:\n    a: \"npm:^1.0.0\"\n";
    let mut lock = clean("yarn.lock", text);
    assert_eq!(lock.unresolved().count(), 2);
    let root = r#"{"dependencies": {"a": "^1.0.0"}, "resolutions": {"a/b": "2.0.0", "c@^1.0.0": "patch:c@npm%3A^1.0.0#~/c.patch"}}"#;
    lock.apply_resolutions(&package(root));
    assert_eq!(lock.unresolved().count(), 0);
    let a = lock.named("a").next().unwrap();
    assert_eq!(
        (answer(&lock, &a.edges, "b"), answer(&lock, &a.edges, "c")),
        ("b@2.0.0".into(), "c@1.0.0".into())
    );
    assert_eq!(answer(&lock, &a.edges, "p"), "Above");
    assert!(!lock.named("b").next().unwrap().platform.allows("linux", "x64", "glibc"));
}

#[test]
fn berry_importers_have_the_kinds_of_package_json() {
    let text = "__metadata:\n  version: 6\n\n\"a@npm:^1.0.0\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n\n\
                \"root@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"root@workspace:.\"\n  dependencies:\n    a: ^1.0.0\n";
    let lock = clean("yarn.lock", text);
    let importer = lock.importer("", &package(r#"{"devDependencies": {"a": "^1.0.0"}}"#)).unwrap();
    assert_eq!(importer.edges[0].kind, EdgeKind::Development);
    assert_eq!((lock.reach(&importer, false).count(), lock.reach(&importer, true).count()), (0, 1));
    assert!(lock.importer("nowhere", &package("{}")).is_none());
}

#[test]
fn pnpm_takes_the_last_document() {
    let text = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      tool:\n        specifier: 1.0.0\n        \
                version: 1.0.0\npackages:\n  tool@1.0.0:\n    resolution: {integrity: sha512-x}\nsnapshots:\n  tool@1.0.0: {}\n\
                ---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        \
                version: 1.0.0(p@2.0.0)\n  lib:\n    devDependencies:\n      root:\n        specifier: link:..\n        version: link:..\n\
                packages:\n  a@1.0.0:\n    resolution: {integrity: sha512-a}\n    peerDependencies:\n      p: '*'\n    libc: [musl]\n  \
                p@2.0.0:\n    resolution: {integrity: sha512-p}\n\
                snapshots:\n  a@1.0.0(p@2.0.0):\n    dependencies:\n      p: 2.0.0\n  p@2.0.0: {}\n";
    let lock = clean("pnpm-lock.yaml", text);
    let names: Vec<&str> = lock.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["a", "p"]);
    assert_eq!(answer(&lock, &lock.importers[0].edges, "a"), "a@1.0.0");
    assert_eq!(answer(&lock, &lock.importers[1].edges, "root"), "Importer(0)");
    assert_eq!(lock.packages[0].edges[0].kind, EdgeKind::Peer);
    assert_eq!(lock.packages[0].integrity.as_deref(), Some("sha512-a"));
    assert!(!lock.packages[0].platform.allows("linux", "x64", "glibc"));
}

#[test]
fn pnpm_names_of_repositories_and_folders() {
    let text = "lockfileVersion: '6.0'\ndependencies:\n  g:\n    specifier: github:u/g\n    version: github.com/u/g/abc\n  f:\n    \
                specifier: file:f\n    version: file:f\npackages:\n  github.com/u/g/abc:\n    resolution: {tarball: https://host.example/g}\n    \
                name: g\n    version: 1.2.3\n  file:f:\n    resolution: {directory: f, type: directory}\n    name: f\n";
    let lock = clean("pnpm-lock.yaml", text);
    assert_eq!(answer(&lock, &lock.importers[0].edges, "g"), "g@1.2.3");
    assert_eq!(answer(&lock, &lock.importers[0].edges, "f"), "f@?");
}

#[test]
fn bun_finds_names_upwards() {
    let text = r#"{"lockfileVersion": 1, "workspaces": {"": {"name": "root", "dependencies": {"a": "1"}},
        "packages/w": {"name": "@s/w", "dependencies": {"b": "2"}}}, "packages": {
        "@s/w": ["@s/w@workspace:packages/w"], "@s/w/b": ["b@2.0.0", "", {}, "sha512-x"],
        "a": ["a@1.0.0", "", {"dependencies": {"b": "1", "w": "*"}, "peerDependencies": {"q": "*"}, "optionalPeers": ["q"]}, "sha512-y"],
        "b": ["b@1.0.0", "", {"os": "!win32"}, "sha512-z"],
        "w": ["w@github:u/w#abc", {"dependencies": {"b": "1"}}, "u-w-abc"],
        "bad": [], }}"#;
    let (lock, issues) = lock("bun.lock", text);
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(answer(&lock, &lock.importers[1].edges, "b"), "b@2.0.0");
    let a = lock.named("a").next().unwrap();
    assert_eq!(
        (answer(&lock, &a.edges, "b"), answer(&lock, &a.edges, "w")),
        ("b@1.0.0".into(), "w@?".into())
    );
    assert_eq!(a.integrity.as_deref(), Some("sha512-y"));
    assert_eq!(lock.named("w").next().unwrap().resolved.as_deref(), Some("github:u/w#abc"));
    assert_eq!(lock.unresolved().count(), 0);
}

#[test]
fn a_binary_or_foreign_file_is_an_issue() {
    for name in ["bun.lockb", "Cargo.lock"] {
        let (lock, issues) = lock(name, "");
        assert_eq!((lock.complete, issues.len(), lock.packages.len()), (false, 1, 0), "{name}");
    }
}

/// Inputs that make careless readers walk the same bytes again and again.
#[test]
fn hostile_files_take_time_in_proportion() {
    let deep = "node_modules/a/".repeat(100_000);
    let wide: String = (0..40_000).map(|n| format!("\"n{n}\": \"*\",")).collect();
    let chain: String =
        (0..100).map(|n| format!("\"{}node_modules/z\": {{}},", "node_modules/a/".repeat(n))).collect();
    let peers: String = (0..2_000).map(|n| format!("      p{n}: '*'\n")).collect();
    let sets: String = (0..20_000).map(|n| format!("  a@1.0.0(q@{n}.0.0): {{}}\n")).collect();
    let folder = "f/".repeat(500_000);
    let links: String = (0..20_000).map(|n| format!("      l{n}:\n        version: link:../x\n")).collect();
    let files = [
        (
            "package-lock.json",
            format!(
                r#"{{"lockfileVersion": 3, "packages": {{"{deep}": {{"dependencies": {{{wide}"z": "*"}}}}}}}}"#
            ),
        ),
        (
            "package-lock.json",
            format!(
                r#"{{"lockfileVersion": 3, "packages": {{{chain} "{}a": {{"dependencies": {{{wide}"q": "*"}}}}}}}}"#,
                "node_modules/a/".repeat(60) + "node_modules/"
            ),
        ),
        (
            "package-lock.json",
            format!(
                r#"{{"lockfileVersion": 1, "dependencies": {}{}}}"#,
                r#"{"a": {"dependencies": "#.repeat(50_000),
                "}".repeat(100_000)
            ),
        ),
        (
            "pnpm-lock.yaml",
            format!(
                "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    peerDependencies:\n{peers}snapshots:\n{sets}"
            ),
        ),
        (
            "pnpm-lock.yaml",
            format!("lockfileVersion: '9.0'\nimporters:\n  {folder}:\n    dependencies:\n{links}"),
        ),
        ("yarn.lock", "\"a@^1\", ".repeat(200_000)),
        (
            "bun.lock",
            format!(
                r#"{{"lockfileVersion": 1, "packages": {{"{}": ["a@1", {{"dependencies": {{{wide}}}}}]}}}}"#,
                "a/".repeat(120)
            ),
        ),
    ];
    for (name, text) in files {
        let start = Instant::now();
        lock(name, &text);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(4), "{name}, {} bytes: {took:?}", text.len());
    }
}
