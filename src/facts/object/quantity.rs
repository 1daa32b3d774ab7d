//! Quantities of Kubernetes (`500m`, `1.5Gi`, `1e3`), as resources, claims and quotas are written.

/// An amount in thousandths of its unit (a CPU, a byte): the finest that Kubernetes keeps for either is a milli.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// Thousandths, rounded up as the API does.
    pub milli: i128,
    /// True when it was written with the suffix `m`: for memory that is nearly always a mistake.
    pub in_milli: bool,
}

impl Quantity {
    /// Whole units, rounded up: bytes of memory.
    pub fn units(self) -> i128 {
        self.milli.div_euclid(1000) + i128::from(self.milli.rem_euclid(1000) != 0)
    }

    /// Thousandths: millicores of CPU.
    pub fn milli(self) -> i128 {
        self.milli
    }
}

/// Reads a quantity: a decimal number and a suffix (`n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`) or an exponent.
/// Source: the grammar in the API documentation of `resource.Quantity`.
pub fn parse(text: &str) -> Option<Quantity> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || number.len() > 30 {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (binary, decimal) = scale(suffix)?;
    // value = digits × 2^binary × 10^(decimal − fraction digits), in thousandths.
    let exponent = decimal - fraction.len() as i32 + 3;
    let scaled = digits.checked_mul(1_i128.checked_shl(binary)?)?;
    let milli = if exponent >= 0 {
        scaled.checked_mul(10_i128.checked_pow(exponent as u32)?)?
    } else {
        let divisor = 10_i128.checked_pow(exponent.unsigned_abs())?;
        scaled.checked_add(divisor - 1)? / divisor
    };
    Some(Quantity { milli: if negative { -milli } else { milli }, in_milli: suffix == "m" })
}

/// The powers of two and of ten that a suffix stands for.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    Some(match suffix {
        "" => (0, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            (-30..=30).contains(&exponent).then_some((0, exponent))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_the_api_reads_them() {
        let milli = |text: &str| parse(text).map(|quantity| quantity.milli);
        assert_eq!(milli("500m"), Some(500));
        assert_eq!(milli("0.1"), Some(100));
        assert_eq!(milli("2"), Some(2000));
        assert_eq!(milli("1e3"), Some(1_000_000));
        assert_eq!(milli("1E"), Some(10_i128.pow(21)));
        assert_eq!(milli("-1"), Some(-1000));
        assert_eq!(milli("1u"), Some(1));
        assert_eq!(milli("12345678901234567890123456789012"), None);
        assert_eq!(milli("1.2.3"), None);
        assert_eq!(milli("512MB"), None);
        assert_eq!(milli(""), None);
        assert_eq!(milli("."), None);
        assert_eq!(parse("1.5Gi").map(Quantity::units), Some(1_610_612_736));
        assert_eq!(parse("128974848").map(Quantity::units), Some(128_974_848));
        assert_eq!(parse("512m").map(|quantity| (quantity.units(), quantity.in_milli)), Some((1, true)));
    }
}
