//! The weights of an install as a table with bars.

use std::fmt::Write as _;

use super::{at_least, bytes, development, members, needs, own, replacement, saves};
use crate::report::paint::Paint;
use crate::report::{clean, count};
use crate::source::{Sources, Span};
use crate::weigh::{Row, Sheet, Use, without_size};

/// Rows that are shown; the others are added up in one.
const MOST_ROWS: usize = 20;
/// Characters of the longest bar.
const BAR: usize = 12;
/// Duplicates that are named.
const MOST_DUPLICATES: usize = 5;

/// A table for each install.
pub fn write(sources: &Sources, sheets: &[Sheet], prefix: &str, paint: Paint) -> String {
    if sheets.is_empty() {
        return "nothing here installs packages by a lock file that can be read\n".to_owned();
    }
    let mut text = String::new();
    for sheet in sheets {
        head(sheet, prefix, paint, &mut text);
        rows(sources, sheet, prefix, paint, &mut text);
        foot(sheet, paint, &mut text);
        text.push('\n');
    }
    text
}

fn head(sheet: &Sheet, prefix: &str, paint: Paint, text: &mut String) {
    let place = match &sheet.image {
        Some(image) => format!("in the image of {prefix}{image}"),
        None => format!("by {prefix}{}", sheet.lock),
    };
    let development = development(sheet);
    let title = paint.bold(clean::line(&sheet.package));
    let total = match (sheet.unsized_packages.len(), sheet.total) {
        (0, total) => bytes(total),
        (_, 0) => "nobody knows how much".to_owned(),
        (_, total) => format!("at least {}", bytes(total)),
    };
    let packages = count(sheet.packages, "package", "packages");
    let _ = writeln!(text, "{title}: {total} in {packages}");
    let _ =
        writeln!(text, "{}", paint.dim(clean::line(&format!("{place}, {}, {development}", sheet.system))));
    let from: Vec<String> =
        sheet.sources.iter().map(|(source, packages)| format!("{source} ({packages})")).collect();
    if !from.is_empty() {
        let _ = writeln!(text, "{}", paint.dim(clean::line(&format!("sizes from {}", from.join(", ")))));
    }
    if !sheet.unsized_packages.is_empty() {
        let named = sheet.unsized_packages.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if sheet.unsized_packages.len() > 3 { ", …" } else { "" };
        let without = count(sheet.unsized_packages.len(), "package", "packages");
        let line = format!("{without} of no known size, counted as nothing: {named}{more}");
        let _ = writeln!(text, "{}", clean::line(&line));
        let help = if sheet.is_installed {
            "what is installed here lacks them: they may be for another system"
        } else {
            "install here and weigh again, or ask a registry: `plimsoll weigh --update`"
        };
        let _ = writeln!(text, "{}", paint.help(help));
    }
    text.push('\n');
}

fn rows(sources: &Sources, sheet: &Sheet, prefix: &str, paint: Paint, text: &mut String) {
    let shown = &sheet.rows[..sheet.rows.len().min(MOST_ROWS)];
    let most = shown.iter().map(|row| row.saves).max().unwrap_or(0).max(1);
    let name = |row: &Row| {
        let version = row.version.as_deref().map_or(String::new(), |version| format!(" {version}"));
        clean::line(&format!("{}{version}", row.name))
    };
    let width = shown.iter().map(|row| name(row).chars().count()).max().unwrap_or(0).clamp(10, 40);
    let _ = writeln!(
        text,
        "{}",
        paint.dim(format!(
            "  {:>9}  {:BAR$}  {:>9}  {:>9}  {:width$}  used",
            "saves", "", "own", "needs", "dependency"
        ))
    );
    for row in shown {
        let filled = (row.saves as f64 / most as f64 * BAR as f64).round() as usize;
        let bar = format!("{}{}", "█".repeat(filled), " ".repeat(BAR - filled));
        let _ = writeln!(
            text,
            "  {:>9}  {}  {:>9}  {:>9}  {:width$}  {}",
            saves(row),
            paint.help(bar),
            own(row),
            needs(row),
            name(row),
            used(sources, row, prefix, paint)
        );
        let below = match (&row.instead, &row.replacement) {
            (Some(instead), _) => paint.help(clean::line(&format!("→ {instead}"))),
            (None, Some(found)) => paint.dim(format!("→ {}", replacement(found))),
            (None, None) => continue,
        };
        let _ = writeln!(text, "  {:>9}  {:BAR$}  {below}", "", "");
    }
    let rest = &sheet.rows[shown.len()..];
    if !rest.is_empty() {
        let unknown = rest.iter().map(Row::without_size).sum();
        let saves = at_least(rest.iter().map(|row| row.saves).sum(), unknown);
        let others = count(rest.len(), "other dependency", "other dependencies");
        let _ = writeln!(text, "  {:>9}  {:BAR$}  {:>9}  {:>9}  {others}", saves, "", "", "");
    }
    for scope in sheet.scopes.iter().filter(|scope| scope.saves > 0 || scope.unknown > 0) {
        let line = format!("{}/* together, {} of them", scope.name, scope.members);
        let saves = at_least(scope.saves, scope.unknown);
        let line = format!("  {saves:>9}  {:BAR$}  {:>9}  {:>9}  {}", "", "", "", clean::line(&line));
        let _ = writeln!(text, "{}", paint.dim(line));
    }
    let unknown = without_size(&sheet.shared_packages);
    if sheet.shared > 0 || unknown > 0 {
        let shared = count(sheet.shared_packages.len(), "package", "packages");
        let line = format!(
            "  {:>9}  {:BAR$}  {:>9}  {:>9}  {shared} that several of them need",
            at_least(sheet.shared, unknown),
            "",
            "",
            ""
        );
        let _ = writeln!(text, "{}", paint.dim(line));
    }
}

/// Who uses a dependency: `src/geo.js:3 (lookup)`, or what is known instead.
fn used(sources: &Sources, row: &Row, prefix: &str, paint: Paint) -> String {
    let place = |span: Span| {
        let file = sources.file(span.file);
        format!("{prefix}{}:{}", file.path, file.position(span.start).line)
    };
    let Some(first) = row.imports.first() else {
        return paint.dim(clean::line(&match (row, &row.other_use) {
            (Row { is_development: true, .. }, _) => "for development".to_owned(),
            (Row { is_tool: true, .. }, _) => "a tool of developers, imported nowhere".to_owned(),
            (_, Some(Use::Named(at))) => format!("named at {}", place(*at)),
            (_, Some(Use::LoadedBy(by))) => format!("loaded by {by}"),
            (_, Some(Use::Nowhere)) => "named nowhere".to_owned(),
            (_, None) => "-".to_owned(),
        }));
    };
    let more = match row.imports.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let members = match members(row).as_slice() {
        [] => String::new(),
        [first, second, third, _, ..] => format!(" ({first}, {second}, {third}, …)"),
        few => format!(" ({})", few.join(", ")),
    };
    clean::line(&format!("{}{members}{more}", place(*first)))
}

fn foot(sheet: &Sheet, paint: Paint, text: &mut String) {
    if !sheet.leftovers.is_empty() {
        let sum = sheet.leftovers.iter().filter_map(|one| one.bytes).sum();
        let named = sheet.leftovers.iter().take(MOST_DUPLICATES).map(|one| one.name.as_str());
        let named = named.collect::<Vec<_>>().join(", ");
        let line = format!("{} are left over from builds of native code here: {named}", bytes(sum));
        let _ = writeln!(text, "\n{}", clean::line(&line));
        let _ = writeln!(
            text,
            "{}",
            paint.help("copy node_modules from a build stage without build/Release/obj* and deps/")
        );
    }
    if !sheet.copied.is_empty() {
        let bytes_of_all = sheet.copied.iter().map(|one| one.bytes).sum();
        let named: Vec<String> = sheet
            .copied
            .iter()
            .take(MOST_DUPLICATES)
            .map(|one| format!("{} ({} places)", one.name, one.places))
            .collect();
        let more = if sheet.copied.len() > MOST_DUPLICATES { ", …" } else { "" };
        let line = format!(
            "{} at several places of the disk, {} more than one of each: {}{more}",
            count(sheet.copied.len(), "package lies", "packages lie"),
            bytes(bytes_of_all),
            named.join(", ")
        );
        let _ = writeln!(text, "\n{}", paint.dim(clean::line(&line)));
    }
    if sheet.duplicates.is_empty() {
        return;
    }
    let unknown = sheet.duplicates.iter().map(|duplicate| duplicate.unknown).sum();
    let bytes_of_all = match sheet.duplicates.iter().map(|duplicate| duplicate.bytes).sum() {
        0 if unknown > 0 => String::new(),
        sum => format!(", {} more than one of each", at_least(sum, unknown)),
    };
    let named: Vec<String> = sheet.duplicates[..sheet.duplicates.len().min(MOST_DUPLICATES)]
        .iter()
        .map(|duplicate| format!("{} {}", duplicate.name, duplicate.versions.join(", ")))
        .collect();
    let more = if sheet.duplicates.len() > MOST_DUPLICATES { ", …" } else { "" };
    let line = format!(
        "{} in several versions{bytes_of_all}: {}{more}",
        count(sheet.duplicates.len(), "package is there", "packages are there"),
        named.join("; ")
    );
    let _ = writeln!(text, "\n{}", paint.dim(clean::line(&line)));
}
