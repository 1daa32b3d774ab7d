//! What the pipelines of a repository run, as far as one can see: scanners for known holes, and tests.
//!
//! Pipelines are many languages, and most of what they do is written elsewhere: actions of others, templates, Makefiles. What is
//! seen to scan or to test counts wherever it stands; that nothing does is known only where nothing is out of sight.

use super::Project;
use super::read::{Reading, is_ci};
use crate::facts::Why;
use crate::source::{FileId, ProjectPath, SourceFile};
use crate::syntax::tree::Ref;

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
        let mut found = Pipelines { files: Vec::new(), scans: false, tests: false, rest: Ok(()) };
        for (id, file) in self.sources.iter() {
            match &self.readings[id.0 as usize] {
                Reading::Data(tree) if is_ci(file) => {
                    if file.path.name().starts_with("dependabot.") {
                        found.scans = true;
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
                    found.script(&file.text);
                    if file.text.contains("@Library") || file.text.contains("load ") {
                        found.rest = Err(Why::Unsupported);
                    }
                }
                Reading::Dockerfile(tree) => {
                    let runs =
                        tree.instructions.iter().map(|instruction| self.sources.text(instruction.span));
                    runs.filter(|run| run.to_ascii_uppercase().starts_with("RUN"))
                        .for_each(|run| found.notice(run));
                }
                Reading::Package(package, _) => {
                    for script in &package.scripts.items {
                        // Which scripts a pipeline leads to is not followed: one that scans is taken to be run.
                        found.scans |= mentions(&script.value.text.text, &SCANNERS);
                    }
                }
                _ => {}
            }
        }
        let tools =
            ["renovate.json", "renovate.json5", ".renovaterc", ".snyk", ".whitesource", ".trivyignore"];
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
        self.scans |= mentions(text, &SCANNERS);
        let lower = text.to_ascii_lowercase();
        let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
        self.tests |= words.into_iter().any(|word| {
            matches!(
                word,
                "test"
                    | "tests"
                    | "testing"
                    | "jest"
                    | "vitest"
                    | "mocha"
                    | "cypress"
                    | "playwright"
                    | "e2e"
                    | "verify"
                    | "check"
            )
        });
    }
}

fn mentions(text: &str, words: &[&str]) -> bool {
    let lower = text.to_ascii_lowercase();
    words.iter().any(|word| lower.contains(word))
}
