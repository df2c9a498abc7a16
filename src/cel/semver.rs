//! `semver()`: versions, as <https://semver.org> orders them and as the library of Kubernetes reads them
//! (`github.com/blang/semver/v4`).

use std::cmp::Ordering;
use std::rc::Rc;

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

/// A version.
#[derive(Clone, Debug)]
pub struct Semver {
    numbers: [u64; 3],
    before: Vec<Part>,
}

/// A part of what stands behind the hyphen. Numbers come before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(Box<str>),
}

/// Reads a number without needless zeros.
fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    if plain && !leading { text.parse().ok() } else { None }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Semver {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (major, minor, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, before) = match rest.split_once('-') {
            Some((patch, before)) => (patch, Some(before)),
            None => (rest, None),
        };
        if build.is_some_and(|build| !build.split('.').all(is_word)) {
            return None;
        }
        let part = |text: &str| {
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                number(text).map(Part::Number)
            } else {
                is_word(text).then(|| Part::Text(text.into()))
            }
        };
        let before = match before {
            Some(before) => before.split('.').map(part).collect::<Option<Vec<_>>>()?,
            None => Vec::new(),
        };
        Some(Self { numbers: [number(major)?, number(minor)?, number(patch)?], before })
    }

    /// Reads a version that may have a `v` before it, needless zeros, or too few numbers.
    fn normalized(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(str::to_owned).collect();
        for part in parts.iter_mut().filter(|part| part.len() > 1) {
            let bare = part.trim_start_matches('0');
            *part = if bare.starts_with(|c: char| c.is_ascii_digit()) {
                bare.to_owned()
            } else {
                format!("0{bare}")
            };
        }
        if parts.len() < 3 {
            if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
                return None;
            }
            parts.resize(3, "0".to_owned());
        }
        Self::parse(&parts.join("."))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.before.is_empty(), other.before.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.before.cmp(&other.before),
            }
        })
    }
}

fn read(machine: &mut Machine<'_>, args: &[Value<'_>]) -> Result<Option<Semver>, Refusal> {
    let (text, normalize) = match args {
        [Value::String(text)] => (text, false),
        [Value::String(text), Value::Bool(normalize)] => (text, *normalize),
        _ => return Err(Refusal::NoOverload),
    };
    machine.bytes(text.len())?;
    Ok(if normalize { Semver::normalized(text) } else { Semver::parse(text) })
}

pub(super) fn semver<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let version = read(machine, args)?.ok_or_else(|| Refusal::Wrong("the text is no version".to_owned()))?;
    Ok(Value::Semver(Rc::new(version)))
}

pub(super) fn is_semver<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(read(machine, args)?.is_some()))
}

fn part<'a>(args: &[Value<'a>], index: usize) -> Done<'a> {
    match args {
        [Value::Semver(version)] => Ok(Value::Int(i64::try_from(version.numbers[index]).unwrap_or(i64::MAX))),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn major<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, 0)
}

pub(super) fn minor<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, 1)
}

pub(super) fn patch<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    part(args, 2)
}

fn pair(args: &[Value<'_>]) -> Result<Ordering, Refusal> {
    match args {
        [Value::Semver(one), Value::Semver(other)] => Ok(one.compare(other)),
        _ => Err(Refusal::NoOverload),
    }
}

pub(super) fn is_greater<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(pair(args)?.is_gt()))
}

pub(super) fn is_less<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(pair(args)?.is_lt()))
}

pub(super) fn compare_to<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Int(pair(args)? as i64))
}
