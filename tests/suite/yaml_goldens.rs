//! YAML against what others read: the YAML test suite, and sigs.k8s.io/yaml as kubectl uses it.

use std::fmt::Write as _;
use std::path::Path;

use plimsoll::source::FileId;
use plimsoll::syntax::tree::{Kind, Ref, Schema, Style, Tree};
use plimsoll::syntax::{Parsed, limits, typed, yaml};
use serde_json::Value;

/// The cases of a fixture file; empty, and said so, where the fixtures are not laid out.
fn cases(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/yaml").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no {}", path.display());
        return Vec::new();
    };
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn parse(text: &str, schema: Schema) -> Parsed<Tree> {
    yaml::parse(FileId(0), text.into(), schema)
}

/// True when the text was refused: an equal key is a fault and still read.
fn is_refused(parsed: &Parsed<Tree>) -> bool {
    parsed.issues.iter().any(|issue| issue.related.is_empty())
}

#[test]
fn the_yaml_test_suite_gives_the_same_events() {
    // Under-indented flow: PyYAML and libyaml accept it, and so do Kubernetes and Compose.
    const ACCEPTED: [&str; 1] = ["9C9N"];
    let mut wrong = Vec::new();
    for case in cases("yaml-test-suite.jsonl") {
        let id = case["id"].as_str().unwrap();
        let text = case["yaml"].as_str().unwrap();
        let parsed = parse(text, Schema::Core);
        let must_fail = case["error"].as_bool().unwrap();
        if must_fail {
            if is_refused(&parsed) == ACCEPTED.contains(&id) {
                wrong.push(format!("{id}: refused is {}", is_refused(&parsed)));
            }
            continue;
        }
        let expected =
            case["events"].as_str().unwrap().replace("+DOC ---", "+DOC").replace("-DOC ...", "-DOC");
        let found = events(&parsed.tree);
        if is_refused(&parsed) || found != expected {
            wrong.push(format!("{id}: {:?}\n--- expected\n{expected}--- found\n{found}", parsed.issues));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The tree in the event notation of the YAML test suite.
fn events(tree: &Tree) -> String {
    let mut out = "+STR\n".to_owned();
    for document in &tree.documents {
        out.push_str("+DOC\n");
        match document.root {
            Some(root) => node_events(tree.at(root), &mut out),
            None => out.push_str("=VAL :\n"),
        }
        out.push_str("-DOC\n");
    }
    out + "-STR\n"
}

fn node_events(root: Ref<'_>, out: &mut String) {
    enum Step<'t> {
        Node(Ref<'t>),
        End(&'static str),
    }
    let mut pending = vec![Step::Node(root)];
    while let Some(step) = pending.pop() {
        let node = match step {
            Step::Node(node) => node,
            Step::End(end) => {
                out.push_str(end);
                continue;
            }
        };
        let written = &node.tree.text[node.span().range()];
        let (start, end) = match node.kind() {
            Kind::Sequence(is_flow) => (if is_flow { "+SEQ []" } else { "+SEQ" }, "-SEQ\n"),
            Kind::Mapping(is_flow) => (if is_flow { "+MAP {}" } else { "+MAP" }, "-MAP\n"),
            Kind::Scalar(..) => ("=VAL", ""),
            Kind::Alias(_) => {
                writeln!(out, "=ALI {written}").unwrap();
                continue;
            }
        };
        out.push_str(start);
        if let Some(props) = node.props() {
            if let Some((start, end)) = props.anchor_span {
                write!(out, " {}", &node.tree.text[start as usize..end as usize]).unwrap();
            }
            if let Some(tag) = &props.tag {
                write!(out, " <{tag}>").unwrap();
            }
        }
        if let Kind::Scalar(style, _) = node.kind() {
            let mark = match style {
                Style::Plain => ':',
                Style::Single => '\'',
                Style::Double => '"',
                Style::Literal => '|',
                Style::Folded => '>',
            };
            let text = node.str().unwrap().replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
            let text = text.replace('\u{8}', "\\b").replace('\r', "\\r");
            write!(out, " {mark}{text}").unwrap();
        }
        out.push('\n');
        pending.push(Step::End(end));
        let children: Vec<_> = node.children().collect();
        pending.extend(children.into_iter().rev().map(Step::Node));
    }
}

/// The documents as kubectl has them, or why it has none.
fn load(text: &str) -> Result<Vec<Value>, String> {
    let parsed = parse(text, Schema::Kubernetes);
    if let Some(issue) = parsed.issues.iter().find(|issue| issue.related.is_empty()) {
        return Err(issue.message.clone());
    }
    let document = |root: Option<_>| match root {
        Some(root) => typed::read(parsed.tree.at(root)).map_err(|error| error.message),
        None => Ok(Value::Null),
    };
    parsed.tree.documents.iter().map(|each| document(each.root)).collect()
}

/// Equal as Go sees it: beyond 2^53 its output is a float.
fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| is_equal(value, other)))
        }
        _ => left == right,
    }
}

#[test]
fn scalars_and_keys_mean_what_kubectl_reads() {
    let mut wrong = Vec::new();
    for case in cases("k8s-scalars.jsonl") {
        let text = case["doc"].as_str().unwrap();
        let found = load(text);
        let is_right = match case.get("k8s") {
            Some(expected) => {
                found.as_ref().is_ok_and(|found| found.len() == 1 && is_equal(&found[0], expected))
            }
            None => found.is_err(),
        };
        if !is_right {
            wrong.push(format!("{case}\n    found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn documents_mean_what_kubectl_reads() {
    const DIFFERENT: [&str; 2] = [
        // YAML 1.2 reads the key `001:db8:` in a flow sequence, libyaml a text.
        "flow_ipv6",
        // A byte-order mark inside of the stream is an error of YAML 1.2, and part of the key for libyaml.
        "bom_second_doc",
    ];
    let mut wrong = Vec::new();
    for case in cases("documents.jsonl") {
        let name = case["name"].as_str().unwrap();
        let text = case["yaml"].as_str().unwrap();
        let found = load(text);
        let is_right = match case.get("k8s") {
            Some(expected) => {
                found.as_ref().is_ok_and(|found| is_equal(&Value::Array(found.clone()), expected))
            }
            None => found.is_err(),
        };
        if is_right == DIFFERENT.contains(&name) {
            wrong.push(format!("{name}: {text:?}\n    found {found:?}\n    expected {:?}", case.get("k8s")));
        }
        // A key that a merge overrides is an error of kubectl's strict mode, and no equal key in the text.
        let merges = text.contains("<<");
        if case.get("k8s_strict_error").is_some()
            && !merges
            && parse(text, Schema::Kubernetes).issues.is_empty()
        {
            wrong.push(format!("{name}: no issue for an equal key"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_broken_document_takes_no_other_with_it() {
    for case in cases("recovery.jsonl") {
        let name = case["name"].as_str().unwrap();
        let text = case["yaml"].as_str().unwrap();
        let parsed = parse(text, Schema::Kubernetes);
        let complete: Vec<usize> =
            (0..parsed.tree.documents.len()).filter(|index| parsed.tree.documents[*index].complete).collect();
        let expected: Vec<usize> = case["ok_docs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|index| index.as_u64().unwrap() as usize)
            .collect();
        assert_eq!(complete, expected, "{name}: {:?}", parsed.issues);
        assert!(!parsed.issues.is_empty(), "{name}");
        for issue in &parsed.issues {
            let holder = parsed.tree.documents.iter().find(|document| {
                document.start <= issue.span.start && issue.span.start <= document.end && !document.complete
            });
            assert!(holder.is_some(), "{name}: {issue:?} lies in no broken document");
        }
        if let Some(line) = case["error_line"].as_u64() {
            let lines: Vec<u64> = parsed.issues.iter().map(|issue| line_of(text, issue.span.start)).collect();
            assert!(lines.contains(&line), "{name}: {lines:?}, not {line}");
        }
    }
}

fn line_of(text: &str, offset: u32) -> u64 {
    text[..offset as usize].matches('\n').count() as u64 + 1
}

#[test]
fn hostile_texts_are_read_or_refused_in_a_small_stack() {
    for case in cases("hostile.jsonl") {
        let name = case["name"].as_str().unwrap().to_owned();
        let expect = case["expect"].as_str().unwrap().to_owned();
        let mut text = String::new();
        for part in case["repeat"].as_array().unwrap() {
            text.push_str(&part[0].as_str().unwrap().repeat(part[1].as_u64().unwrap() as usize));
        }
        let judge = move || {
            let parsed = parse(&text, Schema::Kubernetes);
            let first = parsed.issues.first().map(|issue| (issue.rule, issue.message.clone(), issue.span));
            if expect.starts_with("error at depth") {
                assert_eq!(first.as_ref().unwrap().0, limits::UNREADABLE, "{name}: {first:?}");
                assert!(parsed.tree.len() < 1000, "{name}");
            } else if expect.starts_with("error at 1:4") {
                assert!(!parsed.tree.documents[0].complete, "{name}");
            } else if expect.starts_with("error") {
                assert!(first.is_some(), "{name}");
            } else if expect.contains("conversion") || expect == "same" {
                let root = parsed.tree.root().unwrap();
                assert!(parsed.tree.len() < 1000, "{name}: an alias is an edge");
                assert!(typed::read::<Value>(root).is_err(), "{name}");
            } else {
                let is_limit = first.as_ref().is_some_and(|(rule, _, _)| *rule == limits::UNREADABLE);
                assert!(first.is_none() || is_limit && expect.contains("limit"), "{name}: {first:?}");
                assert!(parsed.tree.root().is_some(), "{name}");
            }
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(judge).unwrap().join().unwrap();
    }
}
