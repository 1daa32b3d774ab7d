//! Dockerfiles to a tree (without the shell of RUN) and to stages, in bytes a second: `cargo bench --bench dockerfile`.

#![allow(missing_docs)]

use std::collections::BTreeMap;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use plimsoll::facts::image::fold;
use plimsoll::source::FileId;
use plimsoll::syntax::dockerfile::parse;

const SERVICE: &str = include_str!("../testdata/dockerfile/service.Dockerfile");
const HEREDOCS: &str = include_str!("../testdata/dockerfile/heredocs.Dockerfile");

fn main() {
    divan::main();
}

#[divan::bench(args = ["service", "heredocs"])]
fn tree(bencher: Bencher, name: &str) {
    let text = if name == "service" { SERVICE } else { HEREDOCS };
    bencher
        .counter(BytesCount::of_str(text))
        .bench(|| black_box(parse(FileId(0), black_box(text.as_bytes()))));
}

#[divan::bench]
fn stages(bencher: Bencher) {
    let tree = parse(FileId(0), SERVICE.as_bytes()).tree;
    bencher
        .counter(BytesCount::of_str(SERVICE))
        .bench(|| black_box(fold(black_box(&tree), &BTreeMap::new(), |_, _| None)));
}

/// One long file: many instructions, many continuations.
#[divan::bench]
fn long_tree(bencher: Bencher) {
    let text = SERVICE.repeat(1 << 10);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| black_box(parse(FileId(0), black_box(text.as_bytes()))));
}

/// Real files: those whose trees BuildKit gave, where the folder `shared` stands beside the repository.
#[divan::bench]
fn real_trees(bencher: Bencher) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/dockerfile/real/real.jsonl");
    let records = std::fs::read_to_string(path).unwrap_or_default();
    let input = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(record.get("input")?.as_str()?.to_owned())
    };
    let inputs: Vec<String> = records.lines().filter_map(input).collect();
    bencher.counter(BytesCount::new(inputs.iter().map(String::len).sum::<usize>())).bench(|| {
        for input in &inputs {
            black_box(parse(FileId(0), black_box(input.as_bytes())));
        }
    });
}
