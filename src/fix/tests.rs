use super::*;
use crate::check::check;
use crate::finding::{Label, Severity};
use crate::fingerprint::Fingerprint;
use crate::model::told::Told;
use crate::rules::RuleSet;
use crate::source::Span;

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

/// Every `x` of the file `a.yaml` is a fault, which its fix makes `with`.
fn faults(with: &'static str) -> impl Fn(Discovery) -> (Project, Outcome) {
    move |discovery| {
        let project = Project::told(discovery, &Told::default());
        let file = project.sources.find(&path("a.yaml")).unwrap();
        let text = project.sources.file(file).text();
        let finding = |(at, _): (usize, &str)| {
            let span = Span::new(file, at, at + 1);
            Finding {
                rule: "yaml/x",
                severity: Severity::Warning,
                message: String::new(),
                primary: Label { span, message: String::new() },
                related: Vec::new(),
                help: None,
                fixes: vec![Fix {
                    title: "replace it".to_owned(),
                    safety: Safety::Safe,
                    edits: vec![Edit { span, text: with.to_owned() }],
                    creates: Vec::new(),
                }],
                app: None,
                subject: String::new(),
                fingerprint: Fingerprint::default(),
                others: Vec::new(),
                suppressed: None,
                merged_into: None,
            }
        };
        let findings = text.match_indices('x').map(finding).collect();
        (project, Outcome { findings, ..Outcome::default() })
    }
}

fn discovery(text: &str) -> Discovery {
    Discovery::from_texts([(path("a.yaml"), text.to_owned())])
}

#[test]
fn neighbours_wait_for_the_next_round() {
    let mended = mend(discovery("a: xxx x\n"), &Allowed::default(), faults("y"));
    assert_eq!(mended.texts[&path("a.yaml")], "a: yyy y\n");
    assert_eq!(mended.applied.len(), 4);
    assert!(mended.outcome.findings.is_empty());
}

#[test]
fn a_fix_that_brings_a_finding_is_left_out() {
    let mended = mend(discovery("a: x\n"), &Allowed::default(), faults("xx"));
    assert!(mended.texts.is_empty() && mended.applied.is_empty());
    assert_eq!(mended.outcome.findings.len(), 1);
}

#[test]
fn only_what_is_allowed_is_applied() {
    let other = Allowed { rules: vec!["yaml/y".to_owned()], ..Allowed::default() };
    assert!(mend(discovery("a: x\n"), &other, faults("y")).texts.is_empty());
    let elsewhere = Allowed { paths: vec![path("b")], ..Allowed::default() };
    assert!(mend(discovery("a: x\n"), &elsewhere, faults("y")).texts.is_empty());
}

#[test]
fn a_project_without_fixes_stays_as_it_is() {
    let config = crate::check::Config::on("2026-11-20".parse().unwrap());
    let judge = |discovery| {
        let project = Project::told(discovery, &Told::default());
        let outcome = check(&project, &RuleSet::everything(), &config);
        (project, outcome)
    };
    assert!(mend(discovery("a: x\n"), &Allowed::default(), judge).texts.is_empty());
}
