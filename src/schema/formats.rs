//! The custom string formats of our schemas, each with the words for its refusal.

use crate::image::ImageRef;
use crate::moment::{self, Moment};

/// One custom format.
pub(super) struct Format {
    /// What the schema calls it.
    pub(super) name: &'static str,
    /// What a user calls it, with its article.
    pub(super) noun: &'static str,
    /// Says what is wrong, as a fragment after "because".
    pub(super) check: fn(&str) -> Result<(), String>,
    /// A good one.
    pub(super) example: &'static str,
}

/// All custom formats.
pub(super) static FORMATS: &[Format] = &[
    Format {
        name: "image-reference",
        noun: "an image reference",
        check: |text| ImageRef::parse(text).map(drop).map_err(|error| error.to_string()),
        example: "registry.example/team/payments:v2.0.0",
    },
    Format { name: "host", noun: "a host name", check: check_host, example: "payments.customer-a.example" },
    Format { name: "path-prefix", noun: "a path prefix", check: check_path_prefix, example: "/payments" },
    Format { name: "path", noun: "a path", check: check_path, example: "/api" },
    Format { name: "cidr", noun: "a network", check: check_cidr, example: "10.0.0.0/8" },
    Format {
        name: "relative-path",
        noun: "a path inside the API's directory",
        check: check_relative_path,
        example: "config/application.yaml",
    },
    Format { name: "day", noun: "a day", check: |text| moment::day(text).map(drop), example: "2027-06-30" },
    Format {
        name: "moment",
        noun: "a day or a moment",
        check: |text| Moment::start(text).map(drop),
        example: "2026-12-20T18:00:00Z",
    },
    Format { name: "quantity", noun: "a quantity", check: check_quantity, example: "512Mi" },
];

/// Finds a format by the schema's name for it.
pub(super) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Checks a lower-case DNS name, as the API server does for hosts (RFC 1123 subdomain).
///
/// # Errors
/// Says what is wrong with it.
pub fn check_host(text: &str) -> Result<(), String> {
    if text.len() > 253 {
        return Err("it is longer than 253 characters".to_owned());
    }
    if text.contains("://") {
        return Err("it is a URL; write the host alone".to_owned());
    }
    if text.contains(':') {
        return Err("it names a port; write the host alone".to_owned());
    }
    if text.contains('*') {
        return Err("wildcards are not served".to_owned());
    }
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Err("it is an IP address".to_owned());
    }
    for label in text.split('.') {
        if label.is_empty() {
            return Err("a part between dots is empty".to_owned());
        }
        if label.len() > 63 {
            return Err("a part between dots is longer than 63 characters".to_owned());
        }
        if label.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err("it has upper-case letters".to_owned());
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err("it has characters other than letters, digits, `-` and `.`".to_owned());
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("a part between dots starts or ends with `-`".to_owned());
        }
    }
    Ok(())
}

/// Checks a prefix that every router can match and strip: no regex, no trailing slash, no dots.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_path_prefix(text: &str) -> Result<(), String> {
    let Some(rest) = text.strip_prefix('/') else {
        return Err("it does not start with `/`".to_owned());
    };
    if rest.is_empty() {
        return Err("`/` would take the whole host".to_owned());
    }
    for segment in rest.split('/') {
        match segment {
            "" if text.ends_with('/') => return Err("it ends with `/`".to_owned()),
            "" => return Err("it contains `//`".to_owned()),
            "." | ".." => return Err("it contains dot segments".to_owned()),
            _ => {}
        }
        if !segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~')) {
            return Err("it has characters other than letters, digits, `-`, `_`, `.` and `~`".to_owned());
        }
    }
    Ok(())
}

/// Checks a path of a host: a prefix, or `/` for the whole host.
///
/// # Errors
/// Says what is wrong with it.
fn check_path(text: &str) -> Result<(), String> {
    if text == "/" { Ok(()) } else { check_path_prefix(text) }
}

/// Checks a network in CIDR form.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_cidr(text: &str) -> Result<(), String> {
    let Some((address, length)) = text.split_once('/') else {
        return Err("it names no length after a `/`".to_owned());
    };
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return Err(format!("`{address}` is no IP address"));
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    // `u8` would read a sign too.
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse::<u8>() {
        Ok(length) if digits && length <= most => Ok(()),
        _ => Err(format!("its length is not between 0 and {most}")),
    }
}

/// Checks a path that stays inside the API's directory, lexically.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_relative_path(text: &str) -> Result<(), String> {
    if text.starts_with('/') {
        return Err("it is absolute".to_owned());
    }
    if text.contains('\\') {
        return Err("it contains `\\`; write `/`".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("it contains a control character".to_owned());
    }
    // Kustomize splits its entries at `=`.
    if text.contains('=') {
        return Err("it contains `=`, which Kustomize cannot take in a file name".to_owned());
    }
    if text.to_lowercase().rsplit('/').next().is_some_and(|name| name.starts_with("kustomization")) {
        return Err("onramp writes the files of that name itself".to_owned());
    }
    for segment in text.split('/') {
        match segment {
            "" => return Err("a part of it is empty".to_owned()),
            "." | ".." => return Err("it contains `.` or `..`".to_owned()),
            _ => {}
        }
    }
    Ok(())
}

/// Tells whether a path could lead out of the directory that it is seen from.
pub(super) fn leaves(path: &str) -> bool {
    path.starts_with('/') || path.split(['/', '\\']).any(|segment| segment == "..")
}

/// Checks a Kubernetes quantity by the grammar of `k8s.io/apimachinery/pkg/api/resource`, and that it
/// is not negative.
fn check_quantity(text: &str) -> Result<(), String> {
    if text.contains(char::is_whitespace) {
        return Err("it contains a blank".to_owned());
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &text[number.len()..];
    // `1e3` and `1E3`: the exponent's digits stand behind its letter.
    let (number, suffix) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) if suffix.is_empty() => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err("its exponent is not a number".to_owned());
            }
            (mantissa, "")
        }
        _ => (number, suffix),
    };
    if number.starts_with('-') {
        return Err("it is negative".to_owned());
    }
    let digits = number.strip_prefix('+').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty())
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return Err("it does not start with a number".to_owned());
    }
    match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi"
        | "Ei" => Ok(()),
        "K" => Err("its unit is unknown; write `k` or `Ki`".to_owned()),
        "mi" | "MI" | "MB" | "Mb" | "MiB" => Err("its unit is unknown; write `Mi` or `M`".to_owned()),
        "gi" | "GI" | "GB" | "Gb" | "GiB" => Err("its unit is unknown; write `Gi` or `G`".to_owned()),
        _ => Err("its unit is unknown; units are m, k, M, G, T and Ki, Mi, Gi, Ti".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_fits_its_format() {
        for format in FORMATS {
            assert_eq!((format.check)(format.example), Ok(()), "{}", format.name);
        }
    }

    #[test]
    fn quantities() {
        for good in ["0", "1", "0.5", ".5", "5.", "250m", "1Gi", "1e3", "1E3", "1e-3", "+1", "2E"] {
            assert_eq!(check_quantity(good), Ok(()), "{good}");
        }
        for bad in ["", "-1", "1GB", "1 Gi", "Gi", "1e", "0x1", "1_000", "half", "1.2.3", "1Mi2"] {
            assert!(check_quantity(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_that_leave_the_directory() {
        for bad in ["../x", "a/../b", "/etc/passwd", "./a", "a//b", "", "a\\b", "a=b", "a\nb"] {
            assert!(check_relative_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn prefixes_that_no_router_agrees_on() {
        for bad in ["payments", "/", "/a/", "/a//b", "/a/../b", "/a(b)", "/a b", "/%2F", "/ä"] {
            assert!(check_path_prefix(bad).is_err(), "{bad}");
        }
    }
}
