//! What the dependencies weigh, the heaviest with a bar each. `plimsoll weigh --format html` shows all.

use std::fmt::Write as _;

use super::Page;
use super::text::text;
use crate::report::weigh::{instead, page_head, saves};
use crate::weigh::{Row, Sheet};

/// Dependencies of a sheet that are shown.
const MOST: usize = 10;

pub(super) fn write(page: &Page<'_>, main: &mut String) {
    if page.sheets.is_empty() {
        return;
    }
    main.push_str("<section aria-labelledby=\"weights\">\n<h2 id=\"weights\">Weights</h2>\n");
    for sheet in page.sheets {
        of_sheet(page, sheet, main);
    }
    main.push_str("</section>\n");
}

fn of_sheet(page: &Page<'_>, sheet: &Sheet, main: &mut String) {
    page_head(sheet, "h3", "", main);
    let shown: Vec<&Row> = sheet.rows.iter().filter(|row| row.saves > 0).take(MOST).collect();
    if shown.is_empty() {
        return;
    }
    let most = shown.iter().map(|row| row.saves).max().unwrap_or(1).max(1);
    main.push_str(
        "<table class=\"weights\">\n<thead><tr><th scope=\"col\">dependency</th><th scope=\"col\">saves</th>\
         <th scope=\"col\">used at</th></tr></thead>\n<tbody>\n",
    );
    for row in shown {
        let version = row.version.as_deref().map(|version| format!(" <span>{}</span>", text(version)));
        let used = row.imports.first().map(|span| super::place(page.report, *span));
        let _ = writeln!(
            main,
            "<tr><th scope=\"row\">{}{}{}</th><td class=\"n\">{}{}</td><td>{}</td></tr>",
            text(&row.name),
            version.unwrap_or_default(),
            instead(row),
            saves(row),
            bar(row.saves, most),
            used.unwrap_or_else(|| "–".to_owned())
        );
    }
    main.push_str("</tbody>\n</table>\n");
    if sheet.rows.len() > MOST {
        let _ = writeln!(
            main,
            "<p class=\"quiet\">{} dependencies in all: <code>plimsoll weigh</code> shows each</p>",
            sheet.rows.len()
        );
    }
}

/// A bar whose length is the share of the longest.
fn bar(bytes: u64, most: u64) -> String {
    let share = (bytes as f64 / most as f64 * 100.0).round();
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{share}\" height=\"6\"/></svg>"
    )
}
