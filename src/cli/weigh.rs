//! `plimsoll weigh`: what each dependency costs in the image.

mod update;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::read::{Reading, named};
use super::{ColorChoice, FAILED, ReadArgs};
use crate::discover::Discovery;
use crate::facts::size::{COMMITTED, Caches, Committed};
use crate::git;
use crate::model::Project;
use crate::registry::Address;
use crate::report::paint::Paint;
use crate::report::weigh as report;
use crate::source::{ColumnUnit, FileId, LineIndex};
use crate::syntax::Parsed;
use crate::weigh::{self, Sheet};

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
    #[arg(long, value_name = "URL", value_parser = Address::read, requires = "update")]
    registry: Option<Address>,
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

/// Where package managers keep what they fetched, by the environment of whoever runs this.
fn caches() -> Caches {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    Caches {
        npm: variable("npm_config_cache").or_else(|| below(".npm")),
        pnpm: variable("PNPM_HOME")
            .map(|home| home.join("store"))
            .or_else(|| below(".local/share/pnpm/store")),
        // yarn's global folder: yarn 4.9, `folderUtils.getDefaultGlobalFolder`.
        berry: variable("YARN_GLOBAL_FOLDER")
            .map(|folder| folder.join("cache"))
            .or_else(|| variable("LOCALAPPDATA").map(|data| data.join("Yarn/Berry/cache")))
            .or_else(|| variable("XDG_DATA_HOME").map(|data| data.join("yarn/berry/cache")))
            .or_else(|| below(".yarn/berry/cache")),
    }
}

pub(super) fn run(args: &WeighArgs) -> io::Result<u8> {
    if let Some(Ask::Why(why)) = &args.ask {
        return tell_why(why);
    }
    let mut reading = args.read.read()?;
    let Some(root) = reading.root.clone() else {
        return Err(io::Error::other("weigh reads a folder: lock files and node_modules are needed"));
    };
    let mut committed = committed(&root)?;
    let then = args.compare.as_deref().map(|then| Then::of(then, &root, &reading)).transpose()?;
    let project = reading.project();
    let mut is_whole = true;
    if args.update {
        let known = weigh::known_sizes(&project, &root, &caches(), committed.unwrap_or_default());
        let (sizes, is_reached) = update::write(known, &root, args)?;
        (committed, is_whole) = (Some(sizes), is_reached);
    }
    let sheets = weigh::sheets(&project, &root, &caches(), committed.as_ref());
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
        Some(path) => fs::write(path, text)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?,
        None => {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
    }
    let is_over = over_budget(&sheets, args.budget)?;
    Ok(if is_whole { u8::from(is_over || grew) } else { FAILED })
}

/// What the dependencies of a project weigh, for the page of a report.
pub(super) fn sheets(project: &Project, root: &Path) -> Vec<Sheet> {
    weigh::sheets(project, root, &caches(), project.committed_sizes())
}

fn over_budget(sheets: &[Sheet], budget: Option<u64>) -> io::Result<bool> {
    let Some(budget) = budget else { return Ok(false) };
    let mut over = false;
    for sheet in sheets.iter().filter(|sheet| sheet.total > budget) {
        let (total, allowed) = (report::bytes(sheet.total), report::bytes(budget));
        writeln!(io::stderr(), "over budget: {} weighs {total}, {allowed} are allowed", sheet.package)?;
        over = true;
    }
    Ok(over)
}

fn committed(root: &Path) -> io::Result<Option<Committed>> {
    let path = root.join(COMMITTED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    };
    let Parsed { tree, issues } = Committed::read(FileId(0), text.as_str().into());
    match issues.first() {
        None => Ok(Some(tree)),
        Some(issue) => {
            let place = LineIndex::new(&text).position(&text, issue.span.start, ColumnUnit::Char);
            let message = format!("{}:{}:{}: {}", path.display(), place.line, place.column, issue.message);
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

/// What is compared with.
enum Then {
    /// A report.
    Report(report::Earlier),
    /// The files of an earlier commit.
    Files(Discovery),
}

impl Then {
    /// Reads the report of this name, or what git has of this commit.
    fn of(name: &str, root: &Path, reading: &Reading) -> io::Result<Then> {
        let path = Path::new(name);
        if path.is_file() {
            let text = fs::read_to_string(path).map_err(|error| named(path, &error))?;
            let fault = |fault| named(path, &io::Error::new(io::ErrorKind::InvalidData, fault));
            return report::earlier(&text).map(Then::Report).map_err(fault);
        }
        match git::earlier(root, name, reading.discovery.reads()) {
            Ok(earlier) => Ok(Then::Files(reading.discovery.as_it_was(earlier.files))),
            Err(trouble) => {
                Err(io::Error::other(format!("there is no file {name} to compare with, and {trouble}")))
            }
        }
    }

    fn installs(self, root: &Path, reading: &Reading) -> report::Earlier {
        match self {
            Then::Report(installs) => installs,
            Then::Files(discovery) => {
                let project = Project::told(discovery, &reading.configuration.told);
                report::installs(&weigh::sheets(&project, root, &caches(), project.committed_sizes()))
            }
        }
    }
}

fn tell_why(args: &WhyArgs) -> io::Result<u8> {
    let mut reading = args.read.read()?;
    let project = reading.project();
    let reasons = weigh::reasons(&project, &args.package);
    let text = report::why(&args.package, &reasons, Paint { coloured: args.color.on_stdout() });
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(u8::from(reasons.is_empty()))
}
