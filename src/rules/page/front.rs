//! The front matter of a rule page, as types: a key that is not here is an error.

use serde::{Deserialize, Deserializer, Serialize};

use super::super::{Admission, FixKind, On, Status};
use crate::finding::Severity;
use crate::model::purpose::Purpose;

/// The front matter of a page.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Front {
    /// How bad a finding is.
    pub severity: Severity,
    /// The kind of thing that is judged.
    pub on: On,
    /// Whether a fix is offered.
    #[serde(default)]
    pub fix: FixKind,
    /// The version that brought the rule.
    pub since: String,
    /// `default`, or the profile that has to be asked for.
    #[serde(default = "default_set")]
    pub set: String,
    /// The item of the checklist that it decides.
    #[serde(default)]
    pub checklist: Option<String>,
    /// The purposes that it speaks to.
    #[serde(default = "ship", deserialize_with = "purposes")]
    pub purpose: Vec<Purpose>,
    /// Rules whose finding on the same subject makes this one's a note of theirs.
    #[serde(default)]
    pub yields_to: Vec<String>,
    /// What the admission webhook does with a finding.
    #[serde(default)]
    pub admission: Admission,
    /// How far it may be relied upon.
    #[serde(default)]
    pub status: Status,
    /// Earlier ids.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What can be configured.
    #[serde(default)]
    pub options: Vec<OptionSpec>,
    /// Rules of other tools with the same meaning.
    #[serde(default)]
    pub equivalents: Equivalents,
    /// Which of the texts that plimsoll answers to asks for this rule, and where in it (`000:120`).
    #[serde(default)]
    pub seeds: Vec<String>,
    /// Addresses of what the facts are taken from.
    #[serde(default)]
    pub references: Vec<String>,
}

/// Rules of other tools with the same meaning.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[allow(missing_docs)]
pub struct Equivalents {
    pub hadolint: Vec<String>,
    pub buildkit: Vec<String>,
    pub kube_linter: Vec<String>,
    pub kube_score: Vec<String>,
    pub polaris: Vec<String>,
    pub trivy: Vec<String>,
    pub checkov: Vec<String>,
}

impl Equivalents {
    /// The tools by the names of the front matter, with their rules.
    pub fn by_tool(&self) -> [(&'static str, &[String]); 7] {
        [
            ("hadolint", &self.hadolint),
            ("buildkit", &self.buildkit),
            ("kube-linter", &self.kube_linter),
            ("kube-score", &self.kube_score),
            ("polaris", &self.polaris),
            ("trivy", &self.trivy),
            ("checkov", &self.checkov),
        ]
    }
}

/// Something about a rule that can be configured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSpec {
    /// Its name in the configuration.
    pub name: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub kind: OptionKind,
    /// What holds when nothing is configured.
    pub default: OptionValue,
    /// What it does.
    pub doc: String,
}

/// The type of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum OptionKind {
    Bool,
    Integer,
    Text,
    List,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum OptionValue {
    Bool(bool),
    Integer(i64),
    Text(String),
    List(Vec<String>),
}

impl OptionValue {
    /// The type of the value.
    pub fn kind(&self) -> OptionKind {
        match self {
            OptionValue::Bool(_) => OptionKind::Bool,
            OptionValue::Integer(_) => OptionKind::Integer,
            OptionValue::Text(_) => OptionKind::Text,
            OptionValue::List(_) => OptionKind::List,
        }
    }

    /// The value of a `bool`.
    pub fn as_bool(&self) -> Option<bool> {
        if let OptionValue::Bool(value) = self { Some(*value) } else { None }
    }

    /// The value of an `integer`.
    pub fn as_integer(&self) -> Option<i64> {
        if let OptionValue::Integer(value) = self { Some(*value) } else { None }
    }

    /// The value of a `text`.
    pub fn as_text(&self) -> Option<&str> {
        if let OptionValue::Text(value) = self { Some(value) } else { None }
    }

    /// The value of a `list`.
    pub fn as_list(&self) -> Option<&[String]> {
        if let OptionValue::List(value) = self { Some(value) } else { None }
    }
}

impl Front {
    /// Reads the lines between the dashes. An error has its line among them, from 1.
    pub fn parse(yaml: &str) -> Result<Front, (u32, String)> {
        let front: Front = serde_yaml::from_str(yaml).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line() as u32);
            (line, error.to_string())
        })?;
        match front.options.iter().find(|option| option.default.kind() != option.kind) {
            Some(option) => Err((1, format!("the default of option {:?} is not of its type", option.name))),
            None => Ok(front),
        }
    }
}

fn default_set() -> String {
    "default".to_owned()
}

fn ship() -> Vec<Purpose> {
    vec![Purpose::Ship]
}

fn purposes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Purpose>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let find = |word: &String| {
        Purpose::of_word(word).ok_or_else(|| serde::de::Error::custom(format!("unknown purpose {word:?}")))
    };
    words.iter().map(find).collect()
}
