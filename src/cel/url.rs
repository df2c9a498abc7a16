//! `url()`: URLs as Go's `net/url` reads those of requests: absolute, or an absolute path.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::rc::Rc;

use super::functions::Refusal;
use super::machine::Machine;
use super::value::{Map, Value};

type Done<'a> = Result<Value<'a>, Refusal>;

/// A URL, in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    scheme: String,
    user: String,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return None;
        }
        if text == "*" {
            return Some(Self { path: text.to_owned(), ..Self::default() });
        }
        // What checks it knows no fragments, what takes it apart does.
        Self::parts(text)?;
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Self::parts(before).or_else(|| Self::parts(text))?;
        unescaped(fragment, false)?;
        fragment.clone_into(&mut url.fragment);
        Some(url)
    }

    fn parts(text: &str) -> Option<Self> {
        let (scheme, rest) = match text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)) {
            Some(0) | None => (String::new(), text),
            Some(end)
                if text[end..].starts_with(':') && text.starts_with(|c: char| c.is_ascii_alphabetic()) =>
            {
                (text[..end].to_ascii_lowercase(), &text[end + 1..])
            }
            Some(_) => (String::new(), text),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !rest.starts_with('/') {
            // With a scheme it is opaque: `mailto:a@b`.
            return (!scheme.is_empty()).then(|| Self {
                scheme,
                user: String::new(),
                host: String::new(),
                path: String::new(),
                query: query.to_owned(),
                fragment: String::new(),
            });
        }
        let (user, host, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
                if !user
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte))
                {
                    return None;
                }
                unescaped(user, false)?;
                (user.to_owned(), host_of(host)?, path)
            }
            None => (String::new(), String::new(), rest),
        };
        unescaped(path, false)?;
        Some(Self {
            scheme,
            user,
            host,
            path: path.to_owned(),
            query: query.to_owned(),
            fragment: String::new(),
        })
    }

    fn hostname_and_port(&self) -> (&str, &str) {
        let (host, port) = match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with('[') => {
                if host.starts_with('[') == host.ends_with(']') {
                    (host, port)
                } else {
                    (&*self.host, "")
                }
            }
            _ => (&*self.host, ""),
        };
        (host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host), port)
    }

    /// Writes the path as it goes over the wire.
    fn escaped_path(&self) -> String {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/[]%".contains(&byte);
        if self.path.bytes().all(valid) {
            return self.path.clone();
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
        let bytes = unescaped(&self.path, false).unwrap_or_default();
        let mut out = String::new();
        for byte in bytes {
            if plain(byte) {
                out.push(byte.into());
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    }
}

/// Checks what stands between the slashes.
fn host_of(host: &str) -> Option<String> {
    let port = |rest: &str| {
        rest.is_empty()
            || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if host.starts_with('[') {
        let end = host.rfind(']')?;
        // The one escape before a zone.
        return port(&host[end + 1..]).then(|| host.replacen("%25", "%", 1));
    }
    if let Some(colon) = host.rfind(':')
        && !port(&host[colon..])
    {
        return None;
    }
    let valid =
        |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte);
    if !host.bytes().all(valid) {
        return None;
    }
    // Only what is not ASCII may be escaped in a host.
    let bytes = unescaped(host, false)?;
    if host.contains('%')
        && host
            .split('%')
            .skip(1)
            .any(|rest| u8::from_str_radix(&rest[..2], 16).is_ok_and(|byte| byte < 0x80))
    {
        return None;
    }
    String::from_utf8(bytes).ok()
}

/// Reads escapes; nothing where one is wrong.
fn unescaped(text: &str, query: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let digits = text
                    .get(at + 1..at + 3)
                    .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                at += 2;
            }
            b'+' if query => out.push(b' '),
            other => out.push(*other),
        }
        at += 1;
    }
    Some(out)
}

fn read(machine: &mut Machine<'_>, args: &[Value<'_>]) -> Result<Option<Url>, Refusal> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Url::parse(text))
}

fn part<'a>(args: &[Value<'a>], part: impl FnOnce(&Url) -> String) -> Done<'a> {
    match args {
        [Value::Url(url)] => Ok(Value::text(part(url))),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn url<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let url = read(machine, args)?.ok_or_else(|| Refusal::Wrong("the text is no URL".to_owned()))?;
    Ok(Value::Url(Rc::new(url)))
}

pub(super) fn is_url<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(read(machine, args)?.is_some()))
}

pub(super) fn scheme<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, |url| url.scheme.clone())
}

pub(super) fn host<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, |url| url.host.clone())
}

pub(super) fn hostname<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, |url| url.hostname_and_port().0.to_owned())
}

pub(super) fn port<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, |url| url.hostname_and_port().1.to_owned())
}

pub(super) fn escaped_path<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, Url::escaped_path)
}

pub(super) fn query<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::Url(url)] = args else { return Err(Refusal::NoOverload) };
    let mut entries: Vec<(Value<'a>, Vec<Value<'a>>)> = Vec::new();
    for pair in url.query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value)) = (unescaped(key, true), unescaped(value, true)) else { continue };
        machine.elements(1 + entries.len())?;
        let text = |bytes: Vec<u8>| Value::String(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()));
        let (key, value) = (text(key), text(value));
        match entries.iter_mut().find(|(known, _)| known.equals(&key)) {
            Some((_, values)) => values.push(value),
            None => entries.push((key, vec![value])),
        }
    }
    let entries = entries.into_iter().map(|(key, values)| (key, Value::list(values))).collect::<Vec<_>>();
    Ok(Value::Map(Map::Made(entries.into())))
}

/// Tells whether a text is a URL.
pub(super) fn is_valid(text: &str) -> bool {
    Url::parse(text).is_some()
}
