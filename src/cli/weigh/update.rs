//! `--update`: what disk, caches and a registry know is written to the project's `plimsoll.sizes.json`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::fix::replace;
use crate::cli::read::named;
use crate::facts::size::{COMMITTED, Committed};
use crate::registry::{self, Address, Answers, Patience, Registries};
use crate::report::{clean, count};
use crate::weigh::Known;

/// Names that one line has room for.
const MAX_NAMES: usize = 5;

/// Asks for what is not known, writes what is, and says what was done. False when a registry could not be talked to.
pub(super) fn write(
    known: Known,
    root: &Path,
    registry: Option<&Address>,
    is_offline: bool,
) -> io::Result<(Committed, bool)> {
    let path = root.join(COMMITTED);
    if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
        return Err(named(&path, &io::Error::other("there is something that is no plain file")));
    }
    let Known { mut sizes, wanted } = known;
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let asked = if is_offline || wanted.is_empty() {
        Ok(Answers::default())
    } else {
        Registries::find(root, registry, &environment)
            .and_then(|registries| registry::ask(&wanted, &registries, Patience::default(), &environment))
    };
    let answers = asked.as_ref().ok();
    for (name, version, bytes) in answers.iter().flat_map(|answers| &answers.sizes) {
        if sizes.of(name, version).is_none() {
            sizes.set(name, version, *bytes);
        }
    }
    replace(&path, &sizes.text()).map_err(|error| named(&path, &error))?;
    let mut said = format!("{} in {}", count(sizes.count(), "package", "packages"), path.display());
    match &asked {
        Ok(answers) => {
            said.push_str(&told(answers));
            if is_offline && !wanted.is_empty() {
                let stay = count(wanted.len(), "package stays", "packages stay");
                said.push_str(&format!("{stay} without a size: no registry was asked\n"));
            }
        }
        Err(fault) => {
            let missing = count(wanted.len(), "package has", "packages have");
            said.push_str(&format!("\nerror: no registry was asked, {missing} no size: {fault}\n"));
        }
    }
    io::stderr().write_all(said.as_bytes())?;
    Ok((sizes, answers.is_some_and(|answers| answers.unreachable.is_empty())))
}

/// The end of the line that was begun, and a line for each thing that went wrong.
fn told(answers: &Answers) -> String {
    let mut lines = vec![String::new()];
    if answers.answered > 0 {
        let hosts: Vec<&str> = answers.hosts.iter().map(String::as_str).collect();
        lines[0] = format!(", {} of them asked of {}", answers.answered, hosts.join(", "));
    }
    let are = |names: &[String]| count(names.len(), "package is", "packages are");
    for (host, names) in &answers.unknown {
        lines.push(format!("{} not known at {host}: {}", are(names), listed(names)));
    }
    for (host, names) in &answers.refused {
        let (are, names) = (are(names), listed(names));
        lines.push(format!("{are} shown by {host} to those alone that it knows: {names} ({TOKEN})"));
    }
    for (host, names) in &answers.elsewhere {
        let (are, names) = (are(names), listed(names));
        lines.push(format!(
            "{are} of {host}, which is not the registry that is configured, and not asked for: {names}"
        ));
    }
    for (what, names) in &answers.senseless {
        let packages = count(names.len(), "package stays", "packages stay");
        lines.push(format!("{packages} without a size, as there came {what}: {}", listed(names)));
    }
    for ((host, why), names) in &answers.unreachable {
        let packages = count(names.len(), "package stays", "packages stay");
        lines.push(format!(
            "error: {host} cannot be reached: {why}. {packages} without a size; what is known is written"
        ));
    }
    lines.iter().map(|line| format!("{}\n", clean::line(line))).collect()
}

const TOKEN: &str = "a token for it is read from your own .npmrc";

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(MAX_NAMES)].join(", ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
