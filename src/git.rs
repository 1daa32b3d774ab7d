//! What git knows of a folder: which of its files were other ones at an earlier commit, and their texts then.
//!
//! The `git` program is asked: where there is a repository with a history there is that program. It runs nothing that the
//! repository configures (no file-system monitor, no filters, no text conversion, no foreign diff: a repository that came
//! as an archive brings its own `.git/config`), fetches nothing and writes nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::discover::{MAX_BYTES, Was, decode};
use crate::source::ProjectPath;

/// The files of a folder that were other ones at an earlier commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// The commit, by its full name.
    pub commit: String,
    /// What there was of then, by path.
    pub files: BTreeMap<ProjectPath, Was>,
}

/// Why nothing can be said of an earlier commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no program `git`.
    NoGit,
    /// The folder is in no repository, or in one that git does not want to read; what git says of it.
    NoRepository(String),
    /// The repository does not have this commit.
    NoCommit(String),
    /// It has it, and not the history that leads from there to here.
    NoHistory(String),
    /// A command of git failed, and said this.
    Failed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NoGit => f.write_str("there is no program git"),
            Trouble::NoRepository(said) if said.contains("dubious ownership") => {
                write!(
                    f,
                    "git reads no repository of somebody else: name it in git's safe.directory ({said})"
                )
            }
            Trouble::NoRepository(said) => write!(f, "this is no repository of git's: {said}"),
            Trouble::NoCommit(name) => {
                write!(f, "{name} is not here (fetch it: a shallow clone has only its last commits)")
            }
            Trouble::NoHistory(name) => {
                write!(f, "the history that joins {name} and this commit is not here (fetch more of it)")
            }
            Trouble::Failed(said) => write!(f, "git says: {said}"),
        }
    }
}

/// The files of `root` as they were where `reference` and the present commit parted, as far as they are other ones now:
/// committed, changed since, or new and not ignored. Texts are read of the paths that `is_read` says.
///
/// # Errors
/// When there is no such commit, or no git to ask.
pub fn earlier(
    root: &Path,
    reference: &str,
    is_read: impl Fn(&ProjectPath) -> bool,
) -> Result<Earlier, Trouble> {
    let git = Git::of(root)?;
    let named = git.ask([
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &format!("{reference}^{{commit}}"),
    ])?;
    let Some(named) = text(&named) else { return Err(Trouble::NoCommit(reference.to_owned())) };
    let base = git.ask(["merge-base", &named, "HEAD"])?;
    let Some(base) = text(&base) else { return Err(Trouble::NoHistory(reference.to_owned())) };
    let raw = git.must([
        "diff",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--ignore-submodules=all",
        "--relative",
        &base,
        "--",
        ".",
    ])?;
    let untracked = git.must(["ls-files", "--others", "--exclude-standard", "-z"])?;
    let new = untracked.split(|byte| *byte == 0).filter_map(path_of);
    let mut files: BTreeMap<ProjectPath, Was> = new.map(|path| (path, Was::Absent)).collect();
    let mut asked = Vec::new();
    for (path, blob) in changes(&raw) {
        match blob {
            None => drop(files.insert(path, Was::Absent)),
            Some(blob) if is_read(&path) => asked.push((path, blob)),
            Some(_) => drop(files.insert(path, Was::Unread)),
        }
    }
    let names: Vec<&str> = asked.iter().map(|(_, blob)| blob.as_str()).collect();
    let texts = git.blobs(&names).map_err(|error| Trouble::Failed(error.to_string()))?;
    let read = texts.into_iter().map(|text| text.map_or(Was::Unread, Was::Text));
    files.extend(asked.into_iter().map(|(path, _)| path).zip(read));
    Ok(Earlier { commit: base, files })
}

/// The paths of `git diff --raw -z` with the names of their contents before; `None` for a file that is new, or was a
/// link or a repository of its own. See git-diff(1), "Raw output format".
fn changes(raw: &[u8]) -> Vec<(ProjectPath, Option<String>)> {
    let mut changes = Vec::new();
    let mut fields = raw.split(|byte| *byte == 0);
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let head = String::from_utf8_lossy(head);
        let mut words = head.trim_start_matches(':').split(' ');
        let (Some(mode), _, Some(blob)) = (words.next(), words.next(), words.next()) else { continue };
        let Some(path) = path_of(path) else { continue };
        let was_file = matches!(mode, "100644" | "100755" | "100664");
        changes.push((path, was_file.then(|| blob.to_owned())));
    }
    changes
}

/// A path that git prints; `None` for the empty end of a list, and for what is no UTF-8 and therefore never read.
fn path_of(bytes: &[u8]) -> Option<ProjectPath> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    ProjectPath::new(text)
}

/// What a command printed in one line, when it did what was asked.
fn text(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// How to ask about one folder.
struct Git<'a> {
    root: &'a Path,
    /// Settings that take the place of those of the repository, with their values.
    settings: Vec<(OsString, &'static str)>,
}

/// The name of a setting as the system passes it on. What git cuts out of the words of a command (a name with a `=`) it
/// takes whole out of the environment.
fn setting(name: &[u8]) -> Result<OsString, Trouble> {
    #[cfg(unix)]
    return Ok(std::os::unix::ffi::OsStringExt::from_vec(name.to_vec()));
    #[cfg(not(unix))]
    match std::str::from_utf8(name) {
        Ok(name) => Ok(name.into()),
        Err(_) => Err(Trouble::Failed("a filter in its configuration has a name that is no text".to_owned())),
    }
}

/// Variables by which whoever calls this (a hook, above all) tells git of another repository or index.
const ELSEWHERE: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
];

impl<'a> Git<'a> {
    fn of(root: &'a Path) -> Result<Git<'a>, Trouble> {
        let mut git = Git { root, settings: vec![("core.fsmonitor".into(), "false")] };
        let inside = git.ask(["rev-parse", "--is-inside-work-tree"])?;
        if text(&inside).as_deref() != Some("true") {
            return Err(Trouble::NoRepository(said(&inside)));
        }
        let filters = git.ask([
            "config",
            "-z",
            "--name-only",
            "--get-regexp",
            r"^filter\..*\.(clean|smudge|process|required)$",
        ])?;
        for name in filters.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let value = if name.ends_with(b".required") { "false" } else { "" };
            git.settings.push((setting(name)?, value));
        }
        Ok(git)
    }

    fn command<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.root).args(arguments).stdin(Stdio::null());
        // Behind what the caller sets in this way.
        let given = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
        for (at, (name, value)) in (given..).zip(&self.settings) {
            command.env(format!("GIT_CONFIG_KEY_{at}"), name).env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        command.env("GIT_CONFIG_COUNT", (given + self.settings.len()).to_string());
        for name in ELSEWHERE {
            command.env_remove(name);
        }
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
        command
    }

    fn ask<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Result<Output, Trouble> {
        self.command(arguments).output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Trouble::NoGit,
            _ => Trouble::Failed(error.to_string()),
        })
    }

    fn must<'s>(&self, arguments: impl IntoIterator<Item = &'s str>) -> Result<Vec<u8>, Trouble> {
        let output = self.ask(arguments)?;
        if output.status.success() { Ok(output.stdout) } else { Err(Trouble::Failed(said(&output))) }
    }

    /// The texts of blobs in the order of their names; `None` for what is no text, or larger than what is read of files.
    fn blobs(&self, names: &[&str]) -> io::Result<Vec<Option<String>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut child =
            self.command(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(mut asked), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("git cat-file has no pipes"));
        };
        let list = names.iter().map(|name| format!("{name}\n")).collect::<String>();
        // Both ends at once: git stops reading names while nobody takes its answers.
        let writer = thread::spawn(move || asked.write_all(list.as_bytes()));
        let mut answers = BufReader::new(answers);
        let texts = names.iter().map(|_| blob(&mut answers)).collect::<io::Result<Vec<_>>>();
        drop(answers);
        let written = writer.join().unwrap_or_else(|_| Err(io::Error::other("git cat-file was not asked")));
        child.wait()?;
        let texts = texts?;
        written?;
        Ok(texts)
    }
}

/// The first line of what a command complained of.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_cause = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let first = said.lines().find(is_cause).or(said.lines().next()).unwrap_or("nothing at all");
    first.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

/// Reads one answer of `git cat-file --batch`: a line `NAME TYPE SIZE`, as many bytes, and a line end; or `NAME missing`.
fn blob(answers: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let mut words = head.trim_end().rsplit(' ');
    let (Some(last), Some(kind)) = (words.next(), words.next()) else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "git cat-file ended early"));
    };
    let Ok(size) = last.parse::<u64>() else { return Ok(None) };
    let mut content = answers.by_ref().take(size + 1);
    if size > MAX_BYTES {
        io::copy(&mut content, &mut io::sink())?;
        return Ok(None);
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    bytes.truncate(size as usize);
    Ok(if kind == "blob" { decode(bytes).ok() } else { None })
}
