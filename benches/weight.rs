//! Lock files of 2,500 packages and more to weights, step by step, with what each step allocates:
//! `cargo bench --bench weight`.

#![allow(missing_docs)]

use std::fmt::Write as _;
use std::sync::Arc;

use divan::{Bencher, black_box};
use plimsoll::facts::base_images::Libc;
use plimsoll::facts::lock::{self, Lock};
use plimsoll::model::weight::{Graph, Target, Weights, weigh};
use plimsoll::source::FileId;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const SIZES: [usize; 3] = [2_500, 10_000, 40_000];

fn main() {
    divan::main();
}

/// A lock file as npm writes them: 120 direct dependencies, three edges from each package, to others near and far.
fn text(packages: usize) -> Arc<str> {
    let mut text =
        "{\n  \"name\": \"shop\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n".to_owned();
    let direct: Vec<String> =
        (0..120).map(|number| format!("\"package-{}\": \"^1.0.0\"", number * packages / 120)).collect();
    let _ = write!(text, "      \"dependencies\": {{ {} }}\n    }}", direct.join(", "));
    for number in 0..packages {
        let needs = [number + 1, number * 7 + 3, number / 2].map(|other| other % packages);
        let _ = write!(
            text,
            ",\n    \"node_modules/package-{number}\": {{\n      \"version\": \"1.{number}.0\",\n      \"resolved\": \
             \"https://registry.example/package-{number}/-/package-{number}-1.{number}.0.tgz\",\n      \"integrity\": \
             \"sha512-{number:0>80}==\",\n      \"dependencies\": {{\n        \"package-{}\": \"^1.0.0\",\n        \
             \"package-{}\": \"^1.0.0\"\n      }},\n      \"optionalDependencies\": {{\n        \"package-{}\": \
             \"^1.0.0\"\n      }},\n      \"engines\": {{\n        \"node\": \">= 18\"\n      }}\n    }}",
            needs[0], needs[1], needs[2]
        );
    }
    text.push_str("\n  }\n}\n");
    text.into()
}

fn parsed(text: &Arc<str>) -> Lock {
    lock::read(FileId(0), "package-lock.json", text.clone()).tree
}

fn graph(lock: &Lock) -> Graph<'_> {
    let target = Target { os: "linux", cpu: "x64".to_owned(), libc: Some(Libc::Glibc), development: false };
    Graph::of(lock, &lock.importers[0], &target)
}

fn weights(graph: &Graph<'_>) -> Weights {
    weigh(graph, |package| Some(u64::from(package) * 100))
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher<'_, '_>, packages: usize) {
    let text = text(packages);
    bencher.bench(|| parsed(black_box(&text)));
}

#[divan::bench(args = SIZES)]
fn to_graph(bencher: Bencher<'_, '_>, packages: usize) {
    let lock = parsed(&text(packages));
    bencher.bench(|| graph(black_box(&lock)));
}

#[divan::bench(args = SIZES)]
fn to_weights(bencher: Bencher<'_, '_>, packages: usize) {
    let lock = parsed(&text(packages));
    let graph = graph(&lock);
    bencher.bench(|| weights(black_box(&graph)));
}

#[divan::bench(args = SIZES)]
fn whole(bencher: Bencher<'_, '_>, packages: usize) {
    let text = text(packages);
    bencher.bench(|| weights(&graph(&parsed(black_box(&text)))));
}
