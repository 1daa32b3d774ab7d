//! What people found who read drawn findings against the files: tests/reading/verdicts.csv, drawn by
//! scripts/draw-findings. At least 95 of 100 are true, and 80 of 100 of each rule.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::rules;

/// Fields of one line of CSV.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}

#[test]
fn readers_found_the_findings_to_be_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reading/verdicts.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut by_rule: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields = fields(line);
        let [rule, _, _, _, _, verdict, _] = fields.as_slice() else { panic!("not seven fields: {line}") };
        assert!(rules::find(rule).is_some(), "there is no rule {rule}");
        assert!(matches!(verdict.as_str(), "true" | "false" | "unclear"), "no verdict: {line}");
        let (is_true, all) = by_rule.entry(rule.clone()).or_default();
        *is_true += usize::from(verdict == "true");
        *all += 1;
    }
    let few: Vec<_> = by_rule.iter().filter(|(_, (is_true, all))| is_true * 100 < all * 80).collect();
    assert!(few.is_empty(), "rules of which fewer than 80 of 100 are true: {few:?}");
    let (is_true, all) = by_rule.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(is_true * 100 >= all * 95, "{is_true} of {all} are true");
}
