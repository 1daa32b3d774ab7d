//! The findings by rule, the worst first, and the form that a script fills with life.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::text::{prose, text};
use super::{Report, excerpt, fix};
use crate::finding::{Finding, Severity};
use crate::report::count;
use crate::rules::find;

/// Findings that are seen without opening anything.
const OPEN: usize = 40;
/// Findings whose lines are shown; those behind them have their places.
const WITH_LINES: usize = 3_000;

pub(super) fn write(report: &Report<'_>, main: &mut String) {
    let all = report.shown().count();
    let _ = writeln!(
        main,
        "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n<p class=\"sum\">{}{}</p>",
        report.headline(),
        report.suppressed()
    );
    if all > 1 {
        form(report, main);
    }
    let mut written = 0;
    let mut seen = BTreeSet::new();
    for ((severity, rule), findings) in report.by_rule() {
        let id = if seen.insert(rule) { format!(" id=\"{}\"", anchor(rule)) } else { String::new() };
        let _ = writeln!(main, "<section class=\"rule {severity}\"{id}>");
        head(severity, rule, findings.len(), main);
        for finding in findings {
            one(report, finding, written, main);
            written += 1;
        }
        main.push_str("</section>\n");
    }
    main.push_str("</section>\n");
}

/// The id of the part on a rule, where findings of it are shown.
pub(super) fn anchor(rule: &str) -> String {
    format!("rule-{}", text(rule))
}

/// What can be filtered by. It is hidden until there is a script to heed it.
fn form(report: &Report<'_>, main: &mut String) {
    let (mut rules, mut apps) = (BTreeMap::new(), BTreeMap::new());
    for finding in report.shown() {
        *rules.entry(finding.rule).or_insert(0) += 1;
        if let Some(app) = &finding.app {
            *apps.entry(app.as_str()).or_insert(0) += 1;
        }
    }
    main.push_str("<form class=\"filter\" hidden>\n<fieldset><legend>Severity</legend>\n");
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let _ = writeln!(
            main,
            "<label><input type=\"checkbox\" name=\"severity\" value=\"{severity}\" checked> {severity}</label>"
        );
    }
    main.push_str("</fieldset>\n");
    select("rule", "Rule", &rules, main);
    select("app", "App", &apps, main);
    main.push_str(
        "<label>Path <input type=\"search\" name=\"path\" placeholder=\"part of a path\" autocomplete=\"off\"></label>\n\
         <label>Text <input type=\"search\" name=\"text\" placeholder=\"in messages and lines\" autocomplete=\"off\"></label>\n\
         <p><output role=\"status\"></output> <button type=\"reset\">show all</button> \
         <button type=\"button\" name=\"fold\">open each</button></p>\n</form>\n",
    );
}

fn select(name: &str, title: &str, values: &BTreeMap<&str, usize>, main: &mut String) {
    if values.len() < 2 {
        return;
    }
    let _ = writeln!(main, "<label>{title} <select name=\"{name}\"><option value=\"\">all</option>");
    for (value, number) in values {
        let value = text(value);
        let _ = writeln!(main, "<option value=\"{value}\">{value} ({number})</option>");
    }
    main.push_str("</select></label>\n");
}

fn head(severity: Severity, rule: &str, number: usize, main: &mut String) {
    let (name, title) = match find(rule) {
        Some(rule) => (
            format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", text(&rule.url()), text(rule.id)),
            prose(rule.title),
        ),
        None => (text(rule), String::new()),
    };
    let _ = writeln!(
        main,
        "<h3><span class=\"badge\">{severity}</span> <code>{name}</code> {title} \
         <span class=\"quiet\">{number}</span></h3>"
    );
}

/// `at`: how many findings stand before it.
fn one(report: &Report<'_>, finding: &Finding, at: usize, main: &mut String) {
    let path = report.path(finding.primary.span.file);
    let _ = write!(
        main,
        "<details class=\"finding\" id=\"f{}\" data-severity=\"{}\" data-rule=\"{}\" data-app=\"{}\" data-path=\"{}\"{}>\n\
         <summary><span class=\"what\">{}</span> <span class=\"place\">{}</span></summary>\n",
        finding.fingerprint,
        finding.severity,
        text(finding.rule),
        finding.app.as_deref().map(text).unwrap_or_default(),
        text(&path),
        if at < OPEN { " open" } else { "" },
        prose(&finding.message),
        text(&report.place(finding.primary.span)),
    );
    if let Some(help) = &finding.help {
        let _ = writeln!(main, "<p class=\"help\"><b>Instead:</b> {}</p>", prose(help));
    }
    if at < WITH_LINES {
        excerpt::write(report, finding, main);
        if let Some(first) = finding.fixes.first() {
            fix::write(report, first, main);
        }
    } else if !finding.related.is_empty() {
        let places = count(finding.related.len(), "other place has", "other places have");
        let _ = writeln!(main, "<p class=\"quiet\">{places} part in it</p>");
    }
    main.push_str("</details>\n");
}
