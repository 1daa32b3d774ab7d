//! Paths of files that code writes to, as far as the code shows them.

use super::{FileFacts, Value, ValueId};

/// A path that code writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// It is written out.
    Written(String),
    /// An environment variable may set it; else it is the text.
    Default {
        /// The variable.
        variable: String,
        /// What holds without it.
        path: String,
    },
    /// Code puts it together; of a folder and a name, so that it is a file all the same. Its end, when that is written.
    Computed(Option<String>),
}

/// Ends of names that no device has.
const ENDS: [&str; 8] = [".log", ".txt", ".json", ".jsonl", ".ndjson", ".out", "%DATE%", ".csv"];

impl Path {
    /// The path that a value is; `None` when it may be anything.
    pub(super) fn of(facts: &FileFacts, value: ValueId) -> Option<Path> {
        let known = facts.resolve(value);
        if let Value::Text(text) = facts.value(known) {
            return Some(Path::Written(facts.name(text).to_owned()));
        }
        if let Some(key) = facts.environment(known) {
            let variable = facts.name(key.name).to_owned();
            let path = facts.text_of(key.otherwise?)?.to_owned();
            return Some(Path::Default { variable, path });
        }
        if let Value::Call(call) = facts.value(known) {
            let call = facts.call(call);
            let joins = ["path.join", "path.resolve", "join", "resolve"];
            let last = facts.arguments(call).last();
            let is_joined = joins.iter().any(|path| facts.is_path(call.callee, path));
            let end = |last: &ValueId| Path::Computed(facts.text_of(*last).map(str::to_owned));
            return last.filter(|_| is_joined).map(end);
        }
        // A template or a sum that ends like the name of a file.
        let written = facts.text_at_value(known);
        let end = written.trim_end_matches(['"', '\'', '`', ')']);
        let is_file = written.len() > end.len() && ENDS.iter().any(|name| end.ends_with(name));
        let name = end.rsplit(['/', '}', '\'', '"', '`']).next().unwrap_or(end);
        is_file.then(|| Path::Computed(Some(name.to_owned())))
    }

    /// The text of it, when there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Path::Written(path) | Path::Default { path, .. } => Some(path),
            Path::Computed(_) => None,
        }
    }

    /// Its end, as far as it is written: the name of the file.
    pub fn name(&self) -> Option<&str> {
        let path = match self {
            Path::Computed(end) => end.as_deref(),
            _ => self.text(),
        };
        path?.rsplit('/').next()
    }

    /// True for the standard output and what else is no file.
    pub fn is_device(&self) -> bool {
        self.text().is_some_and(is_device)
    }

    /// True for a path that is named like a log.
    pub(super) fn is_log(&self) -> bool {
        self.name().is_some_and(|name| name.ends_with(".log"))
    }
}

/// True for `/dev/stdout`, `/proc/1/fd/1` and the like.
pub fn is_device(path: &str) -> bool {
    path.starts_with("/dev/") || path.starts_with("/proc/")
}
