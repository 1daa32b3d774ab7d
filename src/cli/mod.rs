//! The command line: one file per command. Arguments are parsed here; what they ask for is done by the library.

mod check;
mod checklist;
mod completions;
mod explain;
mod facts;
mod fix;
mod init;
mod man;
mod map;
mod old;
mod output;
mod read;
mod rules;
mod weigh;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::date::Date;
use crate::report::clean;

/// Exit status when the job could not be done: a bad flag, a bad configuration, an unreadable root.
const FAILED: u8 = 2;

/// Checks everything that a Node.js service ships with, from source to Kubernetes, as one model.
#[derive(Parser, Debug)]
#[command(name = "plimsoll", version, about, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Check a project and print what is wrong. `plimsoll PATH` means this
    Check(check::CheckArgs),
    /// Print for each app which items of production practice are met, broken or unknown
    Checklist(checklist::ChecklistArgs),
    /// Mend what can be mended, and say what was done
    Fix(fix::FixArgs),
    /// Print what each dependency costs in the image, and what would be lighter
    Weigh(weigh::WeighArgs),
    /// Write the files that a team begins with: plimsoll.yaml, a workflow, and the baseline if asked for
    Init(init::InitArgs),
    /// Print what belongs together and why: apps, images, what starts them, and through which programs
    Map(map::MapArgs),
    /// Print the page of a rule: why it matters, what is wrong and what is right
    Explain(explain::ExplainArgs),
    /// Print the tables that judgements stand on, with their sources
    Facts(facts::FactsArgs),
    /// List the rules
    Rules(rules::RulesArgs),
    /// Print what a shell needs to complete the commands and flags of plimsoll
    Completions(completions::CompletionsArgs),
    /// Print the manual page of plimsoll, or of one of its commands
    Man(man::ManArgs),
}

/// What is read, for every command that reads a project.
#[derive(Args, Debug)]
struct ReadArgs {
    /// Folder or files to read
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Also read what .gitignore names
    #[arg(long)]
    no_gitignore: bool,
    /// Leave out files that match this glob (in the manner of .gitignore; may be repeated)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Read this configuration instead of the plimsoll.yaml of the folder or of those above it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

impl ReadArgs {
    /// All of a folder, as it is read without flags.
    fn of(folder: PathBuf) -> ReadArgs {
        ReadArgs {
            paths: vec![folder],
            no_gitignore: false,
            exclude: Vec::new(),
            config: None,
            no_config: false,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    fn on_stdout(self) -> bool {
        let asked_not_to = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            ColorChoice::Auto => io::stdout().is_terminal() && !asked_not_to,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        }
    }
}

/// Runs the program with these arguments (the first is the program's name) and says what the exit status is.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(with_default_command(arguments.into_iter().collect())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are printed to standard output and are no failure.
            let status = if error.use_stderr() { FAILED } else { 0 };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let done = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Checklist(args) => checklist::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Weigh(args) => weigh::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Facts(args) => facts::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        // Whoever reads our output has gone (`plimsoll check | head`): nothing is left to do.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let said = error.to_string();
            let lines: Vec<String> = said.lines().map(clean::line).collect();
            let _ = writeln!(io::stderr(), "error: {}", lines.join("\n"));
            ExitCode::from(FAILED)
        }
    }
}

/// `plimsoll PATH` and `plimsoll --format json` mean `plimsoll check …`.
fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let flags = ["help", "-h", "--help", "-V", "--version"];
    let names_command = arguments.get(1).is_none_or(|first| {
        first.to_str().is_some_and(|word| flags.contains(&word) || Command::has_subcommand(word))
    });
    if !names_command {
        arguments.insert(1, "check".into());
    }
    arguments
}

/// Today in UTC: the only place that asks a clock.
fn today() -> Date {
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_unix_days(seconds / 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<String> {
        let given = std::iter::once("plimsoll").chain(words.iter().copied()).map(OsString::from).collect();
        with_default_command(given).into_iter().skip(1).filter_map(|word| word.into_string().ok()).collect()
    }

    #[test]
    fn a_path_means_check() {
        assert_eq!(arguments(&["."]), ["check", "."]);
        assert_eq!(arguments(&["--format", "json"]), ["check", "--format", "json"]);
        assert_eq!(arguments(&["map", "."]), ["map", "."]);
        assert_eq!(arguments(&["completions", "bash"]), ["completions", "bash"]);
        assert_eq!(arguments(&["--help"]), ["--help"]);
        assert_eq!(arguments(&[]), [""; 0]);
    }

    #[test]
    fn the_arguments_are_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
