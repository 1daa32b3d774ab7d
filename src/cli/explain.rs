//! `plimsoll explain RULE`: the page of a rule.

use std::io::{self, Write};

use clap::Args;

use super::ColorChoice;
use crate::report::explain;
use crate::report::paint::Paint;
use crate::rules::{UnknownRule, find};

/// Characters of a line: pages are read, not scanned.
const WIDTH: usize = 100;

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The rule, as findings name it: run/signal-lost
    rule: String,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(super) fn run(args: &ExplainArgs) -> io::Result<u8> {
    let rule = find(&args.rule).ok_or_else(|| io::Error::other(UnknownRule(args.rule.clone())))?;
    let paint = Paint { coloured: args.color.on_stdout() };
    let text = explain::write(rule, WIDTH, paint).map_err(io::Error::other)?;
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(0)
}
