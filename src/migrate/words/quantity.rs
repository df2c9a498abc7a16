//! Quantities in the one form that the API server stores.
//!
//! Source: `Quantity.CanonicalizeBytes` of k8s.io/apimachinery `pkg/api/resource`: no fraction, the largest suffix
//! that leaves none, binary suffixes stay binary from 1024 on, and nothing is smaller than a nano-unit.

const NANO: i128 = 1_000_000_000;

/// How a quantity was written, which its canonical form keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Decimal,
    Binary,
    Exponent,
}

/// Returns the canonical form; `None` for what is no quantity, and for sizes beyond all machines.
pub fn canonical(text: &str) -> Option<String> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (unit, format) = unit(suffix)?;
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let scale = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = digits.checked_mul(unit)?;
    // Rounded up, away from zero, as the server does.
    let nano = scaled / scale + i128::from(scaled % scale != 0);
    let text = write(nano, format);
    Some(if negative && nano != 0 { format!("-{text}") } else { text })
}

/// Nano-units of a suffix.
fn unit(suffix: &str) -> Option<(i128, Format)> {
    let decimal = |power: u32| Some((NANO * 10i128.pow(power), Format::Decimal));
    let binary = |power: u32| Some((NANO << power, Format::Binary));
    match suffix {
        "n" => Some((1, Format::Decimal)),
        "u" => Some((1_000, Format::Decimal)),
        "m" => Some((1_000_000, Format::Decimal)),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = u32::try_from(power.checked_add(9)?).ok()?;
            Some((10i128.checked_pow(power)?, Format::Exponent))
        }
    }
}

fn write(nano: i128, format: Format) -> String {
    if nano == 0 {
        return "0".to_owned();
    }
    if format == Format::Binary && nano % NANO == 0 && nano / NANO >= 1024 {
        let mut value = nano / NANO;
        let mut suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].into_iter();
        let mut suffix = suffixes.next().unwrap_or_default();
        while value % 1024 == 0
            && let Some(next) = suffixes.next()
        {
            value /= 1024;
            suffix = next;
        }
        return format!("{value}{suffix}");
    }
    let mut value = nano;
    let mut power = -9;
    while value % 1000 == 0 && power < 18 {
        value /= 1000;
        power += 3;
    }
    let suffix = match (format, power) {
        (_, 0) => String::new(),
        (Format::Exponent, power) => format!("e{power}"),
        (_, -9) => "n".to_owned(),
        (_, -6) => "u".to_owned(),
        (_, -3) => "m".to_owned(),
        (_, 3) => "k".to_owned(),
        (_, 6) => "M".to_owned(),
        (_, 9) => "G".to_owned(),
        (_, 12) => "T".to_owned(),
        (_, 15) => "P".to_owned(),
        (_, _) => "E".to_owned(),
    };
    format!("{value}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the documentation of `Quantity` and its tests.
    #[test]
    fn the_form_is_the_servers() {
        for (written, stored) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            (".25", "250m"),
            ("1", "1"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1Ki", "1Ki"),
            ("0.5Ki", "512"),
            ("0.5Mi", "512Ki"),
            ("1000", "1k"),
            ("1000k", "1M"),
            ("1e3", "1e3"),
            ("1E3", "1e3"),
            ("12e4", "120e3"),
            ("0", "0"),
            ("0m", "0"),
            ("-1.5", "-1500m"),
            ("1500m", "1500m"),
            ("0.0000000001", "1n"),
            ("+5", "5"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(stored), "{written}");
        }
        for wrong in ["", "Mi", "1GB", "1 Gi", "--1", "1.2.3", "1e", "abc", "."] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_canonical_form_of_a_canonical_form_is_itself() {
        for written in ["100m", "1536Mi", "512", "2Gi", "1k", "3u", "7n", "12E", "1e3"] {
            assert_eq!(canonical(written).as_deref(), Some(written));
        }
    }
}
