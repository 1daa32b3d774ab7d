//! Days of the calendar: for end-of-life judgements and for suppressions that run out. Nothing in the crate but the
//! command line asks the clock.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar. The order is that of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, when there is such a day.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        if month == 0 || month > 12 || day == 0 || day > days_of(year, month) || year > 9999 {
            return None;
        }
        Some(Date { year, month, day })
    }

    /// The day that lies this many days after 1 January 1970, as clocks count; the last day that can be written
    /// when it is later than that.
    pub fn from_unix_days(days: u64) -> Date {
        let mut rest = days;
        let mut year = 1970;
        while year < 9999 && rest >= days_of_year(year) {
            rest -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while month < 12 && rest >= u64::from(days_of(year, month)) {
            rest -= u64::from(days_of(year, month));
            month += 1;
        }
        Date { year, month, day: rest.min(30) as u8 + 1 }
    }

    /// Days since 1 January of the year 0: the difference of two such numbers is the days between them.
    pub fn number(self) -> i64 {
        let years = i64::from(self.year);
        let leaps = if years == 0 { 0 } else { (years - 1) / 4 - (years - 1) / 100 + (years - 1) / 400 + 1 };
        let months: i64 = (1..self.month).map(|month| i64::from(days_of(self.year, month))).sum();
        years * 365 + leaps + months + i64::from(self.day) - 1
    }

    /// Days from this day to `later`; negative when it lies before.
    pub fn days_until(self, later: Date) -> i64 {
        later.number() - self.number()
    }
}

const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn is_leap(year: u16) -> bool {
    (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
}

fn days_of_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let fault = || format!("{text:?} is no day: write YYYY-MM-DD");
        let bytes = text.as_bytes();
        let shape = bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if bytes.len() != 10 || !shape {
            return Err(fault());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap_or(0);
        Date::new(number(0..4), number(5..7) as u8, number(8..10) as u8).ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_counted() {
        let day = |text: &str| text.parse::<Date>();
        assert_eq!(day("2026-11-20").unwrap().to_string(), "2026-11-20");
        for wrong in ["2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-00", "2026-01-0é", ""] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Date::from_unix_days(0), day("1970-01-01").unwrap());
        assert_eq!(Date::from_unix_days(20_777), day("2026-11-20").unwrap());
        assert_eq!(day("2024-02-28").unwrap().days_until(day("2024-03-01").unwrap()), 2);
        assert_eq!(day("1970-01-01").unwrap().days_until(Date::from_unix_days(20_777)), 20_777);
        assert_eq!(Date::from_unix_days(u64::MAX >> 20).to_string(), "9999-12-31");
    }
}
