//! Work that code starts by the clock: with several replicas it runs as many times.

use super::{Call, FileFacts, FunctionId, Value, ValueId, When};
use crate::source::Span;

/// A piece of work that is started by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The library that starts it.
    pub library: &'static str,
    /// Its cron expression or interval, when it is written out.
    pub when: Option<String>,
    /// False where the library is only switched on.
    pub is_job: bool,
    /// True when the library, or the work itself, makes sure that only one process does it.
    pub locked: bool,
    /// True when it runs more than once a minute, as far as `when` tells: nothing but a process can do that.
    pub often: bool,
    /// When the code schedules it.
    pub reached: When,
    /// Bytes of the call.
    pub span: Span,
}

/// What a library counts its first argument in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Cron expressions.
    Cron,
    /// Milliseconds.
    Milliseconds,
    /// It has none that tells how often.
    Other,
}

/// A call that schedules: module, its member (`""` for the module itself), whether by `new`, unit, whether one process
/// runs it.
type Row = (&'static str, &'static str, bool, Unit, bool);

/// From the libraries' own pages on npm, seen on 2026-11-20.
const ROWS: [Row; 20] = [
    ("node-cron", "schedule", false, Unit::Cron, false),
    ("cron", "CronJob", true, Unit::Cron, false),
    ("cron", "CronJob.from", false, Unit::Other, false),
    ("cron", "job", false, Unit::Cron, false),
    ("node-schedule", "scheduleJob", false, Unit::Cron, false),
    ("croner", "Cron", true, Unit::Cron, false),
    ("croner", "Cron", false, Unit::Cron, false),
    ("croner", "", true, Unit::Cron, false),
    ("croner", "", false, Unit::Cron, false),
    ("bree", "", true, Unit::Other, false),
    ("toad-scheduler", "SimpleIntervalJob", true, Unit::Other, false),
    ("toad-scheduler", "LongIntervalJob", true, Unit::Other, false),
    ("toad-scheduler", "CronJob", true, Unit::Other, false),
    ("@nestjs/schedule", "Cron", false, Unit::Cron, false),
    ("@nestjs/schedule", "Interval", false, Unit::Milliseconds, false),
    ("@nestjs/schedule", "ScheduleModule.forRoot", false, Unit::Other, false),
    ("later", "setInterval", false, Unit::Other, false),
    ("agenda", "", true, Unit::Other, true),
    ("agenda", "Agenda", true, Unit::Other, true),
    ("pg-boss", "", true, Unit::Other, true),
];

/// The scheduled work of a file, in the order of the calls.
pub fn schedules(facts: &FileFacts) -> Vec<Schedule> {
    if !facts.imports_any(|module| ROWS.iter().any(|row| row.0 == module)) {
        return Vec::new();
    }
    facts.calls.iter().filter_map(|call| schedule(facts, call)).collect()
}

fn schedule(facts: &FileFacts, call: &Call) -> Option<Schedule> {
    let (module, member) = facts.module_path(call.callee)?;
    let fits = |row: &&Row| row.0 == module && row.1 == member && row.2 == call.constructs;
    let row = ROWS.iter().find(fits)?;
    let arguments = facts.arguments(call);
    // A pattern alone is asked for its next date; a job on one date is no schedule.
    let only_asks = row.0 == "croner" && arguments.len() < 2;
    let on_a_date = arguments.first().is_some_and(|first| {
        facts.call_of(*first).is_some_and(|(_, made)| facts.is_path(made.callee, "Date"))
    });
    if only_asks || on_a_date || row.0 == "cron" && row.1 != "job" && is_at_rest(facts, call) {
        return None;
    }
    let when = arguments.first().and_then(|first| how_often(facts, *first));
    let often = when.as_deref().is_some_and(|when| is_often(when, row.3));
    let locked = row.4 || takes_turns(facts, call);
    let reached = facts.when(call.at.start);
    let is_job = !row.1.ends_with(".forRoot");
    Some(Schedule { library: row.0, when, is_job, locked, often, reached, span: facts.span(call.at) })
}

/// True for a job of `cron` that is only made: nothing in the file tells it, or anything else, to start.
fn is_at_rest(facts: &FileFacts, call: &Call) -> bool {
    let options = facts.argument(call, 0).map(|first| facts.resolve(first));
    let by_option = options.and_then(|options| facts.entry(options, "start").ok().flatten());
    let told = facts.argument(call, 3).or(by_option);
    let is_told = told.is_some_and(|told| {
        !matches!(facts.value(facts.resolve(told)), Value::Null | Value::Undefined | Value::Bool(false))
    });
    !is_told && !facts.text.contains(".start")
}

/// `"0 3 * * *"`, `86400000`, `CronExpression.EVERY_WEEK`.
fn how_often(facts: &FileFacts, value: ValueId) -> Option<String> {
    match facts.value(facts.resolve(value)) {
        Value::Text(text) => Some(facts.name(text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Member { property, .. } if facts.name(property).starts_with("EVERY_") => {
            Some(facts.name(property).to_owned())
        }
        _ => None,
    }
}

/// True for what runs more than once a minute, or in whose expression the seconds are counted.
fn is_often(when: &str, unit: Unit) -> bool {
    match unit {
        Unit::Milliseconds => when.parse::<f64>().is_ok_and(|milliseconds| milliseconds < 60_000.0),
        Unit::Cron => {
            let fields: Vec<&str> = when.split_whitespace().collect();
            let by_seconds = fields.len() == 6 && fields[0].contains(['*', '/', ',', '-']);
            by_seconds || when.starts_with("EVERY_") && when.ends_with(['D', 'S']) && when.contains("SECOND")
        }
        Unit::Other => false,
    }
}

/// True when the work asks for a lock, or whether it is the leader, before it begins: by the names of what it calls.
fn takes_turns(facts: &FileFacts, call: &Call) -> bool {
    let says_so = |callee: ValueId| {
        let path = facts.path(callee).unwrap_or_default().to_ascii_lowercase();
        ["lock", "leader", "mutex", "semaphore"].iter().any(|word| path.contains(word))
            && !path.contains("unblock")
            && !path.contains("blocklist")
    };
    let given = facts.arguments(call).iter().filter_map(|argument| facts.function_of(*argument));
    let method = facts.members.iter().find(|member| {
        let decorators = &facts.decorators[member.decorators.range()];
        decorators.iter().any(|decorator| {
            matches!(facts.value(*decorator), Value::Call(made) if facts.call(made).at == call.at)
        })
    });
    let decorated = method.and_then(|member| facts.function_of(member.value));
    let mut work: Vec<FunctionId> = given.chain(decorated).collect();
    work.dedup();
    let in_work = work.iter().any(|function| {
        facts.calls[facts.function(*function).calls.range()].iter().any(|inner| says_so(inner.callee))
    });
    let beside = method.is_some_and(|member| {
        facts.decorators[member.decorators.range()].iter().any(|decorator| says_so(*decorator))
    });
    in_work || beside
}
