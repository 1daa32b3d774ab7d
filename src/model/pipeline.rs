//! What the pipelines of a repository run, as far as one can see: scanners for known holes, and tests.
//!
//! Pipelines are many languages, and most of what they do is written elsewhere: actions of others, templates, Makefiles. What is
//! seen to scan or to test counts wherever it stands; that nothing does is known only where nothing is out of sight.

use std::collections::BTreeSet;

use super::Project;
use super::read::{Reading, is_ci};
use crate::facts::Why;
use crate::source::{FileId, ProjectPath, SourceFile};
use crate::syntax::tree::{Ref, Tree};

/// What the pipelines run.
#[derive(Clone, Debug)]
pub struct Pipelines {
    /// Their files.
    pub files: Vec<FileId>,
    /// True when something scans packages or images for known holes.
    pub scans: bool,
    /// True when something tests.
    pub tests: bool,
    /// `Ok` when all that they run was seen.
    pub rest: Result<(), Why>,
    /// The words of what they run, by which scripts of package.json are called.
    said: BTreeSet<String>,
}

/// Words of scanners, in commands and in the names of actions and templates.
const SCANNERS: [&str; 19] = [
    "npm audit",
    "yarn audit",
    "yarn npm audit",
    "pnpm audit",
    "bun audit",
    "audit-ci",
    "better-npm-audit",
    "trivy",
    "grype",
    "anchore",
    "snyk",
    "docker scout",
    "scout-action",
    "osv-scanner",
    "dependency-check",
    "dependency-review",
    "container-scanning",
    "dependency-scanning",
    "prisma-cloud",
];

/// Owners of actions that neither scan nor test by themselves.
const KNOWN_OWNERS: [&str; 14] = [
    "actions",
    "docker",
    "github",
    "aws-actions",
    "azure",
    "google-github-actions",
    "pnpm",
    "hashicorp",
    "helm",
    "softprops",
    "peter-evans",
    "sigstore",
    "oven-sh",
    "digitalocean",
];

/// Programs that run what is written elsewhere.
const ELSEWHERE: [&str; 10] =
    ["make", "just", "task", "earthly", "dagger", "nx", "turbo", "lerna", "bash", "sh"];

impl Project {
    /// What the pipelines of the repository run, Dockerfiles included: read when first asked for.
    pub fn pipelines(&self) -> &Pipelines {
        self.pipelines.get_or_init(|| self.read_pipelines())
    }

    fn read_pipelines(&self) -> Pipelines {
        let mut found =
            Pipelines { files: Vec::new(), scans: false, tests: false, rest: Ok(()), said: BTreeSet::new() };
        let mut scripts: Vec<(&str, &str)> = Vec::new();
        for (id, file) in self.sources.iter() {
            match &self.readings[id.0 as usize] {
                Reading::Data(tree) if is_ci(file) => {
                    if file.path.name().starts_with("dependabot.") {
                        found.scans |= watches_what_ships(tree);
                        continue;
                    }
                    if !is_pipeline(file) {
                        continue;
                    }
                    found.files.push(id);
                    tree.roots().for_each(|root| found.read(root));
                }
                Reading::Text if file.path.name() == "Jenkinsfile" => {
                    found.files.push(id);
                    found.notice(file.text());
                    // Steps come from plugins and from libraries that the server adds.
                    found.rest = Err(Why::Unsupported);
                }
                Reading::Dockerfile(tree) => {
                    let runs =
                        tree.instructions.iter().map(|instruction| self.sources.text(instruction.span));
                    let is_run =
                        |text: &&str| text.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("run"));
                    runs.filter(is_run).for_each(|run| found.notice(run));
                }
                Reading::Package(package, _) => {
                    for script in &package.scripts.items {
                        // Which scripts a pipeline leads to is not followed: one that scans is taken to be run.
                        found.scans = found.scans || scans(&script.value.text.text);
                        scripts.push((&script.value.name.value, &script.value.text.text));
                    }
                    found.scans |= file.text().contains("\"renovate\":");
                }
                _ => {}
            }
        }
        found.follow(scripts);
        let tools = [
            "renovate.json",
            "renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".renovaterc.json5",
            ".snyk",
            ".whitesource",
            ".trivyignore",
        ];
        let root = ProjectPath::root();
        for path in self.sources.below(&root) {
            found.scans |= tools.contains(&path.name());
            if is_unread(path) {
                found.rest = Err(Why::Unsupported);
            }
        }
        found
    }
}

/// Pipelines of systems, or under names, that are not read.
fn is_unread(path: &ProjectPath) -> bool {
    let name = path.name();
    let folders =
        [".buildkite", ".teamcity", ".semaphore", ".woodpecker", ".tekton", ".concourse", ".harness"];
    name.starts_with("buildspec") && name != "buildspec.yml"
        || name != "Jenkinsfile" && (name.starts_with("Jenkinsfile") || name.ends_with(".jenkinsfile"))
        || matches!(
            name,
            ".woodpecker.yml" | ".cirrus.yml" | "wercker.yml" | "codefresh.yml" | "appveyor.yaml"
        )
        || path.as_str().split('/').any(|part| folders.contains(&part))
}

/// Dependabot's configuration names what it watches: actions of GitHub do not ship.
fn watches_what_ships(tree: &Tree) -> bool {
    let updates = tree.roots().filter_map(|root| root.get("updates")).flat_map(|list| list.children());
    let mut watched = updates.map(|update| update.get("package-ecosystem").and_then(Ref::str)).peekable();
    watched.peek().is_none() || watched.any(|what| !matches!(what, Some("github-actions" | "gitsubmodule")))
}

/// A workflow of GitHub's lies in `workflows`; what else lies in `.github` is read by others.
fn is_pipeline(file: &SourceFile) -> bool {
    !file.path.as_str().contains(".github/") || file.path.as_str().contains(".github/workflows/")
}

impl Pipelines {
    fn read(&mut self, root: Ref<'_>) {
        // Travis runs `npm test` when nothing else is said.
        self.tests |= root.get("language").and_then(Ref::str) == Some("node_js");
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if let Some(uses) = node.get("uses").and_then(Ref::str) {
                self.action(uses);
            }
            if ["include", "extends", "template", "orbs"].iter().any(|key| node.get(key).is_some()) {
                self.rest = Err(Why::Unsupported);
            }
            if let Some(text) = node.str() {
                self.script(text);
            }
            open.extend(node.children());
        }
    }

    /// An action, or a workflow that is called. Those of the repository itself are read as files.
    fn action(&mut self, uses: &str) {
        let is_own = uses.starts_with("./.github/workflows/");
        let owner = uses.split('/').next().unwrap_or("").to_ascii_lowercase();
        if !is_own && (uses.contains(".github/workflows/") || !KNOWN_OWNERS.contains(&owner.as_str())) {
            self.rest = Err(Why::Unsupported);
        }
    }

    /// A text that may be a script.
    fn script(&mut self, text: &str) {
        self.notice(text);
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\''));
        let runs_other = |word: &str| {
            ELSEWHERE.contains(&word) || word.starts_with("./") && word.len() > 2 || word.ends_with(".sh")
        };
        let lines_start = text.contains(' ') || text.ends_with(".sh");
        if lines_start && words.into_iter().any(runs_other) {
            self.rest = Err(Why::Unsupported);
        }
    }

    fn notice(&mut self, text: &str) {
        self.scans = self.scans || scans(text);
        self.tests = self.tests || tests(text);
        for word in words(text) {
            if !self.said.contains(word) {
                self.said.insert(word.to_owned());
            }
        }
    }

    /// Scripts of package.json that a pipeline calls by their names, with those before and after them, and what they call.
    fn follow(&mut self, scripts: Vec<(&str, &str)>) {
        let mut open = scripts;
        loop {
            let (called, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|(name, _)| {
                let around = name.strip_prefix("pre").or_else(|| name.strip_prefix("post"));
                [Some(*name), around].into_iter().flatten().any(|name| self.said.contains(name))
            });
            called.iter().for_each(|(_, text)| self.notice(text));
            open = rest;
            if called.is_empty() || self.tests {
                return;
            }
        }
    }
}

/// The words of a script, names of other scripts among them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\'' | '(' | ')'))
        .filter(|word| !word.is_empty())
}

/// True for what tests, by the names of runners and by the words for it; npm has short ones.
fn tests(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "test",
        "tests",
        "testing",
        "jest",
        "vitest",
        "mocha",
        "cypress",
        "playwright",
        "e2e",
        "verify",
        "check",
    ];
    let lower = text.to_ascii_lowercase();
    let mut parts = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let all: Vec<&str> = words(&lower).collect();
    let is_short = |pair: &[&str]| {
        matches!(pair[0], "npm" | "pnpm") && matches!(pair[1], "t" | "tst" | "it" | "cit" | "sit")
    };
    parts.any(|word| WORDS.contains(&word)) || all.windows(2).any(is_short)
}

/// True for what looks for known holes. `npm audit signatures` asks who published a package.
fn scans(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace("npm audit signatures", "");
    SCANNERS.iter().any(|word| lower.contains(word))
}
