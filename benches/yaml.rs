//! YAML and JSON to a tree, in bytes a second: `cargo bench --bench yaml`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use plimsoll::source::FileId;
use plimsoll::syntax::tree::Schema;
use plimsoll::syntax::{json, yaml};

const SIZE: usize = 4 << 20;

fn main() {
    divan::main();
}

/// Manifests one after the other: comments, blocks, flow, every kind of scalar.
fn manifests() -> Arc<str> {
    let one = include_str!("../testdata/yaml/workload.yaml");
    let mut text = String::with_capacity(SIZE + one.len());
    while text.len() < SIZE {
        text.push_str("---\n");
        text.push_str(one);
    }
    text.into()
}

/// A lock file as npm writes them.
fn lock() -> Arc<str> {
    let mut text = "{\n  \"name\": \"shop\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n".to_owned();
    let mut number = 0;
    while text.len() < SIZE {
        let comma = if number == 0 { "" } else { ",\n" };
        write!(
            text,
            "{comma}    \"node_modules/package-{number}\": {{\n      \"version\": \"1.{number}.0\",\n      \"resolved\": \
             \"https://registry.example/package-{number}/-/package-{number}-1.{number}.0.tgz\",\n      \"integrity\": \
             \"sha512-{number:0>80}==\",\n      \"dev\": true,\n      \"dependencies\": {{\n        \"other\": \
             \"^1.0.0\"\n      }},\n      \"engines\": {{\n        \"node\": \">= 18\"\n      }}\n    }}"
        )
        .unwrap();
        number += 1;
    }
    text.push_str("\n  }\n}\n");
    text.into()
}

#[divan::bench]
fn yaml_to_tree(bencher: Bencher<'_, '_>) {
    let text = manifests();
    bencher
        .counter(BytesCount::of_str(&*text))
        .bench(|| yaml::parse(FileId(0), black_box(text.clone()), Schema::Kubernetes));
}

#[divan::bench]
fn json_to_tree(bencher: Bencher<'_, '_>) {
    let text = lock();
    bencher
        .counter(BytesCount::of_str(&*text))
        .bench(|| json::parse(FileId(0), black_box(text.clone()), json::Dialect::Strict));
}
