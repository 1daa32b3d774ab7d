//! Asks a registry what packages weigh: the only place that uses the network, and only `plimsoll weigh --update` comes here.

mod address;
mod echo;
mod package;
mod settings;
mod trust;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::weigh::Wanted;
use package::Answer;
use wire::Wire;

pub use address::Address;
pub use settings::{Environment, Registries};
pub use wire::Patience;

/// Requests that are under way at one time.
const AT_ONCE: usize = 8;
/// Hosts that lock files name for whichever registry is the usual one: a mirror has the same packages.
const PUBLIC: [&str; 2] = ["registry.npmjs.org", "registry.yarnpkg.com"];

/// What registries said of some packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Bytes of packages: name, version, bytes.
    pub sizes: Vec<(String, String, u64)>,
    /// Number of packages that were asked for and have a size now.
    pub answered: usize,
    /// The hosts that said so, with their ports.
    pub hosts: BTreeSet<String>,
    /// Packages that a registry does not know, as `name@version`, by its host.
    pub unknown: BTreeMap<String, Vec<String>>,
    /// Packages that a registry tells of only to those that it knows.
    pub refused: BTreeMap<String, Vec<String>>,
    /// Packages that were not asked for, as they are of another host than the registry's, by it: they may be private.
    pub elsewhere: BTreeMap<String, Vec<String>>,
    /// Packages of which something was said that cannot be read or believed, by what it is.
    pub senseless: BTreeMap<String, Vec<String>>,
    /// Packages that were not asked for, by the host that there was no talking to and the reason.
    pub unreachable: BTreeMap<(String, String), Vec<String>>,
}

/// Asks for packages, several at a time. The error says what is wrong with the environment: nothing was asked then.
pub fn ask(
    wanted: &[Wanted],
    registries: &Registries,
    patience: Patience,
    environment: Environment<'_>,
) -> Result<Answers, String> {
    let wire = Wire::new(registries, patience, environment)?;
    let next = AtomicUsize::new(0);
    let said: Mutex<Vec<(usize, Answer)>> = Mutex::default();
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = wanted.get(at) else { break };
            let registry = registries.of(&one.name);
            let host = one.resolved.as_deref().and_then(host_of);
            let answer = match host.filter(|host| !PUBLIC.contains(&host.as_str())) {
                Some(host) if host != registry.address.host => Answer::Elsewhere(host),
                _ => package::ask(&wire, registry, one),
            };
            said.lock().unwrap_or_else(PoisonError::into_inner).push((at, answer));
        }
    };
    thread::scope(|scope| {
        (0..AT_ONCE.min(wanted.len())).for_each(|_| drop(scope.spawn(work)));
    });
    let mut said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    said.sort_unstable_by_key(|(at, _)| *at);
    let mut answers = Answers::default();
    for (at, answer) in said {
        answers.take(&wanted[at], &registries.of(&wanted[at].name).address, answer);
    }
    Ok(answers)
}

impl Answers {
    fn take(&mut self, wanted: &Wanted, registry: &Address, answer: Answer) {
        let name = format!("{}@{}", wanted.name, wanted.version);
        let host = registry.host.clone();
        match answer {
            Answer::Sizes(sizes) => {
                self.answered += 1;
                self.hosts.insert(host);
                self.sizes.extend(sizes);
            }
            Answer::Unknown => self.unknown.entry(host).or_default().push(name),
            Answer::Elsewhere(host) => self.elsewhere.entry(host).or_default().push(name),
            Answer::Refused => self.refused.entry(host).or_default().push(name),
            Answer::Senseless(what) => self.senseless.entry(what).or_default().push(name),
            Answer::Unreachable(host, why) => self.unreachable.entry((host, why)).or_default().push(name),
        }
    }
}

/// The host of an address in a lock file, as [`Address`] has it, without whoever may stand before it.
fn host_of(resolved: &str) -> Option<String> {
    let (scheme, rest) = resolved.split_once("://")?;
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    Some(host.strip_suffix(port).map_or(host.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_of_lock_files_are_without_secrets() {
        assert_eq!(host_of("https://me:secret@H.example:443/a/-/a.tgz").as_deref(), Some("h.example"));
        assert_eq!(host_of("http://h:443/a").as_deref(), Some("h:443"));
        assert_eq!(host_of("a@npm:1.0.0"), None);
    }
}
