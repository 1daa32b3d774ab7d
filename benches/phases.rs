//! What a check of real repositories costs beside reading and parsing them: the repositories of PLIMSOLL_CORPUS, phase
//! by phase.
//!
//! Reading is the walk, the texts, every tree and the facts of it that `read` draws, and each script that the check
//! looks into, parsed alone. Times are of the processor, of all threads, so that a busy machine tells the same; rounds
//! go over all repositories in turn, and the median of the rounds counts. `cargo bench --bench phases`; a number
//! after it makes so many rounds, and a name takes the repositories that contain it.

#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll::check::{Config, check};
use plimsoll::date::Date;
use plimsoll::discover::{Options, discover};
use plimsoll::model::{Project, read};
use plimsoll::rules::RuleSet;
use plimsoll::source::{FileId, Sources};
use plimsoll::syntax::script::{self, Dialect};

const PHASES: [&str; 5] = ["discover", "read", "scripts parsed alone", "link", "check"];

type Times = [Duration; PHASES.len()];

fn main() {
    let mut rounds = 5;
    let mut part = String::new();
    for argument in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        match argument.parse() {
            Ok(number) => rounds = number,
            Err(_) => part = argument,
        }
    }
    let repositories: Vec<PathBuf> =
        repositories().into_iter().filter(|path| path.to_string_lossy().contains(&part)).collect();
    if repositories.is_empty() {
        println!("skipped: PLIMSOLL_CORPUS names no folder of repositories");
        return;
    }
    let mut measured: Vec<Vec<Times>> = vec![Vec::new(); repositories.len()];
    for _ in 0..rounds {
        for (times, repository) in measured.iter_mut().zip(&repositories) {
            times.push(measure(repository));
        }
    }
    println!("{:>9} {:>9} {:>9} {:>9} {:>9} {:>6}", "discover", "read", "scripts", "link", "check", "ratio");
    let mut sum = Times::default();
    for (rounds, repository) in measured.iter().zip(&repositories) {
        let times = median(rounds);
        row(&times, &repository.file_name().unwrap_or_default().to_string_lossy());
        sum = std::array::from_fn(|phase| sum[phase] + times[phase]);
    }
    row(&sum, "all, in ms of processor time");
    println!("peak memory {:.0} MB", peak_megabytes());
}

/// The folders in the folders of PLIMSOLL_CORPUS.
fn repositories() -> Vec<PathBuf> {
    let corpus = std::env::var_os("PLIMSOLL_CORPUS").unwrap_or_default();
    let entries = std::env::split_paths(&corpus).filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn measure(folder: &Path) -> Times {
    let config = Config::on(Date::new(2026, 11, 20).expect("a day"));
    let mut clock = Clock::start();
    let discovery = discover(folder, &Options::default()).expect("a repository can be read");
    let discovering = clock.lap();
    let files = read::read(discovery);
    let reading = clock.lap();
    let project = Project::link(files);
    let linking = clock.lap();
    check(&project, &RuleSet::default(), &config);
    let checking = clock.lap();
    for file in project.scripts.drawn() {
        parse(file, &project.sources);
    }
    let parsing = clock.lap();
    [discovering, reading, parsing, linking, checking]
}

fn parse(id: FileId, sources: &Sources) {
    let file = sources.file(id);
    if let Some(dialect) = Dialect::of(&file.path).or_else(|| Dialect::of_first_line(file.text())) {
        script::parse(id, file.text(), dialect);
    }
}

/// Each phase by its own median: a disturbance hits one of them.
fn median(rounds: &[Times]) -> Times {
    std::array::from_fn(|phase| {
        let mut times: Vec<Duration> = rounds.iter().map(|times| times[phase]).collect();
        times.sort();
        times[times.len() / 2]
    })
}

/// The scripts are parsed in linking and checking: their parsing is in the whole once, and in reading.
fn row(times: &Times, name: &str) {
    let [discover, read, scripts, link, check] = times.map(|time| time.as_secs_f64() * 1000.0);
    let ratio = (discover + read + link + check) / (discover + read + scripts);
    println!("{discover:>9.1} {read:>9.1} {scripts:>9.1} {link:>9.1} {check:>9.1} {ratio:>6.2}  {name}");
}

/// Processor time of all threads, where the system tells it (Linux); else nothing passes.
struct Clock {
    last: Duration,
}

impl Clock {
    fn start() -> Clock {
        Clock { last: processor_time() }
    }

    /// The time since the start or the last lap.
    fn lap(&mut self) -> Duration {
        let now = processor_time();
        let passed = now.saturating_sub(self.last);
        self.last = now;
        passed
    }
}

fn processor_time() -> Duration {
    // The system counts the time of a thread up to when it last let go.
    std::thread::yield_now();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// The most memory that this process ever had, where the system says so.
fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}
