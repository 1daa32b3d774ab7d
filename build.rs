//! Compares `src/rules/registry.rs` with the pages and checks in `rules/`, and rewrites it under `UPDATE=1`. It is
//! done here and not in a test because after a rename nothing compiles. Only the front matter's plain forms are
//! understood (`key: word`, `key: [a, b]`, one level of nesting); the page reader and its test are the strict ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=src/rules/registry.rs");
    println!("cargo:rerun-if-env-changed=UPDATE");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    keep_in_step(&root)
}

fn keep_in_step(root: &Path) -> Result<(), String> {
    let wanted = registry(&root.join("rules"))?;
    let path = root.join("src/rules/registry.rs");
    let present = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if present == wanted {
        return Ok(());
    }
    if env::var_os("UPDATE").is_none_or(|value| value != "1") {
        return Err(
            "src/rules/registry.rs does not say what rules/ says: run `UPDATE=1 cargo check` and commit it"
                .to_owned(),
        );
    }
    fs::write(&path, wanted).map_err(|error| format!("{}: {error}", path.display()))
}

/// The text of the registry.
fn registry(folder: &Path) -> Result<String, String> {
    let mut rules = BTreeMap::new();
    for family in names(folder)? {
        let below = folder.join(&family);
        if !below.is_dir() {
            continue;
        }
        let files = names(&below)?;
        for page in files.iter().filter_map(|name| name.strip_suffix(".md")) {
            let has_check = files.contains(&format!("{}.rs", page.replace('-', "_")));
            let text = read(&below.join(format!("{page}.md")))?;
            let rule = Rule::read(&format!("{family}/{page}"), &text, has_check)?;
            rules.insert(rule.id.clone(), rule);
        }
        for check in files.iter().filter_map(|name| name.strip_suffix(".rs")) {
            let id = format!("{family}/{}", check.replace('_', "-"));
            if !rules.contains_key(&id) {
                return Err(format!("rules/{family}/{check}.rs has no page rules/{id}.md"));
            }
        }
    }
    let mut text = String::from(HEAD);
    let mut modules: Vec<&Rule> = rules.values().filter(|rule| rule.has_check).collect();
    modules.sort_by_key(|rule| rule.module());
    for rule in modules {
        let _ = writeln!(
            text,
            "#[path = \"../../rules/{}.rs\"]\nmod {};",
            rule.id.replace('-', "_"),
            rule.module()
        );
    }
    if rules.values().any(|rule| rule.has_check) {
        text.push('\n');
    }
    let _ = write!(text, "#[rustfmt::skip]\npub(super) static RULES: [Rule; {}] = [\n", rules.len());
    for rule in rules.values() {
        rule.write(&mut text);
    }
    text.push_str("];\n");
    Ok(text)
}

const HEAD: &str =
    "//! All rules. Generated from `rules/` by the build script: `UPDATE=1 cargo check` rewrites it.

use std::sync::OnceLock;

use super::{Admission, Check, FixKind, Rule, Status};
use crate::finding::Severity;
use crate::model::purpose::Purpose;

";

/// The names in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let fault = |error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        names.push(entry.map_err(fault)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

/// What the registry says of a rule.
struct Rule {
    id: String,
    title: String,
    has_check: bool,
    /// Values of the front matter by key; those below `equivalents` as `equivalents.tool`.
    front: BTreeMap<String, String>,
}

impl Rule {
    fn read(id: &str, text: &str, has_check: bool) -> Result<Rule, String> {
        let fault = |message: &str| format!("rules/{id}.md: {message}");
        let rest =
            text.strip_prefix("---\n").ok_or_else(|| fault("the page must begin with a line `---`"))?;
        let (yaml, body) =
            rest.split_once("\n---\n").ok_or_else(|| fault("the front matter is not closed"))?;
        let title = body.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("").trim().to_owned();
        let mut front = BTreeMap::new();
        let mut section = String::new();
        for line in yaml.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.split(" #").next().unwrap_or("").trim().to_owned();
            if !line.starts_with([' ', '-', '#']) {
                section = key.to_owned();
                front.insert(section.clone(), value);
            } else if section == "equivalents" {
                front.insert(format!("equivalents.{}", key.trim()), value);
            }
        }
        let rule = Rule { id: id.to_owned(), title, has_check, front };
        rule.validate().map_err(|message| fault(&message))?;
        Ok(rule)
    }

    /// What would make the generated text wrong or not compile with an error that names the page.
    fn validate(&self) -> Result<(), String> {
        const KINDS: [&str; 12] = [
            "file",
            "image",
            "run",
            "container",
            "workload",
            "object",
            "compose",
            "package",
            "module",
            "app",
            "unit",
            "project",
        ];
        self.one_of("severity", &["error", "warning", "info"])?;
        self.one_of("on", &KINDS)?;
        for (key, words) in [
            ("fix", &["none", "safe", "unsafe"]),
            ("status", &["preview", "stable", "deprecated"]),
            ("admission", &["deny", "warn", "never"]),
        ] {
            if self.front.contains_key(key) {
                self.one_of(key, words)?;
            }
        }
        for word in self.list("purpose") {
            if !["ship", "develop", "test", "build"].contains(&word.as_str()) {
                return Err(format!("unknown purpose {word:?}"));
            }
        }
        for key in ["purpose", "yields-to", "aliases"] {
            if self.front.get(key).is_some_and(|value| !(value.starts_with('[') && value.ends_with(']'))) {
                return Err(format!("write `{key}` as [a, b]"));
            }
        }
        if !self.has_check && self.word("on") != "file" {
            return Err(format!("the rule has no check rules/{}.rs", self.id.replace('-', "_")));
        }
        Ok(())
    }

    fn one_of(&self, key: &str, words: &[&str]) -> Result<(), String> {
        let word = self.word(key);
        if words.contains(&word) { Ok(()) } else { Err(format!("`{key}` is {word:?}, not one of {words:?}")) }
    }

    fn word(&self, key: &str) -> &str {
        self.front.get(key).map_or("", |value| value.trim_matches(['"', '\'']))
    }

    fn list(&self, key: &str) -> Vec<String> {
        let items = self.word(key).trim_start_matches('[').trim_end_matches(']').split(',');
        let items = items.map(|item| item.trim().trim_matches(['"', '\'']).to_owned());
        items.filter(|item| !item.is_empty()).collect()
    }

    fn module(&self) -> String {
        self.id.replace(['/', '-'], "_")
    }

    fn write(&self, text: &mut String) {
        let or = |key: &str, default: &str| {
            let word = self.word(key);
            capital(if word.is_empty() { default } else { word })
        };
        let mut purposes = self.list("purpose");
        if purposes.is_empty() {
            purposes.push("ship".to_owned());
        }
        let purposes: Vec<String> =
            purposes.iter().map(|word| format!("Purpose::{}", capital(word))).collect();
        let equivalents: Vec<String> = TOOLS
            .iter()
            .map(|tool| (tool, self.list(&format!("equivalents.{tool}"))))
            .filter(|(_, ids)| !ids.is_empty())
            .map(|(tool, ids)| format!("({tool:?}, &{ids:?})"))
            .collect();
        let check = match self.has_check {
            true => format!("Check::{}({}::check)", capital(self.word("on")), self.module()),
            false => "Check::Reader".to_owned(),
        };
        let checklist = match self.word("checklist") {
            "" => "None".to_owned(),
            item => format!("Some({item:?})"),
        };
        let set = if self.word("set").is_empty() { "default" } else { self.word("set") };
        let _ = write!(
            text,
            "    Rule {{
        id: {:?},
        title: {:?},
        severity: Severity::{},
        status: Status::{},
        set: {set:?},
        since: {:?},
        fix: FixKind::{},
        admission: Admission::{},
        checklist: {checklist},
        purposes: &[{}],
        yields_to: &{:?},
        aliases: &{:?},
        equivalents: &[{}],
        check: {check},
        text: include_str!(\"../../rules/{}.md\"),
        parsed: OnceLock::new(),
    }},
",
            self.id,
            self.title,
            capital(self.word("severity")),
            or("status", "stable"),
            self.word("since"),
            or("fix", "none"),
            or("admission", "never"),
            purposes.join(", "),
            self.list("yields-to"),
            self.list("aliases"),
            equivalents.join(", "),
            self.id,
        );
    }
}

const TOOLS: [&str; 7] = ["hadolint", "buildkit", "kube-linter", "kube-score", "polaris", "trivy", "checkov"];

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
