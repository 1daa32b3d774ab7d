//! Where every byte comes from: files by id, byte spans, and the one place that turns offsets into lines and columns.
//!
//! Nothing else in the crate counts lines. Paths in here are relative to the project's root with `/` between
//! their parts, on every operating system.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

/// A file of the project, as an index into its [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the bytes are in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` to byte `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end.max(start) as u32 }
    }

    /// The empty span at `offset`.
    pub fn at(file: FileId, offset: usize) -> Span {
        Span::new(file, offset, offset)
    }

    /// The bytes as a range that indexes the file's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// True when the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// True when every byte of `other` lies in this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; both must be of one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value and the bytes it was written with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs `value` with `span`.
    pub fn new(value: T, span: Span) -> Spanned<T> {
        Spanned { value, span }
    }

    /// The same span with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// A path inside the project: relative to its root, `/` between parts, no `.` or `..`, `""` for the root itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectPath(Arc<str>);

impl ProjectPath {
    /// The root of the project.
    pub fn root() -> ProjectPath {
        ProjectPath(Arc::from(""))
    }

    /// A file that lies above the root: `../../name`. It is shown as it is, and no folder of the project holds it.
    pub fn above(levels: usize, name: &str) -> ProjectPath {
        ProjectPath(Arc::from(format!("{}{name}", "../".repeat(levels))))
    }

    /// Reads a relative path, resolving `.` and `..`; `None` when it is absolute or leaves the root.
    pub fn new(path: &str) -> Option<ProjectPath> {
        ProjectPath::root().join(path)
    }

    /// This folder's `path`, resolving `.` and `..`; `None` when `path` is absolute or leaves the root.
    pub fn join(&self, path: &str) -> Option<ProjectPath> {
        if path.starts_with('/') {
            return None;
        }
        let mut parts: Vec<&str> = self.0.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(ProjectPath(Arc::from(parts.join("/"))))
    }

    /// The path as text; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the root of the project.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<ProjectPath> {
        if self.is_root() {
            return None;
        }
        Some(ProjectPath(Arc::from(self.0.rsplit_once('/').map_or("", |(folder, _)| folder))))
    }

    /// The last part of the path; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// What follows the last dot of the name, without the dot.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// True when this path is `folder` or lies in it.
    pub fn is_in(&self, folder: &ProjectPath) -> bool {
        self.relative_to(folder).is_some()
    }

    /// The rest of this path below `folder`; empty when they are the same.
    pub fn relative_to(&self, folder: &ProjectPath) -> Option<&str> {
        if folder.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(&*folder.0)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }

    /// This path and the folders that hold it, innermost first, the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = ProjectPath> {
        std::iter::successors(Some(self.clone()), ProjectPath::parent)
    }
}

impl fmt::Debug for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in the unit that was asked for.
    pub column: u32,
}

/// The unit that columns are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnUnit {
    /// Unicode scalar values: what people count.
    Char,
    /// UTF-8 bytes.
    Utf8,
    /// UTF-16 code units: what the language server protocol counts by default.
    Utf16,
}

/// Starts of the lines of one text. A line ends with `\n`; the `\r` of a CRLF belongs to the line it ends.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> LineIndex {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        LineIndex { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Number of lines; a text that ends with a newline has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never true: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The line (from 0) that holds byte `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// Bytes of line `line` (from 0) without its line end; an empty range past the last line.
    pub fn line_range(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(line).map_or(text.len(), |start| *start as usize);
        let end = self.starts.get(line + 1).map_or(text.len(), |start| *start as usize);
        let body = text[start..end].trim_end_matches('\n').trim_end_matches('\r');
        start..start + body.len()
    }

    /// Line and column of byte `offset` of `text`. An offset inside of a character counts as its start, a
    /// byte-order mark at the start of the file takes no column.
    pub fn position(&self, text: &str, offset: u32, unit: ColumnUnit) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset as u32);
        let before = text[self.starts[line] as usize..offset].trim_start_matches('\u{feff}');
        let column = match unit {
            ColumnUnit::Char => before.chars().count(),
            ColumnUnit::Utf8 => before.len(),
            ColumnUnit::Utf16 => before.encode_utf16().count(),
        };
        Position { line: line as u32 + 1, column: column as u32 + 1 }
    }

    /// The byte offset of a position; past the end of a line it is the line's end, past the last line the text's.
    pub fn offset(&self, text: &str, position: Position, unit: ColumnUnit) -> u32 {
        let line = self.line_range(text, position.line.saturating_sub(1) as usize);
        let body = &text[line.clone()];
        let mark = body.len() - body.trim_start_matches('\u{feff}').len();
        let wanted = position.column.saturating_sub(1) as usize;
        let mut column = 0;
        for (at, character) in body[mark..].char_indices() {
            if column >= wanted {
                return (line.start + mark + at) as u32;
            }
            column += match unit {
                ColumnUnit::Char => 1,
                ColumnUnit::Utf8 => character.len_utf8(),
                ColumnUnit::Utf16 => character.len_utf16(),
            };
        }
        line.end as u32
    }
}

/// One file of the project: its path and its text.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it stands in the project.
    pub path: ProjectPath,
    text: Text,
    lines: OnceLock<LineIndex>,
}

/// Where the text of a file is.
#[derive(Debug)]
enum Text {
    Here(Arc<str>),
    /// On disk until somebody asks.
    OnDisk(Box<OnDisk>),
}

/// Reads the text of a file on disk; `None` when it cannot be read (any more).
pub type ReadText = fn(&Path) -> Option<Arc<str>>;

#[derive(Debug)]
struct OnDisk {
    path: PathBuf,
    read: ReadText,
    text: OnceLock<Option<Arc<str>>>,
}

impl SourceFile {
    /// A file with this text.
    pub fn new(path: ProjectPath, text: impl Into<Arc<str>>) -> SourceFile {
        SourceFile { path, text: Text::Here(text.into()), lines: OnceLock::new() }
    }

    /// A file whose text is read when it is first asked for, and kept then.
    pub fn on_disk(path: ProjectPath, on_disk: PathBuf, read: ReadText) -> SourceFile {
        let text = Text::OnDisk(Box::new(OnDisk { path: on_disk, read, text: OnceLock::new() }));
        SourceFile { path, text, lines: OnceLock::new() }
    }

    /// Its decoded text. A UTF-8 byte-order mark is kept, so that offsets are the file's own. Empty when the file went
    /// away since it was found.
    pub fn text(&self) -> &str {
        self.text_if_there().map_or("", |text| text)
    }

    /// Its decoded text to keep, as [`SourceFile::text`] is.
    pub fn shared_text(&self) -> Arc<str> {
        self.text_if_there().map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// Its decoded text; `None` when the file went away since it was found.
    pub fn text_if_there(&self) -> Option<&Arc<str>> {
        match &self.text {
            Text::Here(text) => Some(text),
            Text::OnDisk(on_disk) => on_disk.text.get_or_init(|| (on_disk.read)(&on_disk.path)).as_ref(),
        }
    }

    /// Its text for one reading, not kept when it is on disk; `None` when it went away.
    pub fn text_once(&self) -> Option<Arc<str>> {
        match &self.text {
            Text::Here(text) => Some(text.clone()),
            Text::OnDisk(on_disk) => match on_disk.text.get() {
                Some(text) => text.clone(),
                None => (on_disk.read)(&on_disk.path),
            },
        }
    }

    /// True when its text is read only if somebody asks.
    pub fn is_on_disk(&self) -> bool {
        matches!(self.text, Text::OnDisk(_))
    }

    /// The index of its lines, made at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.text()))
    }

    /// Line and column (in characters) of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(self.text(), offset, ColumnUnit::Char)
    }
}

/// The files of a project by id and by path, and the paths of those that were seen and not read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
    by_path: FxHashMap<ProjectPath, FileId>,
    listed: BTreeSet<ProjectPath>,
}

impl Sources {
    /// Adds a file, or replaces the one of the same path (an unsaved text over what is on disk).
    pub fn add(&mut self, file: impl Into<Arc<SourceFile>>) -> FileId {
        let file = file.into();
        let next = FileId(self.files.len() as u32);
        self.listed.insert(file.path.clone());
        let id = *self.by_path.entry(file.path.clone()).or_insert(next);
        if id == next {
            self.files.push(file);
        } else {
            self.files[id.0 as usize] = file;
        }
        id
    }

    /// The file of `id`. Ids come from [`Sources::add`] of the same value.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The file at `path`, when it was read.
    pub fn find(&self, path: &ProjectPath) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// Notes that a file is there without reading it.
    pub fn list(&mut self, path: ProjectPath) {
        self.listed.insert(path);
    }

    /// True when a file of this path is in the project, read or not.
    pub fn exists(&self, path: &ProjectPath) -> bool {
        self.listed.contains(path)
    }

    /// True when a file of the project lies below this path.
    pub fn is_folder(&self, path: &ProjectPath) -> bool {
        path.is_root() || self.below(path).next().is_some()
    }

    /// The paths of all files below a folder, in order.
    pub fn below<'a>(&'a self, folder: &'a ProjectPath) -> impl Iterator<Item = &'a ProjectPath> {
        self.beginning(folder, "")
    }

    /// The paths of all files below a folder whose rest begins with this text, in order.
    pub fn beginning<'a>(
        &'a self,
        folder: &ProjectPath,
        rest: &str,
    ) -> impl Iterator<Item = &'a ProjectPath> + use<'a> {
        let prefix = if folder.is_root() { rest.to_owned() } else { format!("{folder}/{rest}") };
        let start = ProjectPath(Arc::from(prefix.as_str()));
        self.listed.range(start..).take_while(move |path| path.as_str().starts_with(&prefix))
    }

    /// All files that were read, to keep, in the order they were added.
    pub fn shared(&self) -> impl Iterator<Item = (FileId, &Arc<SourceFile>)> {
        self.files.iter().enumerate().map(|(id, file)| (FileId(id as u32), file))
    }

    /// All files that were read, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(id, file)| (FileId(id as u32), &**file))
    }

    /// The text that a span covers; empty when the span does not fit the text.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text().get(span.range()).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_one_in_each_unit() {
        let text = "\u{feff}a\r\nä𝄞b\n";
        let lines = LineIndex::new(text);
        let b = text.find('b').unwrap() as u32;
        assert_eq!(lines.position(text, 3, ColumnUnit::Char), Position { line: 1, column: 1 });
        assert_eq!(lines.position(text, b, ColumnUnit::Char), Position { line: 2, column: 3 });
        assert_eq!(lines.position(text, b, ColumnUnit::Utf8), Position { line: 2, column: 7 });
        assert_eq!(lines.position(text, b, ColumnUnit::Utf16), Position { line: 2, column: 4 });
        for unit in [ColumnUnit::Char, ColumnUnit::Utf8, ColumnUnit::Utf16] {
            for at in [3, 6, 8, 12] {
                assert_eq!(lines.offset(text, lines.position(text, at, unit), unit), at);
            }
        }
        assert_eq!(lines.position(text, 99, ColumnUnit::Char), Position { line: 3, column: 1 });
        assert_eq!(&text[lines.line_range(text, 1)], "ä𝄞b");
    }

    #[test]
    fn paths_never_leave_the_root() {
        let path = |text: &str| ProjectPath::new(text).map(|path| path.as_str().to_owned());
        assert_eq!(path("./a//b/../c"), Some("a/c".to_owned()));
        assert_eq!(path("../a"), None);
        assert_eq!(path("/a"), None);
        let folder = ProjectPath::new("a").unwrap();
        assert!(ProjectPath::new("a/b").unwrap().is_in(&folder));
        assert!(!ProjectPath::new("ab").unwrap().is_in(&folder));
    }
}
