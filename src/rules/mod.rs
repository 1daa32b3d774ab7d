//! The rules: what a rule is, and the table of all of them. A rule lives in `rules/<family>/<rule-id>.md` (its page)
//! with its check in the `.rs` beside it; `registry` is generated from those files.
//!
//! Checks ask the model and hand findings to a [`Sink`]; they do no I/O and know neither clock nor configuration
//! but through their [`Cx`].

pub mod page;
mod registry;
mod set;
mod sink;
mod start;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::model;
use crate::model::purpose::Purpose;
use crate::source::FileId;
use page::{Page, PageError};

pub use set::{RuleSet, Selected, UnknownRule};
pub use sink::{Cx, Draft, Sink};

/// What a check is asked of, and the function that answers. The page's `on:` chooses the variant, so that a
/// function of another type does not compile.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The readers find it while they read: an [`Issue`](crate::syntax::Issue) with the id of the rule.
    Reader,
    /// Asked of each file that was read.
    File(fn(&Cx<'_>, FileId, &mut Sink)),
    /// Asked of each image.
    Image(fn(&Cx<'_>, &model::Image, &mut Sink)),
    /// Asked of each run.
    Run(fn(&Cx<'_>, &model::Run, &mut Sink)),
    /// Asked of each container of a pod template.
    Container(fn(&Cx<'_>, &model::Container, &mut Sink)),
    /// Asked of each object that makes pods.
    Workload(fn(&Cx<'_>, &model::Workload, &mut Sink)),
    /// Asked of each Kubernetes object.
    Object(fn(&Cx<'_>, &model::Object, &mut Sink)),
    /// Asked of each service of a compose file.
    Compose(fn(&Cx<'_>, &model::ComposeService, &mut Sink)),
    /// Asked of each package.json.
    Package(fn(&Cx<'_>, &model::Package, &mut Sink)),
    /// Asked of each JavaScript or TypeScript file.
    Module(fn(&Cx<'_>, &model::Module, &mut Sink)),
    /// Asked of each app.
    App(fn(&Cx<'_>, &model::App, &mut Sink)),
    /// Asked of each unit.
    Unit(fn(&Cx<'_>, &model::Unit, &mut Sink)),
    /// Asked once.
    Project(fn(&Cx<'_>, &model::Project, &mut Sink)),
}

/// The kind of thing a rule judges: `on:` of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum On {
    File,
    Image,
    Run,
    Container,
    Workload,
    Object,
    Compose,
    Package,
    Module,
    App,
    Unit,
    Project,
}

/// Whether a rule offers a fix, and of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// It offers none.
    #[default]
    None,
    /// Its fixes keep what the program does.
    Safe,
    /// A person must look at its fixes.
    Unsafe,
}

/// How far a rule may be relied upon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Never sets the exit status.
    Preview,
    /// In full force.
    #[default]
    Stable,
    /// Still works, will go.
    Deprecated,
}

/// What the admission webhook does with a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// The object is refused.
    Deny,
    /// The client is warned.
    Warn,
    /// Not asked at admission: it needs more than the object.
    #[default]
    Never,
}

/// One rule. What checking needs is here as constants, made from the page when the registry is; the rest of the
/// page is read at the first call of [`Rule::page`].
#[derive(Debug)]
pub struct Rule {
    /// `family/what-is-wrong`.
    pub id: &'static str,
    /// The fault's name: the title of the page.
    pub title: &'static str,
    /// How bad a finding is unless the check or the configuration says otherwise.
    pub severity: Severity,
    /// How far it may be relied upon.
    pub status: Status,
    /// `default`, or the profile that has to be asked for.
    pub set: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// Whether it offers a fix.
    pub fix: FixKind,
    /// What the admission webhook does with its findings.
    pub admission: Admission,
    /// The item of the checklist that it decides.
    pub checklist: Option<&'static str>,
    /// The purposes that it speaks to.
    pub purposes: &'static [Purpose],
    /// Rules whose finding on the same subject makes this one's a note of theirs.
    pub yields_to: &'static [&'static str],
    /// Earlier ids, valid in suppressions and configuration.
    pub aliases: &'static [&'static str],
    /// Ids of rules of other tools with the same meaning, by tool: their suppressions count.
    pub equivalents: &'static [(&'static str, &'static [&'static str])],
    /// The check.
    pub check: Check,
    /// The page as written.
    pub text: &'static str,
    parsed: OnceLock<Result<Page, PageError>>,
}

impl Rule {
    /// A rule that is in no registry.
    #[cfg(test)]
    pub(crate) fn sample(id: &'static str, check: Check) -> Rule {
        Rule {
            id,
            title: "A sample",
            severity: Severity::Warning,
            status: Status::Stable,
            set: "default",
            since: "0.1.0",
            fix: FixKind::None,
            admission: Admission::Never,
            checklist: None,
            purposes: &[Purpose::Ship],
            yields_to: &[],
            aliases: &[],
            equivalents: &[],
            check,
            text: "",
            parsed: OnceLock::new(),
        }
    }

    /// The part of the id before the slash.
    pub fn family(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }

    /// Where its page can be read.
    pub fn url(&self) -> String {
        let version = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"), "/rules/");
        format!("{version}{}.md", self.id)
    }

    /// The kind of thing it judges.
    pub fn on(&self) -> On {
        match self.check {
            Check::Reader | Check::File(_) => On::File,
            Check::Image(_) => On::Image,
            Check::Run(_) => On::Run,
            Check::Container(_) => On::Container,
            Check::Workload(_) => On::Workload,
            Check::Object(_) => On::Object,
            Check::Compose(_) => On::Compose,
            Check::Package(_) => On::Package,
            Check::Module(_) => On::Module,
            Check::App(_) => On::App,
            Check::Unit(_) => On::Unit,
            Check::Project(_) => On::Project,
        }
    }

    /// The page of the rule. An error is a fault of this program: a test reads every page.
    pub fn page(&self) -> Result<&Page, &PageError> {
        self.parsed.get_or_init(|| Page::parse(&format!("rules/{}.md", self.id), self.text)).as_ref()
    }

    /// True when `id` is its id or one that it had.
    pub fn is_called(&self, id: &str) -> bool {
        self.id == id || self.aliases.contains(&id)
    }

    /// The ids of `tool`'s rules that mean the same.
    pub fn equivalents_in(&self, tool: &str) -> &'static [&'static str] {
        self.equivalents.iter().find(|(name, _)| *name == tool).map_or(&[], |(_, ids)| ids)
    }
}

/// All rules, in the order of their ids.
pub fn all() -> &'static [Rule] {
    &registry::RULES
}

/// The rule that is or was called `id`.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.id == id).or_else(|| all().iter().find(|rule| rule.is_called(id)))
}
