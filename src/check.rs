//! Asks the rules of the project. [`check`] is a pure function of what was read, the rules and the configuration:
//! no file, no clock, the same findings in the same order each time. The command line, the language server and the
//! webhook all call it and differ only in what they do before and after.

pub mod exception;
mod merge;
mod panics;
mod subject;

use rayon::prelude::*;

use crate::date::Date;
use crate::finding::{Finding, Label};
use crate::fingerprint::{self, Fingerprint};
use crate::model::{Note, Project};
use crate::rules::{Check, Cx, RuleSet, Selected, Sink};
use crate::suppress;
use crate::syntax::Issue;
use exception::Exceptions;
use subject::{Key, Subject};

/// How to check.
#[derive(Clone, Debug)]
pub struct Config {
    /// The day of end-of-life judgements, and of suppressions that run out.
    pub as_of: Date,
    /// Whether comments may suppress findings (`--no-ignore-comments` turns it off).
    pub ignore_comments: bool,
    /// What the configuration makes of findings.
    pub exceptions: Exceptions,
    /// What is wrong with the configuration itself.
    pub issues: Vec<Issue>,
    /// What leads from the root of the repository to that of the project: empty, or ending in `/`.
    pub place: String,
}

impl Config {
    /// Nothing configured, on this day.
    pub fn on(as_of: Date) -> Config {
        Config {
            as_of,
            ignore_comments: true,
            exceptions: Exceptions::default(),
            issues: Vec::new(),
            place: String::new(),
        }
    }
}

/// What checking gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The findings by path, place, rule and message; those that are suppressed or merged are among them.
    pub findings: Vec<Finding>,
    /// What a person should know beside them: suppressions that are not used or not understood.
    pub notes: Vec<Note>,
    /// Rules that failed. Their other findings are there, but the answer is not whole.
    pub failures: Vec<Failure>,
}

/// A check that panicked: a fault of plimsoll.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The rule.
    pub rule: &'static str,
    /// What it was asked of.
    pub subject: String,
    /// What it said.
    pub message: String,
}

/// A finding with the things it concerns.
#[derive(Debug)]
struct Raised {
    finding: Finding,
    /// What was asked.
    own: Vec<Key>,
    /// That, and what it is made of.
    concerns: Vec<Key>,
}

/// Asks every rule of the set of everything that it judges.
pub fn check(project: &Project, rules: &RuleSet, config: &Config) -> Outcome {
    let answers: Vec<Answers> =
        rules.as_slice().par_iter().map(|selected| ask(project, selected, config.as_of)).collect();
    let read = project.issues.iter().chain(&config.issues);
    let mut raised: Vec<Raised> = read.filter_map(|issue| of_issue(issue, rules)).collect();
    let mut failures = Vec::new();
    for answer in answers {
        raised.extend(answer.raised);
        failures.extend(answer.failures);
    }
    exception::overrule(project, &config.exceptions, &mut raised);
    sort(project, &mut raised);
    let mut raised = merge::same_place(raised);
    let mut notes = if config.ignore_comments {
        let findings = raised.iter_mut().map(|raised| &mut raised.finding);
        suppress::by_comments(project, rules, config.as_of, findings)
    } else {
        Vec::new()
    };
    notes.extend(exception::accept(project, rules, &config.exceptions, config.as_of, &mut raised));
    merge::weaker(&mut raised, rules);
    failures.sort();
    let mut findings: Vec<Finding> = raised.into_iter().map(|raised| raised.finding).collect();
    fingerprint::set_all(&project.sources, &config.place, &mut findings);
    Outcome { findings, notes, failures }
}

/// By path, place, rule and message; what follows only makes the order total.
fn sort(project: &Project, raised: &mut [Raised]) {
    raised.sort_by(|one, two| {
        let path = |raised: &Raised| &project.sources.file(raised.finding.primary.span.file).path;
        let (first, second) = (&one.finding, &two.finding);
        path(one)
            .cmp(path(two))
            .then_with(|| first.primary.span.start.cmp(&second.primary.span.start))
            .then_with(|| first.rule.cmp(second.rule))
            .then_with(|| first.message.cmp(&second.message))
            .then_with(|| first.primary.span.end.cmp(&second.primary.span.end))
            .then_with(|| (&first.subject, &first.related).cmp(&(&second.subject, &second.related)))
    });
}

/// What a reader found, when its rule is asked.
fn of_issue(issue: &Issue, rules: &RuleSet) -> Option<Raised> {
    let selected = rules.get(issue.rule)?;
    let related = |span: &_| Label { span: *span, message: String::new() };
    let finding = Finding {
        rule: selected.rule.id,
        severity: selected.severity.unwrap_or(selected.rule.severity),
        message: issue.message.clone(),
        primary: Label { span: issue.span, message: String::new() },
        related: issue.related.iter().map(related).collect(),
        help: issue.help.clone(),
        fixes: Vec::new(),
        app: None,
        subject: String::new(),
        fingerprint: Fingerprint::default(),
        others: Vec::new(),
        suppressed: None,
        merged_into: None,
    };
    let own = vec![Key::File(issue.span.file)];
    Some(Raised { finding, concerns: own.clone(), own })
}

#[derive(Default)]
struct Answers {
    raised: Vec<Raised>,
    failures: Vec<Failure>,
}

impl Answers {
    fn and(mut self, other: Answers) -> Answers {
        self.raised.extend(other.raised);
        self.failures.extend(other.failures);
        self
    }
}

/// Asks one rule of all that it judges.
fn ask(project: &Project, selected: &Selected, as_of: Date) -> Answers {
    let cx = Cx { project, as_of, selected };
    match selected.rule.check {
        Check::Reader => Answers::default(),
        Check::File(check) => {
            let files: Vec<_> = project.sources.iter().map(|(id, _)| id).collect();
            each(&cx, &files, Subject::of_file, |cx, file, sink| check(cx, *file, sink))
        }
        Check::Image(check) => each(&cx, &project.images, Subject::of_image, check),
        Check::Run(check) => each(&cx, &project.runs, Subject::of_run, check),
        Check::Container(check) => each(&cx, &project.containers, Subject::of_container, check),
        Check::Workload(check) => each(&cx, &project.workloads, Subject::of_workload, check),
        Check::Object(check) => each(&cx, &project.objects, Subject::of_object, check),
        Check::Compose(check) => each(&cx, &project.compose_services, Subject::of_compose, check),
        Check::Package(check) => each(&cx, &project.packages, Subject::of_package, check),
        Check::Module(check) => each(&cx, &project.modules, Subject::of_module, check),
        Check::App(check) => each(&cx, &project.apps, Subject::of_app, check),
        Check::Unit(check) => each(&cx, &project.units, Subject::of_unit, check),
        Check::Project(check) => one(&cx, Subject::of_project(), |cx, sink| check(cx, cx.project, sink)),
    }
}

fn each<T: Sync>(
    cx: &Cx<'_>,
    things: &[T],
    subject: impl Fn(&Project, &T) -> Subject + Sync,
    check: impl Fn(&Cx<'_>, &T, &mut Sink) + Sync,
) -> Answers {
    let ask = |thing: &T| one(cx, subject(cx.project, thing), |cx, sink| check(cx, thing, sink));
    things.par_iter().map(ask).reduce(Answers::default, Answers::and)
}

/// Asks a rule of one thing, unless the rule does not speak to things of its purpose.
fn one(cx: &Cx<'_>, subject: Subject, check: impl FnOnce(&Cx<'_>, &mut Sink)) -> Answers {
    let rule = cx.selected.rule;
    if subject.purpose.is_some_and(|purpose| !rule.purposes.contains(&purpose)) {
        return Answers::default();
    }
    let mut sink = Sink::new(cx.selected, subject.name.clone(), subject.app);
    let failure = panics::contained(|| check(cx, &mut sink)).err();
    if let Some(span) = subject.superseded {
        sink.note_superseded(span);
    }
    let failure = failure.map(|message| Failure { rule: rule.id, subject: subject.name, message });
    let own: Vec<Key> = subject.own.into_iter().collect();
    let concerns: Vec<Key> = own.iter().copied().chain(subject.parts).collect();
    let raise = |finding| Raised { finding, own: own.clone(), concerns: concerns.clone() };
    Answers {
        raised: sink.into_findings().into_iter().map(raise).collect(),
        failures: failure.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests;
