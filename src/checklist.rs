//! The checklist: of each app each item of production practice is met, broken or unknown, with the place that shows it.
//!
//! An item is broken when a rule of it has a finding of a warning or worse. It is met only on known facts: that no rule
//! speaks is not enough, because rules are silent on what they do not know. Everything else is unknown, with why.

mod cluster;
mod deployed;
mod image;
mod process;

use crate::check::Outcome;
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::model::Project;
use crate::rules::find;
use crate::source::{ProjectPath, Span};
use deployed::{Deployed, Homes};

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Known facts show that it holds.
    Met,
    /// Known facts show that it does not.
    Broken,
    /// Neither is known.
    Unknown,
}

impl State {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Met => "met",
            State::Broken => "broken",
            State::Unknown => "unknown",
        }
    }
}

/// How one item stands for one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The word by which rule pages name it.
    pub item: &'static str,
    /// What is asked, as a person would say it.
    pub title: &'static str,
    /// The answer.
    pub state: State,
    /// What shows it: lower case, no full stop.
    pub because: String,
    /// Where.
    pub place: Option<Span>,
    /// The rules that are broken, each once.
    pub rules: Vec<&'static str>,
}

/// The checklist of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppChecklist {
    /// Its name.
    pub app: String,
    /// Its folder.
    pub folder: ProjectPath,
    /// All items, in their order.
    pub items: Vec<Judgement>,
}

/// What known facts say of an item.
enum Evidence {
    Met(Option<Span>, String),
    Broken(Span, String),
    Unknown(String),
}

/// An item: its word, its title, and the question that tells whether it is met.
type Item = (&'static str, &'static str, fn(&Deployed<'_>, Date) -> Evidence);

/// All items. The words are those of `checklist:` in the pages; a test holds the two together.
const ITEMS: [Item; 18] = [
    ("start", "node is started directly", process::start),
    ("signals", "SIGTERM is handled", process::signals),
    ("user", "it does not run as root", image::user),
    ("lean", "the image holds what runs, no more", image::lean),
    ("reproducible", "each build installs the same packages", image::reproducible),
    ("context", "only what is needed is sent to the build", image::context),
    ("supported", "runtime and base get security fixes", image::supported),
    ("probes", "Kubernetes knows when it is ready", cluster::probes),
    ("ports", "ports agree from code to Service", cluster::ports),
    ("exposure", "only the Ingress leads into the cluster", cluster::exposure),
    ("state", "data outlives its pod", cluster::state),
    ("replicas", "it survives the loss of a node", cluster::replicas),
    ("resources", "requests and limits are set", cluster::resources),
    ("schedule", "jobs run as CronJobs", process::schedule),
    ("logs", "logs go to standard output", process::logs),
    ("secrets", "no secret is written down", cluster::secrets),
    ("compose", "compose runs it as production does", cluster::compose),
    ("syntax", "its files can be read", cluster::syntax),
];

/// The words of all items.
pub fn items() -> impl Iterator<Item = &'static str> {
    ITEMS.iter().map(|(item, ..)| *item)
}

/// The checklist of each app that ships a Node.js process.
pub fn checklist(project: &Project, outcome: &Outcome, as_of: Date) -> Vec<AppChecklist> {
    let deployed: Vec<Deployed<'_>> =
        project.apps.iter().filter_map(|app| Deployed::of(project, app)).collect();
    let homes = Homes::of(&deployed);
    let of_app = |deployed: &Deployed<'_>| {
        let is_of_it = |finding: &&Finding| match &finding.app {
            Some(app) => *app == deployed.app.name,
            None => homes.only(finding.primary.span.file) == Some(deployed.app.id),
        };
        let findings: Vec<&Finding> = outcome.findings.iter().filter(is_of_it).collect();
        AppChecklist {
            app: deployed.app.name.clone(),
            folder: deployed.app.folder.clone(),
            items: ITEMS.iter().map(|item| judge(item, deployed, &findings, as_of)).collect(),
        }
    };
    deployed.iter().map(of_app).collect()
}

fn judge(item: &Item, deployed: &Deployed<'_>, findings: &[&Finding], as_of: Date) -> Judgement {
    let (item, title, question) = *item;
    let is_broken = |finding: &&&Finding| {
        finding.severity >= Severity::Warning
            && find(finding.rule).is_some_and(|rule| rule.checklist == Some(item))
    };
    let broken: Vec<&&Finding> = findings.iter().filter(is_broken).collect();
    let mut rules: Vec<&'static str> = broken.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    // Of equally bad findings the first, which is the first by path.
    let worst = broken.iter().rev().max_by_key(|finding| (finding.suppressed.is_none(), finding.severity));
    let (state, because, place) = match worst {
        Some(finding) => {
            let accepted =
                finding.suppressed.as_ref().map(|accepted| format!(" (accepted: {})", accepted.reason));
            let because = format!("{}{}", finding.message, accepted.unwrap_or_default());
            (State::Broken, because, Some(finding.primary.span))
        }
        None => match question(deployed, as_of) {
            Evidence::Met(place, because) => (State::Met, because, place),
            Evidence::Broken(place, because) => (State::Broken, because, Some(place)),
            Evidence::Unknown(why) => (State::Unknown, why, None),
        },
    };
    Judgement { item, title, state, because, place, rules }
}

/// The evidence on several things of an app together: broken by one, else unknown by one, else met by the first.
fn all(evidence: impl IntoIterator<Item = Evidence>, nothing: &str) -> Evidence {
    let mut together = None;
    for next in evidence {
        together = Some(match (together, next) {
            (_, broken @ Evidence::Broken(..)) => return broken,
            (Some(Evidence::Unknown(why)), _) => Evidence::Unknown(why),
            (_, Evidence::Unknown(why)) => Evidence::Unknown(why),
            (Some(met), Evidence::Met(..)) => met,
            (None, met) => met,
        });
    }
    together.unwrap_or_else(|| Evidence::Unknown(nothing.to_owned()))
}

/// `1 file`, `2 files`.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
