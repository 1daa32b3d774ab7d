//! The seeds, and what became of them. The Dockerfile of the case study with its package and its program, as meant and as
//! printed: what a person found in them by hand, plimsoll finds at the same lines; it may find more. And the map,
//! `docs/seeds.md`, agrees with the pages of the rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll::rules;
use serde_json::Value;

const MAP: &str = include_str!("../../docs/seeds.md");

fn seeds() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seeds")).to_path_buf()
}

/// One row of `expected.csv`: `case,file,line,rule,why`.
struct Expected {
    file: String,
    lines: Vec<u64>,
    rule: String,
    severity: Option<&'static str>,
}

impl Expected {
    /// The row, when it is one of `case`. Its reason may name a severity, `(info)`, and a second line, `(also line 10)`.
    fn of(case: &str, row: &str) -> Option<Expected> {
        let fields: Vec<&str> = row.splitn(5, ',').collect();
        let [of, file, line, rule, why] = fields[..] else { panic!("not five fields: {row}") };
        let mut lines = vec![line.parse().unwrap()];
        lines.extend(why.split_once("(also line ").map(|(_, rest)| {
            rest.trim_end_matches(')').parse::<u64>().unwrap_or_else(|_| panic!("not a line: {row}"))
        }));
        let severity =
            ["error", "warning", "info"].into_iter().find(|word| why.contains(&format!("({word}")));
        (of == case).then(|| Expected { file: file.to_owned(), lines, rule: rule.to_owned(), severity })
    }

    /// The first line that no finding of the rule stands at, primary or related.
    fn missed(&self, report: &Value) -> Option<u64> {
        self.lines.iter().copied().find(|line| !self.is_found(report, *line))
    }

    /// Line 1 of a JSON file holds its brace only, and stands for the file.
    fn is_found(&self, report: &Value, line: u64) -> bool {
        let is_whole = line == 1 && self.file.ends_with(".json");
        report["findings"].as_array().unwrap().iter().any(|finding| {
            let related = finding["related"].as_array().unwrap();
            let mut places = related.iter().chain([&finding["location"]]);
            finding["rule"] == self.rule.as_str()
                && self.severity.is_none_or(|severity| finding["severity"] == severity)
                && places.any(|place| {
                    place["path"] == self.file.as_str() && (is_whole || place["start"]["line"] == line)
                })
        })
    }
}

fn checked(case: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    for (from, to) in [
        (format!("{case}/Dockerfile"), "Dockerfile"),
        ("package.json".into(), "package.json"),
        ("app.js".into(), "src/app.js"),
    ] {
        fs::copy(seeds().join("case").join(from), folder.path().join(to)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--format", "json", "--as-of", "2026-11-20", "."])
        .current_dir(folder.path())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_a_person_found_is_found() {
    let Ok(table) = fs::read_to_string(seeds().join("case/expected.csv")) else {
        eprintln!("skipped: the case study's seeds are not beside the project");
        return;
    };
    let mut missed = Vec::new();
    for case in ["as-meant", "as-printed"] {
        let report = checked(case);
        for expected in table.lines().skip(1).filter_map(|row| Expected::of(case, row)) {
            let Expected { file, rule, severity, .. } = &expected;
            if let Some(line) = expected.missed(&report) {
                missed.push(format!("{case}: {file}:{line} {rule} {}", severity.unwrap_or("")));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// A row of the map: a practice, with the lines of the seed that name it and the rules that answer it.
struct Row {
    seed: String,
    lines: Vec<(usize, usize)>,
    rules: Vec<&'static str>,
    remark: &'static str,
}

impl Row {
    fn names(&self, seed: &str, line: usize) -> bool {
        self.seed == seed && self.lines.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    fn first(&self) -> usize {
        self.lines[0].0
    }
}

/// The rows of the five tables, in order.
fn rows() -> Vec<Row> {
    let mut seed = None;
    let mut rows = Vec::new();
    for text in MAP.lines() {
        if let Some(heading) = text.strip_prefix("## ") {
            seed = heading.split_once(':').map(|(seed, _)| seed);
        }
        let Some(seed) = seed.filter(|_| text.starts_with("| ") && !text.starts_with("| line")) else {
            continue;
        };
        let cells: Vec<&str> = text.trim_matches('|').split('|').map(str::trim).collect();
        let [lines, _, rules, remark] = cells[..] else { panic!("not four cells: {text}") };
        let number = |digits: &str| digits.parse().unwrap_or_else(|_| panic!("not a line: {text}"));
        let range = |range: &str| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            (number(first), number(last))
        };
        let lines = lines.split(", ").map(range).collect();
        rows.push(Row { seed: seed.to_owned(), lines, rules: linked(rules), remark });
    }
    rows
}

/// The rules that a text links to.
fn linked(text: &'static str) -> Vec<&'static str> {
    text.split("](../rules/").skip(1).filter_map(|rest| Some(rest.split_once(".md)")?.0)).collect()
}

/// What stands under a heading, up to the next.
fn section(heading: &str) -> &'static str {
    let rest = MAP.split_once(&format!("\n## {heading}\n")).map(|(_, rest)| rest);
    let rest = rest.unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap()
}

#[test]
fn every_rule_of_the_map_is_a_rule() {
    let unknown: BTreeSet<&str> = linked(MAP)
        .into_iter()
        .filter(|rule| rules::find(rule).is_none_or(|found| found.id != *rule))
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn every_line_that_a_page_names_is_in_the_map_with_its_rule() {
    let rows = rows();
    let mut faults = Vec::new();
    for rule in rules::all() {
        for named in &rule.page().unwrap().front.seeds {
            let place = named.split_once(':').and_then(|(seed, line)| Some((seed, line.parse().ok()?)));
            let Some((seed, line)) = place else {
                faults.push(format!("{}: {named} names no line", rule.id));
                continue;
            };
            if !rows.iter().any(|row| row.names(seed, line) && row.rules.contains(&rule.id)) {
                faults.push(format!("{}: no row of {named} links to it", rule.id));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn practices_without_a_rule_have_a_reason() {
    let reasons = section("What no rule answers, and why");
    for row in rows().iter().filter(|row| row.rules.is_empty()) {
        let place = format!("{}:{}", row.seed, row.first());
        assert!(!row.remark.is_empty(), "{place} has no remark");
        assert!(reasons.contains(&place), "{place} is not in the list of what no rule answers");
    }
}

#[test]
fn what_the_seeds_get_wrong_is_told_once_and_pointed_to() {
    let numbers = |text: &'static str| -> Vec<&'static str> {
        let linked = text.split("[W").skip(1).filter_map(|rest| Some(rest.split_once(']')?.0));
        linked.filter(|number| number.parse::<u32>().is_ok()).collect()
    };
    let told: Vec<&str> = section("What the seeds get wrong")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| W")?.split_once(' ')?.0))
        .collect();
    let once: BTreeSet<&str> = told.iter().copied().collect();
    assert_eq!(told.len(), once.len());
    assert_eq!(numbers(MAP).into_iter().collect::<BTreeSet<&str>>(), once);
}

#[test]
fn rows_stand_in_the_order_of_the_seeds() {
    for pair in rows().windows(2) {
        let [one, other] = pair else { unreachable!() };
        let (one, other) = ((&one.seed, one.first()), (&other.seed, other.first()));
        assert!(one <= other, "{one:?} stands before {other:?}");
    }
}

#[test]
fn the_lines_of_the_map_are_in_the_seeds() {
    let Ok(entries) = fs::read_dir(seeds()) else {
        eprintln!("skipped: the seeds are not beside the project");
        return;
    };
    let texts: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    for row in rows() {
        let text = texts.iter().find(|(name, _)| name.starts_with(&row.seed));
        let Some((_, text)) = text else { panic!("no text of {}", row.seed) };
        let lines: Vec<&str> = text.lines().collect();
        for (first, last) in &row.lines {
            let said =
                lines.get(first - 1..*last).unwrap_or_else(|| panic!("{}:{last} is past its end", row.seed));
            assert!(!said[0].trim().is_empty(), "{}:{first} is an empty line", row.seed);
        }
    }
}
