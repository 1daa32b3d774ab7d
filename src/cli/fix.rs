//! `plimsoll fix`, and `check --fix`: mends the files of a project, or shows how it would.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Args;

use super::read::Reading;
use super::{ColorChoice, FAILED, ReadArgs};
use crate::check::{Config, Outcome, check};
use crate::date::Date;
use crate::finding::Safety;
use crate::fix::{Allowed, Mended, mend};
use crate::model::Project;
use crate::report::paint::Paint;
use crate::report::{clean, count, diff};
use crate::rules::{Rule, RuleSet, find};

#[derive(Args, Debug)]
pub(super) struct FixArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    how: HowArgs,
    /// Mend findings of this rule only (may be repeated)
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// Day of end-of-life judgements, YYYY-MM-DD; today when not given
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

/// How to mend: the same for `fix` and `check --fix`.
#[derive(Args, Debug)]
pub(super) struct HowArgs {
    /// Also apply fixes that a person has to look at
    #[arg(long)]
    pub(super) unsafe_fixes: bool,
    /// Write nothing: print what would change. The exit status is 1 when something would
    #[arg(long)]
    pub(super) diff: bool,
}

pub(super) fn run(args: &FixArgs) -> io::Result<u8> {
    if let Some(unknown) = args.rule.iter().find(|rule| find(rule).is_none()) {
        return Err(io::Error::other(format!("there is no rule {unknown:?}: `plimsoll rules` lists them")));
    }
    let reading = args.read.read()?;
    let config = reading.config(args.as_of);
    let mut rules = reading.configuration.rule_set();
    let named: Vec<&'static Rule> = args.rule.iter().filter_map(|rule| find(rule)).collect();
    for rule in &named {
        rules.enable(rule);
    }
    let named = named.iter().map(|rule| rule.id.to_owned()).collect();
    let mended = mended(&reading, &allowed(&args.how, named, &reading), &rules, &config);
    let mut out = io::stdout().lock();
    if args.how.diff {
        let paint = Paint { coloured: args.color.on_stdout() };
        out.write_all(
            diff::write(&reading.discovery.sources, &mended.texts, paint, io::stdout().is_terminal())
                .as_bytes(),
        )?;
        return Ok(u8::from(!mended.texts.is_empty()));
    }
    write(&reading, &mended)?;
    out.write_all(said(&reading, &mended, &args.how).as_bytes())?;
    Ok(if mended.outcome.failures.is_empty() { 0 } else { FAILED })
}

/// The project after its fixes.
pub(super) fn mended(reading: &Reading, allowed: &Allowed, rules: &RuleSet, config: &Config) -> Mended {
    mend(reading.discovery.clone(), allowed, |discovery| {
        let project = Project::told(discovery, &reading.configuration.told);
        let outcome = check(&project, rules, config);
        (project, outcome)
    })
}

/// What the flags and the paths of the command line allow.
pub(super) fn allowed(how: &HowArgs, rules: Vec<String>, reading: &Reading) -> Allowed {
    Allowed { unsafe_fixes: how.unsafe_fixes, rules, paths: reading.only.clone() }
}

/// Writes the files that are other than they were: all of them, or none when one of them is not what was read.
///
/// # Errors
/// When the project came on standard input, when a file on disk has changed since it was read (or is no UTF-8), or
/// when one cannot be written.
pub(super) fn write(reading: &Reading, mended: &Mended) -> io::Result<()> {
    if mended.texts.is_empty() {
        return Ok(());
    }
    let Some(root) = &reading.root else {
        return Err(io::Error::other(
            "standard input cannot be mended in place: --diff prints what would change",
        ));
    };
    let sources = &reading.discovery.sources;
    for path in mended.texts.keys() {
        let on_disk = fs::read(root.join(path.as_str())).unwrap_or_default();
        let read = sources.find(path).map_or("", |file| sources.file(file).text());
        if on_disk != read.as_bytes() {
            let problem = "what is on disk is not the text that was read (changed meanwhile, or no UTF-8)";
            return Err(io::Error::other(format!("{path}: {problem}; nothing was written")));
        }
    }
    for (path, text) in &mended.texts {
        replace(&root.join(path.as_str()), text)
            .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
    }
    Ok(())
}

/// Puts a text in the place of a file in one step, so that nobody ever reads half of it. Permissions stay.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link is followed: its target is the file that was read.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    match fs::metadata(&path) {
        Ok(metadata) => file.as_file().set_permissions(metadata.permissions())?,
        Err(_) => set_usual_permissions(file.as_file())?,
    }
    file.persist(&path).map(drop).map_err(|error| error.error)
}

/// A temporary file is its owner's alone; a file of a project is everybody's to read.
#[cfg(unix)]
fn set_usual_permissions(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_usual_permissions(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// A line for each fix, and what is left.
pub(super) fn said(reading: &Reading, mended: &Mended, how: &HowArgs) -> String {
    let mut text = String::new();
    for applied in &mended.applied {
        let place = clean::line(&format!("{}{}:{}", reading.prefix, applied.path, applied.line));
        text.push_str(&format!("{place}: [{}] {}\n", applied.rule, clean::line(&applied.title)));
    }
    let fixed = count(mended.applied.len(), "finding", "findings");
    let files = count(mended.texts.len(), "file", "files");
    let (left, unsafe_ones) = left(&mended.project, &mended.outcome, reading);
    text.push_str(&format!("fixed {fixed} in {files}, {left} left"));
    if unsafe_ones > 0 && !how.unsafe_fixes {
        text.push_str(&format!(" ({unsafe_ones} can be fixed with --unsafe-fixes: look at what it does)"));
    }
    text.push('\n');
    text
}

/// How many findings of what was asked for are left, and for how many of them there is an unsafe fix.
fn left(project: &Project, outcome: &Outcome, reading: &Reading) -> (usize, usize) {
    let shown = outcome.findings.iter().filter(|finding| {
        let path = &project.sources.file(finding.primary.span.file).path;
        finding.is_open() && reading.asks_for(path)
    });
    let is_unsafe = |fixes: &[crate::finding::Fix]| fixes.iter().any(|fix| fix.safety == Safety::Unsafe);
    shown.fold((0, 0), |(all, fixable), finding| (all + 1, fixable + usize::from(is_unsafe(&finding.fixes))))
}
