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
            let answer = package::ask(&wire, registries.of(&one.name), one);
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
            Answer::Refused => self.refused.entry(host).or_default().push(name),
            Answer::Senseless(what) => self.senseless.entry(what).or_default().push(name),
            Answer::Unreachable(host, why) => self.unreachable.entry((host, why)).or_default().push(name),
        }
    }
}
