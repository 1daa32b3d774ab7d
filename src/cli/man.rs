//! `plimsoll man`: the manual pages, made from the same descriptions as `--help`.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::Cli;

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// The command that the page is on; without one, plimsoll as a whole
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) fn run(args: &ManArgs) -> io::Result<u8> {
    let mut plimsoll = Cli::command().disable_help_subcommand(true);
    // Only a built command knows the full names and shared flags of those below it.
    plimsoll.build();
    let command = match &args.command {
        None => plimsoll,
        Some(name) => plimsoll.find_subcommand(name).cloned().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("there is no command `{name}`"))
        })?,
    };
    let mut page = Vec::new();
    Man::new(command)
        .source(concat!("plimsoll ", env!("CARGO_PKG_VERSION")))
        .manual("plimsoll manual")
        .render(&mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(0)
}
