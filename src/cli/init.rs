//! `plimsoll init`: the files that a team begins with. What is there already stays as it is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::ReadArgs;
use super::read::{named, repository_of};
use crate::baseline::{self, Baseline};
use crate::check::check;
use crate::config;
use crate::report::count;

const CONFIGURATION: &str = include_str!("init/plimsoll.yaml");
const WORKFLOW: &str = include_str!("init/workflow.yml");
const WORKFLOW_PATH: &str = ".github/workflows/plimsoll.yml";
const OTHER_WORKFLOW_PATH: &str = ".github/workflows/plimsoll.yaml";

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// Folder of the project
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Whose pipeline to write
    #[arg(long, value_enum, default_value_t = Ci::Github)]
    ci: Ci,
    /// Also write the baseline: the findings of today do not count, new ones do
    #[arg(long)]
    baseline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitHub: a workflow file
    Github,
    /// No file: docs/ci.md has what to write for GitLab and others
    None,
}

pub(super) fn run(args: &InitArgs) -> io::Result<u8> {
    if !args.path.is_dir() {
        let message = format!("{}: this is no folder", args.path.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    let mut said = Vec::new();
    match config::NAMES.iter().find(|name| args.path.join(name).exists()) {
        Some(name) => said.push(stays(name)),
        None => said.push(create(&args.path, config::NAMES[0], CONFIGURATION)?),
    }
    if args.ci == Ci::Github {
        let workflow = WORKFLOW.replace("VERSION", env!("CARGO_PKG_VERSION"));
        said.push(match repository_around(&args.path) {
            Some(root) => format!(
                "workflows belong into {}: run `plimsoll init` there; what is written here counts where this folder is checked",
                root.display()
            ),
            None if args.path.join(OTHER_WORKFLOW_PATH).exists() => stays(OTHER_WORKFLOW_PATH),
            None => create(&args.path, WORKFLOW_PATH, &workflow)?,
        });
    }
    said.push(of_findings(args)?);
    let mut out = io::stdout().lock();
    for line in said {
        writeln!(out, "{line}")?;
    }
    Ok(0)
}

/// The root of the repository that this folder lies in, below its root.
fn repository_around(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let root = repository_of(&folder)?;
    (root != folder).then(|| root.to_path_buf())
}

fn stays(path: &str) -> String {
    format!("{path} is there already and stays as it is")
}

/// Writes a file that must not be there yet; says what was done.
fn create(root: &Path, path: &str, text: &str) -> io::Result<String> {
    let on_disk = root.join(path);
    if let Some(folder) = on_disk.parent() {
        fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
    }
    match OpenOptions::new().write(true).create_new(true).open(&on_disk) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| named(&on_disk, &error))?;
            Ok(format!("{path} is written"))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(stays(path)),
        Err(error) => Err(named(&on_disk, &error)),
    }
}

/// Writes the baseline, or says what it would be good for.
fn of_findings(args: &InitArgs) -> io::Result<String> {
    let mut reading = ReadArgs::of(args.path.clone()).read()?;
    let project = reading.project();
    let config = reading.config(None);
    let outcome = check(&project, &reading.configuration.rule_set(), &config);
    let open = outcome.findings.iter().filter(|finding| finding.is_open()).count();
    let findings = count(open, "finding", "findings");
    if args.path.join(baseline::NAME).exists() {
        return Ok(stays(baseline::NAME));
    }
    if args.baseline {
        let baseline = Baseline::of(&project.sources, &config.place, &outcome);
        let written = create(&args.path, baseline::NAME, &baseline.text())?;
        return Ok(format!("{written}: {findings} of today do not count"));
    }
    Ok(match open == 0 {
        true => "there is no finding today".to_owned(),
        false => format!(
            "there are {findings} today: `plimsoll check` prints them, `plimsoll check --write-baseline` lets only new ones count"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Discovery;
    use crate::source::ProjectPath;

    /// The configuration with all that it only offers.
    fn uncommented() -> String {
        let lines = CONFIGURATION.lines().filter_map(|line| match line.strip_prefix('#') {
            Some(prose) if prose.is_empty() || prose.starts_with(" yaml-") => None,
            Some(offer) if !offer.starts_with(' ') || offer.starts_with("  ") => Some(offer),
            Some(_) => None,
            None => Some(line),
        });
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn the_configuration_says_nothing_and_all_that_it_offers_is_understood() {
        for (text, has_rules) in [(CONFIGURATION.to_owned(), false), (uncommented(), true)] {
            let path = ProjectPath::new(config::NAMES[0]).unwrap();
            let (configuration, issues) = config::among(&Discovery::from_texts([(path, text.clone())]));
            assert_eq!(issues, [], "{text}");
            assert_eq!(configuration.fail_on.is_some(), has_rules, "{text}");
            assert_eq!(configuration.exceptions.ignores.is_empty(), !has_rules, "{text}");
        }
    }
}
