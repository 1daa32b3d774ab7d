//! What a report is written as, and where: one format to standard output or a file, and others to files beside it.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::read::named;
use super::{ColorChoice, weigh};
use crate::model::Project;
use crate::report::paint::Paint;
use crate::report::{
    Report, checklist, checkstyle, concise, github, gitlab, html, human, json, junit, map, markdown, sarif,
};

#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the same report in another format to a file, too: `--also sarif=plimsoll.sarif` (may be repeated)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    also: Vec<(Format, PathBuf)>,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines of the files, for people
    Human,
    /// One line per finding
    Concise,
    /// For programs; docs/schema.json describes it
    Json,
    /// How the items of production practice stand for each app
    Checklist,
    /// Annotations, for a log that GitHub Actions reads
    Github,
    /// Checklist and findings by rule, for the summary of a job or a comment
    Markdown,
    /// One page with checklist, map, findings and weights, for a browser
    Html,
    /// SARIF 2.1.0, for viewers and scanners' dashboards; what is suppressed is in it and says so
    Sarif,
    /// SARIF for GitHub's code scanning, which would show as open what is suppressed: without that
    SarifGithub,
    /// Code Quality, for merge requests of GitLab
    Gitlab,
    /// Tests that failed, for systems that read JUnit XML
    Junit,
    /// Checkstyle's XML, for readers of warnings
    Checkstyle,
}

/// What stands around findings. Only pages show it, and it takes time to find out.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) project: &'a Project,
    /// The folder on disk, when there is one.
    pub(super) root: Option<&'a Path>,
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=FILE, such as json=report.json")?;
    if path.is_empty() {
        return Err("the name of the file is missing behind `=`".to_owned());
    }
    if path == "-" {
        return Err("standard output is for --format: name a file".to_owned());
    }
    let format = Format::from_str(format, false).map_err(|_| {
        let values = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
        format!("there is no format {format:?}: {}", names.join(", "))
    })?;
    Ok((format, PathBuf::from(path)))
}

impl OutputArgs {
    /// Writes the report in each format that is asked for.
    ///
    /// # Errors
    /// When a file cannot be written, with its name.
    pub(super) fn report(&self, report: &Report<'_>, around: Around<'_>) -> io::Result<()> {
        for (format, path) in &self.also {
            write_file(path, &format.write(report, around, Paint::PLAIN))?;
        }
        self.write(&self.format.write(report, around, self.paint()))
    }

    /// Writes what stands instead of a report.
    ///
    /// # Errors
    /// When the file cannot be written, with its name.
    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        match self.file() {
            Some(path) => write_file(path, text),
            None => print(text),
        }
    }

    /// The file that is written; `None` for standard output, which `-` means, too.
    fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// True when a format is asked for that shows how the checklist stands.
    pub(super) fn shows_checklist(&self) -> bool {
        self.formats().any(|format| {
            matches!(format, Format::Json | Format::Checklist | Format::Markdown | Format::Html)
        })
    }

    /// True when the report has room for what a person should know beside the findings.
    pub(super) fn shows_notes(&self) -> bool {
        !matches!(
            self.format,
            Format::Concise | Format::Checklist | Format::Gitlab | Format::Checkstyle | Format::Junit
        )
    }

    /// True when what is written comes before the eyes of a person.
    pub(super) fn is_terminal(&self) -> bool {
        self.file().is_none() && io::stdout().is_terminal()
    }

    pub(super) fn paint(&self) -> Paint {
        Paint { coloured: self.file().is_none() && self.color.on_stdout() }
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        self.also.iter().map(|(format, _)| *format).chain([self.format])
    }
}

impl Format {
    fn write(self, report: &Report<'_>, around: Around<'_>, paint: Paint) -> String {
        match self {
            Format::Human => human::write(report, paint),
            Format::Concise => concise::write(report),
            Format::Json => json::write(report),
            Format::Checklist => checklist::table(report.sources, report.checklist, report.prefix, paint),
            Format::Github => github::write(report),
            Format::Markdown => markdown::write(report),
            Format::Html => around.page(report),
            Format::Sarif => sarif::write(report),
            Format::SarifGithub => sarif::write_open(report),
            Format::Gitlab => gitlab::write(report),
            Format::Junit => junit::write(report),
            Format::Checkstyle => checkstyle::write(report),
        }
    }
}

impl Around<'_> {
    fn page(self, report: &Report<'_>) -> String {
        let sheets = self.root.map(|root| weigh::sheets(self.project, root)).unwrap_or_default();
        html::write(&html::Page { report, map: &map::draw(self.project), sheets: &sheets })
    }
}

/// Writes a text to standard output.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a file.
///
/// # Errors
/// With its name.
pub(super) fn write_file(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text).map_err(|error| named(path, &error))
}
