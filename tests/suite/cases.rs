//! Cases of a second reader: positives and near misses of each rule, written by somebody who knew its page and not its
//! code. `testdata/cases/<rule id>.md` holds `## Bad` and `## Good` examples in the form of the pages, without front matter.
//! `PLIMSOLL_RULE=image/` runs those of the rules that begin so.

use std::path::{Path, PathBuf};

use plimsoll::rules::page::{Page, Role};
use plimsoll::rules::{self, Rule};

use crate::pages::{Faults, judge_bad, judge_good};

/// Examples of each kind that a file of cases has at least.
const EACH: usize = 4;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The rule of a file of cases: its path below the folder.
fn rule_of(folder: &Path, file: &Path) -> Option<&'static Rule> {
    let relative = file.strip_prefix(folder).ok()?.with_extension("");
    let id = relative.to_str()?.replace('\\', "/");
    rules::find(&id)
}

/// The cases of each rule that begins so, as a page.
pub(crate) fn pages(wanted: &str, faults: &mut Faults) -> Vec<(&'static Rule, Page)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut pages = Vec::new();
    for path in files(&folder) {
        let Some(rule) = rule_of(&folder, &path) else {
            faults.0.push(format!("{}: there is no such rule", path.display()));
            continue;
        };
        if !rule.id.starts_with(wanted) {
            continue;
        }
        let front = rule.text.find("\n---\n").map_or("", |end| &rule.text[..end + 5]);
        let body = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let name = format!("testdata/cases/{}.md", rule.id);
        match Page::parse(&name, &format!("{front}# Cases\n\nOf a second reader.\n\n{body}")) {
            Ok(page) => pages.push((rule, page)),
            Err(error) => faults.0.push(error.to_string()),
        }
    }
    pages
}

#[test]
fn every_case_is_judged_as_its_reader_says() {
    let wanted = std::env::var("PLIMSOLL_RULE").unwrap_or_default();
    let mut faults = Faults(Vec::new());
    for (rule, page) in pages(&wanted, &mut faults) {
        judge(rule, &page, &mut faults);
    }
    assert!(faults.0.is_empty(), "\n{}\n", faults.0.join("\n").replace("rules/", "testdata/cases/"));
}

fn judge(rule: &Rule, page: &Page, faults: &mut Faults) {
    for role in [Role::Bad, Role::Good] {
        if page.examples(role).count() < EACH {
            faults.0.push(format!("testdata/cases/{}.md: fewer than {EACH} `## {role:?}`", rule.id));
        }
    }
    for example in &page.examples {
        match example.role {
            Role::Bad => drop(judge_bad(rule, example, faults)),
            Role::Good => judge_good(rule, example, faults),
            Role::Fixed => faults.0.push(format!("testdata/cases/{}.md: a case has no `## Fixed`", rule.id)),
        }
    }
}
