//! Every fix that the bad examples of the pages and cases and the findings on real repositories (PLIMSOLL_CORPUS) offer: its
//! finding is gone, no other comes, no other byte, value or instruction changes, and a second run has nothing to do.
//! With other line ends or a byte-order mark it does the same.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::check::{Config, Outcome, check};
use plimsoll::discover::{Discovery, Options, discover};
use plimsoll::finding::{Edit, Finding, Fix, Safety};
use plimsoll::fix::{Allowed, edited, mend};
use plimsoll::model::Project;
use plimsoll::model::read::read;
use plimsoll::rules::page::{Example, ExampleFile, Page, Role};
use plimsoll::rules::{self, Rule, RuleSet};
use plimsoll::source::ProjectPath;

use crate::pages::Faults;
use crate::{cases, exactness};

/// Fixes of one rule that are tried in one repository, unless PLIMSOLL_FIXES says how many: each costs reading the whole of
/// it again.
const OF_A_RULE: usize = 4;

fn of_a_rule() -> usize {
    std::env::var("PLIMSOLL_FIXES").ok().and_then(|number| number.parse().ok()).unwrap_or(OF_A_RULE)
}

fn judge(project: &Project) -> Outcome {
    let config = Config::on("2026-11-20".parse().unwrap());
    check(project, &RuleSet::everything(), &config)
}

fn project(discovery: &Discovery) -> Project {
    Project::link(read(discovery.clone()))
}

/// The pages of the rules, and the cases of their second readers.
fn pages() -> Vec<(&'static str, &'static Rule, Page)> {
    let own = rules::all().iter().filter_map(|rule| Some(("rules", rule, rule.page().ok()?.clone())));
    let cases = cases::pages("", &mut Faults(Vec::new()));
    own.chain(cases.into_iter().map(|(rule, page)| ("testdata/cases", rule, page))).collect()
}

fn texts(example: &Example) -> Vec<(ProjectPath, String)> {
    let text = |file: &ExampleFile| Some((file.path.clone(), String::from_utf8(file.bytes()).ok()?));
    example.files.iter().filter_map(text).collect()
}

#[test]
fn the_fixes_of_the_pages_are_exact() {
    let mut faults = Vec::new();
    for (folder, rule, page) in pages() {
        for example in page.examples(Role::Bad) {
            let name = format!("{folder}/{}.md:{}", rule.id, example.line);
            try_all(&name, &Discovery::from_texts(texts(example)), &mut faults);
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

/// How a text may be written otherwise and say the same.
const VARIANTS: [(&str, Variant); 3] = [
    ("CR LF", |_, text| text.replace('\n', "\r\n")),
    ("a byte-order mark", |path, text| match path.name() {
        // No shell and no version manager passes over one.
        name if name.ends_with(".sh") || matches!(name, ".nvmrc" | ".node-version") => text.to_owned(),
        _ => format!("\u{feff}{text}"),
    }),
    ("no last line end", |_, text| text.trim_end_matches('\n').to_owned()),
];

type Variant = fn(&ProjectPath, &str) -> String;

#[test]
fn the_fixes_of_the_pages_do_not_depend_on_how_lines_end() {
    let mut faults = Vec::new();
    for (folder, rule, page) in pages() {
        for example in page.examples(Role::Bad) {
            let texts = texts(example);
            let plain = offered(rule.id, &Discovery::from_texts(texts.clone()));
            for (name, variant) in VARIANTS {
                let texts = texts.iter().map(|(path, text)| (path.clone(), variant(path, text)));
                let varied = offered(rule.id, &Discovery::from_texts(texts));
                if let Err(fault) = same_fixes(&plain, &varied, variant) {
                    faults.push(format!("{folder}/{}.md:{}, with {name}: {fault}", rule.id, example.line));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The messages of a rule's findings, each with what its fixes write.
type Offered = Vec<(String, Vec<(String, BTreeMap<ProjectPath, String>)>)>;

fn offered(rule: &str, discovery: &Discovery) -> Offered {
    let project = project(discovery);
    let findings = judge(&project).findings.into_iter().filter(|finding| finding.rule == rule);
    let texts = |fix: &Fix| (fix.title.clone(), edited(&project.sources, &fix.edits));
    findings.map(|finding| (finding.message, finding.fixes.iter().map(texts).collect())).collect()
}

/// The same findings, and of their fixes those that can be exact, which write the same in the other form.
fn same_fixes(plain: &Offered, varied: &Offered, variant: Variant) -> Result<(), String> {
    let messages = |offered: &Offered| offered.iter().map(|(message, _)| message.clone()).collect::<Vec<_>>();
    if messages(plain) != messages(varied) {
        return Err(format!("{:?} instead of {:?}", messages(varied), messages(plain)));
    }
    for ((_, plain), (_, varied)) in plain.iter().zip(varied) {
        for (title, texts) in varied {
            let Some((_, wanted)) = plain.iter().find(|(other, _)| other == title) else {
                return Err(format!("it offers {title:?} here alone"));
            };
            for (path, text) in texts {
                let wanted = wanted.get(path).map(|text| variant(path, text)).unwrap_or_default();
                if text.trim_end() != wanted.trim_end() {
                    return Err(format!("{title:?} writes into {path} {text:?}, not {wanted:?}"));
                }
            }
        }
    }
    Ok(())
}

fn try_all(name: &str, discovery: &Discovery, faults: &mut Vec<String>) {
    let before = project(discovery);
    let outcome = judge(&before);
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        for fix in &finding.fixes {
            let tried = tried.entry(finding.rule).or_default();
            *tried += 1;
            if *tried <= of_a_rule()
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

/// An imperative that begins as a sentence does: editors show it in a menu.
fn is_title(title: &str) -> bool {
    title.starts_with(|first: char| first.is_ascii_uppercase()) && !title.ends_with('.')
}

/// Applies one fix alone.
fn try_one(
    discovery: &Discovery,
    before: &Project,
    outcome: &Outcome,
    finding: &Finding,
    fix: &Fix,
) -> Result<(), String> {
    if !is_title(&fix.title) {
        return Err("the title is not written as titles are".to_owned());
    }
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
    for (path, text) in &texts {
        let Some(file) = before.sources.find(path) else { continue };
        let edits: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.span.file == file).collect();
        exactness::judge(
            file,
            &before.readings[file.0 as usize],
            before.sources.file(file).text(),
            text,
            &edits,
        )
        .map_err(|fault| format!("{path}: {fault}"))?;
    }
    Ok(())
}

fn counts<'o>(project: &Project, outcome: &'o Outcome) -> BTreeMap<(&'o str, ProjectPath), usize> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        let path = project.sources.file(finding.primary.span.file).path.clone();
        *counts.entry((finding.rule, path)).or_default() += 1;
    }
    counts
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
