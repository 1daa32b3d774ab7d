//! New values as text, in the manner of the file they go into.

use crate::syntax::scalar::{Value, resolve};
use crate::syntax::tree::{Format, Kind, Schema, Style, Tree};

use super::New;

/// How a file is laid out.
pub(super) struct Layout {
    /// Its line end.
    pub(super) eol: &'static str,
    /// One step of indentation.
    pub(super) unit: String,
    /// True when its outermost collection takes several lines.
    pub(super) is_spread: bool,
    format: Format,
    /// True when the sequences of its mappings stand in the column of their keys.
    is_indentless: bool,
}

impl Layout {
    pub(super) fn of(tree: &Tree) -> Layout {
        let text = &tree.text;
        let eol = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let root = tree.root().map(|root| &text[root.span().range()]).unwrap_or_default();
        Layout {
            eol,
            unit: unit(tree),
            is_spread: root.contains('\n'),
            format: tree.format,
            is_indentless: is_indentless(tree),
        }
    }

    fn key(&self, key: &str, is_flow: bool) -> String {
        let style = if self.format == Format::Json { Style::Double } else { Style::Plain };
        text(key, style, is_flow)
    }

    pub(super) fn flow_entry(&self, key: &str, value: &New, indent: &str) -> String {
        format!("{}: {}", self.key(key, true), self.flow_value(value, indent))
    }

    /// A value inside of brackets: over several lines in JSON that is so.
    pub(super) fn flow_value(&self, value: &New, indent: &str) -> String {
        let parts: Vec<String> = match value {
            _ if self.format == Format::Yaml || !self.is_spread => {
                let style = if self.format == Format::Json { Style::Double } else { Style::Plain };
                return flow(value, self.format, style);
            }
            New::Sequence(items) => {
                let inner = format!("{indent}{}", self.unit);
                items.iter().map(|item| self.flow_value(item, &inner)).collect()
            }
            New::Mapping(entries) => {
                let inner = format!("{indent}{}", self.unit);
                entries.iter().map(|(key, value)| self.flow_entry(key, value, &inner)).collect()
            }
            scalar => return flow(scalar, self.format, Style::Double),
        };
        let (open, close) = if matches!(value, New::Mapping(_)) { ('{', '}') } else { ('[', ']') };
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let (eol, unit) = (self.eol, &self.unit);
        let body = parts.join(&format!(",{eol}{indent}{unit}"));
        format!("{open}{eol}{indent}{unit}{body}{eol}{indent}{close}")
    }

    /// An entry whose first line begins at `indent`, which is not part of it.
    pub(super) fn block_entry(&self, key: &str, value: &New, indent: &str) -> String {
        let key = self.key(key, false);
        let eol = self.eol;
        match value {
            New::Mapping(entries) if !entries.is_empty() => {
                let inner = format!("{indent}{}", self.unit);
                let lines: Vec<String> =
                    entries.iter().map(|(key, value)| self.block_entry(key, value, &inner)).collect();
                format!("{key}:{eol}{inner}{}", lines.join(&format!("{eol}{inner}")))
            }
            New::Sequence(items) if !items.is_empty() => {
                let inner =
                    if self.is_indentless { indent.to_owned() } else { format!("{indent}{}", self.unit) };
                let lines: Vec<String> = items.iter().map(|item| self.block_item(item, &inner)).collect();
                format!("{key}:{eol}{inner}{}", lines.join(&format!("{eol}{inner}")))
            }
            value => format!("{key}: {}", inline(value, self.format, Style::Plain)),
        }
    }

    /// An item with its `-`, whose first line begins at `indent`.
    pub(super) fn block_item(&self, value: &New, indent: &str) -> String {
        let New::Mapping(entries) = value else {
            return format!("- {}", inline(value, self.format, Style::Plain));
        };
        if entries.is_empty() {
            return "- {}".to_owned();
        }
        let inner = format!("{indent}  ");
        let lines: Vec<String> =
            entries.iter().map(|(key, value)| self.block_entry(key, value, &inner)).collect();
        format!("- {}", lines.join(&format!("{}{inner}", self.eol)))
    }
}

/// The indentation of the first line that has any; two blanks where none has.
fn unit(tree: &Tree) -> String {
    let deeper = tree.text.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
    let blanks = deeper.map(|line| &line[..line.len() - line.trim_start().len()]);
    match blanks {
        Some("\t") if tree.format == Format::Json => "\t".to_owned(),
        Some(blanks) if blanks.bytes().all(|byte| byte == b' ') && (2..=8).contains(&blanks.len()) => {
            blanks.to_owned()
        }
        _ => "  ".to_owned(),
    }
}

fn is_indentless(tree: &Tree) -> bool {
    let column = |at: u32| {
        let before = &tree.text[..at as usize];
        before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
    };
    let mut sequences = tree.nodes().map(|id| tree.at(id));
    let sequence = sequences.find(|node| {
        let parent = node.parent().map(|parent| parent.kind());
        matches!(node.kind(), Kind::Sequence(false)) && matches!(parent, Some(Kind::Mapping(false)))
    });
    let parent = sequence.and_then(|sequence| sequence.parent());
    match (sequence, parent) {
        (Some(sequence), Some(parent)) => column(sequence.span().start) == column(parent.span().start),
        _ => false,
    }
}

/// A value on one line, a scalar in this style where it can be.
pub(super) fn inline(value: &New, format: Format, style: Style) -> String {
    match value {
        New::Str(value) if format == Format::Yaml => text(value, style, false),
        value => flow(value, format, style),
    }
}

fn flow(value: &New, format: Format, style: Style) -> String {
    let style = if format == Format::Json { Style::Double } else { style };
    match value {
        New::Null => "null".to_owned(),
        New::Bool(value) => value.to_string(),
        New::Int(value) => value.to_string(),
        New::Str(value) => text(value, style, true),
        New::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, format, style)).collect();
            format!("[{}]", items.join(", "))
        }
        New::Mapping(entries) => {
            let entry = |(key, value): &(String, New)| {
                format!("{}: {}", text(key, style, true), flow(value, format, style))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A text in this style, or in double quotes where the style cannot hold it.
fn text(value: &str, style: Style, is_flow: bool) -> String {
    let is_one_line = !value
        .contains(|character: char| character.is_control() || "\u{2028}\u{2029}\u{feff}".contains(character));
    match style {
        Style::Single if is_one_line => format!("'{}'", value.replace('\'', "''")),
        Style::Plain | Style::Literal | Style::Folded if is_one_line && is_plain(value, is_flow) => {
            value.to_owned()
        }
        _ => double(value),
    }
}

/// In double quotes, with the escapes that YAML 1.1, YAML 1.2 and JSON share.
fn double(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", character as u32))
            }
            character if character.is_control() => out.push_str(&format!("\\u{:04x}", character as u32)),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// True for what every reader takes as this text without quotes.
fn is_plain(value: &str, is_flow: bool) -> bool {
    let is_text = |schema| resolve(schema, None, Style::Plain, value) == Value::Str(value);
    let starts_well = value.starts_with(|first: char| {
        first.is_alphanumeric() || matches!(first, '/' | '_' | '$' | '(' | '.' | '^')
    });
    let has_mark = value.contains(": ") || value.contains(" #") || value.ends_with([':', ' ']);
    let has_flow_mark = is_flow && value.contains([',', '[', ']', '{', '}', ':']);
    let is_number_like = value.starts_with(|first: char| first.is_ascii_digit()) && value.contains(':');
    starts_well
        && !has_mark
        && !has_flow_mark
        && !is_number_like
        && value != "..."
        && !value.starts_with("... ")
        && is_text(Schema::Kubernetes)
        && is_text(Schema::Core)
}
