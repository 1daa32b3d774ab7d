//! What an image, a service or a unit is for. Decided once, here, from evidence; a rule's page names the purposes
//! that it speaks to.

use std::fmt;

use crate::source::Span;

/// What something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// It runs in production.
    Ship,
    /// It is for a developer's machine.
    Develop,
    /// It runs tests or makes load.
    Test,
    /// It only builds something else.
    Build,
}

impl Purpose {
    /// The purpose that a word of rule pages and configurations means.
    pub fn of_word(word: &str) -> Option<Purpose> {
        let all = [Purpose::Ship, Purpose::Develop, Purpose::Test, Purpose::Build];
        all.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// The word of rule pages and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Ship => "ship",
            Purpose::Develop => "develop",
            Purpose::Test => "test",
            Purpose::Build => "build",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A purpose with the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purposes {
    /// The purpose that was decided.
    pub decided: Purpose,
    /// Why, each with the bytes that say so; empty when it is only assumed.
    pub evidence: Vec<(String, Option<Span>)>,
    /// The only thing that still runs or builds it, where the project calls that deprecated: what is found is worth a note.
    pub superseded: Option<Span>,
}

impl Purposes {
    /// Assumed to ship: nothing speaks for anything else.
    pub fn assumed() -> Purposes {
        Purposes { decided: Purpose::Ship, evidence: Vec::new(), superseded: None }
    }

    /// Decided by one piece of evidence.
    pub fn because(decided: Purpose, reason: impl Into<String>, span: Option<Span>) -> Purposes {
        Purposes { decided, evidence: vec![(reason.into(), span)], superseded: None }
    }
}

/// The purpose that a name speaks of: a Dockerfile, stage, compose file, overlay or folder.
///
/// Words are what stands between dots, dashes, underscores and slashes; a word inside of another (`latest`,
/// `devices`) says nothing.
pub fn of_name(name: &str) -> Option<Purpose> {
    name.split(|character: char| !character.is_ascii_alphanumeric()).find_map(|word| {
        match word.to_ascii_lowercase().as_str() {
            "dev" | "develop" | "development" | "developer" | "devcontainer" | "gitpod" | "codespaces"
            | "local" | "localhost" | "debug" | "hot" | "watch" | "playground" | "sandbox" | "minikube"
            | "kind" | "tilt" => Some(Purpose::Develop),
            // What is tried out, or kept though something else has taken its place.
            "experimental" | "deprecated" | "archived" | "obsolete" => Some(Purpose::Develop),
            "test" | "tests" | "testing" | "tester" | "e2e" | "cypress" | "playwright" | "loadtest"
            | "loadtests" | "loadgen" | "loadgenerator" | "k6" | "locust" | "benchmark" | "benchmarks"
            | "bench" | "mock" | "mocks" | "fixtures" | "testdata" | "integration" | "lint" | "prow" => {
                Some(Purpose::Test)
            }
            _ => None,
        }
    })
}

/// True for a name by which a project says that something else has taken the place of what it keeps.
pub fn is_superseded(name: &str) -> bool {
    let mut words = name.split(|character: char| !character.is_ascii_alphanumeric());
    words.any(|word| matches!(word.to_ascii_lowercase().as_str(), "deprecated" | "archived" | "obsolete"))
}

/// The purpose that the name of a stage speaks of: as [`of_name`], and stages that only make files for others.
pub fn of_stage(name: &str) -> Option<Purpose> {
    of_name(name).or_else(|| {
        let words = name.split(|character: char| !character.is_ascii_alphanumeric());
        words
            .into_iter()
            .any(|word| {
                matches!(
                    word.to_ascii_lowercase().as_str(),
                    "build"
                        | "builder"
                        | "building"
                        | "compile"
                        | "deps"
                        | "dependencies"
                        | "install"
                        | "installer"
                )
            })
            .then_some(Purpose::Build)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_speak_and_parts_of_words_do_not() {
        for name in [
            "Dockerfile.dev",
            "overlays/development",
            "docker-compose.local.yml",
            ".devcontainer",
            "app-experimental/api",
            "k8s/deprecated/web.yaml",
        ] {
            assert_eq!(of_name(name), Some(Purpose::Develop), "{name}");
        }
        for name in ["Dockerfile", "overlays/prod", "devices", "latest", "contest", "compose.yaml"] {
            assert_eq!(of_name(name), None, "{name}");
        }
        assert_eq!(of_name("e2e/Dockerfile"), Some(Purpose::Test));
        assert_eq!(of_stage("prod-deps"), Some(Purpose::Build));
        assert_eq!(of_stage("runner"), None);
    }
}
