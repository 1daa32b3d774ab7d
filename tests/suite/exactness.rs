//! What a fix must leave alone: bytes, instructions and values outside of its edits, read again with the parsers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use plimsoll::finding::Edit;
use plimsoll::model::read::Reading;
use plimsoll::source::FileId;
use plimsoll::syntax::tree::{Document, Format, Kind, Ref, Schema, Tree};
use plimsoll::syntax::{dockerfile, json, yaml};

/// Judges the edits of one file and the text that came of them.
pub(crate) fn judge(
    file: FileId,
    reading: &Reading,
    old: &str,
    new: &str,
    edits: &[&Edit],
) -> Result<(), String> {
    let changed = Changed::of(old, edits)?;
    if changed.text != new {
        return Err("other bytes are changed than the edits name".to_owned());
    }
    match reading {
        Reading::Dockerfile(_) => same_instructions(file, old, new, &changed),
        Reading::Compose(tree)
        | Reading::Kustomization(tree)
        | Reading::Manifest(tree)
        | Reading::Data(tree) => same_values(tree.format, tree.schema, old, new, &changed),
        Reading::Package(..) => same_values(Format::Json, Schema::Core, old, new, &changed),
        _ => Ok(()),
    }
}

/// The bytes that edits change, before and after.
struct Changed {
    old: Vec<(Range<usize>, String)>,
    new: Vec<Range<usize>>,
    text: String,
}

impl Changed {
    fn of(old: &str, edits: &[&Edit]) -> Result<Changed, String> {
        let mut parts: Vec<(Range<usize>, String)> =
            edits.iter().map(|edit| (edit.span.range(), edit.text.clone())).collect();
        parts.sort_by_key(|(range, _)| (range.start, range.end));
        let mut changed = Changed { old: Vec::new(), new: Vec::new(), text: String::new() };
        let mut from = 0;
        for (range, text) in &parts {
            let kept = old.get(from..range.start).ok_or("its edits overlap, or split a character")?;
            changed.text.push_str(kept);
            let start = changed.text.len();
            changed.text.push_str(text);
            changed.new.push(start..changed.text.len());
            from = range.end;
        }
        changed.text.push_str(old.get(from..).ok_or("an edit goes past the end")?);
        changed.old = parts;
        Ok(changed)
    }

    /// True when an edit changes bytes of this range. What whole lines are put before does not change.
    fn touches_old(&self, range: &Range<usize>) -> bool {
        self.old.iter().any(|(edit, text)| {
            let starts_above = edit.is_empty() && edit.start == range.start && text.ends_with('\n');
            !starts_above && edit.start <= range.end && range.start <= edit.end
        })
    }

    fn touches_new(&self, range: &Range<usize>) -> bool {
        self.new.iter().any(|edit| edit.start <= range.end && range.start <= edit.end)
    }

    /// True when nothing but new bytes, or bytes beside which others went, are in this range.
    fn is_new(&self, range: &Range<usize>) -> bool {
        self.new.iter().any(|edit| edit.start < range.end && range.start < edit.end)
    }
}

/// The instructions that no edit touches stay as they are, all of them and in their order, and none comes but by an edit.
fn same_instructions(file: FileId, old: &str, new: &str, changed: &Changed) -> Result<(), String> {
    let (before, after) = (dockerfile::parse(file, old.as_bytes()), dockerfile::parse(file, new.as_bytes()));
    if after.issues.len() > before.issues.len() {
        return Err(format!("the Dockerfile does not parse any more: {:?}", after.issues));
    }
    let spans = |tree: &dockerfile::Dockerfile| -> Vec<Range<usize>> {
        tree.instructions.iter().map(|instruction| instruction.span.range()).collect()
    };
    let (olds, news) = (spans(&before.tree), spans(&after.tree));
    let kept: Vec<&str> =
        olds.iter().filter(|range| !changed.touches_old(range)).map(|range| &old[range.clone()]).collect();
    let mut found = news.iter().map(|range| &new[range.clone()]);
    for instruction in &kept {
        if !found.any(|other| other == *instruction) {
            return Err(format!("the instruction {instruction:?} is not what it was"));
        }
    }
    let made = news.iter().filter(|range| changed.is_new(range)).count();
    let touched = olds.len() - kept.len();
    if news.len() > kept.len() + made.max(touched) {
        return Err(format!("{} instructions become {}", olds.len(), news.len()));
    }
    Ok(())
}

/// Values by their paths: what each is, and where it stands.
type Values = BTreeMap<String, (String, Range<usize>)>;

/// Every value that no edit touches is there, under the same path, and means the same.
fn same_values(
    format: Format,
    schema: Schema,
    old: &str,
    new: &str,
    changed: &Changed,
) -> Result<(), String> {
    let read = |text: &str| match format {
        Format::Yaml => yaml::parse(FileId(0), Arc::from(text), schema),
        Format::Json => json::parse(FileId(0), Arc::from(text), json::Dialect::Strict),
    };
    let (before, after) = (read(old), read(new));
    if after.issues.len() > before.issues.len() {
        return Err(format!("it does not parse any more: {:?}", after.issues));
    }
    let (before, after) = (values(&before.tree), values(&after.tree));
    for (path, (value, range)) in &before {
        let is_same = after.get(path).is_some_and(|(other, _)| other == value);
        if !is_same && !changed.touches_old(range) {
            return Err(format!("the value of {path}, {value}, is not what it was"));
        }
    }
    for (path, (value, range)) in &after {
        if !before.contains_key(path) && !changed.touches_new(range) {
            return Err(format!("the value of {path}, {value}, was not there"));
        }
    }
    Ok(())
}

/// Scalars, aliases and empty collections by their paths; of a collection with children the children tell.
fn values(tree: &Tree) -> Values {
    let mut found = Values::new();
    let roots = |(index, document): (usize, &Document)| Some((format!("{index}"), tree.at(document.root?)));
    let mut open: Vec<(String, Ref<'_>)> = tree.documents.iter().enumerate().filter_map(roots).collect();
    while let Some((path, node)) = open.pop() {
        let children: Vec<Ref<'_>> = node.children().collect();
        match node.kind() {
            Kind::Mapping(_) => {
                for (index, pair) in children.chunks(2).enumerate() {
                    let key = pair[0].str().map_or_else(|| format!("?{index}"), str::to_owned);
                    open.push((format!("{path}.{key}"), pair[1]));
                }
            }
            Kind::Sequence(_) => {
                let items = children.iter().enumerate();
                open.extend(items.map(|(index, item)| (format!("{path}[{index}]"), *item)));
            }
            Kind::Scalar(..) | Kind::Alias(_) => {}
        }
        if children.is_empty() {
            let value = format!("{:?} {:?}", node.target().map(|node| node.value()), node.str());
            found.insert(path, (value, node.span().range()));
        }
    }
    found
}
