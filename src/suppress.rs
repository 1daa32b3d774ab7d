//! Takes findings out of the count where a comment says so. `pragma` reads the comments; this module decides what
//! each one covers, and says which ones are wrong, have run out, or cover nothing.
//!
//! A finding is covered by its primary bytes; `ignore-related` asks for any of the others.

mod pragma;

use crate::date::Date;
use crate::finding::{Finding, SuppressedBy, Suppression};
use crate::model::{Note, Project};
use crate::rules::{self, Rule, RuleSet};
use crate::source::{SourceFile, Span};
use crate::syntax::comment::Comment;
use pragma::{Pragma, Scope, Tool};

/// A file-wide `plimsoll: ignore-file` must stand in the first lines, where a reader sees it.
const FIRST_LINES: usize = 10;

/// A comment that suppresses, resolved to bytes.
struct Cover<'a> {
    comment: Span,
    pragma: &'a Pragma,
    /// The bytes it covers.
    bytes: Span,
    used: bool,
}

/// Marks the findings that comments cover; the notes are about the comments themselves.
pub(crate) fn by_comments<'f>(
    project: &Project,
    rules: &RuleSet,
    as_of: Date,
    findings: impl Iterator<Item = &'f mut Finding>,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut pragmas = Vec::new();
    for comment in &project.pragmas {
        match pragma::read(project.sources.text(comment.span)) {
            None => {}
            Some(Err(message)) => notes.push(Note { span: Some(comment.span), message }),
            Some(Ok(pragma)) => pragmas.push((comment, pragma)),
        }
    }
    let mut covers: Vec<Cover<'_>> = Vec::new();
    for (comment, pragma) in &pragmas {
        match cover(project, comment, pragma, as_of) {
            Ok(cover) => covers.push(cover),
            Err(message) => notes.push(Note { span: Some(comment.span), message }),
        }
    }
    covers.sort_by_key(|cover| cover.comment);
    for finding in findings {
        suppress(finding, rules, &mut covers);
    }
    notes.extend(covers.iter().filter_map(|cover| unused(cover, rules)));
    notes.sort();
    notes
}

/// What a pragma covers, or why it covers nothing.
fn cover<'a>(
    project: &Project,
    comment: &Comment,
    pragma: &'a Pragma,
    as_of: Date,
) -> Result<Cover<'a>, String> {
    if pragma.tool == Tool::Plimsoll {
        if let Some(unknown) = pragma.rules.iter().find(|rule| rules::find(rule).is_none()) {
            return Err(format!("the comment ignores {unknown:?}, and there is no such rule"));
        }
        if pragma.reason.is_empty() {
            return Err("the comment ignores nothing: it gives no reason".to_owned());
        }
    }
    if let Some(until) = pragma.until.filter(|until| *until < as_of) {
        return Err(format!("the comment ignores nothing any more: it ran out on {until}"));
    }
    let file = project.sources.file(comment.span.file);
    let whole = Span::new(comment.span.file, 0, file.text().len());
    let bytes = match pragma.scope {
        Scope::File if pragma.tool == Tool::Plimsoll => {
            if file.lines().line_of(comment.span.start) >= FIRST_LINES {
                return Err(format!("ignore-file must stand in the first {FIRST_LINES} lines of the file"));
            }
            whole
        }
        Scope::File => whole,
        Scope::Next | Scope::Related => next_or_line(file, comment),
    };
    Ok(Cover { comment: comment.span, pragma, bytes, used: false })
}

/// The line that a trailing comment stands on, or what follows a comment that has its line for itself.
fn next_or_line(file: &SourceFile, comment: &Comment) -> Span {
    let lines = file.lines();
    let line = lines.line_of(comment.span.start);
    let range = lines.line_range(file.text(), line);
    let before = file.text().get(range.start..comment.span.start as usize).unwrap_or("");
    if !before.trim_start_matches('\u{feff}').trim().is_empty() {
        return Span::new(comment.span.file, range.start, range.end);
    }
    if let Some(next) = comment.next {
        return next;
    }
    let last = lines.line_of(comment.span.end);
    let following = (last + 1..lines.len()).map(|line| lines.line_range(file.text(), line));
    let is_text = |range: &std::ops::Range<usize>| {
        let text = file.text()[range.clone()].trim();
        !text.is_empty() && !text.starts_with('#') && !text.starts_with("//")
    };
    match following.into_iter().find(is_text) {
        Some(range) => Span::new(comment.span.file, range.start, range.end),
        None => Span::at(comment.span.file, comment.span.end as usize),
    }
}

fn suppress(finding: &mut Finding, rules: &RuleSet, covers: &mut [Cover<'_>]) {
    let Some(rule) = rules.get(finding.rule).map(|selected| selected.rule) else { return };
    for cover in covers {
        if !names(cover.pragma, rule) {
            continue;
        }
        let covered = |span: Span| {
            cover.bytes.file == span.file && cover.bytes.start <= span.start && span.start <= cover.bytes.end
        };
        let hit = match cover.pragma.scope {
            Scope::Related => finding.related.iter().any(|label| covered(label.span)),
            Scope::Next | Scope::File => covered(finding.primary.span),
        };
        if hit {
            cover.used = true;
            if finding.suppressed.is_none() {
                let reason = cover.pragma.reason.clone();
                finding.suppressed = Some(Suppression { by: SuppressedBy::Comment, reason });
            }
        }
    }
}

/// True when the pragma is about this rule.
fn names(pragma: &Pragma, rule: &Rule) -> bool {
    let listed = |ids: &[&str]| pragma.rules.iter().any(|id| ids.contains(&id.as_str()));
    match pragma.tool {
        Tool::Plimsoll => pragma.rules.iter().any(|id| rule.is_called(id)),
        Tool::Hadolint => listed(rule.equivalents_in("hadolint")),
        Tool::Buildkit => {
            let ids = rule.equivalents_in("buildkit");
            listed(ids) || (!ids.is_empty() && pragma.rules.iter().any(|id| id == "all"))
        }
    }
}

/// A note on a pragma of ours that covers nothing although all of its rules were asked.
fn unused(cover: &Cover<'_>, rules: &RuleSet) -> Option<Note> {
    let asked = cover.pragma.rules.iter().all(|rule| rules.get(rule).is_some());
    if cover.used || cover.pragma.tool != Tool::Plimsoll || !asked {
        return None;
    }
    let message =
        format!("the comment ignores {}, and there is nothing to ignore", cover.pragma.rules.join(", "));
    Some(Note { span: Some(cover.comment), message })
}

#[cfg(test)]
mod tests;
