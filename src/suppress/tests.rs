//! Comments against findings of the reader rules, which need no model.

use super::*;
use crate::check::{Config, Outcome, check};
use crate::source::{FileId, ProjectPath};
use crate::syntax::Issue;
use crate::syntax::comment::pragmas;

/// Checks a text in which each `@` line start is at fault; `#` starts a comment anywhere.
fn outcome(text: &str, ignore_comments: bool) -> Outcome {
    let mut project = Project::default();
    let file = project.sources.add(SourceFile::new(ProjectPath::new("Dockerfile").unwrap(), text));
    for (at, _) in text.match_indices('@') {
        project.issues.push(Issue::new("dockerfile/syntax", "at fault", Span::new(file, at, at + 1)));
    }
    let comment = |(at, _): (usize, &str)| (at as u32, (at + text[at..].find('\n').unwrap()) as u32);
    let nodes = text.match_indices("@").map(|(at, _)| (at as u32, (at + 4) as u32)).collect();
    project.pragmas = pragmas(FileId(0), text, text.match_indices('#').map(comment), || nodes);
    let config = Config { ignore_comments, ..Config::on("2026-11-20".parse().unwrap()) };
    check(&project, &RuleSet::default(), &config)
}

fn suppressed(text: &str) -> Vec<bool> {
    outcome(text, true).findings.iter().map(|finding| finding.suppressed.is_some()).collect()
}

fn note(text: &str) -> String {
    let outcome = outcome(text, true);
    assert_eq!(outcome.notes.len(), 1, "{:?}", outcome.notes);
    outcome.notes[0].message.clone()
}

#[test]
fn a_comment_covers_what_stands_next_or_its_line() {
    assert_eq!(suppressed("# plimsoll: ignore[dockerfile/syntax] why\n@one\n@two\n"), [true, false]);
    assert_eq!(suppressed("@one # plimsoll: ignore[dockerfile/syntax] why\n@two\n"), [true, false]);
    assert_eq!(
        suppressed("FROM x\n# plimsoll: ignore-file[dockerfile/syntax] why\n@one\n@two\n"),
        [true, true]
    );
    assert_eq!(suppressed("# plimsoll: ignore[json/syntax] why\n@one\n"), [false]);
    let found = outcome("# plimsoll: ignore[dockerfile/syntax] the day of the move\n@one\n", true).findings;
    let reason = "the day of the move".to_owned();
    assert_eq!(found[0].suppressed, Some(Suppression { by: SuppressedBy::Comment, reason }));
}

#[test]
fn comments_can_be_left_out() {
    let outcome = outcome("# plimsoll: ignore[dockerfile/syntax] why\n@one\n", false);
    assert!(outcome.findings[0].suppressed.is_none());
}

#[test]
fn comments_that_do_nothing_are_said() {
    assert!(note("# plimsoll: ignore[dockerfile/syntax] why\nfine\n").contains("nothing to ignore"));
    assert!(note("# plimsoll: ignore[dockerfile/syntax]\n@one\n").contains("no reason"));
    assert!(note("# plimsoll: ignore[dockerfile/sin] why\n@one\n").contains("no such rule"));
    assert!(
        note("# plimsoll: ignore[dockerfile/syntax] until 2026-11-19 x\n@one\n")
            .contains("ran out on 2026-11-19")
    );
    let late = format!("{}# plimsoll: ignore-file[dockerfile/syntax] x\n@one\n", "\n".repeat(10));
    assert!(note(&late).contains("first 10 lines"));
    assert_eq!(suppressed("# plimsoll: ignore[dockerfile/syntax] until 2026-11-20 x\n@one\n"), [true]);
}

#[test]
fn other_tools_comments_count_for_equal_rules() {
    assert_eq!(suppressed("# hadolint ignore=DL1000\n@one\n@two\n"), [true, false]);
    assert_eq!(suppressed("# hadolint global ignore=DL1000\n@one\n@two\n"), [true, true]);
    assert_eq!(suppressed("# hadolint ignore=DL3002\n@one\n"), [false]);
    assert!(outcome("# hadolint ignore=DL1000\nfine\n", true).notes.is_empty());
}

#[test]
fn comments_are_found_in_the_files_of_a_project() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: x\n\
                  # plimsoll: ignore[yaml/syntax] two keys on purpose\n  a: y\n  b: z\n  b: z\n";
    let project = Project::from_texts([(ProjectPath::new("k8s/a.yaml").unwrap(), text.to_owned())]);
    let config = Config::on("2026-11-20".parse().unwrap());
    let found = check(&project, &RuleSet::of(|rule| rule.id == "yaml/syntax"), &config).findings;
    let suppressed: Vec<_> =
        found.iter().map(|finding| finding.suppressed.as_ref().map(|it| it.reason.as_str())).collect();
    assert_eq!(suppressed, [Some("two keys on purpose"), None]);
}
