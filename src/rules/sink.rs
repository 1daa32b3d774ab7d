//! What a check is given: the project it asks, and the sink it reports to.

use super::page::OptionValue;
use super::{Rule, Selected};
use crate::date::Date;
use crate::finding::{Edit, Finding, Fix, Label, NewFile, Other, Safety, Severity};
use crate::fingerprint::Fingerprint;
use crate::model::Project;
use crate::source::Span;

/// What a check may ask.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'a> {
    /// Everything that was read.
    pub project: &'a Project,
    /// The day of end-of-life judgements.
    pub as_of: Date,
    pub(crate) selected: &'a Selected,
}

impl<'a> Cx<'a> {
    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &'a str {
        self.project.sources.text(span)
    }

    /// The value of an option of this rule: the configuration's, else the default of the page. `None` when the
    /// page has no such option.
    pub fn option(&self, name: &str) -> Option<&'a OptionValue> {
        self.selected.options.get(name).or_else(|| {
            let page = self.selected.rule.page().ok()?;
            page.front.options.iter().find(|option| option.name == name).map(|option| &option.default)
        })
    }

    /// An option of type `text`; empty when there is none.
    pub fn option_text(&self, name: &str) -> &'a str {
        self.option(name).and_then(OptionValue::as_text).unwrap_or("")
    }

    /// An option of type `integer`; 0 when there is none.
    pub fn option_integer(&self, name: &str) -> i64 {
        self.option(name).and_then(OptionValue::as_integer).unwrap_or(0)
    }

    /// An option of type `bool`; false when there is none.
    pub fn option_bool(&self, name: &str) -> bool {
        self.option(name).and_then(OptionValue::as_bool).unwrap_or(false)
    }

    /// An option of type `list`; empty when there is none.
    pub fn option_list(&self, name: &str) -> &'a [String] {
        self.option(name).and_then(OptionValue::as_list).unwrap_or(&[])
    }
}

/// Where a check puts its findings.
#[derive(Debug)]
pub struct Sink {
    rule: &'static Rule,
    severity: Option<Severity>,
    app: Option<String>,
    subject: String,
    found: Vec<Finding>,
}

impl Sink {
    pub(crate) fn new(selected: &Selected, subject: String, app: Option<String>) -> Sink {
        Sink { rule: selected.rule, severity: selected.severity, app, subject, found: Vec::new() }
    }

    /// Makes notes of the findings on a thing that the project calls deprecated at `span`. What the configuration says is kept.
    pub(crate) fn note_superseded(&mut self, span: Span) {
        for finding in &mut self.found {
            if self.severity.is_none() {
                finding.severity = Severity::Info;
            }
            let message = "nothing else builds it, and the project calls this deprecated".to_owned();
            finding.related.push(Label { span, message });
        }
    }

    /// Reports that the rule is broken at `span`. The message names the thing and the consequence: lower case, no
    /// full stop. What is known beyond that is added to the draft that comes back.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Draft<'_> {
        let at = self.found.len();
        self.found.push(Finding {
            rule: self.rule.id,
            severity: self.severity.unwrap_or(self.rule.severity),
            message: message.into(),
            primary: Label { span, message: String::new() },
            related: Vec::new(),
            help: None,
            fixes: Vec::new(),
            app: self.app.clone(),
            subject: self.subject.clone(),
            fingerprint: Fingerprint::default(),
            others: Vec::new(),
            suppressed: None,
            merged_into: None,
        });
        Draft { finding: &mut self.found[at], configured: self.severity.is_some() }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.found
    }
}

/// A finding that is being written: already in the sink, so that nothing has to be done at the end.
#[derive(Debug)]
pub struct Draft<'a> {
    finding: &'a mut Finding,
    configured: bool,
}

impl Draft<'_> {
    /// Another severity than the page's, for this finding. What the configuration says is kept.
    pub fn severity(self, severity: Severity) -> Self {
        if !self.configured {
            self.finding.severity = severity;
        }
        self
    }

    /// What the bytes of the finding itself have to do with it, when the message does not say it all.
    pub fn label(self, message: impl Into<String>) -> Self {
        self.finding.primary.message = message.into();
        self
    }

    /// Another place that has part in it, in any file.
    pub fn related(self, span: Span, message: impl Into<String>) -> Self {
        self.finding.related.push(Label { span, message: message.into() });
        self
    }

    /// One more thing that is at fault in the same way: `span` is the place that its own finding would have.
    pub fn also(self, span: Span, message: impl Into<String>) -> Self {
        self.finding.others.push(Other { span, fingerprint: Fingerprint::default() });
        self.related(span, message)
    }

    /// What to write instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// Edits that remove it: all of them or none.
    pub fn fix(self, title: impl Into<String>, safety: Safety, edits: Vec<Edit>) -> Self {
        self.finding.fixes.push(Fix { title: title.into(), safety, edits, creates: Vec::new() });
        self
    }

    /// A file whose coming removes it.
    pub fn fix_by_file(self, title: impl Into<String>, safety: Safety, file: NewFile) -> Self {
        let creates = vec![file];
        self.finding.fixes.push(Fix { title: title.into(), safety, edits: Vec::new(), creates });
        self
    }

    /// The name of the thing judged within its file, when it is not the subject that the check was asked of.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.finding.subject = subject.into();
        self
    }

    /// The app it belongs to, when it is not the subject's.
    pub fn app(self, app: impl Into<String>) -> Self {
        self.finding.app = Some(app.into());
        self
    }
}
