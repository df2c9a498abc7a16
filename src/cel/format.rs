//! `format`: named formats of texts.
//!
//! Source: `library/format.go` of `k8s.io/apiserver`, and `util/validation` of `k8s.io/apimachinery` for what each means.

use std::sync::LazyLock;

use regex::Regex;

use super::functions::{Call, Refusal};
use super::machine::Machine;
use super::value::Value;
use super::{time, url};

type Done<'a> = Result<Value<'a>, Refusal>;

/// A format.
#[derive(Debug)]
pub struct Format {
    /// Its name.
    pub(super) name: &'static str,
    /// Makes it.
    pub(super) made: Call,
    /// Says what is wrong with a text.
    check: fn(&str) -> Vec<String>,
}

const fn format(name: &'static str, made: Call, check: fn(&str) -> Vec<String>) -> Format {
    Format { name, made, check }
}

static LABEL: Format = format("dns1123Label", |_, _| Ok(Value::Format(&LABEL)), |text| label(text, false));
static LABEL_PREFIX: Format =
    format("dns1123LabelPrefix", |_, _| Ok(Value::Format(&LABEL_PREFIX)), |text| label(text, true));
static SUBDOMAIN: Format =
    format("dns1123Subdomain", |_, _| Ok(Value::Format(&SUBDOMAIN)), |text| subdomain(text, false));
static SUBDOMAIN_PREFIX: Format = format(
    "dns1123SubdomainPrefix",
    |_, _| Ok(Value::Format(&SUBDOMAIN_PREFIX)),
    |text| subdomain(text, true),
);
static LABEL_1035: Format =
    format("dns1035Label", |_, _| Ok(Value::Format(&LABEL_1035)), |text| label_1035(text, false));
static LABEL_1035_PREFIX: Format =
    format("dns1035LabelPrefix", |_, _| Ok(Value::Format(&LABEL_1035_PREFIX)), |text| label_1035(text, true));
static QUALIFIED: Format = format("qualifiedName", |_, _| Ok(Value::Format(&QUALIFIED)), qualified);
static LABEL_VALUE: Format = format("labelValue", |_, _| Ok(Value::Format(&LABEL_VALUE)), label_value);
static URI: Format =
    format("uri", |_, _| Ok(Value::Format(&URI)), |text| unless(url::is_valid(text), "it is no URI"));
static UUID: Format = format(
    "uuid",
    |_, _| Ok(Value::Format(&UUID)),
    |text| unless(UUIDS.is_match(text), "does not match the UUID format"),
);
static BYTE: Format =
    format("byte", |_, _| Ok(Value::Format(&BYTE)), |text| unless(BASE64.is_match(text), "invalid base64"));
static DATE: Format =
    format("date", |_, _| Ok(Value::Format(&DATE)), |text| unless(time::is_date(text), "invalid date"));
static DATETIME: Format = format(
    "datetime",
    |_, _| Ok(Value::Format(&DATETIME)),
    |text| unless(time::is_date_time(text), "invalid datetime"),
);

/// All formats, by the names of the functions that make them.
pub(super) static FORMATS: &[(&str, &Format)] = &[
    ("format.dns1123Label", &LABEL),
    ("format.dns1123LabelPrefix", &LABEL_PREFIX),
    ("format.dns1123Subdomain", &SUBDOMAIN),
    ("format.dns1123SubdomainPrefix", &SUBDOMAIN_PREFIX),
    ("format.dns1035Label", &LABEL_1035),
    ("format.dns1035LabelPrefix", &LABEL_1035_PREFIX),
    ("format.qualifiedName", &QUALIFIED),
    ("format.labelValue", &LABEL_VALUE),
    ("format.uri", &URI),
    ("format.uuid", &UUID),
    ("format.byte", &BYTE),
    ("format.date", &DATE),
    ("format.datetime", &DATETIME),
];

fn pattern(text: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are those below, and a test asks for each")]
    Regex::new(text).expect("it is a pattern")
}

static UUIDS: LazyLock<Regex> =
    LazyLock::new(|| pattern("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"));
static BASE64: LazyLock<Regex> = LazyLock::new(|| {
    pattern("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$")
});

fn unless(fine: bool, message: &str) -> Vec<String> {
    if fine { Vec::new() } else { vec![message.to_owned()] }
}

/// Takes the hyphen off that a prefix may end with.
fn masked(text: &str, prefix: bool) -> String {
    match text.strip_suffix('-') {
        Some(rest) if prefix && text.len() > 1 => format!("{rest}a"),
        _ => text.to_owned(),
    }
}

fn too_long(text: &str, most: usize) -> Vec<String> {
    if text.len() > most { vec![format!("must be no more than {most} characters")] } else { Vec::new() }
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn label(text: &str, prefix: bool) -> Vec<String> {
    let text = masked(text, prefix);
    let mut wrong = too_long(&text, 63);
    if !is_label(&text) {
        // The server tells a subdomain that is no label apart.
        wrong.push(
            if text.split('.').all(is_label) {
                "must not contain dots"
            } else {
                "a lowercase RFC 1123 label is needed"
            }
            .to_owned(),
        );
    }
    wrong
}

fn subdomain(text: &str, prefix: bool) -> Vec<String> {
    let text = masked(text, prefix);
    let mut wrong = too_long(&text, 253);
    wrong.extend(unless(text.split('.').all(is_label), "a lowercase RFC 1123 subdomain is needed"));
    wrong
}

fn label_1035(text: &str, prefix: bool) -> Vec<String> {
    let text = masked(text, prefix);
    let mut wrong = too_long(&text, 63);
    let fine = is_label(&text) && text.starts_with(|c: char| c.is_ascii_lowercase());
    wrong.extend(unless(fine, "a DNS-1035 label is needed"));
    wrong
}

fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let outer = |c: char| c.is_ascii_alphanumeric();
    !text.is_empty() && text.bytes().all(inner) && text.starts_with(outer) && text.ends_with(outer)
}

fn qualified(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('/').collect();
    let (prefix, name) = match parts[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => return vec!["a qualified name is needed".to_owned()],
    };
    let mut wrong = Vec::new();
    match prefix {
        Some("") => wrong.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => {
            wrong.extend(subdomain(prefix, false).into_iter().map(|why| format!("prefix part {why}")));
        }
        None => {}
    }
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        wrong.push("name part must be no more than 63 characters".to_owned());
    }
    wrong.extend(unless(is_name(name), "name part is no name"));
    wrong
}

fn label_value(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 63);
    wrong.extend(unless(text.is_empty() || is_name(text), "a valid label is needed"));
    wrong
}

pub(super) fn named<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(wanted)] = args else { return Err(Refusal::NoOverload) };
    let found = FORMATS.iter().find(|(_, format)| *format.name == **wanted);
    Ok(found.map_or(Value::Optional(None), |(_, format)| Value::some(Value::Format(format))))
}

pub(super) fn validate<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::Format(format), Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    let wrong = (format.check)(text);
    if wrong.is_empty() {
        return Ok(Value::Optional(None));
    }
    Ok(Value::some(Value::list(wrong.into_iter().map(Value::text).collect())))
}
