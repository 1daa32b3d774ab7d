use super::*;
use crate::check::{Config, Outcome, check};
use crate::model::Project;

const ROOT: &str = "FROM node:24-slim\nCMD [\"node\", \"server.js\"]\n";

/// What is said of two Dockerfiles without a user under a configuration.
fn outcome(configuration: &str) -> (Outcome, Vec<Issue>) {
    let file = |path: &str, text: &str| (ProjectPath::new(path).unwrap(), text.to_owned());
    let discovery = Discovery::from_texts([
        file("a/Dockerfile", ROOT),
        file("b/Dockerfile", ROOT),
        file("plimsoll.yaml", configuration),
    ]);
    let (configuration, issues) = among(&discovery);
    let rules = configuration.rule_set();
    let project = Project::told(discovery, &configuration.told);
    let day = configuration.as_of.unwrap_or("2026-11-20".parse().unwrap());
    let config = Config { exceptions: configuration.exceptions, ..Config::on(day) };
    (check(&project, &rules, &config), issues)
}

/// Severities of the findings on the users of the two images, `accepted` for those that are.
fn users(configuration: &str) -> Vec<String> {
    let (outcome, issues) = outcome(configuration);
    assert_eq!(issues, [], "{configuration}");
    let users = outcome.findings.iter().filter(|finding| finding.rule == "image/root-user");
    users
        .map(|finding| match &finding.suppressed {
            Some(accepted) => format!("accepted: {}", accepted.reason),
            None => finding.severity.to_string(),
        })
        .collect()
}

#[test]
fn rules_have_the_severity_that_is_configured() {
    assert_eq!(users(""), ["warning", "warning"]);
    assert_eq!(users("rules:\n  image/root-user: error\n"), ["error", "error"]);
    assert_eq!(users("rules:\n  image/root-user: off\n"), [""; 0]);
    assert_eq!(users("rules:\n  image/*: off\n  image/root-user: info\n"), ["info", "info"]);
}

#[test]
fn an_override_holds_in_its_files() {
    let text = "overrides:\n  - paths: [b/]\n    rules: {image/root-user: info}\n";
    assert_eq!(users(text), ["warning", "info"]);
    let text = "overrides:\n  - paths: [\"*\"]\n    rules: {image/*: off}\n  - paths: [/a]\n    rules: {image/root-user: error}\n";
    assert_eq!(users(text), ["error"]);
}

#[test]
fn an_ignore_accepts_for_a_time() {
    let ignore =
        |rest: &str| format!("ignore:\n  - rule: image/root-user\n    reason: old\n    path: a/\n{rest}");
    assert_eq!(users(&ignore("")), ["accepted: old", "warning"]);
    assert_eq!(users(&ignore("    until: 2026-11-20\n")), ["accepted: old", "warning"]);
    assert_eq!(users(&ignore("    until: 2026-11-19\n")), ["warning", "warning"]);
    let (outcome, _) = outcome("ignore: [{rule: image/node-eol, reason: old}]\n");
    assert!(outcome.notes.iter().any(|note| note.message.contains("ignores nothing")), "{:?}", outcome.notes);
}

#[test]
fn what_is_told_is_believed() {
    assert_eq!(users("purposes: [{paths: [a/], purpose: develop}]\n"), ["warning"]);
    let text = "FROM registry.example/base:1\nCMD [\"node\", \"server.js\"]\n";
    let discovery = Discovery::from_texts([
        (ProjectPath::new("Dockerfile").unwrap(), text.to_owned()),
        (
            ProjectPath::new("plimsoll.yaml").unwrap(),
            "base-images: [{image: registry.example/base, like: \"node:24-slim\"}]\n".to_owned(),
        ),
    ]);
    let (configuration, _) = among(&discovery);
    let project = Project::told(discovery, &configuration.told);
    let outcome = check(&project, &configuration.rule_set(), &Config::on("2026-11-20".parse().unwrap()));
    assert!(outcome.findings.iter().any(|finding| finding.rule == "image/root-user"));
}

#[test]
fn what_is_wrong_has_its_place_and_a_help() {
    let (_, issues) = outcome("rules:\n  image/rootuser: off\nexlude: []\n");
    let said: Vec<_> = issues.iter().map(|issue| (issue.span.start, issue.help.as_deref())).collect();
    assert_eq!(said, [(9, Some("did you mean `image/root-user`?")), (29, Some("did you mean `exclude`?"))]);
    assert!(Configuration::read(FileId(0), "a: [", "").is_err());
}

#[test]
fn a_configuration_above_the_root_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("services/web");
    fs::create_dir_all(&inner).unwrap();
    fs::write(folder.path().join("plimsoll.yaml"), "exclude: [services/web/old, \"*.bak\", other/x]\n")
        .unwrap();
    let found = find(&inner).unwrap();
    assert_eq!((found.path.as_str(), found.prefix.as_str()), ("../../plimsoll.yaml", "services/web/"));
    let loaded = load(found).unwrap();
    assert_eq!(loaded.configuration.exclude, ["/old", "*.bak"]);
    fs::create_dir(inner.join(".git")).unwrap();
    assert_eq!(find(&inner), None, "a repository ends the search");
}
