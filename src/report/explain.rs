//! A rule's page as text for a terminal: what the rule is about, why, and its examples.

use std::fmt::Write as _;

use super::paint::Paint;
use crate::rules::page::{Front, PageError};
use crate::rules::{FixKind, Rule, Status};

/// The page of `rule` in lines of at most `width` columns where it can be broken.
pub fn write(rule: &Rule, width: usize, paint: Paint) -> Result<String, PageError> {
    let page = rule.page().map_err(PageError::clone)?;
    let mut text = String::new();
    let severity = paint.severity(rule.severity, rule.severity);
    let _ = writeln!(text, "{} {severity}", paint.bold(rule.id));
    let _ = writeln!(text, "{}\n", paint.dim(about(rule, &page.front)));
    body(&page.body, width.max(40), paint, &mut text);
    if !page.front.options.is_empty() {
        let _ = writeln!(text, "\n{}\n", paint.bold("Options"));
        for option in &page.front.options {
            let default = serde_json::to_string(&option.default).unwrap_or_default();
            let _ = writeln!(text, "  {} (default {default}): {}", option.name, option.doc);
        }
    }
    let equal: Vec<String> = rule
        .equivalents
        .iter()
        .flat_map(|(tool, ids)| ids.iter().map(move |id| format!("{tool} {id}")))
        .collect();
    if !equal.is_empty() {
        let _ = writeln!(text, "\n{} {}", paint.bold("In other tools:"), equal.join(", "));
    }
    for (at, reference) in page.front.references.iter().enumerate() {
        let head = if at == 0 { format!("\n{}\n", paint.bold("References")) } else { String::new() };
        let _ = writeln!(text, "{head}  {reference}");
    }
    Ok(text)
}

/// What the front matter says, in one line.
fn about(rule: &Rule, front: &Front) -> String {
    let mut parts = vec![format!("since {}", rule.since)];
    match rule.status {
        Status::Stable => {}
        Status::Preview => parts.push("preview: never sets the exit status".to_owned()),
        Status::Deprecated => parts.push("deprecated".to_owned()),
    }
    parts.push(match rule.fix {
        FixKind::None => "no fix".to_owned(),
        FixKind::Safe => "safe fix".to_owned(),
        FixKind::Unsafe => "fix to be looked at".to_owned(),
    });
    if rule.set != "default" {
        parts.push(format!("only in the profile {}", rule.set));
    }
    if let Some(item) = rule.checklist {
        parts.push(format!("checklist item {item}"));
    }
    let purposes: Vec<&str> = front.purpose.iter().map(|purpose| purpose.as_str()).collect();
    if purposes != ["ship"] {
        parts.push(format!("for what is to {}", purposes.join(", ")));
    }
    parts.join(" · ")
}

/// Markdown as the pages use it: headings, paragraphs, lists, fences.
fn body(markdown: &str, width: usize, paint: Paint, text: &mut String) {
    let mut paragraph = String::new();
    let mut fence = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            flush(&mut paragraph, width, text);
            fence = !fence;
        } else if fence {
            let _ = writeln!(text, "{}", if line.is_empty() { String::new() } else { format!("    {line}") });
        } else if let Some(title) = line.strip_prefix("# ").or(line.strip_prefix("## ")) {
            flush(&mut paragraph, width, text);
            let _ = writeln!(text, "{}", paint.bold(title));
        } else if line.is_empty() {
            flush(&mut paragraph, width, text);
            text.push('\n');
        } else if line.starts_with(['-', '*', '|']) {
            flush(&mut paragraph, width, text);
            paragraph.push_str(line);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut paragraph, width, text);
}

/// Writes a paragraph in lines of at most `width` columns; what goes on of a list item is indented.
fn flush(paragraph: &mut String, width: usize, text: &mut String) {
    let indent = if paragraph.starts_with("- ") || paragraph.starts_with("* ") { "  " } else { "" };
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            text.push('\n');
            text.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    if column > 0 {
        text.push('\n');
    }
    paragraph.clear();
}
