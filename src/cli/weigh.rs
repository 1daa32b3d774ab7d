//! `plimsoll weigh`: what each dependency costs in the image.

mod caches;
mod then;
mod update;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::output::{print, write_file};
use super::{ColorChoice, FAILED, ReadArgs};
use crate::facts::size::{COMMITTED, Committed};
use crate::model::Project;
use crate::registry::Address;
use crate::report::clean;
use crate::report::paint::Paint;
use crate::report::weigh as report;
use crate::syntax::Issue;
use crate::weigh::{self, Sheet};
use then::Then;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct WeighArgs {
    #[command(subcommand)]
    ask: Option<Ask>,
    #[command(flatten)]
    read: ReadArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Fail when an image holds more than this of packages: `150MB`, `1.5GB`, `900kB`
    #[arg(long, value_name = "BYTES", value_parser = budget)]
    budget: Option<u64>,
    /// Show what changed against an earlier `--format json`, or since this branch or commit parted from here, and fail
    /// when an image grew
    #[arg(long, value_name = "FILE|REF")]
    compare: Option<String>,
    /// Write the sizes of all packages to plimsoll.sizes.json: those that disk and caches know, and a registry those that they do not
    #[arg(long)]
    update: bool,
    /// The registry to ask, in the place of the one that npm is configured for
    // Read later: what is wrong with it is not said with a password that is in it.
    #[arg(long, value_name = "URL", requires = "update")]
    registry: Option<String>,
    /// Ask no registry: write what disk and caches know
    #[arg(long, requires = "update", conflicts_with = "registry")]
    offline: bool,
    /// Where to write, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Subcommand, Debug)]
enum Ask {
    /// Print through which dependencies a package comes in
    Why(WhyArgs),
}

#[derive(Args, Debug)]
struct WhyArgs {
    /// Name of the package
    package: String,
    #[command(flatten)]
    read: ReadArgs,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table with bars, for people
    Table,
    /// For programs; docs/schema.json describes it
    Json,
    /// One page with a map, for a browser
    Html,
}

/// Bytes as people write them, in powers of ten.
fn budget(text: &str) -> Result<u64, String> {
    let number_end =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        _ => return Err(format!("{unit} is no unit: kB, MB or GB")),
    };
    let number: f64 = number.parse().map_err(|_| "no number of bytes, such as 150MB".to_owned())?;
    Ok((number * factor) as u64)
}

pub(super) fn run(args: &WeighArgs) -> io::Result<u8> {
    if let Some(Ask::Why(why)) = &args.ask {
        return tell_why(why);
    }
    let registry = args.registry.as_deref().map(Address::read).transpose();
    let registry = registry.map_err(|fault| io::Error::other(format!("--registry: {fault}")))?;
    let mut reading = args.read.read()?;
    let Some(root) = reading.root.clone() else {
        return Err(io::Error::other("weigh reads a folder: lock files and node_modules are needed"));
    };
    let then = args.compare.as_deref().map(|then| Then::of(then, &root, &reading)).transpose()?;
    let project = reading.project();
    let caches = caches::here();
    let mut committed = committed(&project, &reading.prefix)?.cloned();
    let mut is_whole = true;
    if args.update {
        let known = weigh::known_sizes(&project, &root, &caches, committed.unwrap_or_default());
        let (sizes, is_reached) = update::write(known, &root, registry.as_ref(), args.offline)?;
        (committed, is_whole) = (Some(sizes), is_reached);
    }
    let sheets = weigh::sheets(&project, &root, &caches, committed.as_ref());
    let (sources, prefix) = (&project.sources, reading.prefix.as_str());
    let paint = Paint { coloured: args.output.is_none() && args.color.on_stdout() };
    let mut text = match args.format {
        Format::Table => report::table(sources, &sheets, prefix, paint),
        Format::Json => report::json(sources, &sheets),
        Format::Html => report::html(sources, &sheets),
    };
    let grew = match then {
        Some(then) => {
            let changes = report::changes(&sheets, &then.installs(&root, &reading));
            if args.format == Format::Table {
                text.push_str(&changes.text);
            } else {
                io::stderr().write_all(changes.text.as_bytes())?;
            }
            changes.grew
        }
        None => false,
    };
    match &args.output {
        Some(path) => write_file(path, &text)?,
        None => print(&text)?,
    }
    let is_over = over_budget(&sheets, args.budget)?;
    Ok(if is_whole { u8::from(is_over || grew) } else { FAILED })
}

/// What the dependencies of a project weigh, for the page of a report.
pub(super) fn sheets(project: &Project, root: &Path) -> Vec<Sheet> {
    weigh::sheets(project, root, &caches::here(), project.committed_sizes())
}

fn over_budget(sheets: &[Sheet], budget: Option<u64>) -> io::Result<bool> {
    let Some(budget) = budget else { return Ok(false) };
    for sheet in sheets.iter().filter(|sheet| sheet.total <= budget && !sheet.unsized_packages.is_empty()) {
        let (allowed, without, all) = (report::bytes(budget), sheet.unsized_packages.len(), sheet.packages);
        let have = if without == 1 { "has" } else { "have" };
        let line = format!(
            "{}: the budget of {allowed} holds as far as is known: {without} of {all} packages {have} no size",
            sheet.package
        );
        writeln!(io::stderr(), "{}", clean::line(&line))?;
    }
    let mut over = false;
    for sheet in sheets.iter().filter(|sheet| sheet.total > budget) {
        let (total, allowed) = (report::bytes(sheet.total), report::bytes(budget));
        writeln!(io::stderr(), "over budget: {} weighs {total}, {allowed} are allowed", sheet.package)?;
        over = true;
    }
    Ok(over)
}

/// The sizes that the repository keeps.
fn committed<'p>(project: &'p Project, prefix: &str) -> io::Result<Option<&'p Committed>> {
    let Some(sizes) = project.committed_sizes() else { return Ok(None) };
    let is_of_it = |issue: &&Issue| project.sources.file(issue.span.file).path.as_str() == COMMITTED;
    match project.issues.iter().find(is_of_it) {
        None => Ok(Some(sizes)),
        Some(issue) => {
            let place = project.sources.file(issue.span.file).position(issue.span.start);
            let message = format!("{prefix}{COMMITTED}:{}:{}: {}", place.line, place.column, issue.message);
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

fn tell_why(args: &WhyArgs) -> io::Result<u8> {
    let mut reading = args.read.read()?;
    let project = reading.project();
    let reasons = weigh::reasons(&project, &args.package);
    let text = report::why(&args.package, &reasons, Paint { coloured: args.color.on_stdout() });
    print(&text)?;
    Ok(u8::from(reasons.is_empty()))
}
