//! The walk over a folder: which files there are, of what kind their names make them, and their texts.
//!
//! This is one of two places that know the operating system's paths (the other is the language server's). It reads
//! nothing outside of the root, follows no link that leaves it, and executes nothing.

mod kind;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

use crate::source::{ProjectPath, SourceFile, Sources, Span};
use crate::syntax::Issue;
use crate::syntax::comment::is_pragma;

pub use kind::{Kind, READMES};
use kind::{kind_by_first_line, kind_of, may_matter};

/// How to walk.
#[derive(Clone, Debug)]
pub struct Options {
    /// Leave out what `.gitignore` names, in a git repository.
    pub gitignore: bool,
    /// Globs (in the manner of `.gitignore`) of files to leave out.
    pub exclude: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options { gitignore: true, exclude: Vec::new() }
    }
}

/// The files of a folder, with the kinds of those whose text was read.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Texts, and the paths of all files.
    pub sources: Sources,
    /// Kind of each read file, by its id.
    pub kinds: Vec<Kind>,
    /// Files that could not be read.
    pub issues: Vec<Issue>,
}

/// What a file was at an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Was {
    /// It was not there.
    Absent,
    /// It held this.
    Text(String),
    /// It was there; its contents were not asked for, or are no text.
    Unread,
}

/// Largest YAML, JSON or Dockerfile that is read, in bytes (64 MiB).
pub const MAX_BYTES: u64 = 64 << 20;
/// Largest JavaScript or TypeScript file that is read, in bytes (2 MiB).
pub const MAX_SCRIPT_BYTES: u64 = 2 << 20;
/// Largest other JSON that is looked into for a manifest, in bytes (1 MiB).
const MAX_OTHER_JSON_BYTES: u64 = 1 << 20;

/// What stands for the history of a repository, which is not walked: it is listed when the root is one.
const HISTORY: &str = ".git/HEAD";

const UNREADABLE: &str = "project/unreadable-file";

/// Walks `root` and reads every file that a kind is known for.
///
/// # Errors
/// When `root` is no folder that can be listed. A single file that cannot be read is an issue.
pub fn discover(root: &Path, options: &Options) -> io::Result<Discovery> {
    let real_root = root.canonicalize()?;
    fs::read_dir(&real_root)?;
    let mut files = walk(&real_root, options)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let history = ProjectPath::new(HISTORY).filter(|_| real_root.join(".git").exists());
    let charts: Vec<ProjectPath> = files
        .iter()
        .filter(|file| file.path.name() == "Chart.yaml")
        .filter_map(|file| file.path.parent())
        .collect();
    let read: Vec<Option<ReadFile>> = files.par_iter().map(|file| read(file, &charts)).collect();
    let mut discovery = Discovery::default();
    history.into_iter().for_each(|path| discovery.sources.list(path));
    for (file, read) in files.into_iter().zip(read) {
        match read {
            None => discovery.sources.list(file.path),
            Some(read) => discovery.add(read),
        }
    }
    Ok(discovery)
}

impl Discovery {
    /// Files given as texts, with the kinds that their paths have: for tests, rule pages and unsaved editors.
    pub fn from_texts(files: impl IntoIterator<Item = (ProjectPath, String)>) -> Discovery {
        let files: Vec<(ProjectPath, String)> = files.into_iter().collect();
        let charts: Vec<ProjectPath> = files
            .iter()
            .filter(|(path, _)| path.name() == "Chart.yaml")
            .filter_map(|(path, _)| path.parent())
            .collect();
        let mut discovery = Discovery::default();
        for (path, text) in files {
            match kind_of(&path, &charts).or_else(|| kind_by_first_line(&path, text.as_bytes())) {
                Some(kind) if may_matter(kind, &text) => {
                    discovery.add(ReadFile { kind, file: SourceFile::new(path, text), problem: None });
                }
                _ => discovery.sources.list(path),
            }
        }
        discovery
    }

    /// Puts a text in the place of a file's, or a new file among the others.
    pub fn put(&mut self, path: ProjectPath, text: String) {
        if self.sources.find(&path).is_some() {
            self.sources.add(SourceFile::new(path, text));
            return;
        }
        match kind_of(&path, &self.charts()).or_else(|| kind_by_first_line(&path, text.as_bytes())) {
            Some(kind) => self.add(ReadFile { kind, file: SourceFile::new(path, text), problem: None }),
            None => self.sources.list(path),
        }
    }

    /// Tells of a path whether its file is read when it is there.
    pub fn reads(&self) -> impl Fn(&ProjectPath) -> bool {
        let charts = self.charts();
        move |path| self.sources.find(path).is_some() || kind_of(path, &charts).is_some()
    }

    /// The files as they were before some of them became what they are.
    pub fn as_it_was(&self, earlier: BTreeMap<ProjectPath, Was>) -> Discovery {
        let mut was = Discovery::default();
        let root = ProjectPath::root();
        let listed = self.sources.below(&root).filter(|path| !earlier.contains_key(*path));
        listed.for_each(|path| was.sources.list(path.clone()));
        for (id, file) in self.sources.shared().filter(|(_, file)| !earlier.contains_key(&file.path)) {
            was.sources.add(file.clone());
            was.kinds.push(self.kinds[id.0 as usize]);
        }
        for issue in &self.issues {
            if let Some(file) = was.sources.find(&self.sources.file(issue.span.file).path) {
                was.issues.push(Issue { span: Span { file, ..issue.span }, ..issue.clone() });
            }
        }
        for (path, file) in earlier {
            match file {
                Was::Absent => {}
                Was::Text(text) => was.put(path, text),
                Was::Unread => was.sources.list(path),
            }
        }
        was
    }

    fn charts(&self) -> Vec<ProjectPath> {
        let charts = self.sources.iter().filter(|(_, file)| file.path.name() == "Chart.yaml");
        charts.filter_map(|(_, file)| file.path.parent()).collect()
    }

    fn add(&mut self, read: ReadFile) {
        let file = self.sources.add(read.file);
        if file.0 as usize == self.kinds.len() {
            self.kinds.push(read.kind);
        }
        if let Some(message) = read.problem {
            let help = Some("exclude the file, or make it readable UTF-8 text".to_owned());
            self.issues.push(Issue {
                rule: UNREADABLE,
                message,
                span: Span::at(file, 0),
                help,
                related: Vec::new(),
            });
        }
    }
}

/// A file of the walk.
struct WalkedFile {
    path: ProjectPath,
    on_disk: PathBuf,
    bytes: u64,
}

struct ReadFile {
    kind: Kind,
    /// Already as it stays: two forms of all texts at once would double what a big repository takes.
    file: SourceFile,
    /// Why its text is not known.
    problem: Option<String>,
}

fn walk(root: &Path, options: &Options) -> io::Result<Vec<WalkedFile>> {
    let mut overrides = ignore::overrides::OverrideBuilder::new(root);
    for glob in &options.exclude {
        overrides.add(&format!("!{glob}")).map_err(io::Error::other)?;
    }
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .git_ignore(options.gitignore)
        .parents(options.gitignore)
        // Outside of a repository nobody knows what was committed in spite of a pattern: all of it was delivered.
        .require_git(true)
        .follow_links(false)
        .overrides(overrides.build().map_err(io::Error::other)?)
        .filter_entry(|entry| !is_left_out(entry))
        .build();
    // An entry that cannot be listed (no permission) is passed over: nothing is known of it, so nothing is said.
    Ok(walker.filter_map(Result::ok).filter_map(|entry| walked_file(root, &entry)).collect())
}

/// Folders that hold others' code or what tools made.
fn is_left_out(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let name = entry.file_name().to_str().unwrap_or("");
    is_folder && matches!(name, ".git" | "node_modules" | "bower_components" | ".pnpm-store" | ".yarn")
}

fn walked_file(root: &Path, entry: &DirEntry) -> Option<WalkedFile> {
    let kind = entry.file_type()?;
    let relative = entry.path().strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    let path = ProjectPath::new(&parts?.join("/"))?;
    let on_disk = if kind.is_symlink() {
        entry.path().canonicalize().ok().filter(|target| target.starts_with(root))?
    } else {
        entry.path().to_path_buf()
    };
    let metadata = fs::metadata(&on_disk).ok()?;
    metadata.is_file().then_some(WalkedFile { path, on_disk, bytes: metadata.len() })
}

fn read(file: &WalkedFile, charts: &[ProjectPath]) -> Option<ReadFile> {
    let kind = kind_of(&file.path, charts).or_else(|| {
        let named = file.path.extension().is_some() || file.bytes > MAX_SCRIPT_BYTES;
        (!named).then(|| kind_by_first_line(&file.path, &first_bytes(&file.on_disk).ok()?)).flatten()
    })?;
    let limit = match kind {
        Kind::Script | Kind::Shell | Kind::Build => MAX_SCRIPT_BYTES,
        Kind::Readme if file.bytes > MAX_OTHER_JSON_BYTES => return None,
        Kind::Json | Kind::Settings if file.bytes > MAX_OTHER_JSON_BYTES => return None,
        _ => MAX_BYTES,
    };
    let unreadable = |problem: String| {
        Some(ReadFile { kind, file: SourceFile::new(file.path.clone(), ""), problem: Some(problem) })
    };
    if file.bytes > limit {
        return unreadable(format!(
            "{} bytes are more than the {limit} that are read of such a file",
            file.bytes
        ));
    }
    if file.path.name() == "bun.lockb" {
        let problem = "a binary lock file cannot be read: `bun install --save-text-lockfile` writes bun.lock";
        return unreadable(problem.to_owned());
    }
    let text = match fs::read(&file.on_disk) {
        Ok(bytes) => decode(bytes),
        Err(error) => Err(format!("it cannot be read: {error}")),
    };
    match text {
        Ok(text) if !may_matter(kind, &text) => None,
        Ok(text) => {
            let path = file.path.clone();
            let kept = if is_let_go(kind, &text) {
                SourceFile::on_disk(path, file.on_disk.clone(), text_of)
            } else {
                SourceFile::new(path, text)
            };
            Some(ReadFile { kind, file: kept, problem: None })
        }
        // What a script or a build's text holds is only worth a finding where it can be text at all.
        Err(_) if matches!(kind, Kind::Json | Kind::Build | Kind::Shell | Kind::Settings | Kind::Readme) => {
            None
        }
        Err(problem) => unreadable(problem),
    }
}

/// True for a text that is read again when something asks for it: nothing leads to most scripts of a repository, and
/// of a lock file the facts are enough, of a README what it says of its folder. These are nearly all of its text. Comments to a linter are asked for at once.
fn is_let_go(kind: Kind, text: &str) -> bool {
    matches!(kind, Kind::Lock | Kind::Readme) || (kind == Kind::Script && !is_pragma(text))
}

fn text_of(path: &Path) -> Option<Arc<str>> {
    decode(fs::read(path).ok()?).ok().map(Arc::from)
}

fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = vec![0; 128];
    let count = fs::File::open(path)?.read(&mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Bytes of a file as text: UTF-8, or UTF-16 when a byte-order mark says so.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let utf16 = |to_unit: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| to_unit([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| "broken UTF-16".to_owned())
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => return utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return utf16(u16::from_be_bytes),
        _ => {}
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("byte {} is not UTF-8 text", error.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_by_their_mark() {
        assert_eq!(decode(b"\xff\xfea\0\xe4\0".to_vec()), Ok("a\u{e4}".to_owned()));
        assert_eq!(decode(b"\xfe\xff\0a".to_vec()), Ok("a".to_owned()));
        assert_eq!(decode(b"ab\xe4".to_vec()), Err("byte 2 is not UTF-8 text".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_root_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("Dockerfile.a"), "FROM scratch\n").unwrap();
        std::os::unix::fs::symlink(outside.path().join("Dockerfile"), root.path().join("Dockerfile"))
            .unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(root.path().join("Dockerfile.a"), root.path().join("Dockerfile.b"))
            .unwrap();
        let discovery = discover(root.path(), &Options::default()).unwrap();
        let paths: Vec<&str> = discovery.sources.iter().map(|(_, file)| file.path.as_str()).collect();
        assert_eq!(paths, ["Dockerfile.a", "Dockerfile.b"]);
    }

    #[test]
    fn ignored_files_are_left_out_unless_asked_for() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::write(root.path().join(".gitignore"), "secret.yaml\n").unwrap();
        fs::write(root.path().join("secret.yaml"), "a: 1\n").unwrap();
        fs::create_dir(root.path().join("node_modules")).unwrap();
        fs::write(root.path().join("node_modules/a.js"), "1\n").unwrap();
        let count = |options: &Options| discover(root.path(), options).unwrap().kinds.len();
        assert_eq!(count(&Options::default()), 0);
        assert_eq!(count(&Options { gitignore: false, ..Options::default() }), 1);
        let exclude = vec!["*.yaml".to_owned()];
        assert_eq!(count(&Options { gitignore: false, exclude }), 0);
    }
}
