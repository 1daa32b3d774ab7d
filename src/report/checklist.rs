//! The checklist of each app: a table for people at a terminal, Markdown for pages, JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{Location, location};
use super::markdown::text::{code, prose};
use super::paint::Paint;
use super::{clean, count};
use crate::checklist::{AppChecklist, Judgement, State};
use crate::source::{Sources, Span};

/// Apps with their items, as JSON has them.
#[derive(Serialize)]
pub(super) struct AppJson<'a> {
    app: &'a str,
    folder: &'a str,
    items: Vec<ItemJson<'a>>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    item: &'a str,
    title: &'a str,
    state: &'a str,
    because: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    rules: &'a [&'a str],
}

/// The checklists as parts of a JSON document.
pub(super) fn in_json<'a>(sources: &'a Sources, apps: &'a [AppChecklist]) -> Vec<AppJson<'a>> {
    let item = |item: &'a Judgement| ItemJson {
        item: item.item,
        title: item.title,
        state: item.state.as_str(),
        because: &item.because,
        location: item.place.map(|place| location(sources, place)),
        rules: &item.rules,
    };
    let app = |app: &'a AppChecklist| AppJson {
        app: &app.app,
        folder: app.folder.as_str(),
        items: app.items.iter().map(item).collect(),
    };
    apps.iter().map(app).collect()
}

/// The checklists as a document of their own: version 1, apps with their items as in the report of `check`.
pub fn json(sources: &Sources, apps: &[AppChecklist]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        version: u32,
        checklist: Vec<AppJson<'a>>,
    }
    let document = Document { version: 1, checklist: in_json(sources, apps) };
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// `path:line`, or nothing.
fn place(sources: &Sources, prefix: &str, place: Option<Span>) -> String {
    let Some(span) = place else { return String::new() };
    let file = sources.file(span.file);
    clean::line(&format!("{prefix}{}:{}", file.path, file.position(span.start).line))
}

/// `9 met, 3 broken, 6 unknown`.
pub(super) fn counts(app: &AppChecklist) -> String {
    let number = |state| app.items.iter().filter(|item| item.state == state).count();
    let [met, broken, unknown] = [State::Met, State::Broken, State::Unknown].map(number);
    format!("{met} met, {broken} broken, {unknown} unknown")
}

/// A table for each app.
pub fn table(sources: &Sources, apps: &[AppChecklist], prefix: &str, paint: Paint) -> String {
    let mut text = String::new();
    for app in apps {
        let head = clean::line(&format!("{} ({prefix}{})", app.app, folder(app)));
        let _ = writeln!(text, "{}: {}", paint.bold(head), counts(app));
        let width = app.items.iter().map(|item| item.title.len()).max().unwrap_or(0);
        for item in &app.items {
            let state = paint.state(item.state, format!("{:7}", item.state.as_str()));
            let because = clean::line(&item.because);
            let place = place(sources, prefix, item.place);
            let place = if place.is_empty() { place } else { format!("{place}: ") };
            let title = format!("{:width$}", item.title);
            let _ = writeln!(text, "  {state}  {title}  {}{because}", paint.dim(place));
        }
        text.push('\n');
    }
    if apps.is_empty() {
        text.push_str("nothing here is known to be a Node.js service that ships\n");
    } else {
        let _ = writeln!(
            text,
            "{}",
            paint.dim(format!("{}; `plimsoll check` tells what to do", count(apps.len(), "app", "apps")))
        );
    }
    text
}

fn folder(app: &AppChecklist) -> &str {
    if app.folder.is_root() { "." } else { app.folder.as_str() }
}

/// A table in Markdown for each app.
pub fn markdown(sources: &Sources, apps: &[AppChecklist], prefix: &str) -> String {
    let mut text = String::new();
    for app in apps {
        let _ = writeln!(
            text,
            "### {}\n\n{}\n\n| | item | place | because |\n|---|---|---|---|",
            prose(&app.app),
            counts(app)
        );
        for item in &app.items {
            let mark = match item.state {
                State::Met => "✅",
                State::Broken => "❌",
                State::Unknown => "❔",
            };
            let place = place(sources, prefix, item.place);
            let (place, because) = (code(&place), prose(&item.because));
            let _ = writeln!(text, "| {mark} | {} | {place} | {because} |", item.title);
        }
        text.push('\n');
    }
    text
}
