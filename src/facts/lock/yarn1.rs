//! yarn.lock of yarn 1: a line format of its own, looking like YAML and being none.
//!
//! Lines of no indent name the descriptors of an entry, lines of two spaces its fields, lines of four the packages it
//! asks for. Quoted text is quoted as in JSON.

use std::borrow::Cow;

use super::read::{Reading, split_name};
use super::{Edge, EdgeKind, Flags, Flavour, LockedPackage, Platform, Target};
use crate::source::{FileId, Span};

pub(super) fn read(file: FileId, text: &str, reading: &mut Reading) {
    reading.lock.flavour = Flavour::YarnClassic;
    let mut lines = Lines { file, entry: None, section: None };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let mark = if at == 0 { body.len() - body.trim_start_matches('\u{feff}').len() } else { 0 };
        lines.read(&body[mark..], at + mark, reading);
        at += line.len();
    }
    for at in 0..reading.lock.packages.len() {
        for edge in 0..reading.lock.packages[at].edges.len() {
            let edge = &mut reading.lock.packages[at].edges[edge];
            let descriptor = format!("{}@{}", edge.name, edge.spec);
            edge.target = reading.lock.index.answers.get(&descriptor).copied().unwrap_or(Target::Missing);
        }
    }
}

struct Lines {
    file: FileId,
    /// The entry whose lines are read.
    entry: Option<usize>,
    /// The section of the entry that lines of four spaces belong to.
    section: Option<EdgeKind>,
}

impl Lines {
    fn read(&mut self, line: &str, start: usize, reading: &mut Reading) {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            return;
        }
        let whole = Span::new(self.file, start + indent, start + line.len());
        if indent == 0
            && ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| body.starts_with(mark))
        {
            self.entry = None;
            return reading.bad_entry(whole, "a merge conflict was left in this lock file");
        }
        let understood = match indent {
            0 => self.header(body, start, reading),
            2 => self.field(body, reading),
            4 => self.edge(body, whole, reading),
            // Deeper lines belong to sections that say nothing of the graph.
            _ => Some(()),
        };
        if understood.is_none() {
            if indent == 0 {
                self.entry = None;
            }
            reading.bad_entry(whole, "this line of the lock file cannot be read");
        }
    }

    /// `"a@^1", a@^2:`
    fn header(&mut self, body: &str, start: usize, reading: &mut Reading) -> Option<()> {
        (self.entry, self.section) = (None, None);
        let names = body.strip_suffix(':')?;
        let mut descriptors = Vec::new();
        let mut rest = names;
        loop {
            let (descriptor, after) = token(rest)?;
            descriptors.push(descriptor.into_owned());
            rest = match after.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if after.is_empty() => break,
                None => return None,
            };
        }
        let (installed_as, spec) = split_name(descriptors.first()?)?;
        let aliased = spec.strip_prefix("npm:").and_then(split_name).map(|(name, _)| name);
        let at = reading.lock.packages.len();
        reading.lock.packages.push(LockedPackage {
            name: aliased.unwrap_or(installed_as).to_owned(),
            alias: aliased.filter(|name| *name != installed_as).map(|_| installed_as.to_owned()),
            version: None,
            key: names.to_owned(),
            span: Span::new(self.file, start, start + names.len()),
            resolved: None,
            integrity: None,
            flags: Flags::default(),
            platform: Platform::default(),
            edges: Vec::new(),
        });
        self.entry = Some(at);
        for descriptor in descriptors {
            reading.lock.index.answers.entry(descriptor).or_insert(Target::Package(at as u32));
        }
        Some(())
    }

    /// `version "1.0.0"` or `dependencies:`
    fn field(&mut self, body: &str, reading: &mut Reading) -> Option<()> {
        self.section = None;
        // Lines of an entry whose head could not be read were reported with it.
        let Some(at) = self.entry else { return Some(()) };
        if let Some(section) = body.strip_suffix(':') {
            self.section = match section {
                "dependencies" => Some(EdgeKind::Production),
                "optionalDependencies" => Some(EdgeKind::Optional),
                _ => None,
            };
            return Some(());
        }
        let (key, rest) = token(body)?;
        let (value, after) = token(rest.trim_start())?;
        let entry = &mut reading.lock.packages[at];
        match &*key {
            "version" => entry.version = Some(value.into_owned()),
            "resolved" => entry.resolved = Some(value.into_owned()),
            "integrity" => entry.integrity = Some(format!("{value}{after}")),
            _ => {}
        }
        Some(())
    }

    /// `name "^1.0.0"`
    fn edge(&mut self, body: &str, whole: Span, reading: &mut Reading) -> Option<()> {
        let (Some(at), Some(kind)) = (self.entry, self.section) else { return Some(()) };
        let (name, rest) = token(body)?;
        let (spec, after) = token(rest.trim_start())?;
        if !after.is_empty() {
            return None;
        }
        let start = whole.start as usize;
        let span = Span::new(whole.file, start, start + body.len() - rest.len());
        let edge =
            Edge { name: name.into_owned(), spec: spec.into_owned(), kind, target: Target::Missing, span };
        reading.lock.packages[at].edges.push(edge);
        Some(())
    }
}

/// The first word of a line, quoted or bare, and what follows it.
fn token(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if !text.starts_with('"') {
        let end = text.find([' ', ',']).unwrap_or(text.len());
        return (end > 0).then(|| (Cow::Borrowed(&text[..end]), &text[end..]));
    }
    let mut escaped = false;
    let close = text.char_indices().skip(1).find(|(_, character)| {
        let closes = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes
    })?;
    let (quoted, rest) = text.split_at(close.0 + 1);
    if !quoted.contains('\\') {
        return Some((Cow::Borrowed(&quoted[1..close.0]), rest));
    }
    Some((Cow::Owned(serde_json::from_str(quoted).ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    #[test]
    fn entries_have_descriptors_edges_and_bytes() {
        let text = "# yarn lockfile v1\r\n\r\n\"@s/a@^1\", \"@s/a@^1.2\":\r\n  version \"1.2.3\"\r\n  dependencies:\r\n    \
                    b \"^2\"\r\n  optionalDependencies:\r\n    c \"^3\"\r\n\r\n\"b@^2\":\r\n  version \"2.0.0\"\r\n";
        let parsed = read(FileId(0), "yarn.lock", text.into());
        assert!(parsed.issues.is_empty(), "{:?}", parsed.issues);
        let lock = parsed.tree;
        assert_eq!(lock.packages.len(), 2);
        assert_eq!(&text[lock.packages[0].span.range()], "\"@s/a@^1\", \"@s/a@^1.2\"");
        assert_eq!(lock.packages[0].name, "@s/a");
        assert_eq!(lock.packages[0].edges[0].target, Target::Package(1));
        assert_eq!(&text[lock.packages[0].edges[0].span.range()], "b");
        assert_eq!(lock.packages[0].edges[1].kind, EdgeKind::Optional);
        assert_eq!(lock.unresolved().count(), 0);
    }

    #[test]
    fn a_bad_line_costs_that_line() {
        let text = "a@^1:\n  version \"1.0.0\"\n\n<<<<<<< HEAD\n\"b@^2\n  version \"2.0.0\"\n\nc@^3:\n  version \"3.0.0\"\n";
        let parsed = read(FileId(0), "yarn.lock", text.into());
        let names: Vec<_> = parsed.tree.packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(parsed.issues.len(), 2);
        assert_eq!(&text[parsed.issues[1].span.range()], "\"b@^2");
        assert!(!parsed.tree.complete);
    }
}
