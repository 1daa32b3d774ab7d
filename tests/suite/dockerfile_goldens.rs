//! Every golden of BuildKit's own parser: the fixtures of `../shared` when they are there, and our own cases in
//! `testdata/dockerfile`. There is no list of allowed differences.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::source::FileId;
use plimsoll::syntax::Parsed;
use plimsoll::syntax::dockerfile::{Args, Dockerfile, Flag, Instruction, JsonItem, Keyword, parse};
use serde_json::Value;

/// The shared fixtures; `None`, and a line that says so, when they are absent.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/dockerfile")).join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// The records of a file of goldens, each with its input.
pub(crate) fn records(path: &Path) -> Vec<(Value, Vec<u8>)> {
    let folder = path.parent().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let record = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let input = if let Some(input) = record["input"].as_str() {
            input.as_bytes().to_vec()
        } else if let Some(input) = record["input_base64"].as_str() {
            base64(input)
        } else {
            fs::read(folder.join(record["path"].as_str().unwrap())).unwrap()
        };
        (record, input)
    };
    text.lines().map(record).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// BuildKit's `nodeArgs` of our arguments.
fn args(args: &Args) -> Vec<String> {
    let json = |items: &[JsonItem]| items.iter().map(|item| item.text.text.clone()).collect();
    match args {
        Args::None => Vec::new(),
        Args::Json(items) => json(items),
        Args::Words(words) => words.iter().map(|word| word.value.clone()).collect(),
        Args::Text(text) => vec![text.text.clone()],
        Args::Pairs(pairs) => {
            let value = |pair: &plimsoll::syntax::dockerfile::Pair| {
                let value = pair.value.as_ref().map(|value| value.value.clone());
                vec![pair.name.value.clone(), value.unwrap_or_default(), "=".to_owned()]
            };
            pairs.iter().flat_map(value).collect()
        }
        Args::LegacyPair(pair) => {
            let value = pair.value.as_ref().map(|value| value.value.clone());
            vec![pair.name.value.clone(), value.unwrap_or_default(), String::new()]
        }
        Args::Health(word, rest) => {
            let mut all = vec![word.value.clone()];
            all.extend(self::args(rest));
            all
        }
        Args::Sub(trigger) => {
            let mut all = Vec::new();
            for (name, flags) in &trigger.chain {
                all.push(name.value.clone());
                all.extend(flags.iter().map(|flag| flag.text.clone()));
            }
            all.push(trigger.instruction.name.value.clone());
            all.extend(trigger.instruction.flags.iter().map(|flag| flag.text.clone()));
            all.extend(node_args(&trigger.instruction));
            all
        }
    }
}

pub(crate) fn node_args(instruction: &Instruction) -> Vec<String> {
    match (&instruction.keyword, &instruction.args) {
        (Keyword::Unknown, _) => vec![String::new()],
        (Keyword::Arg, Args::Pairs(pairs)) => {
            let text = |pair: &plimsoll::syntax::dockerfile::Pair| match &pair.value {
                Some(value) => format!("{}={}", pair.name.value, value.value),
                None => pair.name.value.clone(),
            };
            pairs.iter().map(text).collect()
        }
        (_, all) => args(all),
    }
}

/// A flag that BuildKit widened byte by byte, as the text that its bytes are.
fn narrowed(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character as u32).ok()).collect();
    let Some(bytes) = bytes else { return text.to_owned() };
    let mut narrowed = String::new();
    for chunk in bytes.utf8_chunks() {
        narrowed.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| narrowed.push('\u{fffd}'));
    }
    narrowed
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn compare(node: &Value, instruction: &Instruction, differ: &mut impl FnMut(&str, String, String)) {
    let mut same = |what: &str, theirs: String, ours: String| {
        if theirs != ours {
            differ(what, theirs, ours);
        }
    };
    same("keyword", node["kw"].as_str().unwrap().to_owned(), instruction.name.value.to_uppercase());
    let theirs: Vec<String> = strings(&node["flags"]).iter().map(|flag| narrowed(flag)).collect();
    let ours: Vec<String> = instruction.flags.iter().map(|flag: &Flag| flag.text.clone()).collect();
    same("flags", format!("{theirs:?}"), format!("{ours:?}"));
    same("args", format!("{:?}", strings(&node["args"])), format!("{:?}", node_args(instruction)));
    let json = match &instruction.args {
        Args::Health(_, rest) => matches!(**rest, Args::Json(_)),
        args => matches!(args, Args::Json(_)),
    };
    same("json", node["json"].as_bool().unwrap_or(false).to_string(), json.to_string());
    same("start", node["start"].to_string(), instruction.first_line.to_string());
    same("end", node["end"].to_string(), instruction.last_line.to_string());
    let theirs: Vec<String> = node["heredocs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|heredoc| {
            let content = heredoc["content"].as_str().unwrap();
            let name = heredoc["name"].as_str().unwrap();
            format!("{name:?} {} {} {} {content:?}", heredoc["expand"], heredoc["chomp"], heredoc["fd"])
        })
        .collect();
    let ours: Vec<String> = instruction
        .heredocs
        .iter()
        .map(|heredoc| {
            let content = &heredoc.body.text;
            format!("{:?} {} {} {} {content:?}", heredoc.name, heredoc.expand, heredoc.chomp, heredoc.fd)
        })
        .collect();
    same("heredocs", format!("{theirs:?}"), format!("{ours:?}"));
}

/// What differs between a golden and our reading, one line each.
fn differences(record: &Value, input: &[u8]) -> Vec<String> {
    let Parsed { tree, issues } = parse(FileId(0), input);
    let mut found = Vec::new();
    let refused = issues.iter().find(|issue| issue.rule == "dockerfile/syntax");
    let ok = record["ok"] == true && record["instr_ok"] == true;
    match refused {
        None if !ok => found.push(format!("no issue: {} {}", record["err"], record["instr_err"])),
        Some(issue) if ok => found.push(format!("an issue too much: {}", issue.message)),
        _ => {}
    }
    if record["ok"] == true {
        nodes(record, &tree, &mut found);
    }
    found
}

fn nodes(record: &Value, tree: &Dockerfile, found: &mut Vec<String>) {
    let nodes = record["nodes"].as_array().unwrap();
    if nodes.len() != tree.instructions.len() {
        found.push(format!("{} instructions for {}", tree.instructions.len(), nodes.len()));
    }
    if record["escape"].as_str() != Some(&*tree.escape.to_string()) {
        found.push(format!("escape {:?} for {}", tree.escape, record["escape"]));
    }
    let warnings = record["warn"].as_array().map_or(0, Vec::len);
    let empty = tree.instructions.iter().filter(|instruction| !instruction.empty_lines.is_empty()).count();
    if warnings != empty {
        found.push(format!("{empty} empty continuations for {warnings}"));
    }
    for (name, value) in record["directives"].as_object().into_iter().flatten() {
        let ours = tree.directives.iter().find(|directive| directive.name == *name);
        if ours.map(|directive| directive.value.value.as_str()) != value.as_str() {
            found.push(format!("directive {name}: {ours:?} for {value}"));
        }
    }
    for (node, instruction) in nodes.iter().zip(&tree.instructions) {
        compare(node, instruction, &mut |what, theirs, ours| {
            found.push(format!("line {}: {what}\n  theirs {theirs}\n  ours   {ours}", node["start"]));
        });
    }
}

/// Compares a whole file of goldens; the number of records says that there was something to compare.
fn check(path: &Path, at_least: usize) {
    let records = records(path);
    assert!(records.len() >= at_least, "{} has only {} records", path.display(), records.len());
    let mut report = String::new();
    let mut differing = 0;
    for (record, input) in &records {
        let found = differences(record, input);
        if !found.is_empty() {
            differing += 1;
            report += &format!("{}:\n{}\n", record["path"], found.join("\n"));
        }
    }
    let head: String = report.chars().take(6000).collect();
    assert_eq!(differing, 0, "of {} records of {}\n{head}", records.len(), path.display());
}

#[test]
fn buildkits_own_fixtures() {
    if let Some(path) = shared("buildkit/expected.jsonl") {
        check(&path, 38);
    }
}

#[test]
fn edge_cases() {
    if let Some(path) = shared("edge/expected.jsonl") {
        check(&path, 56);
    }
}

#[test]
fn real_dockerfiles() {
    if let Some(path) = shared("real/real.jsonl") {
        check(&path, 449);
    }
}

#[test]
fn mutated_dockerfiles() {
    if let Some(path) = shared("mutants/mutants.jsonl") {
        check(&path, 997);
    }
}

/// The texts of BuildKit's lint tests: those that it builds have no issue.
#[test]
fn lint_cases_that_build() {
    let Some(path) = shared("buildkit/check-cases.json") else { return };
    let cases: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut built = 0;
    for case in cases.as_array().unwrap() {
        if !case["build_err"].is_null() || !case["build_err_regex"].is_null() {
            continue;
        }
        built += 1;
        let text = case["dockerfile"].as_str().unwrap();
        let issues = parse(FileId(0), text.as_bytes()).issues;
        assert!(issues.is_empty(), "{}: {issues:?}\n{text}", case["id"]);
    }
    assert!(built > 60, "{built}");
}
