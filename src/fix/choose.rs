//! Which of the offered fixes can be applied together.

use std::collections::BTreeMap;

use super::{Allowed, Applied};
use crate::finding::{Edit, Finding, Fix, NewFile};
use crate::source::{FileId, ProjectPath, Sources};

/// A fix of a finding.
pub(super) struct Chosen<'f> {
    finding: &'f Finding,
    pub(super) fix: &'f Fix,
}

impl Chosen<'_> {
    pub(super) fn applied(&self, sources: &Sources) -> Applied {
        let span = self.finding.primary.span;
        let file = sources.file(span.file);
        Applied {
            rule: self.finding.rule,
            title: self.fix.title.clone(),
            path: file.path.clone(),
            line: file.position(span.start).line,
        }
    }
}

/// Of each finding, in their order, the fix that is allowed, unless it touches bytes of one that was chosen before: the
/// next round sees what is left of it.
pub(super) fn choose<'f>(sources: &Sources, findings: &'f [Finding], allowed: &Allowed) -> Vec<Chosen<'f>> {
    let mut taken = Taken::default();
    let mut chosen: Vec<Chosen<'f>> = Vec::new();
    for finding in findings {
        let Some(fix) = allowed.fix(sources, finding) else { continue };
        if taken.take(sources, fix) {
            chosen.push(Chosen { finding, fix });
        }
    }
    chosen
}

/// The bytes that chosen fixes replace, and the files that they make.
#[derive(Default)]
struct Taken<'f> {
    /// End of each edit by its start.
    edits: BTreeMap<(FileId, u32), u32>,
    files: BTreeMap<ProjectPath, &'f NewFile>,
}

impl<'f> Taken<'f> {
    /// Takes what a fix needs, when all of it is free.
    fn take(&mut self, sources: &Sources, fix: &'f Fix) -> bool {
        let is_free = fix.edits.iter().all(|edit| self.is_free(edit))
            && fix
                .creates
                .iter()
                .all(|file| !self.files.contains_key(&file.path) && !sources.exists(&file.path));
        if is_free {
            let edits = fix.edits.iter().map(|edit| ((edit.span.file, edit.span.start), edit.span.end));
            self.edits.extend(edits);
            self.files.extend(fix.creates.iter().map(|file| (file.path.clone(), file)));
        }
        is_free
    }

    /// True when no chosen edit overlaps or touches this one: of two texts at one place the order would be a guess.
    fn is_free(&self, edit: &Edit) -> bool {
        let upto = (edit.span.file, edit.span.end);
        let last = self.edits.range(..=upto).next_back();
        last.is_none_or(|((file, _), end)| *file != edit.span.file || *end < edit.span.start)
    }
}
