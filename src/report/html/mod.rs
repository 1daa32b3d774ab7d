//! The report as one page for a browser: nothing is loaded from anywhere, all of it is there without scripts, and no
//! text of the project is anything but text.

mod checklist;
mod excerpt;
mod findings;
mod fix;
mod map;
pub(super) mod text;
mod weights;

use std::fmt::Write as _;

use super::map::Map;
use super::{Counts, Report, count};
use crate::source::Span;
use crate::weigh::Sheet;
use text::{prose, text};

/// What a page shows of a project.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Findings, checklist and notes.
    pub report: &'a Report<'a>,
    /// What belongs together.
    pub map: &'a Map,
    /// What the dependencies weigh.
    pub sheets: &'a [Sheet],
}

/// A script of a page: its text and the SHA-256 of that in base64, by which the page's policy knows it. No other script
/// runs.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// The text.
    pub text: &'static str,
    /// Its hash.
    pub sha256: &'static str,
}

/// What both pages look like.
const BASE: &str = include_str!("base.css");
const STYLE: &str = include_str!("report.css");
/// The script of the report: it filters what is there.
pub const SCRIPT: Script =
    Script { text: include_str!("report.js"), sha256: "57yJ8+bJe7N6EEoPWJYacjhMO1Pl6mOlA1xlJYyiCgc=" };

/// Notes that are shown.
const MOST_NOTES: usize = 200;

/// The page.
pub fn write(page: &Page<'_>) -> String {
    let report = page.report;
    let mut main = String::new();
    let _ = writeln!(main, "<h1>plimsoll</h1>");
    counts(report, &mut main);
    contents(page, &mut main);
    checklist::write(report, &mut main);
    findings::write(report, &mut main);
    weights::write(page, &mut main);
    map::write(page.map, report.prefix, &mut main);
    notes(report, &mut main);
    document(&format!("plimsoll: {}", report.headline()), STYLE, &main, "", SCRIPT)
}

/// A whole page. `data`: elements behind the main part.
pub(super) fn document(title: &str, style: &str, main: &str, data: &str, script: Script) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        script.sha256
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n\
         <style>\n{BASE}{style}</style>\n</head>\n<body>\n<main>\n{main}</main>\n{data}\
         <script>{}</script>\n</body>\n</html>\n",
        text(title),
        script.text
    )
}

/// The numbers that a reader wants first.
fn counts(report: &Report<'_>, main: &mut String) {
    let Counts { errors, warnings, infos } = report.counts();
    let suppressed = report.findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    main.push_str("<ul class=\"counts\">\n");
    for (class, number, one, many) in [
        ("error", errors, "error", "errors"),
        ("warning", warnings, "warning", "warnings"),
        ("info", infos, "info", "infos"),
        ("quiet", suppressed, "suppressed", "suppressed"),
    ] {
        if class == "quiet" && number == 0 {
            continue;
        }
        let word = if number == 1 { one } else { many };
        let _ = writeln!(main, "<li class=\"{class}\"><strong>{number}</strong> {word}</li>");
    }
    main.push_str("</ul>\n");
}

/// Links to the parts that are there.
fn contents(page: &Page<'_>, main: &mut String) {
    let parts = [
        ("checklist", "Checklist", !page.report.checklist.is_empty()),
        ("findings", "Findings", true),
        ("weights", "Weights", !page.sheets.is_empty()),
        ("map", "Map", !map::is_empty(page.map)),
        ("notes", "Notes", !page.report.notes().is_empty()),
    ];
    main.push_str("<nav aria-label=\"Parts of the report\">\n");
    for (id, title, _) in parts.into_iter().filter(|(.., is_there)| *is_there) {
        let _ = writeln!(main, "<a href=\"#{id}\">{title}</a>");
    }
    main.push_str("</nav>\n");
}

fn notes(report: &Report<'_>, main: &mut String) {
    let notes = report.notes();
    if notes.is_empty() {
        return;
    }
    main.push_str("<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n<ul class=\"notes\">\n");
    for note in notes.iter().take(MOST_NOTES) {
        let place = note.span.map(|span| place(report, span)).unwrap_or_default();
        let _ = writeln!(main, "<li>{place} {}</li>", prose(&note.message));
    }
    if notes.len() > MOST_NOTES {
        let more = count(notes.len() - MOST_NOTES, "more note", "more notes");
        let _ = writeln!(main, "<li>and {more}</li>");
    }
    main.push_str("</ul>\n</section>\n");
}

/// `path:line` of the start of a span.
fn place(report: &Report<'_>, span: Span) -> String {
    let file = report.sources.file(span.file);
    let place = format!("{}:{}", report.path(span.file), file.position(span.start).line);
    format!("<span class=\"place\">{}</span>", text(&place))
}
