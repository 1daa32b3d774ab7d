//! What the engine does with the answers of checks, whatever the checks.

use super::*;
use crate::finding::Severity;
use crate::model::purpose::{Purpose, Purposes};
use crate::model::{Image, Package};
use crate::rules::Rule;
use crate::source::{FileId, ProjectPath, Span};
use crate::syntax::Issue;

/// Two Dockerfiles, the first by path for tests only, and a package.
fn project() -> Project {
    let texts = [
        ("a/Dockerfile", "FROM node:24\nUSER root\nCMD x\n"),
        ("b/Dockerfile", "FROM node:24\nUSER root\nCMD x\n"),
        ("c/package.json", "{\"name\": \"c\"}\n"),
    ];
    let mut project =
        Project::from_texts(texts.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned())));
    project.issues.clear();
    assert_eq!((project.images.len(), project.packages.len()), (2, 1));
    for image in &mut project.images {
        let is_first = project.sources.file(image.dockerfile).path.as_str() == "a/Dockerfile";
        let purpose = if is_first { Purpose::Test } else { Purpose::Ship };
        image.purpose = Purposes::because(purpose, "test", None);
    }
    project
}

fn config() -> Config {
    Config::on("2026-11-20".parse().unwrap())
}

fn report_user(_: &Cx<'_>, image: &Image, sink: &mut Sink) {
    sink.report(Span::new(image.dockerfile, 10, 14), "it is root").help("write USER node");
}

#[test]
fn a_panic_stays_with_its_rule() {
    fn panic(_: &Cx<'_>, image: &Image, sink: &mut Sink) {
        sink.report(Span::at(image.dockerfile, 0), "before");
        panic!("a slip");
    }
    let rules = RuleSet::of_samples(vec![
        Rule::sample("x/panics", Check::Image(panic)),
        Rule::sample("x/root", Check::Image(report_user)),
    ]);
    let outcome = check(&project(), &rules, &config());
    let seen: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(seen, ["x/panics", "x/root"]);
    assert_eq!((outcome.failures[0].rule, outcome.failures[0].message.as_str()), ("x/panics", "a slip"));
}

#[test]
fn rules_speak_to_their_purposes_only_and_in_order() {
    let mut everything = Rule::sample("x/all", Check::Image(report_user));
    everything.purposes = &[Purpose::Ship, Purpose::Test];
    let rules = RuleSet::of_samples(vec![Rule::sample("x/root", Check::Image(report_user)), everything]);
    let project = project();
    let outcome = check(&project, &rules, &config());
    let path = |finding: &Finding| project.sources.file(finding.primary.span.file).path.to_string();
    let seen: Vec<_> = outcome.findings.iter().map(|finding| (path(finding), finding.rule)).collect();
    let wanted = [("a/Dockerfile", "x/all"), ("b/Dockerfile", "x/all"), ("b/Dockerfile", "x/root")];
    assert_eq!(seen, wanted.map(|(path, rule)| (path.to_owned(), rule)));
}

#[test]
fn one_place_gives_one_finding_of_a_rule() {
    fn variants(_: &Cx<'_>, _: &Project, sink: &mut Sink) {
        const FILE: FileId = FileId(0);
        sink.report(Span::new(FILE, 0, 4), "m").related(Span::new(FILE, 5, 6), "one");
        sink.report(Span::new(FILE, 0, 4), "m")
            .related(Span::new(FILE, 7, 8), "two")
            .severity(Severity::Error);
        sink.report(Span::new(FILE, 0, 5), "m");
    }
    let rules = RuleSet::of_samples(vec![Rule::sample("x/variants", Check::Project(variants))]);
    let found = check(&project(), &rules, &config()).findings;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].severity, Severity::Error);
    assert_eq!(found[0].related.len(), 2);
}

#[test]
fn the_weaker_rule_becomes_a_note_of_the_stronger() {
    fn on_file(cx: &Cx<'_>, file: FileId, sink: &mut Sink) {
        if cx.project.sources.file(file).path.name() == "package.json" {
            sink.report(Span::new(file, 0, 1), "a word about the file");
        }
    }
    fn on_package(_: &Cx<'_>, package: &Package, sink: &mut Sink) {
        sink.report(Span::new(package.file, 2, 6), "a word about the package");
    }
    // A package is made of its file: it does not matter which of the two is the stronger.
    for (weak, strong) in [("x/file", "x/package"), ("x/package", "x/file")] {
        let mut on_file = Rule::sample("x/file", Check::File(on_file));
        let mut on_package = Rule::sample("x/package", Check::Package(on_package));
        let yields = if weak == "x/file" { &mut on_file } else { &mut on_package };
        yields.yields_to = if weak == "x/file" { &["x/package"] } else { &["x/file"] };
        let rules = RuleSet::of_samples(vec![on_file, on_package]);
        let found = check(&project(), &rules, &config()).findings;
        let merged = found.iter().find(|finding| finding.rule == weak).unwrap();
        let kept = found.iter().find(|finding| finding.rule == strong).unwrap();
        assert_eq!((merged.merged_into, kept.merged_into), (Some(strong), None));
        assert_eq!(kept.related[0].message, format!("{} ({weak})", merged.message));
        assert_eq!(kept.related[0].span, merged.primary.span);
    }
}

#[test]
fn rules_that_yield_in_a_circle_both_speak() {
    let mut one = Rule::sample("x/one", Check::Image(report_user));
    one.yields_to = &["x/two"];
    let mut two = Rule::sample("x/two", Check::Image(report_user));
    two.yields_to = &["x/one"];
    let found = check(&project(), &RuleSet::of_samples(vec![one, two]), &config()).findings;
    assert!(found.iter().all(|finding| finding.merged_into.is_none()));
    assert_eq!(found.len(), 2);
}

#[test]
fn issues_of_readers_are_findings_of_their_rules() {
    let mut project = project();
    let issue = Issue::new("dockerfile/syntax", "unknown instruction ROM", Span::new(FileId(0), 0, 3));
    project.issues.push(issue.with_help("did you mean FROM"));
    project.issues.push(Issue::new("json/syntax", "not asked", Span::new(FileId(0), 0, 3)));
    let rules = RuleSet::of(|rule| rule.id == "dockerfile/syntax");
    let found = check(&project, &rules, &config()).findings;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule, found[0].severity), ("dockerfile/syntax", Severity::Error));
    assert_eq!(found[0].help.as_deref(), Some("did you mean FROM"));
}

#[test]
fn what_the_project_calls_deprecated_is_worth_a_note() {
    let compose = "services:\n  old:\n    profiles: [deprecated]\n    build: a\n  web:\n    build: b\n";
    let texts = [
        ("a/Dockerfile", "FROM node:24\nUSER root\nCMD x\n"),
        ("b/Dockerfile", "FROM node:24\nUSER root\nCMD x\n"),
    ];
    let texts = texts.into_iter().chain([("compose.yaml", compose)]);
    let project =
        Project::from_texts(texts.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned())));
    let rules = RuleSet::of_samples(vec![Rule::sample("x/root", Check::Image(report_user))]);
    let outcome = check(&project, &rules, &config());
    let seen: Vec<(Severity, usize)> =
        outcome.findings.iter().map(|finding| (finding.severity, finding.related.len())).collect();
    assert_eq!((seen[0], seen[1].1), ((Severity::Info, 1), 0));
    assert_ne!(seen[1].0, Severity::Info);
}
