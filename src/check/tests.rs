//! What the engine does with the answers of checks, whatever the checks.

use super::*;
use crate::finding::Severity;
use crate::model::purpose::{Purpose, Purposes};
use crate::model::{Image, ImageId, Run};
use crate::rules::Rule;
use crate::source::Span;
use crate::source::{FileId, ProjectPath};
use crate::syntax::Issue;

const FILE: FileId = FileId(0);

fn project() -> Project {
    let text = |path| (ProjectPath::new(path).unwrap(), "FROM node\nUSER root\nCMD x\n".to_owned());
    let mut project = Project::from_texts(["b/Dockerfile", "a/Dockerfile"].map(text));
    for (image, purpose) in project.images.iter_mut().zip([Purpose::Ship, Purpose::Test]) {
        image.purpose = Purposes::because(purpose, "test", None);
    }
    project.runs.truncate(1);
    project
}

fn config() -> Config {
    Config { as_of: "2026-11-20".parse().unwrap(), ignore_comments: true }
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
    let outcome = check(&project(), &rules, &config());
    let seen: Vec<_> = outcome.findings.iter().map(|f| (f.primary.span.file.0, f.rule)).collect();
    // a/Dockerfile is the file of id 1.
    assert_eq!(seen, [(1, "x/all"), (0, "x/all"), (0, "x/root")]);
}

#[test]
fn one_place_gives_one_finding_of_a_rule() {
    fn variants(_: &Cx<'_>, _: &Project, sink: &mut Sink) {
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
    fn refused(_: &Cx<'_>, run: &Run, sink: &mut Sink) {
        assert_eq!(run.image, Some(ImageId(0)));
        sink.report(Span::new(FILE, 20, 23), "the kubelet refuses it");
    }
    let mut weak = Rule::sample("x/root", Check::Image(report_user));
    weak.yields_to = &["x/refused"];
    let rules = RuleSet::of_samples(vec![weak, Rule::sample("x/refused", Check::Run(refused))]);
    let found = check(&project(), &rules, &config()).findings;
    assert_eq!(found[0].merged_into, Some("x/refused"));
    assert_eq!(found[1].merged_into, None);
    assert_eq!(found[1].related[0].message, "it is root (x/root)");
    assert_eq!(found[1].related[0].span, found[0].primary.span);
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
    let issue = Issue::new("dockerfile/syntax", "unknown instruction ROM", Span::new(FILE, 0, 3));
    project.issues.push(issue.with_help("did you mean FROM"));
    project.issues.push(Issue::new("json/syntax", "not asked", Span::new(FILE, 0, 3)));
    let rules = RuleSet::of(|rule| rule.id == "dockerfile/syntax");
    let found = check(&project, &rules, &config()).findings;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule, found[0].severity), ("dockerfile/syntax", Severity::Error));
    assert_eq!(found[0].help.as_deref(), Some("did you mean FROM"));
}
