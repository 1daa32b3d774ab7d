//! HEALTHCHECK: its test and its times.

use std::time::Duration;

use crate::source::Spanned;

use super::flags::{Allowed, check_flags};
use super::kind::Healthcheck;
use super::tree::{Args, Flag, Instruction};
use super::typed::{Fault, too_few};

/// Reads HEALTHCHECK.
pub(super) fn healthcheck(instruction: &Instruction) -> Result<Healthcheck, Fault> {
    let Args::Health(word, rest) = &instruction.args else {
        return Err(too_few(instruction, "NONE, or CMD and a command"));
    };
    if word.value.eq_ignore_ascii_case("NONE") {
        // BuildKit does not look at the flags of NONE.
        return match **rest {
            Args::None => Ok(none()),
            _ => {
                Err(Fault::new(word.span, "HEALTHCHECK NONE takes no arguments: the build stops here", None))
            }
        };
    }
    let times = ["interval", "timeout", "start-period", "start-interval", "retries"];
    check_flags(instruction, &times.map(|name| (name, Allowed::Text)))?;
    if !word.value.eq_ignore_ascii_case("CMD") {
        let message = format!("HEALTHCHECK takes NONE or CMD, not {:?}: the build stops here", word.value);
        return Err(Fault::new(word.span, message, "write HEALTHCHECK CMD and the command"));
    }
    if **rest == Args::None || matches!(&**rest, Args::Json(items) if items.is_empty()) {
        return Err(Fault::new(word.span, "HEALTHCHECK CMD lacks a command: the build stops here", None));
    }
    let time = |name| instruction.flag(name).map_or(Ok(None), duration);
    Ok(Healthcheck {
        enabled: true,
        interval: time("interval")?,
        timeout: time("timeout")?,
        start_period: time("start-period")?,
        start_interval: time("start-interval")?,
        retries: instruction.flag("retries").map_or(Ok(None), retries)?,
    })
}

fn none() -> Healthcheck {
    Healthcheck {
        enabled: false,
        interval: None,
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: None,
    }
}

fn duration(flag: &Flag) -> Result<Option<Spanned<Duration>>, Fault> {
    let Some(text) = flag.spanned().filter(|text| !text.value.is_empty()) else { return Ok(None) };
    // Docker refuses times from 1 ns to 1 ms; zero stands for the default.
    match parse_duration(&text.value) {
        Some(time) if time.is_zero() || time >= Duration::from_millis(1) => Ok(Some(text.map(|_| time))),
        _ => {
            let message =
                format!("{:?} is no time that --{} takes: the build stops here", text.value, flag.name());
            Err(Fault::new(text.span, message, "write a number with a unit, such as 30s or 1m30s"))
        }
    }
}

fn retries(flag: &Flag) -> Result<Option<Spanned<u32>>, Fault> {
    let Some(text) = flag.spanned().filter(|text| !text.value.is_empty()) else { return Ok(None) };
    match text.value.parse::<i32>().ok().and_then(|number| u32::try_from(number).ok()) {
        Some(number) => Ok(Some(text.map(|_| number))),
        None => {
            let message = format!("{:?} is no number of retries: the build stops here", text.value);
            Err(Fault::new(text.span, message, None))
        }
    }
}

/// A time as Go's time.ParseDuration reads it (`1m30s`, `1.5h`), negative ones excepted.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" || rest == "-0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds = 0f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        nanoseconds += number * unit;
        rest = &rest[letters..];
    }
    // Go's durations are 63 bits of nanoseconds.
    (nanoseconds < i64::MAX as f64).then(|| Duration::from_nanos(nanoseconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_go_reads_them() {
        assert_eq!(parse_duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("0"), Some(Duration::ZERO));
        for bad in ["", "30", "s", "1d", "-1s", "1s x"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
