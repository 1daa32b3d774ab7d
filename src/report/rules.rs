//! The list of rules, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::paint::Paint;
use crate::finding::Severity;
use crate::rules::{FixKind, On, Rule, Status};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    rules: Vec<RuleJson<'a>>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    id: &'a str,
    family: &'a str,
    severity: Severity,
    status: Status,
    on: On,
    fix: FixKind,
    checklist: Option<&'a str>,
    title: &'a str,
}

/// `{"version":1,"rules":[…]}`.
pub fn json(rules: &[Rule]) -> String {
    let rules = rules.iter().map(|each| RuleJson {
        id: each.id,
        family: each.family(),
        severity: each.severity,
        status: each.status,
        on: each.on(),
        fix: each.fix,
        checklist: each.checklist,
        title: each.title,
    });
    let document = Document { version: 1, rules: rules.collect() };
    // Plain structs of texts always serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// A table: severity, id, title.
pub fn table(rules: &[Rule], paint: Paint) -> String {
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let severity = paint.severity(rule.severity, format!("{:<7}", rule.severity));
        let status = match rule.status {
            Status::Stable => "",
            Status::Preview => " (preview)",
            Status::Deprecated => " (deprecated)",
        };
        let _ = writeln!(text, "{severity}  {:<widest$}  {}{status}", rule.id, rule.title);
    }
    text
}
