//! Graphs and weights: small ones by hand, many random ones against going through the lock file again without an entry.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::facts::base_images::Libc;
use crate::facts::lock::{self, EdgeKind, Importer, Lock};
use crate::source::FileId;

fn linux(development: bool) -> Target {
    Target { os: "linux", cpu: "x64".to_owned(), libc: Some(Libc::Glibc), development }
}

fn read(name: &str, text: &str) -> Lock {
    let parsed = lock::read(FileId(0), name, text.into());
    assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
    parsed.tree
}

/// A lock file of npm with these entries of its root and of its packages.
fn npm(root: &str, packages: &str) -> Lock {
    read(
        "package-lock.json",
        &format!(r#"{{"lockfileVersion": 3, "packages": {{"": {{{root}}}, {packages}}}}}"#),
    )
}

/// The bytes of a package are its patch version.
fn bytes(lock: &Lock) -> impl Fn(u32) -> Option<u64> {
    |package| lock.packages[package as usize].version.as_deref()?.rsplit('.').next()?.parse().ok()
}

/// `name own/saves/needs` of each direct dependency.
fn shown(graph: &Graph<'_>, weights: &Weights) -> Vec<String> {
    let line = |weight: &Weight| {
        let name = &graph.roots[weight.root].name;
        format!("{name} {}/{}/{}", weight.own, weight.saves, weight.needs)
    };
    weights.direct.iter().map(line).collect()
}

fn of(lock: &Lock, development: bool) -> (Graph<'_>, Weights) {
    let graph = Graph::of(lock, &lock.importers[0], &linux(development));
    let weights = weigh(&graph, bytes(lock));
    let held: u64 = weights.direct.iter().map(|weight| weight.saves).sum();
    assert_eq!(held + weights.pool, weights.total);
    (graph, weights)
}

#[test]
fn what_an_entry_saves_is_what_nothing_else_brings() {
    let lock = npm(
        r#""dependencies": {"a": "1", "b": "1", "d": "1"}, "devDependencies": {"t": "1"}"#,
        r#""node_modules/a": {"version": "0.0.1", "dependencies": {"c": "1", "s": "1"}},
           "node_modules/b": {"version": "0.0.2", "dependencies": {"s": "1", "d": "1"}},
           "node_modules/c": {"version": "0.0.4"},
           "node_modules/s": {"version": "0.0.8"},
           "node_modules/d": {"version": "0.0.16", "dependencies": {"e": "1"}},
           "node_modules/e": {"version": "0.0.32", "dependencies": {"d": "1"}},
           "node_modules/t": {"version": "0.0.64", "dev": true}"#,
    );
    let (graph, weights) = of(&lock, false);
    assert_eq!(shown(&graph, &weights), ["a 1/5/13", "b 2/2/58", "d 16/0/48"]);
    assert_eq!((weights.total, weights.pool, weights.packages, weights.pool_packages), (63, 56, 6, 3));
    let (graph, weights) = of(&lock, true);
    assert_eq!(shown(&graph, &weights).last().map(String::as_str), Some("t 64/64/64"));
    let why = why(&graph, "e");
    assert_eq!(why[0].chains, [vec!["d", "e"], vec!["b", "d", "e"]]);
    assert_eq!(why[0].dominator.and_then(|node| graph.name(node)), Some("d"));
    assert_eq!(super::why(&graph, "s")[0].dominator, None);
    assert!(super::why(&graph, "none").is_empty());
}

#[test]
fn optional_packages_for_other_systems_are_left_out_with_what_they_need() {
    let lock = npm(
        r#""dependencies": {"sharp": "1"}"#,
        r#""node_modules/sharp": {"version": "0.0.1", "optionalDependencies":
             {"linux": "1", "musl": "1", "darwin": "1"}},
           "node_modules/linux": {"version": "0.0.2", "optional": true, "os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]},
           "node_modules/musl": {"version": "0.0.4", "optional": true, "os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
           "node_modules/darwin": {"version": "0.0.8", "optional": true, "os": ["darwin"], "dependencies": {"lib": "1"}},
           "node_modules/lib": {"version": "0.0.16", "optional": true}"#,
    );
    assert_eq!(of(&lock, false).1.total, 3);
    let any = Target { libc: None, ..linux(false) };
    assert_eq!(weigh(&Graph::of(&lock, &lock.importers[0], &any), bytes(&lock)).total, 7);
    let arm = Target { cpu: "arm64".to_owned(), ..linux(false) };
    assert_eq!(weigh(&Graph::of(&lock, &lock.importers[0], &arm), bytes(&lock)).total, 1);
}

#[test]
fn peers_that_may_be_missing_hold_nothing_that_others_bring() {
    let lock = npm(
        r#""dependencies": {"knex": "1", "pg": "1", "react-dom": "1", "react": "1"}"#,
        r#""node_modules/knex": {"version": "0.0.1", "peerDependencies": {"pg": "*", "kept": "*"},
             "peerDependenciesMeta": {"pg": {"optional": true}, "kept": {"optional": true}}},
           "node_modules/pg": {"version": "0.0.2"},
           "node_modules/kept": {"version": "0.0.4", "optional": true, "peer": true},
           "node_modules/react-dom": {"version": "0.0.8", "peerDependencies": {"react": "*"}},
           "node_modules/react": {"version": "0.0.16"}"#,
    );
    let (graph, weights) = of(&lock, false);
    assert_eq!(shown(&graph, &weights), ["knex 1/5/5", "pg 2/2/2", "react-dom 8/8/24", "react 16/0/16"]);
}

#[test]
fn linked_packages_of_the_repository_weigh_nothing_and_bring_what_they_need() {
    let lock = npm(
        r#""dependencies": {"lib": "*", "b": "1"}"#,
        r#""packages/lib": {"name": "lib", "dependencies": {"a": "1", "root": "*"}, "devDependencies": {"b": "1"}},
           "node_modules/lib": {"resolved": "packages/lib", "link": true},
           "node_modules/root": {"resolved": "", "link": true},
           "node_modules/a": {"version": "0.0.1"},
           "node_modules/b": {"version": "0.0.2"}"#,
    );
    let (graph, weights) = of(&lock, false);
    assert_eq!(shown(&graph, &weights), ["lib 0/1/1", "b 2/2/2"]);
    assert_eq!((weights.packages, weights.direct[0].packages), (2, 1));
    assert_eq!(why(&graph, "a")[0].chains, [["lib", "a"]]);
}

#[test]
fn scopes_are_weighed_together_and_versions_side_by_side() {
    let lock = npm(
        r#""dependencies": {"@aws/s3": "1", "@aws/sqs": "1", "@one/x": "1", "typescript": "1"}"#,
        r#""node_modules/@aws/s3": {"version": "0.0.1", "dependencies": {"core": "1"}},
           "node_modules/@aws/sqs": {"version": "0.0.2", "dependencies": {"core": "1"}},
           "node_modules/@one/x": {"version": "0.0.4", "dependencies": {"ms": "1"}},
           "node_modules/@one/x/node_modules/ms": {"version": "0.0.8"},
           "node_modules/core": {"version": "0.0.16", "dependencies": {"ms": "1"}},
           "node_modules/ms": {"version": "0.0.32"},
           "node_modules/typescript": {"version": "0.0.x"}"#,
    );
    let (graph, weights) = of(&lock, false);
    assert_eq!(
        shown(&graph, &weights),
        ["@aws/s3 1/1/49", "@aws/sqs 2/2/50", "@one/x 4/12/12", "typescript 0/0/0"]
    );
    let [aws] = &weights.groups[..] else { panic!("{:?}", weights.groups) };
    assert_eq!((aws.name.as_str(), aws.saves, aws.packages), ("@aws", 51, 4));
    assert_eq!(
        weights.direct.iter().map(|weight| weight.group).collect::<Vec<_>>(),
        [Some(0), Some(0), None, None]
    );
    assert_eq!(weights.unknown.len(), 1);
    let [ms] = &duplicates(&graph, bytes(&lock))[..] else { panic!() };
    assert_eq!((ms.name, ms.bytes, &ms.versions[..]), ("ms", 8, &[("0.0.32", 1), ("0.0.8", 1)][..]));
}

#[test]
fn what_goes_with_a_name_is_known_where_all_of_it_is() {
    let packages = r#""node_modules/a": {"version": "0.0.1", "dependencies": {"c": "1", "s": "1"}},
        "node_modules/b": {"version": "0.0.2", "dependencies": {"s": "1", "x": "1"}},
        "node_modules/c": {"version": "0.0.4", "dependencies": {"b": "1"}},
        "node_modules/s": {"version": "0.0.8"},
        "node_modules/x": {"version": "0.0.unknown"}"#;
    let lock = npm(r#""dependencies": {"a": "1", "b": "1"}"#, packages);
    let of_all = |importers: &[Importer]| {
        let graph = Graph::of_all(&lock, importers, &linux(false));
        let saving = |(name, saving): (String, Saving)| (name, saving.packages, saving.bytes);
        savings(&graph, bytes(&lock)).into_iter().map(saving).collect::<Vec<_>>()
    };
    let one = lock.importers[0].clone();
    let brought = ("b".to_owned(), 0, Some(0));
    assert_eq!(of_all(std::slice::from_ref(&one)), [("a".to_owned(), 2, Some(5)), brought.clone()]);
    let only_b = Importer { edges: one.edges[1..].to_vec(), ..one.clone() };
    assert_eq!(of_all(&[only_b]), [("b".to_owned(), 3, None)]);
    // Two packages of one install that ask for the same: both let go of it.
    assert_eq!(of_all(&[one.clone(), one]), [("a".to_owned(), 2, Some(5)), brought]);
}

/// Numbers that only look random (the constants are those of Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A lock file with edges from anywhere to anywhere: cycles, shared packages, packages of other systems.
fn random(numbers: &mut Numbers) -> Lock {
    let count = 2 + numbers.below(24);
    let density = 1 + numbers.below(3);
    let asked = |numbers: &mut Numbers, most: u64| {
        let names: BTreeSet<u64> = (0..numbers.below(most + 1)).map(|_| numbers.below(count)).collect();
        let entries: Vec<String> = names.iter().map(|name| format!("\"{}\": \"1\"", called(*name))).collect();
        entries.join(", ")
    };
    let mut packages = String::new();
    for name in 0..count {
        let system =
            ["", "", "", r#""os": ["darwin"], "#, r#""os": ["!linux"], "#][numbers.below(5) as usize];
        let _ = write!(
            packages,
            r#"{}"node_modules/{}": {{{system}"version": "1.0.{}", "dependencies": {{{}}}, "optionalDependencies": {{{}}}, "peerDependencies": {{{}}}}}"#,
            if name == 0 { "" } else { ", " },
            called(name),
            numbers.below(1000),
            asked(numbers, density),
            asked(numbers, 1),
            asked(numbers, 1),
        );
    }
    let root = format!(
        r#""dependencies": {{{}}}, "optionalDependencies": {{{}}}, "devDependencies": {{{}}}"#,
        asked(numbers, 6),
        asked(numbers, 2),
        asked(numbers, 2)
    );
    npm(&root, &packages)
}

/// Some packages are of one scope.
fn called(number: u64) -> String {
    if number.is_multiple_of(3) { format!("@s/p{number}") } else { format!("p{number}") }
}

/// Bytes and number of what an importer without some of its entries gets, gone through again.
fn without(lock: &Lock, importer: &Importer, left_out: &dyn Fn(&str, EdgeKind) -> bool) -> (u64, usize) {
    let size = bytes(lock);
    let mut reached: BTreeSet<u32> = BTreeSet::new();
    let comes = |edge: &lock::Edge| {
        let lock::Target::Package(at) = edge.target else { return None };
        let fits = lock.packages[at as usize].platform.allows("linux", "x64", "glibc");
        (edge.kind != EdgeKind::Optional || fits).then_some(at)
    };
    let entries = importer.edges.iter().filter(|edge| !left_out(&edge.name, edge.kind));
    let mut open: Vec<u32> = entries.filter_map(comes).collect();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(lock.packages[at as usize].edges.iter().filter_map(comes));
        }
    }
    (reached.iter().filter_map(|at| size(*at)).sum(), reached.len())
}

#[test]
fn savings_are_what_leaving_an_entry_out_saves() {
    let rounds: u64 = std::env::var("PLIMSOLL_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(2000);
    let mut numbers = Numbers(20_261_121);
    for round in 0..rounds {
        let lock = random(&mut numbers);
        let development = round % 2 == 0;
        let dropped = move |kind: EdgeKind| kind == EdgeKind::Development && !development;
        let importer = &lock.importers[0];
        let (graph, weights) = of(&lock, development);
        let all = without(&lock, importer, &|_, kind| dropped(kind));
        assert_eq!((weights.total, weights.packages), all, "round {round}");
        for weight in &weights.direct {
            let root = &graph.roots[weight.root];
            let less = without(&lock, importer, &|name, kind| {
                dropped(kind) || (name == root.name && kind == root.kind)
            });
            let saved = (weight.saves, weight.packages);
            assert_eq!(saved, (all.0 - less.0, all.1 - less.1), "round {round}, {}", root.name);
            let alone = without(&lock, importer, &|name, kind| name != root.name || kind != root.kind);
            assert_eq!(weight.needs, alone.0, "round {round}, {}", root.name);
        }
        for group in &weights.groups {
            let less = without(&lock, importer, &|name, kind| dropped(kind) || name.starts_with("@s/"));
            assert_eq!((group.saves, group.packages), (all.0 - less.0, all.1 - less.1), "round {round}");
        }
        let pool: usize = weights.direct.iter().map(|weight| weight.packages).sum();
        assert_eq!(pool + weights.pool_packages, weights.packages);
    }
}
