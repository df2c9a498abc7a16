//! The grammars of names: `apimachinery/pkg/util/validation` of Kubernetes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A grammar of texts.
#[derive(Debug)]
pub(super) struct Grammar {
    /// What a text of it is called.
    pub(super) noun: &'static str,
    /// Says why a text is none.
    pub(super) check: fn(&str) -> Result<(), &'static str>,
}

/// `IsDNS1123Label`.
pub(super) static DNS_LABEL: Grammar = Grammar { noun: "DNS label", check: dns_label };
/// `IsDNS1035Label`.
pub(super) static DNS_1035: Grammar = Grammar { noun: "DNS label (RFC 1035)", check: dns_1035 };
/// `IsDNS1123Subdomain`.
pub(super) static SUBDOMAIN: Grammar = Grammar { noun: "DNS name", check: subdomain };
/// `IsDNS1123SubdomainWithUnderscore`.
pub(super) static SEARCH_DOMAIN: Grammar = Grammar { noun: "DNS name", check: search_domain };
/// `IsWildcardDNS1123Subdomain`.
pub(super) static WILDCARD: Grammar = Grammar { noun: "wildcard DNS name", check: wildcard };
/// `IsQualifiedName`.
pub(super) static QUALIFIED: Grammar = Grammar { noun: "qualified name", check: qualified };
/// `IsQualifiedName`, as a label's key.
pub(super) static LABEL_KEY: Grammar = Grammar { noun: "label key", check: qualified };
/// `IsQualifiedName` of the text in lower case.
pub(super) static ANNOTATION_KEY: Grammar =
    Grammar { noun: "annotation key", check: |text| qualified(&text.to_ascii_lowercase()) };
/// `IsValidLabelValue`.
pub(super) static LABEL_VALUE: Grammar = Grammar { noun: "label value", check: label_value };
/// `IsValidPortName`.
pub(super) static PORT_NAME: Grammar = Grammar { noun: "port name", check: port_name };
/// `IsEnvVarName`.
pub(super) static ENV_NAME: Grammar = Grammar { noun: "name of a variable", check: env_name };
/// `IsRelaxedEnvVarName`.
pub(super) static RELAXED_ENV_NAME: Grammar = Grammar { noun: "name of a variable", check: relaxed_env_name };
/// `IsConfigMapKey`.
pub(super) static CONFIG_KEY: Grammar = Grammar { noun: "key of a ConfigMap or Secret", check: config_key };
/// `IsHTTPHeaderName`.
pub(super) static HEADER: Grammar = Grammar { noun: "name of a header", check: header };
/// `IsValidPathSegmentName`.
pub(super) static SEGMENT: Grammar = Grammar { noun: "path segment", check: segment };
/// `IsValidPercent`.
pub(super) static PERCENT: Grammar = Grammar { noun: "percentage", check: percent };
/// `IsValidIPForLegacyField`.
pub(super) static IP: Grammar = Grammar {
    noun: "IP address",
    check: |text| ip(text).map(drop).ok_or("write it as in `10.0.0.1` or `fd00::1`"),
};
/// `IsValidCIDRForLegacyField`.
pub(super) static CIDR: Grammar =
    Grammar { noun: "network", check: |text| cidr(text).map(drop).ok_or("write it as in `10.0.0.0/8`") };

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Tells whether a text has only bytes that may stand inside, and at both ends only such as may stand there.
fn framed(text: &str, inside: fn(u8) -> bool, ends: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| ends(*byte))
        && bytes.last().is_some_and(|byte| ends(*byte))
        && bytes.iter().all(|byte| inside(*byte))
}

fn dns_label(text: &str) -> Result<(), &'static str> {
    if text.len() > 63 {
        return Err("it has more than 63 characters");
    }
    let fits = framed(text, |byte| is_lower(byte) || byte == b'-', is_lower);
    if fits { Ok(()) } else { Err("it has only `a-z`, `0-9` and `-`, with a letter or digit at both ends") }
}

fn dns_1035(text: &str) -> Result<(), &'static str> {
    dns_label(text)?;
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        Err("it begins with a letter")
    } else {
        Ok(())
    }
}

fn subdomain(text: &str) -> Result<(), &'static str> {
    if text.len() > 253 {
        return Err("it has more than 253 characters");
    }
    let fits = |label: &str| framed(label, |byte| is_lower(byte) || byte == b'-', is_lower);
    if text.split('.').all(fits) {
        Ok(())
    } else {
        Err("it has only `a-z`, `0-9`, `-` and `.`, with a letter or digit at both ends of each part")
    }
}

fn search_domain(text: &str) -> Result<(), &'static str> {
    if text.len() > 253 {
        return Err("it has more than 253 characters");
    }
    let fits = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        framed(label, |byte| is_lower(byte) || matches!(byte, b'-' | b'_'), is_lower)
    };
    if text.split('.').all(fits) { Ok(()) } else { Err("it has only `a-z`, `0-9`, `-`, `_` and `.`") }
}

fn wildcard(text: &str) -> Result<(), &'static str> {
    let rest =
        text.strip_prefix("*.").ok_or("a `*` stands alone as the first part, as in `*.example.com`")?;
    subdomain(rest)?;
    if text.len() > 253 { Err("it has more than 253 characters") } else { Ok(()) }
}

fn is_name(text: &str) -> bool {
    framed(
        text,
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
        |byte| byte.is_ascii_alphanumeric(),
    )
}

const NAME: &str = "it has only letters, digits, `-`, `_` and `.`, with a letter or digit at both ends";

/// `IsQualifiedName`.
pub(super) fn qualified(text: &str) -> Result<(), &'static str> {
    let name = match text.split_once('/') {
        None => text,
        Some((prefix, name)) => {
            subdomain(prefix).map_err(|_| "what stands before its `/` is a DNS name")?;
            name
        }
    };
    if name.len() > 63 {
        return Err("it has more than 63 characters after its prefix");
    }
    if is_name(name) { Ok(()) } else { Err(NAME) }
}

fn label_value(text: &str) -> Result<(), &'static str> {
    if text.len() > 63 {
        return Err("it has more than 63 characters");
    }
    if text.is_empty() || is_name(text) { Ok(()) } else { Err(NAME) }
}

fn port_name(text: &str) -> Result<(), &'static str> {
    if text.len() > 15 {
        return Err("it has more than 15 characters");
    }
    if !framed(text, |byte| is_lower(byte) || byte == b'-', is_lower) {
        return Err("it has only `a-z`, `0-9` and `-`, with a letter or digit at both ends");
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Err("it has a letter");
    }
    if text.contains("--") { Err("it has no two `-` in a row") } else { Ok(()) }
}

/// `hasChDirPrefix`.
fn no_parent(text: &str) -> Result<(), &'static str> {
    match text {
        "." | ".." => Err("it leads to another directory"),
        _ if text.starts_with("..") => Err("it does not begin with `..`"),
        _ => Ok(()),
    }
}

fn env_name(text: &str) -> Result<(), &'static str> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let digit = text.starts_with(|first: char| first.is_ascii_digit());
    if text.is_empty() || digit || !text.bytes().all(inside) {
        return Err("it has only letters, digits, `_`, `-` and `.`, and no digit first");
    }
    no_parent(text)
}

fn relaxed_env_name(text: &str) -> Result<(), &'static str> {
    let fits = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=');
    if fits && !text.is_empty() { Ok(()) } else { Err("it has only printable ASCII characters and no `=`") }
}

fn config_key(text: &str) -> Result<(), &'static str> {
    if text.len() > 253 {
        return Err("it has more than 253 characters");
    }
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(inside) {
        return Err("it has only letters, digits, `-`, `_` and `.`");
    }
    no_parent(text)
}

fn header(text: &str) -> Result<(), &'static str> {
    let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits && !text.is_empty() { Ok(()) } else { Err("it has only letters, digits and `-`") }
}

fn segment(text: &str) -> Result<(), &'static str> {
    if matches!(text, "." | "..") || text.contains(['/', '%']) {
        return Err("it has no `/` and no `%`, and is not `.` or `..`");
    }
    Ok(())
}

fn percent(text: &str) -> Result<(), &'static str> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(()) } else { Err("write digits and `%`, as in `25%`") }
}

/// `ParseIPSloppy`: an address, with leading zeros in parts of the older kind.
pub(super) fn ip(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let mut parts = [0; 4];
    let mut count = 0;
    for part in text.split('.') {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *parts.get_mut(count)? = part
            .trim_start_matches('0')
            .parse::<u8>()
            .or(match part.trim_matches('0') {
                "" if digits => Ok(0),
                _ => Err(()),
            })
            .ok()
            .filter(|_| digits)?;
        count += 1;
    }
    (count == 4).then(|| IpAddr::V4(Ipv4Addr::from(parts)))
}

/// A network as its first address and the length of its mask: `ParseCIDRSloppy`.
pub(super) fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address = ip(address)?;
    let digits = !length.is_empty() && length.len() <= 3 && length.bytes().all(|byte| byte.is_ascii_digit());
    let length: u8 = length.parse().ok().filter(|_| digits)?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    (length <= bits).then(|| (network(address, length), length))
}

/// The first address of the network that an address lies in.
pub(super) fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }
}
