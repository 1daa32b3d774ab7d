//! Lock files that real package managers wrote, against what the managers list themselves. `scripts/make-lock-fixtures`
//! makes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll::facts::lock::{self, Flavour, Lack, Lock, LockedPackage, Target};
use plimsoll::facts::package::{Package, Range};
use plimsoll::source::FileId;
use plimsoll::syntax::json;

fn cases() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/locks");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 21, "fixtures are missing: {}", cases.len());
    cases
}

fn lock_of(case: &Path) -> (String, Arc<str>) {
    let found = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let path = found.into_iter().find(|path| lock::manager_of(&name(path)).is_some()).unwrap();
    (name(&path), fs::read_to_string(&path).unwrap().into())
}

fn package_at(path: &Path) -> Package {
    let text: Arc<str> = fs::read_to_string(path.join("package.json")).unwrap().into();
    let parsed = json::parse(FileId(1), text, json::Dialect::Strict);
    assert!(parsed.issues.is_empty());
    Package::read(&parsed.tree)
}

/// The lock file of a case, with the root's resolutions applied.
fn read(case: &Path) -> (Arc<str>, Lock) {
    let (name, text) = lock_of(case);
    let parsed = lock::read(FileId(0), &name, text.clone());
    assert!(parsed.issues.is_empty(), "{}: {:?}", case.display(), parsed.issues);
    let mut lock = parsed.tree;
    assert!(lock.complete && lock.flavour != Flavour::Unknown);
    lock.apply_resolutions(&package_at(case));
    (text, lock)
}

/// Folders of the packages of a case, from its own folder.
fn folders(case: &Path) -> Vec<String> {
    let members = ["packages/api", "packages/core"].into_iter().filter(|folder| case.join(folder).is_dir());
    std::iter::once("").chain(members).map(str::to_owned).collect()
}

fn counted<'a>(packages: impl Iterator<Item = &'a LockedPackage>, aliases: bool) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for package in packages {
        let name = package.alias.as_ref().filter(|_| aliases).unwrap_or(&package.name);
        *counts.entry(format!("{name}@{}", package.version.as_deref().unwrap_or("?"))).or_insert(0) += 1;
    }
    counts
}

#[test]
fn packages_are_those_that_the_manager_lists() {
    for case in cases() {
        let listing: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(case.join("listing.json")).unwrap()).unwrap();
        let counts = listing["counts"].as_str().unwrap();
        let (_, lock) = read(&case);
        let here = |package: &&LockedPackage| {
            !counts.starts_with("installed") || package.platform.allows("linux", "x64", "glibc")
        };
        let mut found = counted(lock.packages.iter().filter(here), listing["aliases"].as_bool().unwrap());
        if counts.ends_with("versions") {
            found.values_mut().for_each(|count| *count = 1);
        }
        let listed: BTreeMap<String, u64> = serde_json::from_value(listing["packages"].clone()).unwrap();
        assert_eq!(found, listed, "{}", case.display());
    }
}

#[test]
fn every_edge_is_answered() {
    for case in cases() {
        let (_, lock) = read(&case);
        let open: Vec<_> = lock.unresolved().map(|edge| format!("{}@{}", edge.name, edge.spec)).collect();
        assert!(open.is_empty(), "{}: {open:?}", case.display());
    }
}

#[test]
fn spans_hold_names() {
    for case in cases() {
        let (text, lock) = read(&case);
        for package in &lock.packages {
            let name = package.alias.as_ref().unwrap_or(&package.name);
            let written = &text[package.span.range()];
            assert!(written.contains(name.as_str()), "{}: {name} at {written:?}", case.display());
        }
        let edges = lock.packages.iter().flat_map(|package| &package.edges);
        for edge in edges.chain(lock.importers.iter().flat_map(|importer| &importer.edges)) {
            let written = text[edge.span.range()].trim_matches(['"', '\'']);
            assert_eq!(written, edge.name, "{}", case.display());
        }
    }
}

/// True when the version is in the range that is asked for; what is no range is not judged.
fn fits(spec: &str, found: &LockedPackage) -> bool {
    let range = spec.rsplit('@').next().and_then(Range::parse);
    let version: Vec<u64> =
        found.version.iter().flat_map(|text| text.split('.')).map(|part| part.parse().unwrap()).collect();
    range.is_none_or(|range| range.allows((version[0], version[1], version[2])))
}

#[test]
fn importers_get_what_package_json_asks_for() {
    for case in cases() {
        let (_, lock) = read(&case);
        for folder in folders(&case) {
            let package = package_at(&case.join(&folder));
            let importer = lock.importer(&folder, &package).unwrap();
            for item in &package.dependencies.items {
                let edge = importer.edges.iter().find(|edge| edge.name == item.value.name);
                let edge = edge.unwrap_or_else(|| panic!("{}: {}", case.display(), item.value.name));
                match lock.package(edge.target) {
                    Some(found) => {
                        assert_eq!(found.name, item.value.package_name(), "{}", case.display());
                        assert!(fits(&item.value.spec, found), "{}: {}", case.display(), found.key);
                    }
                    // yarn 1 does not record the packages of a workspace.
                    None if matches!(lock.flavour, Flavour::YarnClassic) => {
                        assert_eq!(edge.name, "@shop/core")
                    }
                    None => {
                        assert!(matches!(edge.target, Target::Importer(_)), "{}: {edge:?}", case.display())
                    }
                }
            }
        }
    }
}

#[test]
fn production_is_without_what_only_development_needs() {
    for case in cases() {
        let (_, lock) = read(&case);
        let folder = folders(&case).last().cloned().unwrap();
        let importer = lock.importer(&folder, &package_at(&case.join(&folder))).unwrap();
        let (without, with) = (lock.reach(&importer, false), lock.reach(&importer, true));
        let has = |reach: &lock::Reach, name: &str, version: &str| {
            lock.reached(reach, name).any(|package| package.version.as_deref() == Some(version))
        };
        // Both forms of the project have one package of this version for development, and ms for production.
        let (name, version) =
            if folder.is_empty() { ("esbuild", "0.19.12") } else { ("brace-expansion", "1.1.11") };
        assert!(has(&with, name, version) && has(&without, "ms", "2.1.3"), "{}", case.display());
        let shared =
            !folder.is_empty() && lock.packages.iter().filter(|package| package.name == name).count() == 1;
        assert!(shared || !has(&without, name, version), "{}", case.display());
        assert!(without.count() < with.count() || shared, "{}", case.display());
    }
}

#[test]
fn flags_of_the_manager_agree_with_the_walk() {
    for case in cases() {
        let (_, lock) = read(&case);
        let has_flags = matches!(lock.flavour, Flavour::Npm(_) | Flavour::Pnpm(5 | 6, _));
        if !has_flags || folders(&case).len() > 1 {
            continue;
        }
        let reach = lock.reach(&lock.importer("", &package_at(&case)).unwrap(), false);
        for (package, reached) in lock.packages.iter().zip(&reach.packages) {
            assert_eq!(!package.flags.dev, *reached, "{}: {}", case.display(), package.key);
        }
    }
}

#[test]
fn a_lock_file_agrees_with_its_package_until_one_of_them_changes() {
    for case in cases() {
        let (_, lock) = read(&case);
        let root = package_at(&case);
        for folder in folders(&case) {
            let package = package_at(&case.join(&folder));
            let member = |name: &str| name.starts_with("@shop/");
            assert_eq!(lock.disagreements(&folder, &package, &root, member), [], "{}", case.display());
        }
        if folders(&case).len() > 1 {
            continue;
        }
        let text = fs::read_to_string(case.join("package.json")).unwrap();
        let text: Arc<str> =
            text.replace("\"send\": \"0.18.0\"", "\"sent\": \"0.18.0\"").replace("2.6.9", "^4").into();
        let changed = Package::read(&json::parse(FileId(1), text.clone(), json::Dialect::Strict).tree);
        let found = lock.disagreements("", &changed, &root, |_| false);
        let lacks: Vec<(&str, &Lack)> = found.iter().map(|each| (each.name.as_str(), &each.lack)).collect();
        assert!(lacks.contains(&("sent", &Lack::NotLocked)), "{}: {lacks:?}", case.display());
        let at = found.iter().find(|each| each.name == "sent").unwrap();
        assert_eq!(&text[at.span.range()], "\"sent\"");
        match lock.flavour {
            Flavour::Npm(1) => {}
            Flavour::YarnClassic => assert!(lacks.contains(&("debug", &Lack::NotLocked))),
            _ => {
                assert!(
                    lacks
                        .iter()
                        .any(|(name, lack)| *name == "debug" && matches!(lack, Lack::OtherSpec { .. }))
                );
                assert!(lacks.contains(&("send", &Lack::Dropped)));
            }
        }
    }
}

#[test]
fn mutated_files_are_read_without_panic() {
    let rounds: usize =
        std::env::var("PLIMSOLL_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3000);
    let files: Vec<(String, Arc<str>)> = cases().iter().map(|case| lock_of(case)).collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    for round in 0..rounds {
        let (name, text) = &files[next(files.len())];
        // A window keeps a round short; every tenth takes the whole file.
        let window = if round % 10 == 0 { text.len() } else { 4096.min(text.len()) };
        let start = next(text.len() - window + 1);
        let mut bytes = text.as_bytes()[start..start + window].to_vec();
        for _ in 0..=next(8) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] = b"{}[]\":,\n -@/(\\\0\xc3"[next(16)],
                1 => drop(bytes.drain(at..(at + next(64)).min(bytes.len()))),
                2 => {
                    let piece = bytes[at..(at + next(64)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                bytes.push(b'{');
            }
        }
        let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
        let mut lock = lock::read(FileId(0), name, text.clone()).tree;
        let package = Package::read(&json::parse(FileId(0), text.clone(), json::Dialect::Comments).tree);
        lock.apply_resolutions(&package);
        for package in &lock.packages {
            assert!(text.get(package.span.range()).is_some(), "round {round}: a span that does not fit");
        }
        if let Some(importer) = lock.importer("", &package) {
            lock.reach(&importer, true);
        }
        lock.disagreements("", &package, &package, |_| false);
    }
}
