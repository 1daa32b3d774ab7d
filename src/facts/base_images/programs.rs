//! Which programs an image brings: the table `programs.tsv`, by what the image stands on.

use super::{BaseImage, PROGRAMS, Runtime, Sh, Tool};
use crate::facts::table::cell;

/// What an image stands on, as far as its programs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Programs {
    /// Node on Debian with the tools to build native modules.
    Full,
    /// Node on Debian with little beside it.
    Slim,
    /// Debian or Ubuntu as they are.
    Debian,
    /// Alpine, with the applets of BusyBox.
    Alpine,
    /// Nothing but its runtime: no shell, no tools.
    None,
    /// It is not known.
    Unknown,
}

/// By what a program comes into an image that lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BroughtBy {
    /// By packages of the distribution, which others may pull in.
    System,
    /// By packages of the distribution that are asked for by name.
    Alone,
    /// By packages that npm installs for the whole system.
    Npm,
}

/// How a program comes into an image that lacks it, and the packages that bring it. `None`: no table knows it.
pub fn comes_by(program: &str) -> Option<(BroughtBy, impl Iterator<Item = &'static str>)> {
    let row = row(program)?;
    let by = match cell(row, 5)? {
        "system" => BroughtBy::System,
        "alone" => BroughtBy::Alone,
        _ => BroughtBy::Npm,
    };
    Some((by, cell(row, 6).into_iter().flat_map(|names| names.split(' '))))
}

fn row(program: &str) -> Option<&'static [Option<&'static str>]> {
    PROGRAMS.rows.iter().find(|row| cell(row, 0) == Some(program)).map(Vec::as_slice)
}

impl BaseImage {
    /// Whether a program of this name is on the PATH of the image; `None`: not known.
    pub fn has_program(&self, program: &str) -> Option<bool> {
        let tool = match program {
            "npm" | "npx" => self.npm,
            "yarn" | "yarnpkg" => self.yarn,
            _ => Tool::Unknown,
        };
        match tool {
            Tool::Present(_) => return Some(true),
            Tool::Absent => return Some(false),
            Tool::Unknown => {}
        }
        if program == "sh" && self.sh.is_some() {
            return self.sh.map(|sh| sh != Sh::Absent);
        }
        let is_node = matches!(self.runtime, Some(Runtime::Node(_)));
        let column = match self.programs {
            Programs::Unknown => return None,
            // Where the runtime of such an image lies is another matter.
            Programs::None => return (!(is_node && program == "node")).then_some(false),
            _ if is_node && matches!(program, "node" | "nodejs") => return Some(true),
            Programs::Full => 1,
            Programs::Slim => 2,
            Programs::Debian => 3,
            Programs::Alpine => 4,
        };
        cell(row(program)?, column).map(|answer| answer == "yes")
    }
}
