use super::*;
use crate::syntax::scalar::Value;
use crate::syntax::tree::{Ref, Style};

fn kubernetes(text: &str) -> Parsed<Tree> {
    parse(FileId(0), text.into(), Schema::Kubernetes)
}

fn slice<'t>(at: Ref<'t>) -> &'t str {
    &at.tree.text[at.span().range()]
}

#[test]
fn collections_cover_their_first_mark_to_their_last_child() {
    let text = "a:\n- 1\n-\n- &x !!str b\nb: &m\n  k: {x: [1, y: 2]}\nc: # none\n  - - 1\n    - z:\n";
    let parsed = kubernetes(text);
    assert_eq!(parsed.issues, []);
    let root = parsed.tree.root().unwrap();
    assert_eq!(slice(root), text.trim_end());
    assert_eq!(slice(root.get("a").unwrap()), "- 1\n-\n- &x !!str b");
    assert_eq!(slice(root.get("b").unwrap()), "k: {x: [1, y: 2]}");
    assert_eq!(slice(root.at_path(&["b", "k", "x"]).unwrap()), "[1, y: 2]");
    assert_eq!(slice(root.at_path(&["b", "k", "x", "1"]).unwrap()), "y: 2");
    assert_eq!(slice(root.get("c").unwrap()), "- - 1\n    - z:");
    assert_eq!(slice(root.at_path(&["c", "0", "1"]).unwrap()), "z:");
    let absent = root.at_path(&["a", "1"]).unwrap();
    assert_eq!((absent.str(), absent.value(), absent.span().is_empty()), (Some(""), Value::Null, true));
}

#[test]
fn a_merge_key_after_a_key_overrides_it_for_kubernetes_only() {
    let text = "b: &b {x: 1, z: 3}\nc:\n  x: 2\n  <<: *b\n";
    let x = |schema| {
        let parsed = parse(FileId(0), text.into(), schema);
        parsed.tree.root().unwrap().at_path(&["c", "x"]).unwrap().as_i64()
    };
    assert_eq!(x(Schema::Kubernetes), Some(1));
    assert_eq!(x(Schema::Compose), Some(2));
    let parsed = kubernetes(
        "a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\nd: {\"<<\": *a}\ne: {!!merge <<: *b}\n",
    );
    let root = parsed.tree.root().unwrap();
    assert_eq!(root.at_path(&["c", "x"]).unwrap().as_i64(), Some(1));
    assert_eq!(root.get("c").unwrap().entries().count(), 2);
    assert_eq!(root.at_path(&["d", "<<", "x"]).unwrap().as_i64(), Some(1));
    assert_eq!(root.at_path(&["e", "z"]).unwrap().as_i64(), Some(2));
}

#[test]
fn equal_keys_are_one_issue_with_two_places() {
    let parsed = kubernetes("yes: 1\ntrue: 2\n");
    assert_eq!(parsed.issues.len(), 1);
    assert_eq!((parsed.issues[0].span.start, parsed.issues[0].related[0].start), (7, 0));
    let root = parsed.tree.root().unwrap();
    assert_eq!(root.get("true").unwrap().as_i64(), Some(2));
    assert_eq!(root.entries().count(), 1);
}

#[test]
fn a_broken_document_costs_only_itself() {
    let parsed = kubernetes("a: 1\n---\nb: [1, 2\n---\nc: 3\n");
    let complete: Vec<_> = parsed.tree.documents.iter().map(|document| document.complete).collect();
    assert_eq!(complete, [true, false, true]);
    assert_eq!(parsed.issues.len(), 1);
    let documents = &parsed.tree.documents;
    let broken = documents[1].start..documents[1].end;
    assert!(broken.contains(&parsed.issues[0].span.start));
    let partial = parsed.tree.at(documents[1].root.unwrap());
    assert_eq!(partial.at_path(&["b", "0"]).unwrap().as_i64(), Some(1));
}

#[test]
fn a_quoted_text_may_go_on_left_of_its_key() {
    let text = "a:\n  b:\n    c: 'x\n    y'\n    d: \"p\nq\"\n    e: it's\n";
    let parsed = kubernetes(text);
    assert_eq!(parsed.issues, []);
    let root = parsed.tree.root().unwrap();
    let c = root.at_path(&["a", "b", "c"]).unwrap();
    assert_eq!((c.str(), slice(c)), (Some("x y"), "'x\n    y'"));
    let d = root.at_path(&["a", "b", "d"]).unwrap();
    assert_eq!((d.str(), slice(d)), (Some("p q"), "\"p\nq\""));
    assert_eq!(slice(root.at_path(&["a", "b", "e"]).unwrap()), "it's");
    assert_eq!(d.mapped().unwrap().span(2, 3).start as usize, text.find('q').unwrap());
}

#[test]
fn an_alias_is_an_edge_and_never_a_cycle() {
    let parsed = kubernetes("a: &a [x, *a]\nb: *a\nc: *none\n");
    let root = parsed.tree.root().unwrap();
    assert_eq!(root.at_path(&["b", "0"]).unwrap().as_str(), Some("x"));
    assert_eq!(root.at_path(&["b", "1"]).unwrap().value(), Value::Invalid);
    assert_eq!(parsed.issues.len(), 2);
    assert!(!parsed.tree.documents[0].complete);
    assert_eq!(root.get("b").unwrap().target().unwrap().document().unwrap().start, 0);
}

#[test]
fn manifests_in_json_are_json_unless_they_are_yaml() {
    let manifest = |text: &str| parse_manifest(FileId(0), text.into());
    assert_eq!(manifest("\n {\"a\": yes}").tree.root().unwrap().get("a").unwrap().as_bool(), Some(true));
    assert_eq!(manifest("{\"a\": 1}").tree.format, crate::syntax::tree::Format::Json);
    assert_eq!(manifest("{\"a\": }}").issues[0].rule, json::RULE);
    assert_eq!(manifest("a: {b: 'c'}\n").issues, []);
}

#[test]
fn limits_are_one_issue_each() {
    let limits = Limits { bytes: 40, depth: 3, nodes: 8, documents: 2, errors: 2 };
    let rules = |text: &str| -> Vec<_> {
        let parsed = parse_within(FileId(0), text.into(), Schema::Core, &limits);
        parsed.issues.into_iter().map(|issue| issue.rule).collect()
    };
    let unreadable = super::super::limits::UNREADABLE;
    assert_eq!(rules("[[[]]]"), [] as [&str; 0]);
    assert_eq!(rules("[[[[]]]]"), [unreadable]);
    assert_eq!(rules("[a,a,a,a,a,a,a,a]"), [unreadable]);
    assert_eq!(rules("---\na\n---\nb\n---\nc\n"), [unreadable]);
    assert_eq!(rules("---\n[\n---\n[\n---\n[\n"), [RULE, RULE, unreadable]);
    assert_eq!(rules(&" ".repeat(41)), [unreadable]);
}

#[test]
fn a_block_that_the_file_ends_in_gets_no_newline() {
    let value = |text: &str| {
        let parsed = kubernetes(text);
        let root = parsed.tree.root().unwrap();
        let value = root.get("a").unwrap();
        assert!(matches!(value.kind(), crate::syntax::tree::Kind::Scalar(Style::Literal, _)));
        value.str().unwrap().to_owned()
    };
    assert_eq!(value("a: |\n  x"), "x");
    assert_eq!(value("a: |\n  x\n"), "x\n");
    assert_eq!(value("a: |+\n  x\n\n"), "x\n\n");
}

/// Found by fuzzing: the sequence seems to start in the middle of the byte-order mark.
#[test]
fn a_sequence_behind_a_byte_order_mark() {
    for text in
        ["\u{feff}-\0\0", "\u{feff}- a", "\u{feff}-", "\u{feff}\u{feff}- a\n- b\n", "é- a\n-\u{feff}- b"]
    {
        for schema in [Schema::Kubernetes, Schema::Core] {
            let tree = parse(FileId(0), Arc::from(text), schema).tree;
            assert!(tree.roots().all(|root| text.get(root.span().range()).is_some()), "{text:?}");
        }
    }
}
