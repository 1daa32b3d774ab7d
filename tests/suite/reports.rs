//! What each format prints for findings across files, and for files that mean harm.

use crate::hostile;
use crate::random::Random;
use insta::assert_snapshot;
use plimsoll::check::Failure;
use plimsoll::finding::{Edit, Finding, Fix, Label, Safety, Severity, SuppressedBy, Suppression};
use plimsoll::fingerprint::{self, Fingerprint};
use plimsoll::model::Note;
use plimsoll::report::paint::Paint;
use plimsoll::report::{Report, clean, concise, explain, human, json, rules};
use plimsoll::source::{FileId, ProjectPath, SourceFile, Sources, Span};

const DOCKERFILE: &str = "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nUSER root\nCMD [\"npm\", \"start\"]\n";
const PACKAGE: &str =
    "{\n\t\"name\": \"web\",\n\t\"scripts\": {\n\t\t\"start\": \"node server.js\"\n\t}\n}\n";
const MANIFEST: &str =
    "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n";

pub(crate) fn add(sources: &mut Sources, path: &str, text: &str) -> FileId {
    sources.add(SourceFile::new(ProjectPath::new(path).unwrap(), text))
}

/// The bytes of `needle` in a file.
pub(crate) fn at(sources: &Sources, file: FileId, needle: &str) -> Span {
    let start = sources.file(file).text().find(needle).unwrap();
    Span::new(file, start, start + needle.len())
}

pub(crate) fn finding(rule: &'static str, severity: Severity, message: &str, primary: Label) -> Finding {
    Finding {
        rule,
        severity,
        message: message.to_owned(),
        primary,
        related: Vec::new(),
        help: None,
        fixes: Vec::new(),
        app: None,
        subject: String::new(),
        fingerprint: Fingerprint::default(),
        others: Vec::new(),
        suppressed: None,
        merged_into: None,
    }
}

pub(crate) fn label(span: Span, message: &str) -> Label {
    Label { span, message: message.to_owned() }
}

pub(crate) struct Case {
    pub(crate) sources: Sources,
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
    pub(crate) failures: Vec<Failure>,
}

impl Case {
    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            sources: &self.sources,
            findings: &self.findings,
            notes: &self.notes,
            remarks: &[],
            checklist: &[],
            failures: &self.failures,
            least: Severity::Info,
            prefix: "",
        }
    }
}

/// Findings in three files, with every part that a finding may have.
pub(crate) fn everything() -> Case {
    let mut sources = Sources::default();
    let docker = add(&mut sources, "web/Dockerfile", DOCKERFILE);
    let package = add(&mut sources, "web/package.json", PACKAGE);
    let manifest = add(&mut sources, "k8s/web.yaml", MANIFEST);
    let mut lost = finding(
        "run/signal-lost",
        Severity::Error,
        "npm passes SIGTERM to sh, not to node: on this image requests are cut off when the pod stops",
        label(at(&sources, docker, "[\"npm\", \"start\"]"), "npm is process 1"),
    );
    lost.related.push(label(at(&sources, package, "node server.js"), "run through `sh -c`"));
    lost.related.push(label(at(&sources, manifest, "web"), "this container runs the image"));
    lost.related.push(label(at(&sources, docker, "node:24-slim"), "its /bin/sh is dash"));
    lost.help = Some("start node itself: CMD [\"node\", \"server.js\"]".to_owned());
    lost.app = Some("web".to_owned());
    let edits = vec![Edit { span: lost.primary.span, text: "[\"node\", \"server.js\"]".to_owned() }];
    lost.fixes.push(Fix {
        title: "start node itself".to_owned(),
        safety: Safety::Unsafe,
        edits,
        creates: Vec::new(),
    });
    let user = label(at(&sources, docker, "USER root"), "");
    let root = finding("image/root-user", Severity::Warning, "the container runs as root", user.clone());
    let mut accepted = finding("image/floating-tag", Severity::Warning, "the tag floats", user.clone());
    accepted.suppressed = Some(Suppression { by: SuppressedBy::Configuration, reason: "agreed".to_owned() });
    let mut merged = finding("image/other", Severity::Info, "a weaker word for it", user);
    merged.merged_into = Some("image/root-user");
    let template = at(&sources, manifest, "template");
    let notes = vec![
        Note { span: Some(template), message: "the chart's templates were not read".to_owned() },
        Note { span: None, message: "the table of base images is older than a year".to_owned() },
    ];
    let failures = vec![Failure {
        rule: "x/y",
        subject: "image web/Dockerfile".to_owned(),
        message: "a slip".to_owned(),
    }];
    let mut findings = vec![root, accepted, merged, lost];
    fingerprint::set_all(&sources, "", &mut findings);
    Case { sources, findings, notes, failures }
}

#[test]
fn people_see_lines_across_files() {
    assert_snapshot!(human::write(&everything().report(), Paint::PLAIN));
}

#[test]
fn colours_are_only_added() {
    let case = everything();
    let coloured = human::write(&case.report(), Paint { coloured: true });
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(plain, human::write(&case.report(), Paint::PLAIN));
}

#[test]
fn one_line_each() {
    let case = everything();
    let printed = concise::write(&Report { prefix: "shop/", ..case.report() });
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "shop/web/Dockerfile:4:1: warning[image/root-user] the container runs as root");
    assert!(lines[1].starts_with("shop/web/Dockerfile:5:5: error[run/signal-lost] npm passes SIGTERM to sh"));
    assert_eq!(lines.len(), 2);
}

#[test]
fn programs_get_everything() {
    assert_snapshot!(json::write(&everything().report()));
}

#[test]
fn json_is_what_the_schema_says() {
    for case in [everything(), harmful("RUN TARGET\n", "TARGET")] {
        let document = serde_json::from_str(&json::write(&case.report())).unwrap();
        assert_eq!(crate::schema::faults(&document), [""; 0]);
    }
}

#[test]
fn the_least_severity_holds_in_every_format() {
    let case = everything();
    let report = Report { least: Severity::Error, ..case.report() };
    assert_eq!(concise::write(&report).lines().count(), 1);
    assert!(!human::write(&report, Paint::PLAIN).contains("root-user"));
    let document: serde_json::Value = serde_json::from_str(&json::write(&report)).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_to_say_is_said() {
    let sources = Sources::default();
    let case = Case { sources, findings: Vec::new(), notes: Vec::new(), failures: Vec::new() };
    assert_eq!(human::write(&case.report(), Paint::PLAIN), "no findings\n");
    assert_eq!(concise::write(&case.report()), "");
}

/// One finding on `needle` in a file with this text, under a path and with words that mean harm too.
fn harmful(text: &str, needle: &str) -> Case {
    let mut sources = Sources::default();
    let file = add(&mut sources, "a\u{1b}]0;x\u{7}\n::error::b/Dockerfile", text);
    let span = at(&sources, file, needle);
    let words = "quotes \u{1b}[2J\r\n::error::\u{202e}this\u{2028}";
    let mut one = finding("x/y", Severity::Error, words, label(span, words));
    one.help = Some(words.to_owned());
    let edits = vec![Edit { span, text: words.to_owned() }];
    one.fixes.push(Fix { title: words.to_owned(), safety: Safety::Safe, edits, creates: Vec::new() });
    let notes = vec![Note { span: Some(span), message: words.to_owned() }];
    Case { sources, findings: vec![one], notes, failures: Vec::new() }
}

#[test]
fn hostile_files_reach_no_terminal() {
    let texts = [
        ("escape", "RUN a\u{1b}[31m \u{9b}31m TARGET \u{1b}]8;;x\u{7}\n"),
        ("bidi", "RUN \u{202e}gnp\u{2066} TARGET \u{2069}\u{061c}\n"),
        ("separators", "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f\rg\nRUN \u{2028}TARGET\u{85}\nlast\n"),
        ("crlf", "FROM x\r\nRUN TARGET\r\nCMD x\r\n"),
        ("tabs", "FROM x\n\tRUN\t\tTARGET\n"),
        ("wide", "FROM x\nRUN 日本語 é e\u{301} 👩‍👩‍👧 TARGET 語\n"),
        ("mark", "\u{feff}TARGET\n"),
        ("tags", "RUN \u{e0041}\u{e0042} TARGET\n"),
    ];
    let mut all = String::new();
    for (name, text) in texts {
        let case = harmful(text, "TARGET");
        let printed = human::write(&case.report(), Paint::PLAIN);
        let harmful = printed.chars().find(|each| *each != '\n' && clean::is_harmful(*each));
        assert_eq!(harmful, None, "{name}");
        assert!(printed.contains("TARGET"), "{name}");
        assert_eq!(concise::write(&case.report()).lines().count(), 1, "{name}");
        all.push_str(&format!("== {name}\n{printed}"));
    }
    assert_snapshot!(all);
}

#[test]
fn json_keeps_every_text_in_its_field() {
    for input in hostile::inputs() {
        let case = hostile::case(&input);
        let name = hostile::name(&input);
        let document: serde_json::Value = serde_json::from_str(&json::write(&case.report())).unwrap();
        assert_eq!(crate::schema::faults(&document), [""; 0], "{name}");
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 3, "{name}");
        for one in findings {
            assert_eq!(one["message"], format!("message: {input}"), "{name}");
            assert_eq!(one["location"]["path"], format!("web/{input}/Dockerfile"), "{name}");
            assert_eq!(one["fixes"][0]["creates"][0]["text"], format!("new: {input}"), "{name}");
        }
        assert_eq!(findings[1]["suppressed"], format!("reason: {input}"), "{name}");
        assert_eq!(document["notes"].as_array().unwrap().len(), 3, "{name}");
    }
}

#[test]
fn programs_get_hostile_words_unchanged() {
    let case = harmful("RUN a\u{1b}[31m TARGET\u{2028}\n", "TARGET");
    let document: serde_json::Value = serde_json::from_str(&json::write(&case.report())).unwrap();
    let one = &document["findings"][0];
    assert_eq!(one["message"], case.findings[0].message.as_str());
    assert_eq!(one["location"]["path"], case.sources.file(FileId(0)).path.as_str());
    assert_eq!(one["location"]["start"]["column"], 12);
    assert_eq!(one["fixes"][0]["edits"][0]["text"], case.findings[0].message.as_str());
}

#[test]
fn a_line_of_a_megabyte_is_cut() {
    for (before, after) in [(500_000, 500_000), (0, 1_000_000), (1_000_000, 0), (155, 0)] {
        let text = format!("FROM x\nRUN {}TARGET{}\n", "é".repeat(before), "日".repeat(after));
        let case = harmful(&text, "TARGET");
        let printed = human::write(&case.report(), Paint::PLAIN);
        assert!(printed.len() < 4_000, "{before} {after}: {} bytes", printed.len());
        assert!(printed.contains(&format!(":2:{}: ", before + 5)), "{before} {after}: {printed}");
        assert!(printed.contains("2 │ "), "{printed}");
        assert!(printed.contains("TARGET"), "{printed}");
    }
}

#[test]
fn places_that_do_not_fit_the_text_are_drawn_all_the_same() {
    let text = "日本\r\nab\n";
    for start in 0..=text.len() + 3 {
        for end in start..=text.len() + 3 {
            let mut case = harmful(text, "ab");
            case.findings[0].primary.span = Span::new(FileId(0), start, end);
            case.notes.clear();
            let printed = human::write(&case.report(), Paint::PLAIN);
            assert!(printed.contains(" │ "), "{start}..{end}: {printed}");
        }
    }
}

#[test]
fn any_labels_on_any_text_are_drawn() {
    const PIECES: [&str; 14] = [
        "a",
        "key: ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "日",
        "é",
        "\u{1b}[1m",
        "\u{202e}",
        "\u{2028}",
        "👩‍👩‍👧",
        "┬│╰─",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];
    let rounds = std::env::var("PLIMSOLL_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    let mut numbers = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds {
        let text: String = (0..numbers.below(60)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        let mut sources = Sources::default();
        let files = [add(&mut sources, "a", &text), add(&mut sources, "b", "one line\n")];
        let span = |numbers: &mut Random| {
            let file = files[usize::from(numbers.below(4) == 0)];
            let start = numbers.below(text.len() + 2);
            Span::new(file, start, start + numbers.below(text.len() + 2 - start))
        };
        let mut one = finding("x/y", Severity::Info, "m", label(span(&mut numbers), ""));
        one.related =
            (0..numbers.below(5)).map(|at| label(span(&mut numbers), ["", "said"][at % 2])).collect();
        let position = sources.file(one.primary.span.file).position(one.primary.span.start);
        let case = Case { sources, findings: vec![one], notes: Vec::new(), failures: Vec::new() };
        let printed = human::write(&case.report(), Paint::PLAIN);
        assert!(printed.contains(&format!(" {} │", position.line)), "{text:?}\n{printed}");
        assert!(!printed.chars().any(|each| each != '\n' && clean::is_harmful(each)), "{text:?}\n{printed}");
        let document = serde_json::from_str(&json::write(&case.report())).unwrap();
        assert_eq!(crate::schema::faults(&document), [""; 0]);
    }
}

#[test]
fn a_report_of_a_thousand_findings_in_a_long_file_is_quick() {
    let mut sources = Sources::default();
    let file = add(&mut sources, "big.yaml", &"key: value\n".repeat(100_000));
    let place = |at: usize| label(Span::new(file, at * 1_100, at * 1_100 + 3), "here");
    let findings: Vec<Finding> =
        (0..1_000).map(|at| finding("x/y", Severity::Info, "m", place(at))).collect();
    let case = Case { sources, findings, notes: Vec::new(), failures: Vec::new() };
    let start = std::time::Instant::now();
    let printed = human::write(&case.report(), Paint::PLAIN);
    assert!(printed.contains("99901 │ key: value"));
    // Debug builds on a loaded machine: this catches a step to quadratic, no more.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn fingerprints_survive_what_moves_and_tell_twins_apart() {
    let prints = |text: &str| {
        let mut sources = Sources::default();
        let file = add(&mut sources, "Dockerfile", text);
        let places = text
            .match_indices("USER")
            .map(|(at, _)| label(Span::new(file, at, at + text[at..].find('\n').unwrap()), ""));
        let mut findings: Vec<Finding> =
            places.map(|place| finding("x/y", Severity::Info, "m", place)).collect();
        fingerprint::set_all(&sources, "", &mut findings);
        findings.iter().map(|finding| finding.fingerprint.to_string()).collect::<Vec<String>>()
    };
    let before = prints("FROM x\nUSER root\nRUN a\nUSER root\n");
    assert_ne!(before[0], before[1]);
    assert_eq!(before[0], "f9fe44119426e1ba", "fingerprints in baselines must hold");
    assert_eq!(prints("# new\n\nFROM x\n  USER   root\nRUN a\nUSER root\n"), before);
    assert_ne!(prints("FROM x\nUSER 0\n")[0], before[0]);
}

#[test]
fn rules_are_listed_and_explained() {
    let all = plimsoll::rules::all();
    let document: serde_json::Value = serde_json::from_str(&rules::json(all)).unwrap();
    assert_eq!(document["version"], 1);
    let listed = document["rules"].as_array().unwrap();
    assert_eq!(listed.len(), all.len());
    let syntax = listed.iter().find(|rule| rule["id"] == "dockerfile/syntax").unwrap();
    let wanted = serde_json::json!({
        "id": "dockerfile/syntax", "family": "dockerfile", "severity": "error", "status": "stable",
        "on": "file", "fix": "none", "checklist": "syntax", "title": "The Dockerfile does not build",
    });
    assert_eq!(*syntax, wanted);
    assert_eq!(rules::table(all, Paint::PLAIN).lines().count(), all.len());
    let rule = plimsoll::rules::find("dockerfile/swallowed-instruction").unwrap();
    assert_snapshot!(explain::write(rule, 80, Paint::PLAIN).unwrap());
}
