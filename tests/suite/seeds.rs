//! The Dockerfile of the case study with its package and its program, as meant and as printed: what a person found in
//! them by hand, plimsoll finds at the same lines. It may find more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn seeds() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seeds/case")).to_path_buf()
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

    fn is_found(&self, report: &Value, line: u64) -> bool {
        report["findings"].as_array().unwrap().iter().any(|finding| {
            let related = finding["related"].as_array().unwrap();
            let mut places = related.iter().chain([&finding["location"]]);
            finding["rule"] == self.rule.as_str()
                && self.severity.is_none_or(|severity| finding["severity"] == severity)
                && places.any(|place| place["path"] == self.file.as_str() && place["start"]["line"] == line)
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
        fs::copy(seeds().join(from), folder.path().join(to)).unwrap();
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
    let Ok(table) = fs::read_to_string(seeds().join("expected.csv")) else {
        eprintln!("skipped: the case study's seeds are not beside the project");
        return;
    };
    let mut missed = Vec::new();
    for case in ["as-meant", "as-printed"] {
        let report = checked(case);
        for expected in table.lines().skip(1).filter_map(|row| Expected::of(case, row)) {
            let Expected { file, rule, severity, .. } = &expected;
            if plimsoll::rules::find(rule).is_none() {
                eprintln!("not yet: {case} {file} {rule}");
            } else if let Some(line) = expected.missed(&report) {
                missed.push(format!("{case}: {file}:{line} {rule} {}", severity.unwrap_or("")));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
