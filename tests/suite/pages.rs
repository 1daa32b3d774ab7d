//! Runs every rule page: its bad examples through the real check, its fixes, its good examples; and keeps what is
//! generated from the pages in step (`UPDATE=1 cargo test` rewrites it). `PLIMSOLL_RULE=image/ cargo test pages` runs
//! those pages only whose rules begin so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use plimsoll::check::{Config, Outcome, check};
use plimsoll::config;
use plimsoll::discover::{Discovery, Options, discover};
use plimsoll::finding::{Edit, Finding, Fix, Safety};
use plimsoll::model::Project;
use plimsoll::rules::page::{Example, Page, Role};
use plimsoll::rules::{self, FixKind, Rule, RuleSet};
use plimsoll::source::ProjectPath;

/// The files of an example, as bytes.
type Files = BTreeMap<ProjectPath, Vec<u8>>;

/// What is wrong with the pages, each with the page it is wrong in.
pub(crate) struct Faults(pub(crate) Vec<String>);

impl Faults {
    fn add(&mut self, rule: &Rule, line: u32, message: impl std::fmt::Display) {
        self.0.push(format!("rules/{}.md:{line}: {message}", rule.id));
    }
}

#[test]
fn every_page_does_what_it_says() {
    let mut faults = Faults(Vec::new());
    let wanted = std::env::var("PLIMSOLL_RULE").unwrap_or_default();
    for rule in rules::all().iter().filter(|rule| rule.id.starts_with(&wanted)) {
        match rule.page() {
            Ok(page) => judge(rule, page, &mut faults),
            Err(error) => faults.0.push(error.to_string()),
        }
    }
    assert!(faults.0.is_empty(), "\n{}\n", faults.0.join("\n"));
}

fn judge(rule: &Rule, page: &Page, faults: &mut Faults) {
    judge_front(rule, page, faults);
    for role in [Role::Bad, Role::Good] {
        if page.examples(role).next().is_none() {
            faults.add(rule, 1, format!("the page has no `## {role:?}`"));
        }
    }
    let mut offers = BTreeSet::new();
    let mut bad: Option<&Example> = None;
    for example in &page.examples {
        if example.files.is_empty() {
            faults.add(rule, example.line, "the example has no file");
        }
        match example.role {
            Role::Bad => {
                offers.extend(judge_bad(rule, example, faults));
                bad = Some(example);
            }
            Role::Fixed => judge_fixed(rule, bad.unwrap(), example, faults),
            Role::Good => judge_good(rule, example, faults),
        }
    }
    let best = offers.first().map_or(FixKind::None, |best| match best {
        Safety::Safe => FixKind::Safe,
        Safety::Unsafe | Safety::Asked => FixKind::Unsafe,
    });
    if best != rule.fix {
        faults.add(
            rule,
            1,
            format!("`fix:` says {:?}, the bad examples' findings offer {offers:?}", rule.fix),
        );
    }
    if (rule.fix != FixKind::None) != page.examples(Role::Fixed).next().is_some() {
        faults.add(rule, 1, "a page with a fix has a `## Fixed`, and no other");
    }
}

/// The registry's constants come from a plain reader of the front matter: they must say what the strict one reads.
fn judge_front(rule: &Rule, page: &Page, faults: &mut Faults) {
    let front = &page.front;
    let mut same = |what: &str, is_same: bool| {
        if !is_same {
            faults.add(rule, 1, format!("the registry does not say what the front matter says of `{what}`"));
        }
    };
    same("title", rule.title == page.title);
    same("severity", rule.severity == front.severity);
    same("on", rule.on() == front.on);
    same("fix", rule.fix == front.fix);
    same("since", rule.since == front.since);
    same("set", rule.set == front.set);
    same("status", rule.status == front.status);
    same("admission", rule.admission == front.admission);
    same("checklist", rule.checklist == front.checklist.as_deref());
    same("purpose", rule.purposes == front.purpose);
    same("yields-to", rule.yields_to == front.yields_to);
    same("aliases", rule.aliases == front.aliases);
    let equivalents = front.equivalents.by_tool();
    same("equivalents", equivalents.iter().all(|(tool, ids)| rule.equivalents_in(tool) == *ids));
    for other in &front.yields_to {
        if rules::find(other).is_none() {
            faults.add(rule, 1, format!("it yields to {other}, which is no rule"));
        }
    }
    for alias in &front.aliases {
        if rules::all().iter().filter(|other| other.is_called(alias)).count() > 1 {
            faults.add(rule, 1, format!("{alias} names two rules"));
        }
    }
    for reference in front.references.iter().filter(|reference| !reference.starts_with("https://")) {
        faults.add(rule, 1, format!("{reference} is no https address"));
    }
    if page.reason.is_empty() || page.title.ends_with('.') {
        faults.add(rule, 1, "the page needs a reason, and a title without a full stop");
    }
}

fn files_of(example: &Example) -> Files {
    example.files.iter().map(|file| (file.path.clone(), file.bytes())).collect()
}

/// The project that files make, and what is said of it: in memory, or read from a disk when some are no text. A
/// plimsoll.yaml among them holds.
fn judged(files: &Files) -> (Project, Outcome) {
    let texts =
        files.iter().map(|(path, bytes)| Some((path.clone(), String::from_utf8(bytes.clone()).ok()?)));
    let discovery = match texts.collect::<Option<Vec<_>>>() {
        Some(texts) => Discovery::from_texts(texts),
        None => {
            let folder = tempfile::tempdir().unwrap();
            for (path, bytes) in files {
                let path = folder.path().join(path.as_str());
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
            discover(folder.path(), &Options::default()).unwrap()
        }
    };
    let (configuration, issues) = config::among(&discovery);
    let day = configuration.as_of.unwrap_or("2026-11-20".parse().unwrap());
    let rules = configuration.settle(RuleSet::everything());
    let project = Project::told(discovery, &configuration.told);
    let config = Config { exceptions: configuration.exceptions, issues, ..Config::on(day) };
    let outcome = check(&project, &rules, &config);
    (project, outcome)
}

fn of<'o>(rule: &Rule, outcome: &'o Outcome) -> Vec<&'o Finding> {
    outcome.findings.iter().filter(|finding| finding.rule == rule.id).collect()
}

fn place(project: &Project, finding: &Finding) -> (ProjectPath, u32) {
    let file = project.sources.file(finding.primary.span.file);
    (file.path.clone(), file.position(finding.primary.span.start).line)
}

/// What no example may do: make a check panic, or be broken by a slip of its author.
fn judge_soundness(
    rule: &Rule,
    example: &Example,
    project: &Project,
    outcome: &Outcome,
    faults: &mut Faults,
) {
    for failure in &outcome.failures {
        faults.add(rule, example.line, format!("{} panics: {}", failure.rule, failure.message));
    }
    for finding in &outcome.findings {
        let is_slip = finding.rule.ends_with("/syntax") || finding.rule == "dockerfile/swallowed-instruction";
        if is_slip && finding.rule != rule.id && rule.checklist != Some("syntax") {
            let (path, line) = place(project, finding);
            faults.add(rule, example.line, format!("{path}:{line} of the example: {}", finding.message));
        }
    }
}

/// Judges a bad example; the kinds of fixes that its findings offer.
pub(crate) fn judge_bad(rule: &Rule, example: &Example, faults: &mut Faults) -> Vec<Safety> {
    let (project, outcome) = judged(&files_of(example));
    judge_soundness(rule, example, &project, &outcome, faults);
    let found = of(rule, &outcome);
    let mut wanted = BTreeSet::new();
    for file in &example.files {
        for (line, words) in &file.marks {
            let at = (file.path.clone(), *line);
            let says = |finding: &&&Finding| {
                place(&project, finding) == at
                    && (finding.message.contains(words) || finding.primary.message.contains(words))
            };
            if !found.iter().any(|finding| says(&finding)) {
                faults.add(rule, example.line, format!("no finding on {}:{line} says {words:?}", file.path));
            }
            wanted.insert(at);
        }
    }
    if wanted.is_empty() {
        faults.add(rule, example.line, "the bad example marks no line with `# ←`");
    }
    for finding in &found {
        let at = place(&project, finding);
        if !wanted.contains(&at) {
            faults.add(rule, example.line, format!("a finding on {}:{}: {}", at.0, at.1, finding.message));
        }
    }
    found.iter().flat_map(|finding| &finding.fixes).map(|fix| fix.safety).collect()
}

pub(crate) fn judge_good(rule: &Rule, example: &Example, faults: &mut Faults) {
    let (project, outcome) = judged(&files_of(example));
    judge_soundness(rule, example, &project, &outcome, faults);
    for finding in of(rule, &outcome) {
        let at = place(&project, finding);
        faults.add(
            rule,
            example.line,
            format!("the good example has it on {}:{}: {}", at.0, at.1, finding.message),
        );
    }
}

fn judge_fixed(rule: &Rule, bad: &Example, fixed: &Example, faults: &mut Faults) {
    let before = files_of(bad);
    let mut wanted = before.clone();
    wanted.extend(files_of(fixed));
    let (project, outcome_before) = judged(&before);
    let offered: Vec<&Fix> =
        of(rule, &outcome_before).into_iter().filter_map(|finding| finding.fixes.first()).collect();
    let edits: BTreeSet<Edit> = offered.iter().flat_map(|fix| fix.edits.clone()).collect();
    let mut after = match apply(&project, before, &edits) {
        Ok(after) => after,
        Err(message) => return faults.add(rule, fixed.line, message),
    };
    let created = offered.iter().flat_map(|fix| &fix.creates);
    after.extend(created.map(|file| (file.path.clone(), file.text.clone().into_bytes())));
    for (path, bytes) in &wanted {
        if after.get(path) != Some(bytes) {
            let written = after.get(path).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
            faults.add(rule, fixed.line, format!("the fix writes another {path}:\n{written}"));
        }
    }
    let outcome_after = judged(&after).1;
    if !of(rule, &outcome_after).is_empty() {
        faults.add(rule, fixed.line, "the finding is still there after the fix");
    }
    let known: BTreeSet<&str> = outcome_before.findings.iter().map(|finding| finding.rule).collect();
    for finding in outcome_after.findings.iter().filter(|finding| !known.contains(finding.rule)) {
        faults.add(rule, fixed.line, format!("the fix brings {}: {}", finding.rule, finding.message));
    }
}

fn apply(project: &Project, mut files: Files, edits: &BTreeSet<Edit>) -> Result<Files, String> {
    let mut end = None;
    for edit in edits.iter().rev() {
        let span = edit.span;
        if end.is_some_and(|(file, start)| file == span.file && span.end > start) {
            return Err("two edits of the fixes overlap".to_owned());
        }
        end = Some((span.file, span.start));
        let path = &project.sources.file(span.file).path;
        let bytes =
            files.get_mut(path).ok_or_else(|| format!("the fix edits {path}, which is no file of it"))?;
        bytes.splice(span.range(), edit.text.bytes());
    }
    Ok(files)
}

#[test]
fn the_index_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules/README.md");
    let wanted = index();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(present == wanted, "docs/rules/README.md is not what rules/ says: run `UPDATE=1 cargo test`");
}

/// The table of all rules, by family.
fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nGenerated from the pages in `rules/` by `UPDATE=1 cargo test`. Each page says why a rule is there, \
         and shows what is wrong\nand what is right; `plimsoll explain RULE` prints it.\n",
    );
    let mut family = "";
    for rule in rules::all() {
        if rule.family() != family {
            family = rule.family();
            let _ = write!(text, "\n## {family}\n\n| rule | severity | fix | checklist | what is wrong |\n");
            text.push_str("|---|---|---|---|---|\n");
        }
        let fix = match rule.fix {
            FixKind::None => "",
            FixKind::Safe => "safe",
            FixKind::Unsafe => "unsafe",
        };
        let (id, severity, checklist) = (rule.id, rule.severity, rule.checklist.unwrap_or(""));
        let _ = writeln!(
            text,
            "| [{id}](../../rules/{id}.md) | {severity} | {fix} | {checklist} | {} |",
            rule.title
        );
    }
    text
}

#[test]
fn the_schema_of_the_configuration_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plimsoll.schema.json");
    let wanted = config::schema::write();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &wanted).unwrap();
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        present == wanted,
        "docs/plimsoll.schema.json is not what the rules say: run `UPDATE=1 cargo test`"
    );
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let text = std::fs::read_to_string(path).unwrap();
    for key in config::schema::keys() {
        let last = key.rsplit('.').next().unwrap();
        assert!(
            text.contains(&format!("`{key}`")) || text.contains(&format!("`{last}`")),
            "{key} is not told"
        );
    }
}
