//! What a configuration makes of findings: other severities in some files, and findings that are accepted.

use super::{Key, Raised};
use crate::date::Date;
use crate::facts::object;
use crate::finding::{Severity, SuppressedBy, Suppression};
use crate::model::told::Globs;
use crate::model::{ContainerId, Note, Project};
use crate::rules::RuleSet;
use crate::source::Span;

/// Exceptions from what rules and pages say.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// Other severities in some files; the last that fits holds.
    pub overrides: Vec<Override>,
    /// Findings that are accepted.
    pub ignores: Vec<Ignore>,
}

/// Other severities in some files.
#[derive(Clone, Debug)]
pub struct Override {
    /// The files that the finding stands in.
    pub paths: Globs,
    /// What holds there, by the id of the rule.
    pub rules: Vec<(&'static str, Setting)>,
}

/// What holds for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Its findings go.
    Off,
    /// They are this bad.
    Severity(Severity),
}

/// Findings that are accepted: of one of these rules, and of whatever else is said.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// Ids of the rules.
    pub rules: Vec<&'static str>,
    /// Why: never empty.
    pub reason: String,
    /// The files that the finding stands in.
    pub path: Option<Globs>,
    /// Name of the app.
    pub app: Option<String>,
    /// Name of the object, or its kind and name.
    pub object: Option<String>,
    /// Name of the container.
    pub container: Option<String>,
    /// The last day on which it is accepted.
    pub until: Option<Date>,
    /// Where the configuration says so.
    pub span: Span,
}

/// Gives findings the severities that hold in their files; those that are off there go.
pub(super) fn overrule(project: &Project, exceptions: &Exceptions, raised: &mut Vec<Raised>) {
    raised.retain_mut(|raised| {
        let path = &project.sources.file(raised.finding.primary.span.file).path;
        let fitting = exceptions.overrides.iter().rev().filter(|one| one.paths.name(path));
        let setting = fitting
            .flat_map(|one| one.rules.iter().rev())
            .find(|(rule, _)| *rule == raised.finding.rule)
            .map(|(_, setting)| *setting);
        if let Some(Setting::Severity(severity)) = setting {
            raised.finding.severity = severity;
        }
        setting != Some(Setting::Off)
    });
}

/// Marks the findings that are accepted; the notes are on ignores that have run out or accept nothing.
pub(super) fn accept(
    project: &Project,
    rules: &RuleSet,
    exceptions: &Exceptions,
    as_of: Date,
    raised: &mut [Raised],
) -> Vec<Note> {
    let mut notes = Vec::new();
    let note = |ignore: &Ignore, message: String| Note { span: Some(ignore.span), message };
    for ignore in &exceptions.ignores {
        if let Some(until) = ignore.until.filter(|until| *until < as_of) {
            notes.push(note(ignore, format!("this ignores nothing any more: it ran out on {until}")));
            continue;
        }
        let mut accepts_any = false;
        for raised in raised.iter_mut().filter(|raised| ignore.accepts(project, raised)) {
            accepts_any = true;
            if raised.finding.suppressed.is_none() {
                let reason = ignore.reason.clone();
                raised.finding.suppressed = Some(Suppression { by: SuppressedBy::Configuration, reason });
            }
        }
        if !accepts_any && ignore.rules.iter().all(|rule| rules.get(rule).is_some()) {
            notes.push(note(ignore, "this ignores nothing: there is no such finding".to_owned()));
        }
    }
    notes
}

impl Ignore {
    fn accepts(&self, project: &Project, raised: &Raised) -> bool {
        let finding = &raised.finding;
        let path = &project.sources.file(finding.primary.span.file).path;
        self.rules.contains(&finding.rule)
            && self.path.as_ref().is_none_or(|globs| globs.name(path))
            && self.app.as_ref().is_none_or(|app| finding.app.as_ref() == Some(app))
            && self.object.as_ref().is_none_or(|name| {
                raised
                    .concerns
                    .iter()
                    .filter_map(|key| object_of(project, *key))
                    .any(|it| is_called(it, name))
            })
            && self.container.as_ref().is_none_or(|name| {
                raised.concerns.iter().any(|key| {
                    let Key::Container(id) = key else { return false };
                    project.container(*id).facts.name.known() == Some(name)
                })
            })
    }
}

fn object_of(project: &Project, key: Key) -> Option<&object::Object> {
    let of_container = |id: ContainerId| project.workload(project.container(id).workload).object;
    let id = match key {
        Key::Object(id) => id,
        Key::Workload(id) => project.workload(id).object,
        Key::Container(id) => of_container(id),
        _ => return None,
    };
    Some(&project.object(id).facts)
}

/// True when `written` is the object's name, or its kind and name.
fn is_called(object: &object::Object, written: &str) -> bool {
    let name = object.name();
    let Some(name) = name.known() else { return false };
    written == name || written.split_once(' ') == Some((object.kind.value.as_str(), name.as_str()))
}
