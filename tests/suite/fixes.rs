//! Every fix that the bad examples of the pages and the findings on real repositories (PLIMSOLL_CORPUS) offer: its
//! finding is gone, no other comes, nothing else of a Dockerfile changes, and a second run has nothing to do.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::check::{Config, Outcome, check};
use plimsoll::discover::{Discovery, Options, discover};
use plimsoll::finding::{Finding, Fix, Safety};
use plimsoll::fix::{Allowed, edited, mend};
use plimsoll::model::Project;
use plimsoll::model::read::read;
use plimsoll::rules::page::Role;
use plimsoll::rules::{self, RuleSet};
use plimsoll::source::{ProjectPath, Sources};
use plimsoll::syntax::dockerfile;

/// Fixes of one rule that are tried in one repository: each costs reading the whole of it again.
const OF_A_RULE: usize = 4;

fn judge(project: &Project) -> Outcome {
    let config = Config::on("2026-11-20".parse().unwrap());
    check(project, &RuleSet::everything(), &config)
}

fn project(discovery: &Discovery) -> Project {
    Project::link(read(discovery.clone()))
}

#[test]
fn the_fixes_of_the_pages_are_exact() {
    let mut faults = Vec::new();
    for rule in rules::all() {
        let Ok(page) = rule.page() else { continue };
        for example in page.examples(Role::Bad) {
            let files = example
                .files
                .iter()
                .filter_map(|file| Some((file.path.clone(), String::from_utf8(file.bytes()).ok()?)));
            let name = format!("rules/{}.md:{}", rule.id, example.line);
            try_all(&name, &Discovery::from_texts(files), &mut faults);
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_fixes_on_real_repositories_are_exact() {
    let mut faults = Vec::new();
    for repository in crate::corpus::repositories() {
        let discovery = discover(&repository, &Options::default()).unwrap();
        try_all(&repository.display().to_string(), &discovery, &mut faults);
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn try_all(name: &str, discovery: &Discovery, faults: &mut Vec<String>) {
    let before = project(discovery);
    let outcome = judge(&before);
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        for fix in &finding.fixes {
            let tried = tried.entry(finding.rule).or_default();
            *tried += 1;
            if *tried <= OF_A_RULE
                && let Err(fault) = try_one(discovery, &before, &outcome, finding, fix)
            {
                let path = &before.sources.file(finding.primary.span.file).path;
                faults.push(format!("{name}: {} in {path}, {:?}: {fault}", finding.rule, fix.title));
            }
        }
    }
    let is_fixable = |finding: &Finding| finding.fixes.iter().any(|fix| fix.safety != Safety::Asked);
    if outcome.findings.iter().any(is_fixable)
        && let Err(fault) = try_together(discovery)
    {
        faults.push(format!("{name}: {fault}"));
    }
}

/// Applies one fix alone.
fn try_one(
    discovery: &Discovery,
    before: &Project,
    outcome: &Outcome,
    finding: &Finding,
    fix: &Fix,
) -> Result<(), String> {
    let mut texts = edited(&before.sources, &fix.edits);
    texts.extend(fix.creates.iter().map(|file| (file.path.clone(), file.text.clone())));
    let mut mended = discovery.clone();
    for (path, text) in &texts {
        mended.put(path.clone(), text.clone());
    }
    let after = project(&mended);
    let outcome_after = judge(&after);
    let count =
        |outcome: &Outcome| outcome.findings.iter().filter(|other| other.rule == finding.rule).count();
    if count(&outcome_after) >= count(outcome) {
        return Err("the finding is still there".to_owned());
    }
    let (had, has) = (counts(before, outcome), counts(&after, &outcome_after));
    if let Some(((rule, path), _)) =
        has.iter().find(|(key, count)| **count > had.get(key).copied().unwrap_or(0))
    {
        return Err(format!("it brings {rule} in {path}"));
    }
    same_instructions(&before.sources, fix, &texts)
}

fn counts<'o>(project: &Project, outcome: &'o Outcome) -> BTreeMap<(&'o str, ProjectPath), usize> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        let path = project.sources.file(finding.primary.span.file).path.clone();
        *counts.entry((finding.rule, path)).or_default() += 1;
    }
    counts
}

/// The instructions of a Dockerfile that no edit touches stay as they are, in their order.
fn same_instructions(
    sources: &Sources,
    fix: &Fix,
    texts: &BTreeMap<ProjectPath, String>,
) -> Result<(), String> {
    for (path, text) in texts {
        let Some(file) = sources.find(path) else { continue };
        if !(path.name().contains("Dockerfile") || path.name().contains("Containerfile")) {
            continue;
        }
        let old = &sources.file(file).text;
        let instructions = |text: &str| -> Vec<(std::ops::Range<usize>, String)> {
            let tree = dockerfile::parse(file, text.as_bytes()).tree;
            let ranges = tree.instructions.iter().map(|instruction| instruction.span.range());
            ranges.map(|range| (range.clone(), text[range].to_owned())).collect()
        };
        let touched = |range: &std::ops::Range<usize>| {
            let mut edits =
                fix.edits.iter().filter(|edit| edit.span.file == file).map(|edit| edit.span.range());
            edits.any(|edit| edit.start < range.end && range.start < edit.end.max(edit.start + 1))
        };
        let after: Vec<String> = instructions(text).into_iter().map(|(_, text)| text).collect();
        let mut rest = after.iter();
        for (range, text) in instructions(old).iter().filter(|(range, _)| !touched(range)) {
            if !rest.any(|other| other == text) {
                return Err(format!("it changes the instruction at byte {} of {path}", range.start));
            }
        }
    }
    Ok(())
}

/// Applies everything that may be applied: a second run has nothing to do, and no finding has come.
fn try_together(discovery: &Discovery) -> Result<(), String> {
    let allowed = Allowed { unsafe_fixes: true, ..Allowed::default() };
    let judged = |discovery: Discovery| {
        let project = project(&discovery);
        let outcome = judge(&project);
        (project, outcome)
    };
    let once = mend(discovery.clone(), &allowed, judged);
    let mut mended = discovery.clone();
    for (path, text) in &once.texts {
        mended.put(path.clone(), text.clone());
    }
    let twice = mend(mended, &allowed, judged);
    match twice.applied.first() {
        Some(more) => Err(format!("a second run still does {:?} ({})", more.title, more.rule)),
        None => Ok(()),
    }
}

#[test]
fn the_example_can_be_mended_without_a_person() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop");
    let discovery = discover(&folder, &Options::default()).unwrap();
    let judged = |discovery: Discovery| {
        let project = project(&discovery);
        let outcome = judge(&project);
        (project, outcome)
    };
    let mended = mend(discovery.clone(), &Allowed::default(), judged);
    let before = judge(&project(&discovery)).findings.len();
    // Each fix takes its finding away, and those that were notes of it.
    assert!(mended.outcome.findings.len() + mended.applied.len() <= before, "{:?}", mended.applied);
}
