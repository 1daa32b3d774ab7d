//! What changed since an earlier report, or an earlier commit: by the packages that came and went, so that one whose size
//! nobody knows then and now changes nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::bytes;
use crate::report::{clean, count};
use crate::weigh::{Held, Sheet};

/// Dependencies whose change is shown.
const MOST: usize = 10;

/// The installs of an earlier state.
pub type Earlier = Vec<Install>;

/// One install of an earlier state.
#[derive(Debug)]
pub struct Install {
    place: Place,
    packages: Packages,
    saves: BTreeMap<String, Option<u64>>,
}

/// Where an install is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    package: String,
    image: Option<String>,
    target: Option<String>,
    /// Unknown in old reports.
    folder: Option<String>,
    lock: String,
}

impl Place {
    fn of(sheet: &Sheet) -> Place {
        Place {
            package: sheet.package.clone(),
            image: sheet.image.clone(),
            target: sheet.target.clone(),
            folder: sheet.folder.clone(),
            lock: sheet.lock.clone(),
        }
    }

    fn name(&self) -> String {
        let target = self.target.as_ref().map_or(String::new(), |target| format!(", {target}"));
        format!("{} ({}{target})", self.package, self.image.as_ref().unwrap_or(&self.lock))
    }

    /// True when it is the place of an old report, which says neither target nor folder.
    fn is_of_old(&self, old: &Place) -> bool {
        let place = |place: &Place| place.image.clone().unwrap_or_else(|| place.lock.clone());
        old.folder.is_none()
            && old.target.is_none()
            && (&self.package, place(self)) == (&old.package, place(old))
    }

    fn has_lock_of(&self, other: &Place) -> bool {
        (&self.package, &self.lock) == (&other.package, &other.lock)
    }
}

/// The packages of an install by `name@version`: in how many places each lies, and the bytes of all of them where they are
/// known of that version.
type Packages = BTreeMap<String, (u64, Option<u64>)>;

/// What changed, in words.
#[derive(Debug)]
pub struct Changes {
    /// A line for each install, and one for each dependency that came, went or changed much.
    pub text: String,
    /// True when an install is known to weigh more than it did.
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
    image: Option<String>,
    target: Option<String>,
    folder: Option<String>,
    lock: String,
    shared_packages: Vec<Package>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    saves: Option<u64>,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    bytes: Option<u64>,
    #[serde(default)]
    estimate: bool,
}

impl Package {
    fn known(&self) -> Option<u64> {
        self.bytes.filter(|_| !self.estimate)
    }
}

/// Reads an earlier report.
///
/// # Errors
/// What is wrong in the text, with line and column.
pub fn earlier(text: &str) -> Result<Earlier, String> {
    let document: Document = serde_json::from_str(text)
        .map_err(|error| format!("no report of `plimsoll weigh --format json`: {error}"))?;
    if document.version != 1 {
        return Err(format!("a report of version {}, of which this program knows nothing", document.version));
    }
    Ok(document.weights.into_iter().map(of_document).collect())
}

fn of_document(weights: Weights) -> Install {
    let held = weights.dependencies.iter().flat_map(|dependency| &dependency.packages);
    let all = held.chain(&weights.shared_packages);
    let packages = packages(all.map(|package| (package.name.as_str(), package.known())));
    let save = |one: &Dependency| {
        let is_known = one.packages.iter().all(|package| package.known().is_some());
        (one.name.clone(), one.saves.filter(|_| is_known))
    };
    let saves = weights.dependencies.iter().map(save).collect();
    let Weights { package, image, target, folder, lock, .. } = weights;
    Install { place: Place { package, image, target, folder, lock }, packages, saves }
}

/// The same of what was weighed just now.
pub fn installs(sheets: &[Sheet]) -> Earlier {
    sheets.iter().map(Install::of).collect()
}

impl Install {
    fn of(sheet: &Sheet) -> Install {
        let known = |held: &Held| held.bytes.filter(|_| !held.is_estimate);
        let all = sheet.rows.iter().flat_map(|row| &row.held).chain(&sheet.shared_packages);
        let saves = sheet.rows.iter().map(|row| {
            let is_known = row.held.iter().all(|held| known(held).is_some());
            (row.name.clone(), is_known.then_some(row.saves))
        });
        Install {
            place: Place::of(sheet),
            packages: packages(all.map(|held| (held.name.as_str(), known(held)))),
            saves: saves.collect(),
        }
    }
}

fn packages<'a>(all: impl Iterator<Item = (&'a str, Option<u64>)>) -> Packages {
    let mut packages = Packages::new();
    for (name, bytes) in all {
        match packages.get_mut(name) {
            None => drop(packages.insert(name.to_owned(), (1, bytes))),
            Some((places, sum)) => {
                *places += 1;
                *sum = sum.zip(bytes).map(|(sum, bytes)| sum + bytes);
            }
        }
    }
    packages
}

/// For each sheet the install of then, and those that are gone. Two of one place are paired in their order; one that came
/// is one that went under another name where nothing else has its package and lock file.
fn pairs<'e>(now: &[Install], earlier: &'e [Install]) -> (Vec<Option<&'e Install>>, Vec<&'e Install>) {
    let mut found = vec![None; now.len()];
    let mut left: Vec<&Install> = earlier.iter().collect();
    let same = |now: &Place, then: &Place| now == then;
    for fits in [same, Place::is_of_old] {
        for (install, found) in now.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            let at = left.iter().position(|then| fits(&install.place, &then.place));
            *found = at.map(|at| left.remove(at));
        }
    }
    for at in (0..now.len()).filter(|at| found[*at].is_none()).collect::<Vec<_>>() {
        let is_it = |other: &&Install| now[at].place.has_lock_of(&other.place);
        let came = now.iter().zip(&found).filter(|(other, found)| found.is_none() && is_it(other)).count();
        if came == 1 && left.iter().filter(|then| is_it(then)).count() == 1 {
            found[at] = left.iter().position(is_it).map(|then| left.remove(then));
        }
    }
    (found, left)
}

/// What changed since then.
pub fn changes(sheets: &[Sheet], earlier: &Earlier) -> Changes {
    let mut changes = Changes { text: String::new(), grew: false };
    let installs = installs(sheets);
    let (pairs, gone) = pairs(&installs, earlier);
    for ((sheet, now), before) in sheets.iter().zip(&installs).zip(pairs) {
        let mut name = now.place.name();
        let Some(before) = before else {
            let line = format!("{name}: {}, and it was not there", bytes(sheet.total));
            let _ = writeln!(changes.text, "{}", clean::line(&line));
            continue;
        };
        if now.place.image != before.place.image {
            name = format!("{name}, which was {}", before.place.name());
        }
        let difference = Difference::between(&before.packages, &now.packages);
        changes.grew |= difference.bytes > 0 && difference.unknown_gone == 0;
        let line = format!(
            "{name}: {} ({} now{})",
            signed(difference.bytes),
            bytes(sheet.total),
            difference.unknown()
        );
        let _ = writeln!(changes.text, "{}", clean::line(&line));
        dependencies(&before.saves, &now.saves, &mut changes.text);
    }
    for before in gone {
        let _ = writeln!(changes.text, "{}", clean::line(&format!("{} is gone", before.place.name())));
    }
    changes
}

/// What packages that came and went make together.
#[derive(Default)]
struct Difference {
    /// Bytes that came, less those that went, of packages whose size is known.
    bytes: i128,
    /// Packages that came and whose size is not known.
    unknown_new: usize,
    /// Packages that went and whose size is not known.
    unknown_gone: usize,
}

impl Difference {
    fn between(before: &Packages, now: &Packages) -> Difference {
        let mut difference = Difference::default();
        for (name, (places, size)) in now {
            match before.get(name) {
                None => difference.add(1, *size),
                // A package of one version weighs the same then and now, unless both are known to differ.
                Some((then, was)) if then == places && (size.is_none() || was.is_none()) => {}
                Some((_, then)) => {
                    difference.add(1, *size);
                    difference.add(-1, *then);
                }
            }
        }
        for (_, (_, size)) in before.iter().filter(|(name, _)| !now.contains_key(*name)) {
            difference.add(-1, *size);
        }
        difference
    }

    fn add(&mut self, sign: i128, size: Option<u64>) {
        match size {
            Some(bytes) => self.bytes += sign * i128::from(bytes),
            None if sign > 0 => self.unknown_new += 1,
            None => self.unknown_gone += 1,
        }
    }

    /// What stands against the number.
    fn unknown(&self) -> String {
        let (new, gone) = (self.unknown_new, self.unknown_gone);
        let packages = |number: usize| count(number, "package", "packages");
        match (new, gone) {
            (0, 0) => String::new(),
            (_, 0) => format!(", without {} that came and whose size nobody knows", packages(new)),
            (0, _) => format!(", without {} that went and whose size nobody knows", packages(gone)),
            _ => format!(
                ", without {new} that came and {} that went and whose sizes nobody knows",
                packages(gone)
            ),
        }
    }
}

fn dependencies(
    before: &BTreeMap<String, Option<u64>>,
    now: &BTreeMap<String, Option<u64>>,
    text: &mut String,
) {
    let mut changed: Vec<(i128, &str, String)> = Vec::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    for name in names {
        let (size, words) = match (before.get(name), now.get(name)) {
            (None, Some(is)) => (*is, format!("{name} is new: {}", signed_or_unknown(1, *is))),
            (Some(then), None) => (*then, format!("{name} is gone: {}", signed_or_unknown(-1, *then))),
            (Some(Some(then)), Some(Some(is))) if then != is => {
                let difference = i128::from(*is) - i128::from(*then);
                (Some(then.abs_diff(*is)), format!("{name}: {}", signed(difference)))
            }
            _ => continue,
        };
        changed.push((i128::from(size.unwrap_or(0)), name, words));
    }
    changed.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    for (_, _, words) in changed.iter().take(MOST) {
        let _ = writeln!(text, "  {}", clean::line(words));
    }
}

/// What a dependency brought, or (with -1 for a sign) took with it.
fn signed_or_unknown(sign: i128, size: Option<u64>) -> String {
    size.map_or_else(|| "nobody knows its size".to_owned(), |size| signed(sign * i128::from(size)))
}

/// `+1.2 MB`, `-3.4 kB`, `no change`.
fn signed(difference: i128) -> String {
    let size = bytes(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
    match difference.cmp(&0) {
        std::cmp::Ordering::Equal => "no change".to_owned(),
        std::cmp::Ordering::Greater => format!("+{size}"),
        std::cmp::Ordering::Less => format!("-{size}"),
    }
}
