//! Any text is read as YAML and as JSON, and every node lies in it.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll::source::FileId;
use plimsoll::syntax::tree::{Schema, Tree};
use plimsoll::syntax::{json, yaml};

fn walk(tree: &Tree) {
    let mut open: Vec<_> = tree.roots().collect();
    while let Some(node) = open.pop() {
        assert!(tree.text.get(node.span().range()).is_some());
        let _ = node.value();
        open.extend(node.children());
    }
}

fuzz_target!(|text: &str| {
    walk(&yaml::parse(FileId(0), Arc::from(text), Schema::Kubernetes).tree);
    walk(&json::parse(FileId(0), Arc::from(text), json::Dialect::Comments).tree);
});
