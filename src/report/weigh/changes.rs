//! What changed since an earlier report in JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::bytes;
use crate::report::clean;
use crate::weigh::Sheet;

/// Dependencies whose change is shown.
const MOST: usize = 10;

/// One install of an earlier report.
#[derive(Debug)]
pub struct Earlier {
    total: u64,
    saves: BTreeMap<String, u64>,
}

/// What changed, in words.
#[derive(Debug)]
pub struct Changes {
    /// A line for each install, and one for each dependency that came, went or changed much.
    pub text: String,
    /// True when an install weighs more than it did.
    pub grew: bool,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    weights: Vec<Weights>,
}

#[derive(Deserialize)]
struct Weights {
    package: String,
    lock: String,
    total: u64,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    saves: u64,
}

fn key(package: &str, lock: &str) -> String {
    format!("{package} ({lock})")
}

/// Reads an earlier report.
///
/// # Errors
/// What is wrong in the text, with line and column.
pub fn earlier(text: &str) -> Result<BTreeMap<String, Earlier>, String> {
    let document: Document = serde_json::from_str(text)
        .map_err(|error| format!("no report of `plimsoll weigh --format json`: {error}"))?;
    if document.version != 1 {
        return Err(format!("a report of version {}, of which this program knows nothing", document.version));
    }
    let of_one = |weights: Weights| {
        let saves = weights.dependencies.into_iter().map(|one| (one.name, one.saves)).collect();
        (key(&weights.package, &weights.lock), Earlier { total: weights.total, saves })
    };
    Ok(document.weights.into_iter().map(of_one).collect())
}

/// What changed since then.
pub fn changes(sheets: &[Sheet], earlier: &BTreeMap<String, Earlier>) -> Changes {
    let mut changes = Changes { text: String::new(), grew: false };
    for sheet in sheets {
        let name = key(&sheet.package, &sheet.lock);
        let Some(before) = earlier.get(&name) else {
            let line = format!("{name}: {}, not in the earlier report", bytes(sheet.total));
            let _ = writeln!(changes.text, "{}", clean::line(&line));
            continue;
        };
        changes.grew |= sheet.total > before.total;
        let line = format!(
            "{name}: {} ({}, was {})",
            difference(before.total, sheet.total),
            bytes(sheet.total),
            bytes(before.total)
        );
        let _ = writeln!(changes.text, "{}", clean::line(&line));
        dependencies(sheet, before, &mut changes.text);
    }
    changes
}

fn dependencies(sheet: &Sheet, before: &Earlier, text: &mut String) {
    let now: BTreeMap<&str, u64> = sheet.rows.iter().map(|row| (row.name.as_str(), row.saves)).collect();
    let names = now.keys().copied().chain(before.saves.keys().map(String::as_str));
    let mut changed: Vec<(u64, &str, String)> = names
        .filter_map(|name| {
            let (then, is) = (before.saves.get(name).copied(), now.get(name).copied());
            let words = match (then, is) {
                (None, Some(is)) => format!("{name} is new: {}", difference(0, is)),
                (Some(then), None) => format!("{name} is gone: {}", difference(then, 0)),
                (Some(then), Some(is)) if then != is => format!("{name}: {}", difference(then, is)),
                _ => return None,
            };
            Some((then.unwrap_or(0).abs_diff(is.unwrap_or(0)), name, words))
        })
        .collect();
    changed.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    changed.dedup_by(|a, b| a.1 == b.1);
    for (_, _, words) in changed.iter().take(MOST) {
        let _ = writeln!(text, "  {}", clean::line(words));
    }
}

/// `+1.2 MB`, `-3.4 kB`, `no change`.
fn difference(before: u64, after: u64) -> String {
    match after.cmp(&before) {
        std::cmp::Ordering::Equal => "no change".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", bytes(after - before)),
        std::cmp::Ordering::Less => format!("-{}", bytes(before - after)),
    }
}
