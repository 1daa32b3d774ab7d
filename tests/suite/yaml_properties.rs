//! What holds for every YAML and JSON text, however broken: no panic in a small stack, spans inside of the text, and
//! edits that change what they mean to and nothing else.

use crate::random::Random;
use std::path::Path;

use plimsoll::finding::Edit;
use plimsoll::source::{FileId, Span};
use plimsoll::syntax::edit::{self, New, Place};
use plimsoll::syntax::tree::{Format, Kind, NodeId, Ref, Schema, Tree};
use plimsoll::syntax::{Issue, Parsed, json, typed, yaml};
use serde_json::Value;

/// Our own inputs, and those of the YAML test suite where it is laid out.
fn inputs() -> (Vec<String>, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        std::fs::read_dir(root.join("testdata/yaml")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let own = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let suite = root.join("../shared/fixtures/yaml/yaml-test-suite.jsonl");
    let Ok(lines) = std::fs::read_to_string(&suite) else {
        eprintln!("skipped: no {}", suite.display());
        return (own, Vec::new());
    };
    let text = |line: &str| serde_json::from_str::<Value>(line).unwrap()["yaml"].as_str().unwrap().to_owned();
    (own, lines.lines().map(text).collect())
}

impl Random {
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A character boundary of the text.
    fn offset(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

const PIECES: [&str; 40] = [
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    ":",
    ": ",
    "- ",
    "-",
    "? ",
    "|",
    ">",
    "|2-\n",
    ">+\n",
    "\"",
    "'",
    "''",
    "\\",
    "#",
    " # c\n",
    "&a ",
    "*a",
    "!!str ",
    "!t ",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "~",
    "é",
    "\u{feff}",
    "\u{2028}",
    "\\u00e9",
    "// c\n",
];

fn mutate(text: &mut String, other: &str, random: &mut Random) {
    let (from, to) = (random.offset(text), random.offset(text));
    let range = from.min(to)..from.max(to).min(from.min(to) + 40);
    let range = range.start..(range.start..=range.end).rev().find(|end| text.is_char_boundary(*end)).unwrap();
    match random.below(6) {
        0 => text.replace_range(range, ""),
        1 => {
            let copy = text[range].to_owned();
            text.insert_str(from, &copy);
        }
        2 => text.truncate(from),
        3 => {
            let start = random.offset(other);
            let piece: String = other[start..].chars().take(60).collect();
            text.insert_str(from, &piece);
        }
        _ => text.insert_str(from, random.pick(&PIECES)),
    }
}

fn in_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

fn rounds() -> usize {
    std::env::var("PLIMSOLL_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000)
}

#[test]
fn mutated_texts_give_sound_trees_in_a_small_stack() {
    in_small_stack(|| {
        let (own, suite) = inputs();
        let seeds: Vec<&str> = own.iter().chain(&suite).map(String::as_str).collect();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for round in 0..rounds() {
            // Half of the rounds start from our own inputs, which have the shapes of real files.
            let seed = if round % 2 == 0 { &own[random.below(own.len())] } else { random.pick(&seeds) };
            let other = random.pick(&seeds);
            let mut text = seed.to_owned();
            for _ in 0..1 + random.below(4) {
                mutate(&mut text, other, &mut random);
            }
            let schema = [Schema::Kubernetes, Schema::Compose, Schema::Core][round % 3];
            check(&text, yaml::parse(FileId(0), text.as_str().into(), schema));
            let dialect = [json::Dialect::Strict, json::Dialect::Comments][round % 2];
            check(&text, json::parse(FileId(0), text.as_str().into(), dialect));
        }
    });
}

/// What holds for every tree.
fn check(text: &str, parsed: Parsed<Tree>) {
    let fits = |span: Span| text.get(span.range()).is_some();
    let Parsed { tree, issues } = &parsed;
    let is_partial = tree.documents.iter().any(|document| !document.complete);
    assert!(!is_partial || !issues.is_empty(), "cut without an issue: {text:?}");
    for Issue { span, related, message, .. } in issues {
        assert!(fits(*span) && related.iter().all(|span| fits(*span)), "{message} {span:?} of {text:?}");
    }
    for comment in &tree.comments {
        let comment = &text[comment.start as usize..comment.end as usize];
        assert!(comment.starts_with(['#', '/']), "{comment:?} of {text:?}");
    }
    for pair in tree.documents.windows(2) {
        assert!(pair[0].start <= pair[0].end && pair[0].end <= pair[1].start, "documents of {text:?}");
    }
    for node in tree.nodes().map(|id| tree.at(id)) {
        let span = node.span();
        assert!(fits(span) && fits(node.inner_span()), "{span:?} of {text:?}");
        assert!(span.contains(node.inner_span()), "{span:?} of {text:?}");
        let is_block = node.header_span().is_none_or(|header| text[header.range()].starts_with(['|', '>']));
        assert!(is_block, "{span:?} of {text:?}");
        let mut end = span.start;
        for child in node.children() {
            assert!(child.parent() == Some(node));
            assert!(
                child.span().start >= end && child.span().end <= span.end,
                "{:?} in {span:?} of {text:?}",
                child.span()
            );
            end = child.span().end;
        }
        if let Some(mapped) = node.mapped() {
            assert_eq!(Some(mapped.text.as_str()), node.str());
            assert!(fits(mapped.span(0, mapped.text.len())), "{text:?}");
        }
        if matches!(node.kind(), Kind::Mapping(_)) {
            for entry in node.entries() {
                let same = entry.key.key_text().map(|key| node.get(&key).map(|value| value.id));
                assert!(same.is_none_or(|found| found == Some(entry.value.id)), "{text:?}");
            }
        }
    }
    for root in tree.roots() {
        let _ = typed::read::<Value>(root);
        assert!(root.document().is_some_and(|document| document.root == Some(root.id)), "{text:?}");
    }
}

fn nth(tree: &Tree, index: usize) -> Option<Ref<'_>> {
    tree.nodes().nth(index).map(|id| tree.at(id))
}

#[test]
fn deep_and_looping_texts_cost_no_more_than_their_length() {
    in_small_stack(|| {
        for piece in ["[", "{a: ", "- ", "? ", "{", "[{a: ", "&a [", "!t - ", "'x ", "\"\\"] {
            let text = piece.repeat(100_000);
            let parsed = yaml::parse(FileId(0), text.as_str().into(), Schema::Kubernetes);
            assert!(parsed.tree.len() < 1500, "{piece:?}: {} nodes", parsed.tree.len());
            assert!(!parsed.issues.is_empty(), "{piece:?}");
            let parsed = json::parse(FileId(0), text.as_str().into(), json::Dialect::Strict);
            assert!(parsed.tree.len() < 1500 && !parsed.issues.is_empty(), "{piece:?}");
        }
    });
}

#[test]
fn the_deepest_text_that_is_read_is_read_as_a_value_in_a_small_stack() {
    in_small_stack(|| {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("[{a: ", "}]")] {
            let depth = 250 / open.matches(['[', '{']).count();
            let text = open.repeat(depth) + "1" + &close.repeat(depth);
            let parsed = yaml::parse(FileId(0), text.as_str().into(), Schema::Kubernetes);
            assert_eq!(parsed.issues, []);
            assert!(typed::read::<Value>(parsed.tree.root().unwrap()).is_ok());
        }
        // Through aliases a value may be deeper than any text.
        let level = |level: usize| format!("a{level}: &a{level} [*a{}]\n", level - 1);
        let text = "a0: &a0 1\n".to_owned() + &(1..2000).map(level).collect::<String>();
        let parsed = yaml::parse(FileId(0), text.as_str().into(), Schema::Kubernetes);
        let error = typed::read::<Value>(parsed.tree.root().unwrap()).unwrap_err();
        assert!(error.message.contains("deep"), "{error}");
    });
}

/// Where a node stands: keys and indexes from the root of its document.
fn path_of(node: Ref<'_>) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut node = node;
    while let Some(parent) = node.parent() {
        let index = parent.children().position(|child| child == node)?;
        steps.push(match parent.kind() {
            Kind::Mapping(_) if index % 2 == 1 => {
                Step::Key(parent.children().nth(index - 1)?.key_text()?.into_owned())
            }
            Kind::Mapping(_) => return None,
            _ => Step::Index(index),
        });
        node = parent;
    }
    steps.reverse();
    Some(steps)
}

enum Step {
    Key(String),
    Index(usize),
}

fn find<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

fn parse_as(text: &str, format: Format) -> Parsed<Tree> {
    match format {
        Format::Json => json::parse(FileId(0), text.into(), json::Dialect::Comments),
        Format::Yaml => yaml::parse(FileId(0), text.into(), Schema::Compose),
    }
}

fn format_of(text: &str) -> Format {
    if text.starts_with('{') { Format::Json } else { Format::Yaml }
}

/// Every document as a value; `None` where one has none (a key that is no text, infinity).
fn values(parsed: &Parsed<Tree>) -> Option<Vec<Value>> {
    let tree = &parsed.tree;
    let value = |root: Option<NodeId>| root.map_or(Some(Value::Null), |root| typed::read(tree.at(root)).ok());
    tree.documents.iter().map(|document| value(document.root)).collect()
}

fn scalars() -> Vec<(New, Value)> {
    let texts = [
        "x",
        "yes",
        "0644",
        "it's",
        "a: b",
        "two\nlines",
        "",
        " x ",
        "# c",
        "${VAR:-1}",
        "é𝄞",
        "[a, b]",
        "-",
        "~",
    ];
    let mut all: Vec<_> = texts.iter().map(|text| (New::from(*text), Value::from(*text))).collect();
    all.extend([
        (New::Null, Value::Null),
        (New::from(true), Value::from(true)),
        (New::from(-5), Value::from(-5)),
    ]);
    let nested = New::Mapping(vec![("k".to_owned(), New::Sequence(vec![1.into(), "b".into()]))]);
    all.push((nested, serde_json::json!({"k": [1, "b"]})));
    all
}

/// Applies one random edit and compares what is read with the model. True when an edit was given.
fn edit_once(text: &str, random: &mut Random) -> Option<bool> {
    let parsed = parse_as(text, format_of(text));
    let mut expected = values(&parsed)?;
    let node = nth(&parsed.tree, random.below(parsed.tree.len()))?;
    let path = path_of(node)?;
    let document = parsed
        .tree
        .documents
        .iter()
        .position(|document| node.document().map(|d| d.start) == Some(document.start))?;
    let target = find(&mut expected[document], &path)?;
    let (new, value) = scalars().swap_remove(random.below(scalars().len()));
    let edits: Option<Vec<Edit>> = match (node.kind(), random.below(2)) {
        (Kind::Scalar(..) | Kind::Alias(_), _) => {
            *target = value;
            edit::replace_scalar(node, &new)
        }
        (Kind::Mapping(_), 0) => {
            target.as_object_mut()?.insert("new key".to_owned(), value);
            let place = [Place::First, Place::Last, Place::After(0)][random.below(3)];
            edit::insert_entry(node, place, "new key", &new)
        }
        (Kind::Mapping(_), _) => {
            let keys: Vec<String> = target.as_object()?.keys().cloned().collect();
            let key = keys.get(random.below(keys.len()))?;
            target.as_object_mut()?.remove(key);
            edit::remove_entry(node, key)
        }
        (Kind::Sequence(_), 0) => {
            let index = random.below(node.children().count() + 1);
            target.as_array_mut()?.insert(index, value);
            let place = index.checked_sub(1).map_or(Place::First, Place::After);
            edit::insert_item(node, place, &new)
        }
        (Kind::Sequence(_), _) => {
            let index = random.below(node.children().count());
            (index < target.as_array()?.len())
                .then(|| target.as_array_mut().map(|items| items.remove(index)))?;
            edit::remove_item(node, index)
        }
    };
    let Some(edits) = edits else { return Some(false) };
    let after = edit::apply(text, &edits).unwrap();
    let found = values(&parse_as(&after, format_of(text)));
    assert_eq!(found.as_ref(), Some(&expected), "\n--- before\n{text}\n--- after\n{after}\n--- {edits:?}");
    Some(true)
}

#[test]
fn edits_change_the_value_that_is_meant_and_no_other() {
    let (own, suite) = inputs();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    // A merge key may hide what is edited: such mappings are for the tests of the view.
    let is_plain = |text: &&String| !text.contains("<<");
    let tries = rounds() / 5;
    for (texts, least) in [(&own, 0.85), (&suite, 0.5)] {
        let texts: Vec<&String> = texts
            .iter()
            .filter(is_plain)
            .filter(|text| parse_as(text, format_of(text)).issues.is_empty())
            .collect();
        if texts.is_empty() {
            continue;
        }
        let (mut given, mut refused) = (0, 0);
        for _ in 0..tries {
            match edit_once(texts[random.below(texts.len())], &mut random) {
                Some(true) => given += 1,
                Some(false) => refused += 1,
                None => {}
            }
        }
        let share = f64::from(given) / f64::from(given + refused);
        assert!(share >= least, "only {given} of {} edits were given", given + refused);
    }
}
