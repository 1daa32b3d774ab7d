//! JSON patches (RFC 6902) over values that know their bytes.

use crate::facts::object::value::{Data, Value};
use crate::source::Span;

use super::resource::text_of;

/// An operation that could not be applied.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) span: Span,
    pub(super) message: String,
}

/// Most values that `copy` may make in one patch: each could double what is there.
const MAX_COPIED: usize = 100_000;

/// How deep values may come to nest: what the readers allow in a file.
const MAX_DEPTH: usize = 256;

/// Applies the operations of a patch in turn; stops at one that cannot be applied.
pub(super) fn apply(root: &mut Value, patch: &Value) -> Result<(), Refused> {
    let mut copied = 0;
    for operation in patch.items() {
        apply_one(root, operation, &mut copied).ok_or_else(|| Refused {
            span: operation.span,
            message: format!(
                "the operation {} on {} cannot be applied to {} {}",
                text_of(operation.get("op")),
                text_of(operation.get("path")),
                text_of(root.get("kind")),
                text_of(root.at(&["metadata", "name"])),
            ),
        })?;
    }
    Ok(())
}

fn apply_one(root: &mut Value, operation: &Value, copied: &mut usize) -> Option<()> {
    let path = pointer(text_of(operation.get("path")))?;
    let key_span = operation.get("path").map_or(operation.span, |path| path.span);
    let value = || operation.field("value").map(|field| field.value.clone());
    let fits = |value: &Value| path.len() + size_and_depth(value).1 <= MAX_DEPTH;
    match text_of(operation.get("op")) {
        "add" => insert(root, &path, value().filter(fits)?, key_span),
        "remove" => take(root, &path).map(drop),
        "replace" => {
            *find(root, &path)? = value().filter(fits)?;
            Some(())
        }
        "copy" => {
            let from = pointer(text_of(operation.get("from")))?;
            let source = find(root, &from)?;
            *copied += size_and_depth(source).0;
            let copy = (*copied <= MAX_COPIED).then(|| source.clone()).filter(fits)?;
            insert(root, &path, copy, key_span)
        }
        "move" => {
            let from = pointer(text_of(operation.get("from")))?;
            let moved = take(root, &from).filter(fits)?;
            insert(root, &path, moved, key_span)
        }
        "test" => {
            (text_of(find(root, &path).map(|value| &*value)) == text_of(value().as_ref())).then_some(())
        }
        _ => None,
    }
}

/// Number of values in a value, and how deep they nest.
fn size_and_depth(value: &Value) -> (usize, usize) {
    let fields = value.fields().iter().map(|field| &field.value);
    fields
        .chain(value.items())
        .map(size_and_depth)
        .fold((1, 1), |(size, depth), (more, deep)| (size + more, depth.max(deep + 1)))
}

/// The keys of a JSON pointer.
fn pointer(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let keys = text.strip_prefix('/')?.split('/');
    Some(keys.map(|key| key.replace("~1", "/").replace("~0", "~")).collect())
}

fn find<'v>(root: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(root, |value, key| match &mut value.data {
        Data::Map(fields) => {
            fields.iter_mut().find(|field| *field.key == **key).map(|field| &mut field.value)
        }
        Data::Seq(items) => {
            let at = index(key, items.len())?;
            items.get_mut(at)
        }
        Data::Scalar(_) => None,
    })
}

/// An index into a list; negative ones count from the end, as kustomize's library has it.
fn index(key: &str, length: usize) -> Option<usize> {
    match key.strip_prefix('-') {
        Some(back) if !back.is_empty() => length.checked_sub(back.parse().ok()?),
        _ => key.parse().ok(),
    }
}

fn insert(root: &mut Value, path: &[String], value: Value, key_span: Span) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *root = value;
        return Some(());
    };
    let parent = find(root, parents)?;
    match &mut parent.data {
        Data::Map(_) => parent.set(last, key_span, value),
        Data::Seq(items) if last == "-" => items.push(value),
        Data::Seq(items) => {
            let at = index(last, items.len()).filter(|at| *at <= items.len())?;
            items.insert(at, value);
        }
        Data::Scalar(_) => return None,
    }
    Some(())
}

fn take(root: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = find(root, parents)?;
    match &mut parent.data {
        Data::Map(_) => parent.remove(last).map(|field| field.value),
        Data::Seq(items) => {
            let at = index(last, items.len()).filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        Data::Scalar(_) => None,
    }
}
