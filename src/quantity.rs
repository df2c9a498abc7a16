//! Kubernetes quantities as numbers that can be compared and added up.

use std::cmp::Ordering;

/// A quantity that is not negative, exact to a nano-unit where that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(u128);

/// Bytes in a mebibyte.
const MEBI: u128 = 1 << 20;

/// Nano-units in one.
const NANO: u128 = 1_000_000_000;

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Returns a whole number.
    pub fn of(number: u64) -> Self {
        Self(u128::from(number) * NANO)
    }

    /// Adds another one. Beyond all sizes it stays there.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Takes it some times.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(u128::from(count)))
    }

    /// Takes some percent of it, rounded up to a nano-unit.
    #[must_use]
    pub fn percent(self, percent: u64) -> Self {
        Self(self.times(percent).0.div_ceil(100))
    }

    /// Writes it as cores or thousandths of one, rounded up.
    pub fn in_millis(self) -> String {
        let millis = self.0.div_ceil(NANO / 1000);
        if millis.is_multiple_of(1000) { (millis / 1000).to_string() } else { format!("{millis}m") }
    }

    /// Writes it as `Gi` where that is whole, else as `Mi`, rounded up.
    pub fn in_mebibytes(self) -> String {
        let mebibytes = self.0.div_ceil(NANO * MEBI);
        match mebibytes {
            0 => "0".to_owned(),
            _ if mebibytes.is_multiple_of(1024) => format!("{}Gi", mebibytes / 1024),
            _ => format!("{mebibytes}Mi"),
        }
    }

    /// Parses what the schema's `quantity` format accepts; `None` for anything else and for numbers
    /// beyond all sizes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits_end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits_end);
        let (numerator, denominator) = match suffix {
            "" => (NANO, 1),
            "n" => (1, 1),
            "u" => (1_000, 1),
            "m" => (1_000_000, 1),
            "k" => (NANO * 1_000, 1),
            "M" => (NANO * 1_000_000, 1),
            "G" => (NANO * 1_000_000_000, 1),
            "T" => (NANO * 1_000_000_000_000, 1),
            "P" => (NANO * 1_000_000_000_000_000, 1),
            "E" => (NANO * 1_000_000_000_000_000_000, 1),
            "Ki" => (NANO << 10, 1),
            "Mi" => (NANO << 20, 1),
            "Gi" => (NANO << 30, 1),
            "Ti" => (NANO << 40, 1),
            "Pi" => (NANO << 50, 1),
            "Ei" => (NANO << 60, 1),
            exponent => {
                let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
                let power = 10u128.checked_pow(exponent.unsigned_abs())?;
                if exponent < 0 { (NANO, power) } else { (NANO.checked_mul(power)?, 1) }
            }
        };
        let number = number.strip_prefix('+').unwrap_or(number);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self(digits.checked_mul(numerator)? / denominator.checked_mul(scale)?))
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_quantities_in_other_words() {
        for (one, other) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1k", "1000"),
            ("1e3", "1k"),
            (".5", "0.50"),
            ("2E3", "2e3"),
        ] {
            assert_eq!(Quantity::parse(one), Quantity::parse(other), "{one} {other}");
            assert!(Quantity::parse(one).is_some(), "{one}");
        }
        assert!(Quantity::parse("1Gi") > Quantity::parse("1G"));
        assert_eq!(Quantity::parse("1GB"), None);
    }

    #[test]
    fn sums_are_exact_and_written_rounded_up() {
        let quantity = |text: &str| Quantity::parse(text).expect("a quantity");
        assert_eq!(quantity("0.1").plus(quantity("200m")).times(10).in_millis(), "3");
        assert_eq!(quantity("100u").in_millis(), "1m");
        assert_eq!(quantity("1500m").percent(120).in_millis(), "1800m");
        assert_eq!(quantity("512Mi").times(3).in_mebibytes(), "1536Mi");
        assert_eq!(quantity("512Mi").times(4).in_mebibytes(), "2Gi");
        assert_eq!(quantity("1M").in_mebibytes(), "1Mi");
        assert_eq!(quantity("3").percent(110).in_millis(), "3300m");
        assert_eq!(Quantity::ZERO.in_mebibytes(), "0");
    }
}
