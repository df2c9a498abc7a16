//! Patterns, as RE2 reads them.

use regex::{Regex, RegexBuilder};

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

/// The most bytes that a compiled pattern takes.
const MOST_SIZE: usize = 1 << 20;

/// The most repetitions of a part that RE2 takes.
const MOST_REPEATS: u32 = 1000;

/// Compiles a pattern; an error says why there is none.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let too_often = |count: &str| count.parse::<u32>().is_ok_and(|count| count > MOST_REPEATS);
    let counts = pattern.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    if counts.flat_map(|counts| counts.split(',')).any(too_often) {
        return Err(format!("the text is no pattern: a part is repeated more than {MOST_REPEATS} times"));
    }
    RegexBuilder::new(&translated(pattern)).size_limit(MOST_SIZE).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
        other => {
            // The last line of the message says what is wrong; those before draw the pattern.
            let text = other.to_string();
            let why = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            format!("the text is no pattern: {why}")
        }
    })
}

/// Writes a pattern of RE2 for the library that is used here: classes like `\d` mean ASCII there, and a class has neither
/// classes nor operators in it.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('s') => out.push_str(if in_class { "\\t\\n\\f\\r " } else { "[\\t\\n\\f\\r ]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('S') => out.push_str("[^\\t\\n\\f\\r ]"),
                Some('b') if !in_class => out.push_str("(?-u:\\b)"),
                Some('Q') if !in_class => {
                    let mut quoted = String::new();
                    while let Some(c) = chars.next() {
                        if c == '\\' && chars.peek() == Some(&'E') {
                            chars.next();
                            break;
                        }
                        quoted.push(c);
                    }
                    out.push_str(&regex::escape(&quoted));
                }
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.push('^');
                    chars.next();
                }
                // A bracket that stands first is a character.
                if chars.peek() == Some(&']') {
                    out.push_str("\\]");
                    chars.next();
                }
            }
            '[' if chars.peek() == Some(&':') => {
                // `[:alpha:]` up to its end.
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '[' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

pub(super) fn matches<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::String(pattern)] = args else { return Err(Refusal::NoOverload) };
    machine.with_pattern(pattern, text, |pattern| Value::Bool(pattern.is_match(text)))
}

pub(super) fn find<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::String(pattern)] = args else { return Err(Refusal::NoOverload) };
    machine.with_pattern(pattern, text, |pattern| {
        Value::text(pattern.find(text).map_or("", |found| found.as_str()))
    })
}

pub(super) fn find_all<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, pattern, most) = match args {
        [Value::String(text), Value::String(pattern)] => (text, pattern, -1),
        [Value::String(text), Value::String(pattern), Value::Int(most)] => (text, pattern, *most),
        _ => return Err(Refusal::NoOverload),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let found = machine.with_pattern(pattern, text, |pattern| {
        pattern.find_iter(text).take(most).map(|found| Value::text(found.as_str())).collect::<Vec<_>>()
    })?;
    machine.elements(found.len())?;
    Ok(Value::list(found))
}
