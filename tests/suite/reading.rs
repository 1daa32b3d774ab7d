//! What people found who read drawn findings against the files: tests/reading/verdicts.csv, drawn by
//! scripts/draw-findings.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::rules;

/// Fields of one line of CSV: a doubled quote inside of quotes is one quote.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut before = ' ';
    for character in line.chars() {
        match character {
            '"' => {
                if !quoted && before == '"' {
                    fields.last_mut().unwrap().push('"');
                }
                quoted = !quoted;
            }
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
        before = character;
    }
    fields
}

/// True findings and all that were read, by rule.
fn verdicts() -> BTreeMap<String, (usize, usize)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reading/verdicts.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut by_rule: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields = fields(line);
        let [rule, _, _, _, _, verdict, note] = fields.as_slice() else { panic!("not seven fields: {line}") };
        assert!(rules::find(rule).is_some(), "there is no rule {rule}");
        assert!(matches!(verdict.as_str(), "true" | "false" | "unclear"), "no verdict: {line}");
        assert!(verdict == "true" || !note.is_empty(), "a verdict that gives no reason: {line}");
        let (is_true, all) = by_rule.entry(rule.clone()).or_default();
        *is_true += usize::from(verdict == "true");
        *all += 1;
    }
    by_rule
}

#[test]
fn verdicts_are_of_rules_and_give_reasons() {
    assert_eq!(fields(r#"a,"b, ""c""",d"#), ["a", r#"b, "c""#, "d"]);
    assert!(verdicts().len() > 40, "few rules were read");
}

#[test]
fn readers_found_the_findings_to_be_true() {
    let by_rule = verdicts();
    let few: Vec<_> = by_rule.iter().filter(|(_, (is_true, all))| is_true * 100 < all * 80).collect();
    let (is_true, all) = by_rule.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(is_true * 100 >= all * 95, "{is_true} of {all} are true; rules under 80 of 100: {few:?}");
    assert!(few.is_empty(), "rules of which fewer than 80 of 100 are true: {few:?}");
}
