//! The weights as one page for a browser: nothing is loaded from anywhere, and without scripts the tables stand.

use std::fmt::Write as _;

use super::{at_least, bytes, development, document, needs, own, replacement, saves};
use crate::report::html::text::text;
use crate::report::html::{Script, document as page_of};
use crate::source::Sources;
use crate::weigh::{Row, Sheet, without_size};

const STYLE: &str = include_str!("page.css");
/// The script of the page: it draws the maps and sorts the tables.
pub const SCRIPT: Script =
    Script { text: include_str!("page.js"), sha256: "nfLZY/ZZ7hHFQqnsIrfY56c7zCW/maz8jQReltOSzI4=" };

/// The page.
pub fn write(sources: &Sources, sheets: &[Sheet]) -> String {
    let title = "What the dependencies weigh";
    let mut main = format!("<h1>{title}</h1>\n");
    if sheets.is_empty() {
        main.push_str("<p>Nothing here installs packages by a lock file that can be read.</p>\n");
    }
    for (index, sheet) in sheets.iter().enumerate() {
        section(sources, sheet, index, &mut main);
    }
    let data = serde_json::to_string(&document(sources, sheets)).unwrap_or_default();
    let data = format!("<script type=\"application/json\" id=\"weights\">{}</script>\n", inert(&data));
    page_of(title, STYLE, &main, &data, SCRIPT)
}

fn section(sources: &Sources, sheet: &Sheet, index: usize, page: &mut String) {
    let id = format!("s{index}");
    let _ = writeln!(page, "<section aria-labelledby=\"{id}\">");
    head(sheet, "h2", &id, page);
    let _ = write!(
        page,
        "<div class=\"map\" data-sheet=\"{index}\" role=\"group\" aria-label=\"Bytes that each dependency brings along\"></div>\n\
         <p class=\"told\" data-told=\"{index}\" aria-live=\"polite\"></p>\n\
         <table data-table=\"{index}\">\n<thead><tr>{}</tr></thead>\n<tbody>\n",
        ["dependency", "saves", "own", "needs", "packages", "used at"]
            .map(|title| format!("<th scope=\"col\">{title}</th>"))
            .concat()
    );
    for row in &sheet.rows {
        row_of(sources, row, page);
    }
    page.push_str("</tbody>\n</table>\n");
    if !sheet.duplicates.is_empty() {
        page.push_str("<h3>In several versions</h3>\n<ul class=\"twice\">\n");
        for duplicate in &sheet.duplicates {
            let versions: Vec<String> = duplicate.versions.iter().map(|version| text(version)).collect();
            let _ = writeln!(
                page,
                "<li>{} <span>{}</span> {}</li>",
                text(&duplicate.name),
                versions.join(", "),
                at_least(duplicate.bytes, duplicate.unknown)
            );
        }
        page.push_str("</ul>\n");
    }
    if !sheet.copied.is_empty() {
        page.push_str("<h3>At several places of the disk</h3>\n<ul class=\"twice\">\n");
        for one in &sheet.copied {
            let _ = writeln!(
                page,
                "<li>{} <span>{} places</span> {}</li>",
                text(&one.name),
                one.places,
                bytes(one.bytes)
            );
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</section>\n");
}

/// What an install is of and what it weighs. `id`: that of the heading, where one is wanted.
pub(in crate::report) fn head(sheet: &Sheet, level: &str, id: &str, page: &mut String) {
    let place = sheet.image.as_ref().unwrap_or(&sheet.lock);
    let development = development(sheet);
    let from: Vec<String> =
        sheet.sources.iter().map(|(source, packages)| format!("{} ({packages})", text(source))).collect();
    let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
    let _ = write!(
        page,
        "<{level}{id}>{}</{level}>\n<p class=\"sum\"><strong>{}</strong> in {} packages; {} of it shared by several dependencies</p>\n\
         <p class=\"about\">{} · {} · {development} · sizes from {}</p>\n",
        text(&sheet.package),
        bytes(sheet.total),
        sheet.packages,
        at_least(sheet.shared, without_size(&sheet.shared_packages)),
        text(place),
        text(&sheet.system),
        if from.is_empty() { "nowhere".to_owned() } else { from.join(", ") },
    );
    if !sheet.unsized_packages.is_empty() {
        let names: Vec<String> = sheet.unsized_packages.iter().map(|name| text(name)).collect();
        let _ = writeln!(
            page,
            "<details class=\"unsized\"><summary>packages of no known size, which count as nothing: {}</summary><p>{}</p></details>",
            names.len(),
            names.join(", ")
        );
    }
}

fn row_of(sources: &Sources, row: &Row, page: &mut String) {
    let version =
        row.version.as_deref().map_or(String::new(), |version| format!(" <span>{}</span>", text(version)));
    let tool = match row {
        Row { is_development: true, .. } => " <em>for development</em>",
        Row { is_tool: true, .. } => " <em>tool of developers</em>",
        _ => "",
    };
    let used = match row.imports.first() {
        None => "–".to_owned(),
        Some(span) => {
            let file = sources.file(span.file);
            let more =
                if row.imports.len() > 1 { format!(" +{}", row.imports.len() - 1) } else { String::new() };
            format!("{}:{}{more}", text(file.path.as_str()), file.position(span.start).line)
        }
    };
    let number = |value: u64, shown: String| format!("<td class=\"n\" data-bytes=\"{value}\">{shown}</td>");
    let _ = writeln!(
        page,
        "<tr><th scope=\"row\">{}{version}{tool}{}</th>{}{}{}<td class=\"n\" data-bytes=\"{}\">{}</td><td>{used}</td></tr>",
        text(&row.name),
        instead(row),
        number(row.saves, saves(row)),
        number(row.own.unwrap_or(0), own(row)),
        number(row.needs, needs(row)),
        row.held.len(),
        row.held.len()
    );
}

/// What does the same for less, or what is in the runtime already.
pub(in crate::report) fn instead(row: &Row) -> String {
    match (&row.instead, &row.replacement) {
        (Some(instead), _) => format!("<p class=\"instead\">{}</p>", text(instead)),
        (None, Some(found)) => {
            let words = text(&replacement(found));
            let link = found.link.map_or(String::new(), |link| {
                format!(" <a href=\"{}\" rel=\"noreferrer\">documentation</a>", text(link))
            });
            format!("<p class=\"replacement\">{words}{link}</p>")
        }
        (None, None) => String::new(),
    }
}

/// JSON that may stand in a script element: neither `</script>` nor `<!--` nor what turns the direction of text can be in it.
fn inert(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '<' {
            safe.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}
