//! What is compared with: an earlier report, or an earlier commit.

use std::fs;
use std::io;
use std::path::Path;

use super::sheets;
use crate::cli::read::{Reading, named};
use crate::discover::Discovery;
use crate::git;
use crate::model::Project;
use crate::report::weigh as report;

/// An earlier state of a project.
pub(super) enum Then {
    /// A report.
    Report(report::Earlier),
    /// The files of an earlier commit.
    Files(Discovery),
}

impl Then {
    /// Reads the report of this name, or what git has of this commit.
    ///
    /// # Errors
    /// When the report is none, or there is neither such a file nor such a commit.
    pub(super) fn of(name: &str, root: &Path, reading: &Reading) -> io::Result<Then> {
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

    /// What was installed then.
    pub(super) fn installs(self, root: &Path, reading: &Reading) -> report::Earlier {
        match self {
            Then::Report(installs) => installs,
            Then::Files(discovery) => {
                let project = Project::told(discovery, &reading.configuration.told);
                report::installs(&sheets(&project, root))
            }
        }
    }
}
