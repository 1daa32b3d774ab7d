//! What SARIF says of a rule (3.49), all of it from the rule's page.

use std::fmt::Write as _;

use serde::Serialize;

use super::level;
use crate::finding::Severity;
use crate::rules::page::Page;
use crate::rules::{Rule, find};

/// A rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    id: String,
    name: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    page: Option<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    short_description: Text,
    full_description: Text,
    help: Help,
    help_uri: String,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// What GitHub reads beside the format. `precision` and `security-severity` are left out: no page says such a thing.
#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

impl Descriptor {
    /// The rule of this id; of one that is not in the registry only the id is known.
    pub(super) fn of(id: &str) -> Descriptor {
        let rule = find(id);
        let page = rule.and_then(|rule| Some(described(rule, rule.page().ok()?)));
        Descriptor { id: id.to_owned(), name: pascal_case(id), page }
    }
}

fn described(rule: &Rule, page: &Page) -> Described {
    let mut tags = vec![rule.family()];
    tags.extend(rule.checklist.filter(|item| *item != rule.family()));
    Described {
        short_description: Text { text: page.title.clone() },
        full_description: Text { text: first_paragraph(page) },
        help: Help { text: page.reason.clone(), markdown: help(page) },
        help_uri: rule.url(),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties {
            tags,
            severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    }
}

/// `run/signal-lost` as `RunSignalLost`.
fn pascal_case(id: &str) -> String {
    let words = id.split(['/', '-']);
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// What the reason begins with, in one line.
fn first_paragraph(page: &Page) -> String {
    let lines = page.reason.lines().take_while(|line| !line.trim().is_empty());
    lines.map(str::trim).collect::<Vec<&str>>().join(" ")
}

/// The page without its title, which readers show themselves, and with its references.
fn help(page: &Page) -> String {
    let body = page.body.strip_prefix("# ").and_then(|body| body.split_once('\n'));
    let mut help = body.map_or(page.body.as_str(), |(_, rest)| rest.trim_start()).to_owned();
    for (at, reference) in page.front.references.iter().enumerate() {
        help.push_str(if at == 0 { "\n\n## References\n\n" } else { "\n" });
        let _ = write!(help, "- {reference}");
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_gives_a_description_that_github_shows_whole() {
        assert_eq!(pascal_case("run/signal-lost"), "RunSignalLost");
        for rule in crate::rules::all() {
            let page = rule.page().unwrap();
            let first = first_paragraph(page);
            // GitHub cuts both at 1,024 characters.
            assert!(page.title.chars().count() <= 1024 && first.chars().count() <= 1024, "{}", rule.id);
            assert!(
                first.starts_with(|first: char| first.is_alphanumeric() || first == '`'),
                "{}: {first}",
                rule.id
            );
            let help = help(page);
            assert!(!help.starts_with('#') && help.contains("\n## What to do\n"), "{}", rule.id);
        }
    }
}
