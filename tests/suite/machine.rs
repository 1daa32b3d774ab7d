//! The formats that other programs read: SARIF, GitLab's Code Quality, JUnit, Checkstyle. What they print is read back by
//! readers of JSON and XML that are not ours.

use std::process::Command;
use std::sync::LazyLock;

use insta::assert_snapshot;
use plimsoll::finding::{Finding, Severity, SuppressedBy, Suppression};
use plimsoll::report::{Report, checkstyle, gitlab, junit, sarif};
use plimsoll::source::{Sources, Span};
use regex::Regex;
use roxmltree::{Document, Node};
use serde_json::Value;

use crate::hostile;
use crate::reports::{Case, add, everything, finding, label};

static SARIF: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../testdata/sarif/sarif-schema-2.1.0.json")).unwrap()
});

type Writer = fn(&Report<'_>) -> String;
const JSON: [Writer; 3] = [sarif::write, sarif::write_open, gitlab::write];
const XML: [Writer; 2] = [junit::write, checkstyle::write];

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Reads SARIF, which must be valid.
fn read_sarif(text: &str, name: &str) -> Value {
    let document = read(text);
    assert_eq!(crate::json_schema::faults(&SARIF, &document), [""; 0], "{name}");
    document
}

fn nothing() -> Case {
    Case { sources: Sources::default(), findings: Vec::new(), notes: Vec::new(), failures: Vec::new() }
}

#[test]
fn sarif_holds_everything() {
    let mut document = read_sarif(&sarif::write(&everything().report()), "everything");
    let driver = &mut document["runs"][0]["tool"]["driver"];
    driver["semanticVersion"] = "(version)".into();
    for rule in driver["rules"].as_array_mut().unwrap() {
        for text in ["fullDescription", "help"] {
            rule[text] = "(of the page)".into();
        }
    }
    assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn gitlab_gets_what_is_shown() {
    assert_snapshot!(gitlab::write(&everything().report()));
}

#[test]
fn junit_gets_failed_tests() {
    assert_snapshot!(junit::write(&everything().report()));
}

#[test]
fn checkstyle_gets_what_is_shown() {
    assert_snapshot!(checkstyle::write(&everything().report()));
}

#[test]
fn nothing_found_is_a_whole_report_too() {
    let case = nothing();
    let document = read_sarif(&sarif::write(&case.report()), "nothing");
    assert_eq!(document["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(document["runs"][0]["invocations"][0]["executionSuccessful"], true);
    assert_eq!(gitlab::write(&case.report()), "[]\n");
    let printed = junit::write(&case.report());
    let tree = Document::parse(&printed).unwrap();
    assert_eq!(tree.root_element().attribute("tests"), Some("1"));
    assert_eq!(named(&tree, "testcase").len(), 1);
    let printed = checkstyle::write(&case.report());
    assert_eq!(Document::parse(&printed).unwrap().root_element().attribute("version"), Some("4.3"));
}

#[test]
fn the_least_severity_and_the_prefix_hold() {
    let case = everything();
    let report = Report { least: Severity::Error, prefix: "a shop/", ..case.report() };
    let document = read_sarif(&sarif::write(&report), "errors");
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    let place = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], "a%20shop/web/Dockerfile");
    let violations = read(&gitlab::write(&report));
    assert_eq!(violations.as_array().unwrap().len(), 1);
    assert_eq!(violations[0]["location"]["path"], "a shop/web/Dockerfile");
    for (write, element, attribute) in
        [(XML[0], "failure", None), (XML[1], "error", Some(("file", "a shop/web/Dockerfile")))]
    {
        let printed = write(&report);
        let tree = Document::parse(&printed).unwrap();
        assert_eq!(named(&tree, element).len(), 1);
        if let Some((parent, path)) = attribute {
            assert_eq!(named(&tree, parent)[0].attribute("name"), Some(path));
        }
    }
}

#[test]
fn what_is_suppressed_is_only_in_sarif() {
    let case = everything();
    let kinds = |by: SuppressedBy| {
        let mut case = everything();
        case.findings[1].suppressed = Some(Suppression { by, reason: "agreed".to_owned() });
        let document = read_sarif(&sarif::write(&case.report()), "suppressed");
        document["runs"][0]["results"][1]["suppressions"].clone()
    };
    let wanted = |kind: &str| serde_json::json!([{"kind": kind, "justification": "agreed"}]);
    assert_eq!(kinds(SuppressedBy::Comment), wanted("inSource"));
    assert_eq!(kinds(SuppressedBy::Configuration), wanted("external"));
    assert_eq!(kinds(SuppressedBy::Baseline), wanted("external"));
    let open = read_sarif(&sarif::write_open(&case.report()), "open");
    let results = open["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), case.report().shown().count());
    assert!(results.iter().all(|result| result.get("suppressions").is_none()));
}

#[test]
fn tests_of_one_name_are_told_apart() {
    let mut case = nothing();
    let file = add(&mut case.sources, "a", "x\ny\nz\n");
    case.findings = [0, 2, 4]
        .map(|at| finding("x/y", Severity::Info, "m", label(Span::new(file, at, at + 1), "")))
        .to_vec();
    let printed = junit::write(&case.report());
    let tree = Document::parse(&printed).unwrap();
    let names: Vec<_> = named(&tree, "testcase").iter().map(|node| node.attribute("name").unwrap()).collect();
    assert_eq!(names, ["no rule failed", "x/y: m", "x/y: m (2)", "x/y: m (3)"]);
}

/// GitHub refuses more than 25,000 results of a run, and 1,000 places of a result.
#[test]
fn sarif_keeps_to_what_readers_take() {
    let mut case = nothing();
    let file = add(&mut case.sources, "a", "x\n");
    let here = label(Span::new(file, 0, 1), "");
    let mut many: Vec<Finding> =
        (0..25_000).map(|_| finding("x/y", Severity::Info, "m", here.clone())).collect();
    let mut silent = finding("x/y", Severity::Error, "m", here.clone());
    silent.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason: String::new() });
    let mut bad = finding("x/y", Severity::Error, "m", here.clone());
    bad.related = vec![here; 1_200];
    many.insert(0, silent);
    many.push(bad);
    case.findings = many;
    let document = read(&sarif::write(&case.report()));
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "note");
    assert_eq!(results[24_999]["level"], "error");
    assert_eq!(results[24_999]["relatedLocations"].as_array().unwrap().len(), 999);
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let said: Vec<&str> = notes.iter().map(|note| note["message"]["text"].as_str().unwrap()).collect();
    let wanted = [
        "2 findings are not in this file: readers take no more",
        "201 related places are not in this file: readers take no more",
    ];
    assert_eq!(said, wanted);
}

/// Keys, elements and their number, without any text.
fn shape(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(fields) => fields.iter().map(|(key, field)| (key.clone(), shape(field))).collect(),
        Value::String(_) => "".into(),
        Value::Number(_) => 0.into(),
        other => other.clone(),
    }
}

fn shape_of_xml(text: &str, name: &str) -> Vec<String> {
    let tree = Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let of = |node: Node<'_, '_>| {
        let attributes: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
        let depth = node.ancestors().count();
        format!("{depth} {:?} {:?} {attributes:?}", node.node_type(), node.tag_name().name())
    };
    tree.descendants().map(of).collect()
}

fn named<'a>(tree: &'a Document<'_>, name: &str) -> Vec<Node<'a, 'a>> {
    tree.root().descendants().filter(|node| node.has_tag_name(name)).collect()
}

#[test]
fn no_text_adds_or_takes_a_field() {
    let benign = hostile::case("benign");
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        for write in JSON {
            assert_eq!(
                shape(&read(&write(&case.report()))),
                shape(&read(&write(&benign.report()))),
                "{name}"
            );
        }
        for write in XML {
            let wanted = shape_of_xml(&write(&benign.report()), "benign");
            assert_eq!(shape_of_xml(&write(&case.report()), &name), wanted, "{name}");
        }
    }
}

/// The bytes that a percent-encoded text stands for.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(if byte == b'%' { digit() * 16 + digit() } else { byte });
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn sarif_keeps_every_text_in_its_field() {
    let link = Regex::new(r"(?s)\[(?:\\.|[^\\\]])*\]\(").unwrap();
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let document = read_sarif(&sarif::write(&case.report()), &name);
        // What viewers read links and placeholders from.
        let message = |before: &str| {
            format!("{before}{input}").replace('{', "{{").replace('}', "}}").replace("](", "\\](")
        };
        let path = |uri: &Value| decoded(uri.as_str().unwrap());
        let run = &document["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 2, "{name}");
        for (result, rule) in results.iter().zip(hostile::RULES) {
            assert_eq!(result["ruleId"], rule, "{name}");
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], rule, "{name}");
            let text = result["message"]["text"].as_str().unwrap();
            assert_eq!(text, format!("{}\n{}", message("message: "), message("help: help: ")), "{name}");
            assert!(!link.is_match(text), "{name}: {text}");
            assert_eq!(result["properties"]["app"], format!("app: {input}"), "{name}");
            let place = &result["locations"][0];
            assert_eq!(place["message"]["text"], message("primary: "), "{name}");
            let uri = &place["physicalLocation"]["artifactLocation"]["uri"];
            assert_eq!(path(uri), format!("web/{input}/Dockerfile"), "{name}");
            let related = &result["relatedLocations"][0];
            assert_eq!(related["message"]["text"], message("related: "), "{name}");
            let uri = &related["physicalLocation"]["artifactLocation"]["uri"];
            assert_eq!(path(uri), format!("web/{input}/package.json"), "{name}");
            // The other fix makes a file.
            assert_eq!(result["fixes"].as_array().unwrap().len(), 1, "{name}");
            let fix = &result["fixes"][0];
            assert_eq!(fix["description"]["text"], message("title: "), "{name}");
            let replacement = &fix["artifactChanges"][0]["replacements"][0];
            assert_eq!(replacement["insertedContent"]["text"], format!("edit: {input}"), "{name}");
        }
        assert_eq!(results[1]["suppressions"][0]["justification"], format!("reason: {input}"), "{name}");
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notes.len(), 3, "{name}");
        assert_eq!(notes[1]["message"]["text"], message("note: "), "{name}");
    }
}

#[test]
fn gitlab_keeps_every_text_in_its_field() {
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let violations = read(&gitlab::write(&case.report()));
        assert_eq!(violations.as_array().unwrap().len(), 1, "{name}");
        let one = &violations[0];
        assert_eq!(one["description"], format!("message: {input}\nhelp: help: {input}"), "{name}");
        assert_eq!(one["location"]["path"], format!("web/{input}/Dockerfile"), "{name}");
        assert_eq!(one["check_name"], hostile::RULES[0], "{name}");
    }
}

/// What XML may hold of a text: the characters of section 2.2.
fn in_xml(text: &str) -> String {
    let permitted = |each: char| matches!(each as u32, 9 | 10 | 13 | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff);
    text.chars().map(|each| if permitted(each) { each } else { '\u{fffd}' }).collect()
}

#[test]
fn junit_keeps_every_text_in_its_field() {
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let printed = junit::write(&case.report());
        let tree = Document::parse(&printed).unwrap();
        let expect =
            |found: Option<&str>, wanted: String| assert_eq!(found, Some(in_xml(&wanted).as_str()), "{name}");
        let failures = named(&tree, "failure");
        assert_eq!(failures.len(), 1, "{name}");
        expect(failures[0].attribute("message"), format!("message: {input}"));
        expect(failures[0].attribute("type"), "error".to_owned());
        let path = format!("web/{input}/Dockerfile");
        let position = |span: Span| case.sources.file(span.file).position(span.start);
        let one = &case.findings[0];
        let (here, other) = (position(one.primary.span), position(one.related[0].span));
        let other_path = format!("web/{input}/package.json");
        let rule = one.rule;
        let body = format!(
            "{path}:{}:{}: error[{rule}] message: {input}\n{other_path}:{}:{}: related: {input}\n{path}:2:1: related: {input}\nhelp: help: {input}\napp: app: {input}",
            here.line, here.column, other.line, other.column
        );
        expect(failures[0].text(), body);
        let test = failures[0].parent().unwrap();
        expect(test.attribute("classname"), path.clone());
        expect(test.attribute("name"), format!("{rule}: message: {input}"));
        expect(test.parent().unwrap().attribute("name"), path.clone());
        let errors = named(&tree, "error");
        assert_eq!(errors.len(), 1, "{name}");
        expect(errors[0].attribute("message"), format!("failure: {input}"));
        let notes = format!("{path}:{}:{}: note: {input}\nnote: {input}", here.line, here.column);
        expect(named(&tree, "system-out")[0].text(), notes);
    }
}

#[test]
fn checkstyle_keeps_every_text_in_its_field() {
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let printed = checkstyle::write(&case.report());
        let tree = Document::parse(&printed).unwrap();
        let expect =
            |found: Option<&str>, wanted: String| assert_eq!(found, Some(in_xml(&wanted).as_str()), "{name}");
        let errors = named(&tree, "error");
        assert_eq!(errors.len(), 1, "{name}");
        expect(errors[0].attribute("message"), format!("message: {input}\nhelp: help: {input}"));
        expect(errors[0].attribute("source"), format!("plimsoll.{}", hostile::RULES[0]));
        expect(errors[0].parent().unwrap().attribute("name"), format!("web/{input}/Dockerfile"));
    }
}

/// The formats as the command writes them, of the example and of the folders of PLIMSOLL_CORPUS.
#[test]
fn real_projects_give_valid_reports() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop").into();
    for folder in crate::corpus::repositories().into_iter().chain([shop]) {
        let name = folder.display().to_string();
        let other = tempfile::tempdir().unwrap();
        let path = |format: &str| other.path().join(format);
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(["check", "--format", "sarif", "--as-of", "2026-11-20", "."]).current_dir(&folder);
        for format in ["sarif-github", "gitlab", "junit", "checkstyle"] {
            command.args(["--also", &format!("{format}={}", path(format).display())]);
        }
        let output = command.output().unwrap();
        read_sarif(std::str::from_utf8(&output.stdout).unwrap(), &name);
        let text = |format: &str| std::fs::read_to_string(path(format)).unwrap();
        let open = read_sarif(&text("sarif-github"), &name);
        let number = open["runs"][0]["results"].as_array().unwrap().len();
        let violations = read(&text("gitlab"));
        let prints: std::collections::HashSet<&str> =
            violations.as_array().unwrap().iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), number, "{name}");
        for (format, element) in [("junit", "failure"), ("checkstyle", "error")] {
            let text = text(format);
            assert_eq!(named(&Document::parse(&text).unwrap(), element).len(), number, "{name}: {format}");
        }
    }
}
