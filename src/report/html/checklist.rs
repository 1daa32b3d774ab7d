//! How the items of the checklist stand for each app: a strip of marks to see at a glance, the reasons below.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::findings::anchor;
use super::text::{prose, text};
use super::{Report, place};
use crate::checklist::{AppChecklist, Judgement, State};
use crate::report::checklist::counts;

/// Apps up to which all are seen without opening them.
const OPEN: usize = 2;

pub(super) fn write(report: &Report<'_>, main: &mut String) {
    if report.checklist.is_empty() {
        return;
    }
    main.push_str("<section aria-labelledby=\"checklist\">\n<h2 id=\"checklist\">Checklist</h2>\n");
    let shown: BTreeSet<&str> = report.shown().map(|finding| finding.rule).collect();
    for app in report.checklist {
        of_app(report, app, &shown, main);
    }
    main.push_str("</section>\n");
}

fn of_app(report: &Report<'_>, app: &AppChecklist, shown: &BTreeSet<&str>, main: &mut String) {
    let open = if report.checklist.len() <= OPEN { " open" } else { "" };
    let _ = write!(
        main,
        "<details class=\"app\"{open}>\n<summary><strong>{}</strong> <span class=\"quiet\">{}</span> \
         <span class=\"strip\" aria-hidden=\"true\">",
        text(&app.app),
        counts(app)
    );
    for item in &app.items {
        let _ = write!(main, "<i class=\"{}\" title=\"{}\"></i>", item.state.as_str(), text(item.title));
    }
    main.push_str("</span></summary>\n<table class=\"items\">\n<tbody>\n");
    for item in &app.items {
        row(report, item, shown, main);
    }
    main.push_str("</tbody>\n</table>\n</details>\n");
}

/// `shown`: the rules of which findings are shown.
fn row(report: &Report<'_>, item: &Judgement, shown: &BTreeSet<&str>, main: &mut String) {
    let mark = match item.state {
        State::Met => "✓",
        State::Broken => "✗",
        State::Unknown => "?",
    };
    let state = item.state.as_str();
    let place = item.place.map(|span| place(report, span)).unwrap_or_default();
    let mut rules = String::new();
    for rule in item.rules.iter().filter(|rule| shown.contains(*rule)) {
        let _ = write!(rules, " <a href=\"#{}\">{}</a>", anchor(rule), text(rule));
    }
    let _ = writeln!(
        main,
        "<tr class=\"{state}\"><td class=\"state\"><span aria-hidden=\"true\">{mark}</span> {state}</td>\
         <th scope=\"row\">{}</th><td>{} {place}{rules}</td></tr>",
        text(item.title),
        prose(&item.because)
    );
}
