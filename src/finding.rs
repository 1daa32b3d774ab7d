//! What a check says: a finding with the bytes it points at, and the edits that would mend it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::source::{ProjectPath, Span};

/// How bad a finding is. The order is from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never sets the exit status by default.
    Info,
    /// Costs something in production: security, time, resilience.
    Warning,
    /// Breaks in production.
    Error,
}

impl Severity {
    /// The word that reports print.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Severity, String> {
        match text {
            "info" => Ok(Severity::Info),
            "warning" => Ok(Severity::Warning),
            "error" => Ok(Severity::Error),
            other => Err(format!("unknown severity {other:?}: info, warning or error")),
        }
    }
}

/// Bytes that a finding points at, and what is to be said of them (empty for a primary label that says it all).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The bytes.
    pub span: Span,
    /// What they have to do with it.
    pub message: String,
}

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// The bytes that go; empty to insert.
    pub span: Span,
    /// The text that comes.
    pub text: String,
}

/// Whether a fix keeps what the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Behaviour stays but for the fault that goes.
    Safe,
    /// A person must judge: applied only when asked for.
    Unsafe,
    /// More than files have to change with it (data has to move): applied only when its rule is asked for by name.
    Asked,
}

/// A file that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewFile {
    /// Where it comes.
    pub path: ProjectPath,
    /// What is written into it.
    pub text: String,
}

/// Edits that belong together, in one file or several: all are applied or none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be applied without a person looking.
    pub safety: Safety,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
    /// The files that come.
    pub creates: Vec<NewFile>,
}

/// Who takes a finding out of the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressedBy {
    /// A comment in the file.
    Comment,
    /// The configuration.
    Configuration,
    /// The baseline: it was there when the baseline was written.
    Baseline,
}

/// Why a finding is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Who says so.
    pub by: SuppressedBy,
    /// The reason that is given.
    pub reason: String,
}

/// One more thing that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// Where it is at fault.
    pub span: Span,
    /// Its name from one version of the project to the next.
    pub fingerprint: Fingerprint,
}

/// One fault, with every place that has part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule: `family/what-is-wrong`.
    pub rule: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong and what happens because of it: lower case, no full stop.
    pub message: String,
    /// Where a reader would mend it.
    pub primary: Label,
    /// Other places that have part in it, in any file.
    pub related: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// Edits that would remove it, the best first.
    pub fixes: Vec<Fix>,
    /// Name of the app it belongs to, when there is one.
    pub app: Option<String>,
    /// Stable name of the thing judged within its file (`container web`).
    pub subject: String,
    /// Its name from one version of the project to the next.
    pub fingerprint: Fingerprint,
    /// What is at fault in the same way and was put into one finding with it; each is a related label, too.
    pub others: Vec<Other>,
    /// Why it is not counted, when a suppression covers it.
    pub suppressed: Option<Suppression>,
    /// Rule of the finding that this one became a note of.
    pub merged_into: Option<&'static str>,
}

impl Finding {
    /// True when people are to be told of it: neither suppressed nor a note of another.
    pub fn is_open(&self) -> bool {
        self.suppressed.is_none() && self.merged_into.is_none()
    }

    /// The names of all that it is about, its own first.
    pub fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        std::iter::once(self.fingerprint).chain(self.others.iter().map(|other| other.fingerprint))
    }
}
