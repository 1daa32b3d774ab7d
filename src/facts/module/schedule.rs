//! Work that code starts by the clock: with several replicas it runs as many times.

use super::{Call, FileFacts, Value};
use crate::source::Span;

/// A piece of work that is started by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The library that starts it.
    pub library: &'static str,
    /// Its cron expression or interval, when it is written out.
    pub when: Option<String>,
    /// True when the library makes sure that only one process runs it.
    pub locked: bool,
    /// Bytes of the call.
    pub span: Span,
}

/// A call that schedules: module, member (any when `None`), whether by `new`, whether one process runs it.
type Row = (&'static str, Option<&'static str>, bool, bool);

const ROWS: [Row; 14] = [
    ("node-cron", Some("schedule"), false, false),
    ("cron", Some("CronJob"), true, false),
    ("cron", Some("job"), false, false),
    ("node-schedule", Some("scheduleJob"), false, false),
    ("croner", Some("Cron"), true, false),
    ("croner", Some("Cron"), false, false),
    ("croner", None, true, false),
    ("bree", None, true, false),
    ("toad-scheduler", Some("SimpleIntervalJob"), true, false),
    ("toad-scheduler", Some("LongIntervalJob"), true, false),
    ("toad-scheduler", Some("CronJob"), true, false),
    ("@nestjs/schedule", Some("Cron"), false, false),
    ("@nestjs/schedule", Some("Interval"), false, false),
    ("agenda", None, true, true),
];

/// The scheduled work of a file, in the order of the calls.
pub fn schedules(facts: &FileFacts) -> Vec<Schedule> {
    facts.calls.iter().filter_map(|call| schedule(facts, call)).collect()
}

fn schedule(facts: &FileFacts, call: &Call) -> Option<Schedule> {
    let found = facts.module_member(call.callee)?;
    let fits = |row: &&Row| {
        row.0 == found.module && (row.1.is_none() || row.1 == found.member) && row.2 == call.constructs
    };
    let row = ROWS.iter().find(fits)?;
    let when = facts.argument(call, 0).and_then(|when| match facts.value(facts.resolve(when)) {
        Value::Text(text) => Some(facts.name(text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    Some(Schedule { library: row.0, when, locked: row.3, span: facts.span(call.at) })
}
