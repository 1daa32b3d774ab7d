//! What packages cost: a table for people, JSON for programs, a page for a browser.

mod changes;
mod html;
mod table;
mod why;

use serde::Serialize;

pub use changes::{Changes, Earlier, changes, earlier, installs};
pub use html::{SCRIPT, write as html};
pub(super) use html::{head as page_head, instead};
pub use table::write as table;
pub use why::write as why;

use super::json::{Location, location};
use crate::facts::replacement::{Kind, Replacement};
use crate::source::Sources;
use crate::weigh::{Copied, Duplicate, Held, Row, Scope, Sheet, without_size};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    weights: Vec<SheetJson<'a>>,
}

#[derive(Serialize)]
struct SheetJson<'a> {
    package: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    lock: &'a str,
    system: &'a str,
    development: Option<bool>,
    total: u64,
    packages: usize,
    shared: Option<u64>,
    shared_packages: Vec<HeldJson<'a>>,
    sources: Vec<SourceJson<'a>>,
    unsized_packages: &'a [String],
    dependencies: Vec<RowJson<'a>>,
    scopes: Vec<ScopeJson<'a>>,
    duplicates: Vec<DuplicateJson<'a>>,
    copied: Vec<CopiedJson<'a>>,
    leftovers: Vec<HeldJson<'a>>,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    source: &'a str,
    packages: usize,
}

#[derive(Serialize)]
struct RowJson<'a> {
    name: &'a str,
    version: Option<&'a str>,
    #[serde(flatten)]
    location: Location<'a>,
    own: Option<u64>,
    saves: Option<u64>,
    needs: Option<u64>,
    packages: Vec<HeldJson<'a>>,
    imports: Vec<Location<'a>>,
    members: Option<&'a [String]>,
    development: bool,
    tool: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<ReplacementJson>,
}

#[derive(Serialize)]
struct ReplacementJson {
    kind: &'static str,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since_node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'static str>,
}

#[derive(Serialize)]
struct CopiedJson<'a> {
    name: &'a str,
    places: u32,
    bytes: u64,
}

#[derive(Serialize)]
struct ScopeJson<'a> {
    name: &'a str,
    dependencies: usize,
    saves: Option<u64>,
}

#[derive(Serialize)]
struct HeldJson<'a> {
    name: &'a str,
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    estimate: bool,
}

#[derive(Serialize)]
struct DuplicateJson<'a> {
    name: &'a str,
    versions: &'a [String],
    bytes: Option<u64>,
}

/// The weights as a JSON document of version 1.
pub fn json(sources: &Sources, sheets: &[Sheet]) -> String {
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(&document(sources, sheets)).unwrap_or_default() + "\n"
}

fn document<'a>(sources: &'a Sources, sheets: &'a [Sheet]) -> Document<'a> {
    Document { version: 1, weights: sheets.iter().map(|sheet| sheet_json(sources, sheet)).collect() }
}

fn sheet_json<'a>(sources: &'a Sources, sheet: &'a Sheet) -> SheetJson<'a> {
    let duplicate = |Duplicate { name, versions, bytes, unknown }: &'a Duplicate| DuplicateJson {
        name,
        versions,
        bytes: known(*bytes, *unknown),
    };
    SheetJson {
        package: &sheet.package,
        image: sheet.image.as_deref(),
        target: sheet.target.as_deref(),
        folder: sheet.folder.as_deref(),
        lock: &sheet.lock,
        system: &sheet.system,
        development: sheet.development,
        total: sheet.total,
        packages: sheet.packages,
        shared: known(sheet.shared, without_size(&sheet.shared_packages)),
        shared_packages: sheet.shared_packages.iter().map(held_json).collect(),
        sources: sheet
            .sources
            .iter()
            .map(|(source, packages)| SourceJson { source, packages: *packages })
            .collect(),
        unsized_packages: &sheet.unsized_packages,
        dependencies: sheet.rows.iter().map(|row| row_json(sources, row)).collect(),
        scopes: sheet.scopes.iter().map(scope_json).collect(),
        duplicates: sheet.duplicates.iter().map(duplicate).collect(),
        copied: sheet.copied.iter().map(copied_json).collect(),
        leftovers: sheet.leftovers.iter().map(held_json).collect(),
    }
}

fn row_json<'a>(sources: &'a Sources, row: &'a Row) -> RowJson<'a> {
    RowJson {
        name: &row.name,
        version: row.version.as_deref(),
        location: location(sources, row.entry),
        own: row.own,
        saves: known(row.saves, row.without_size()),
        needs: known(row.needs, row.needs_unknown),
        packages: row.held.iter().map(held_json).collect(),
        imports: row.imports.iter().map(|span| location(sources, *span)).collect(),
        members: row.members.as_deref(),
        development: row.is_development,
        tool: row.is_tool,
        instead: row.instead.as_deref(),
        replacement: row.replacement.as_ref().map(replacement_json),
    }
}

fn replacement_json(found: &Replacement) -> ReplacementJson {
    let (kind, since_node, bytes) = match found.kind {
        Kind::Builtin { since } => ("builtin", Some(since.to_string()), None),
        Kind::Package { bytes } => ("package", None, Some(bytes)),
    };
    ReplacementJson { kind, name: found.name, since_node, bytes, note: found.note, link: found.link }
}

fn copied_json(Copied { name, places, bytes }: &Copied) -> CopiedJson<'_> {
    CopiedJson { name, places: *places, bytes: *bytes }
}

fn scope_json(Scope { name, members, saves, unknown }: &Scope) -> ScopeJson<'_> {
    ScopeJson { name, dependencies: *members, saves: known(*saves, *unknown) }
}

fn held_json(held: &Held) -> HeldJson<'_> {
    HeldJson { name: &held.name, bytes: held.bytes, estimate: held.is_estimate }
}

/// Bytes for people: `160.6 MB`, `12 kB`, in powers of ten, as registries and disks have them.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        100_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Whether development dependencies are in it, in words.
fn development(sheet: &Sheet) -> &'static str {
    match sheet.development {
        Some(true) => "with development dependencies",
        Some(false) => "without development dependencies",
        None => "without development dependencies, as far as is known",
    }
}

/// A sum with this many parts of no known size: `None` where nothing of it is known.
fn known(sum: u64, unknown: u64) -> Option<u64> {
    (sum > 0 || unknown == 0).then_some(sum)
}

/// The same in words: `1.2 MB`, `≥ 1.2 MB`, `?`.
fn at_least(sum: u64, unknown: u64) -> String {
    match known(sum, unknown) {
        None => "?".to_owned(),
        Some(sum) if unknown > 0 => format!("≥ {}", bytes(sum)),
        Some(sum) => bytes(sum),
    }
}

/// What a dependency saves, as far as it is known: `≥ 1.2 MB`, and `?` where no size is.
pub(super) fn saves(row: &Row) -> String {
    at_least(row.saves, row.without_size())
}

fn needs(row: &Row) -> String {
    at_least(row.needs, row.needs_unknown)
}

fn own(row: &Row) -> String {
    row.own.map_or_else(|| "?".to_owned(), bytes)
}

/// What replaces a dependency: ``Node has it: `Array.isArray` ``, ``lighter: `tinyglobby` (186 kB), with fewer options``.
fn replacement(found: &Replacement) -> String {
    let note = found.note.map_or(String::new(), |note| format!(", {note}"));
    match found.kind {
        Kind::Builtin { .. } => format!("Node has it: `{}`{note}", found.name),
        Kind::Package { bytes: of_install } => {
            format!("lighter: `{}` ({}){note}", found.name, bytes(of_install))
        }
    }
}

/// What of a dependency is used: the names of members; calling it is none.
fn members(row: &Row) -> Vec<&str> {
    let names = row.members.iter().flatten().map(String::as_str);
    names.filter(|name| *name != "()").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_powers_of_ten() {
        for (number, shown) in
            [(0, "0 B"), (999, "999 B"), (10_685, "10.7 kB"), (412_345, "412 kB"), (165_811_577, "165.8 MB")]
        {
            assert_eq!(bytes(number), shown);
        }
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        assert_eq!(
            [at_least(0, 0), at_least(5, 0), at_least(5, 1), at_least(0, 1)],
            ["0 B", "5 B", "≥ 5 B", "?"]
        );
        assert_eq!([known(0, 0), known(5, 1), known(0, 1)], [Some(0), Some(5), None]);
    }
}
