//! How the whole check grows: a generated monorepo of 50, 200 and 800 services, time by phase and peak memory.
//!
//! Reading is the walk, the texts, every tree and the facts of it that `read` draws, and each script that the check
//! looks into, parsed alone (the check reads scripts when a rule first asks, so their parsing is in the whole as well).
//! Each size runs in a process of its own, so that its peak memory is its own. Figures are printed, nothing is
//! asserted: `cargo bench --bench scale`.

#![allow(clippy::print_stdout)]

mod monorepo;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use plimsoll::check::{Config, check};
use plimsoll::date::Date;
use plimsoll::discover::{Options, discover};
use plimsoll::model::{Project, read};
use plimsoll::rules::RuleSet;
use plimsoll::source::{FileId, Sources};
use plimsoll::syntax::script::{self, Dialect};
use rayon::prelude::*;

const SIZES: [usize; 3] = [50, 200, 800];
const RUNS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--measure"), Some(folder)) => measure(Path::new(&folder)),
        _ => table(),
    }
}

/// Generates each size, measures it in a child process and prints the rows and their ratios.
fn table() {
    println!("services  files  read+parse ms  whole ms  whole/read+parse  findings  peak MB");
    let mut rows = Vec::new();
    for services in SIZES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = monorepo::write(folder.path(), services).expect("the monorepo can be written");
        let this = std::env::current_exe().expect("the path of this bench");
        let output =
            Command::new(this).arg("--measure").arg(folder.path()).output().expect("a child process");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut fields = text.split_whitespace().filter_map(|field| field.parse::<f64>().ok());
        let [reading, whole, findings, peak] = std::array::from_fn(|_| fields.next().unwrap_or(f64::NAN));
        println!(
            "{services:>8} {files:>6} {reading:>14.1} {whole:>9.1} {:>17.2} {findings:>9} {peak:>8.1}",
            whole / reading
        );
        rows.push((whole, peak));
    }
    let (small, large) = (rows[0], rows[rows.len() - 1]);
    println!("time(800)/time(50) {:.1}, memory(800)/memory(50) {:.1}", large.0 / small.0, large.1 / small.1);
}

/// Prints the median times of reading and of the whole check, the number of findings, and the peak memory in MB.
fn measure(folder: &Path) {
    let mut reading = Vec::new();
    let mut whole = Vec::new();
    let mut findings = 0;
    let as_of = Date::new(2026, 11, 20).expect("a day");
    let config = Config::on(as_of);
    for _ in 0..RUNS {
        let start = Instant::now();
        let discovery = discover(folder, &Options::default()).expect("the monorepo can be read");
        let files = read::read(discovery);
        let read = start.elapsed();
        let project = Project::link(files);
        findings = check(&project, &RuleSet::default(), &config).findings.len();
        whole.push(start.elapsed());
        let start = Instant::now();
        let scripts: Vec<FileId> = project.scripts.drawn().collect();
        scripts.into_par_iter().for_each(|file| parse(file, &project.sources));
        reading.push(read + start.elapsed());
    }
    println!("{} {} {findings} {}", median(reading), median(whole), peak_megabytes());
}

fn parse(id: FileId, sources: &Sources) {
    let file = sources.file(id);
    if let Some(dialect) = Dialect::of(&file.path) {
        script::parse(id, file.text(), dialect);
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// The most memory that this process ever had, where the system says so.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}
