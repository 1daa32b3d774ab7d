use super::*;
use crate::source::FileId;
use crate::syntax::tree::Schema;
use crate::syntax::{Parsed, json, yaml};

fn parsed(text: &str) -> Parsed<Tree> {
    match text.starts_with(['{', '[']) {
        true => json::parse(FileId(0), text.into(), json::Dialect::Comments),
        false => yaml::parse(FileId(0), text.into(), Schema::Kubernetes),
    }
}

/// The text after the edits that `make` gives for the node at `path`; `-` when it gives none.
fn edited(text: &str, path: &[&str], make: impl FnOnce(Ref<'_>) -> Option<Vec<Edit>>) -> String {
    let parsed = parsed(text);
    let node = parsed.tree.root().unwrap().at_path(path).unwrap();
    make(node).map_or("-".to_owned(), |edits| apply(text, &edits).unwrap())
}

fn insert(text: &str, path: &[&str], place: Place, key: &str, value: impl Into<New>) -> String {
    edited(text, path, |node| insert_entry(node, place, key, &value.into()))
}

fn put(text: &str, path: &[&str], value: impl Into<New>) -> String {
    edited(text, path, |node| replace_scalar(node, &value.into()))
}

#[test]
fn a_scalar_keeps_its_quotes_and_its_comment() {
    assert_eq!(put("a: 1 # one\n", &["a"], 2), "a: 2 # one\n");
    assert_eq!(put("a: 'x'\n", &["a"], "it's"), "a: 'it''s'\n");
    assert_eq!(put("a: \"x\"\n", &["a"], "y\n"), "a: \"y\\n\"\n");
    assert_eq!(put("a: x\n", &["a"], "yes"), "a: \"yes\"\n");
    assert_eq!(put("a: x\n", &["a"], "b: c"), "a: \"b: c\"\n");
    assert_eq!(put("a:\nb: 1\n", &["a"], true), "a: true\nb: 1\n");
    assert_eq!(put("- \n-\n", &["1"], 5), "- \n- 5\n");
    assert_eq!(put("a: |\n  x\n  y\nb: 1\n", &["a"], "z"), "a: z\nb: 1\n");
    assert_eq!(put("{\"a\": \"x\", \"b\": 1}", &["a"], "\"q\""), "{\"a\": \"\\\"q\\\"\", \"b\": 1}");
    assert_eq!(put("a: &x 1\nb: *x\n", &["a"], 2), "-", "the alias would change with it");
}

#[test]
fn an_entry_goes_in_at_the_indentation_of_its_siblings() {
    assert_eq!(
        insert("a:\n    b: 1 # c\nd: 2\n", &["a"], Place::Last, "e", 3),
        "a:\n    b: 1 # c\n    e: 3\nd: 2\n"
    );
    assert_eq!(insert("- a: 1\n  b: 2\n", &["0"], Place::First, "c", "x"), "- c: x\n  a: 1\n  b: 2\n");
    assert_eq!(insert("a:\r\n  b: 1\r\n", &["a"], Place::Last, "c", 2), "a:\r\n  b: 1\r\n  c: 2\r\n");
    assert_eq!(insert("a: 1", &[], Place::Last, "c", 2), "a: 1\nc: 2");
    assert_eq!(insert("a: {b: 1}\n", &["a"], Place::Last, "c", "x,y"), "a: {b: 1, c: \"x,y\"}\n");
    assert_eq!(insert("a: {}\n", &["a"], Place::Last, "c", true), "a: {c: true}\n");
    assert_eq!(insert("a: |\n  x\nb: 1\n", &[], Place::After(0), "c", 1), "a: |\n  x\nc: 1\nb: 1\n");
    assert_eq!(insert("a: |\n  x", &[], Place::Last, "c", 1), "-", "the block would get a line end");
    assert_eq!(insert("a: 1\n", &[], Place::Last, "a", 1), "-", "the key is there");
    let probe = New::Mapping(vec![
        (
            "httpGet".to_owned(),
            New::Mapping(vec![("path".to_owned(), "/ready".into()), ("port".to_owned(), 80.into())]),
        ),
        ("args".to_owned(), New::Sequence(vec!["a".into(), New::Mapping(vec![("b".to_owned(), 1.into())])])),
    ]);
    assert_eq!(
        insert("c:\n- name: web\n  image: x\n", &["c", "0"], Place::After(0), "probe", probe.clone()),
        "c:\n- name: web\n  probe:\n    httpGet:\n      path: /ready\n      port: 80\n    args:\n    - a\n    - b: 1\n  image: x\n"
    );
    assert_eq!(
        insert("{\n  \"a\": 1 // one\n}\n", &[], Place::Last, "p", New::Sequence(vec![1.into()])),
        "{\n  \"a\": 1, // one\n  \"p\": [\n    1\n  ]\n}\n"
    );
    assert_eq!(
        insert("{\n\t\"a\": {},\n\t\"b\": 1\n}\n", &["a"], Place::Last, "c", "x"),
        "{\n\t\"a\": {\n\t\t\"c\": \"x\"\n\t},\n\t\"b\": 1\n}\n"
    );
    assert_eq!(insert("{\"a\": {}}", &["a"], Place::Last, "c", 1), "{\"a\": {\"c\": 1}}");
    assert_eq!(
        insert("{\n  \"a\": 1,\n  \"b\": 2\n}", &[], Place::After(0), "c", 1),
        "{\n  \"a\": 1,\n  \"c\": 1,\n  \"b\": 2\n}"
    );
}

#[test]
fn an_item_goes_in_with_its_dash() {
    let item =
        |text: &str, path: &[&str], place| edited(text, path, |node| insert_item(node, place, &"new".into()));
    assert_eq!(
        item("a:\n- x\n- y # last\nb: 1\n", &["a"], Place::Last),
        "a:\n- x\n- y # last\n- new\nb: 1\n"
    );
    assert_eq!(item("a:\n  - x: 1\n    y: 2\n", &["a"], Place::First), "a:\n  - new\n  - x: 1\n    y: 2\n");
    assert_eq!(item("- - x\n  - y\n- z\n", &["0"], Place::After(0)), "- - x\n  - new\n  - y\n- z\n");
    assert_eq!(item("a: [x]\n", &["a"], Place::Last), "a: [x, new]\n");
    assert_eq!(item("a: []\n", &["a"], Place::Last), "a: [new]\n");
    assert_eq!(
        item("{\n  \"a\": [\n    \"x\"\n  ]\n}\n", &["a"], Place::Last),
        "{\n  \"a\": [\n    \"x\",\n    \"new\"\n  ]\n}\n"
    );
}

#[test]
fn what_is_removed_takes_its_line_along() {
    let entry = |text: &str, path: &[&str], key: &str| edited(text, path, |node| remove_entry(node, key));
    assert_eq!(entry("a: 1\n# b\nb: 2 # gone\nc: 3\n", &[], "b"), "a: 1\n# b\nc: 3\n");
    assert_eq!(entry("- a: 1\n  b: 2\n", &["0"], "a"), "- b: 2\n");
    assert_eq!(entry("a: 1\nb:\n  - x\n  - |\n    y\n", &[], "b"), "a: 1\n");
    assert_eq!(entry("a: 1\nb: 2", &[], "b"), "a: 1");
    assert_eq!(entry("a:\n  b: 1\nc: 2\n", &["a"], "b"), "a: {}\nc: 2\n");
    assert_eq!(entry("a: {b: 1, c: 2}\n", &["a"], "c"), "a: {b: 1}\n");
    assert_eq!(entry("a: {b: 1, c: 2}\n", &["a"], "b"), "a: {c: 2}\n");
    assert_eq!(entry("{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[], "b"), "{\n  \"a\": 1\n}\n");
    assert_eq!(entry("{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[], "a"), "{\n  \"b\": 2\n}\n");
    assert_eq!(entry("a: &x 1\nb: *x\n", &[], "a"), "-", "the alias would lead nowhere");
    let item = |text: &str, path: &[&str], at| edited(text, path, |node| remove_item(node, at));
    assert_eq!(item("a:\n- x\n- y: 1\n  z: 2\n- w\n", &["a"], 1), "a:\n- x\n- w\n");
    assert_eq!(item("a:\n- x\n", &["a"], 0), "a: []\n");
    assert_eq!(item("a: [1, 2]\n", &["a"], 0), "a: [2]\n");
    assert_eq!(item("- - 1\n  - 2\n", &["0"], 0), "- - 2\n");
}

#[test]
fn the_gate_refuses_what_changes_more() {
    let parsed = parsed("a: 1\nb: 2\n");
    let tree = &parsed.tree;
    let a = tree.root().unwrap().get("a").unwrap();
    let value = New::Int(5);
    let edit = |text: &str| vec![Edit { span: a.span(), text: text.to_owned() }];
    let pass =
        |text: &str| gate::pass(tree, edit(text), &Change::Replace { node: a.id, value: &value }).is_some();
    assert!(pass("5"));
    assert!(!pass("6"));
    assert!(!pass("5\nc: 6"));
    assert!(!pass("[5"));
}
