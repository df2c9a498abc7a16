//! Functions on texts. Places in a text count characters.

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

fn wrong<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Wrong(why.to_owned()))
}

/// Said of a place that the text does not have.
const OUTSIDE: &str = "the place is outside of the text";

fn int(value: usize) -> Value<'static> {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

pub(super) fn contains<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::String(part)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Value::Bool(text.contains(&**part)))
}

pub(super) fn starts_with<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::String(part)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(part.len())?;
    Ok(Value::Bool(text.starts_with(&**part)))
}

pub(super) fn ends_with<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::String(part)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(part.len())?;
    Ok(Value::Bool(text.ends_with(&**part)))
}

pub(super) fn char_at<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text), Value::Int(at)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    let Ok(at) = usize::try_from(*at) else { return wrong(OUTSIDE) };
    match text.chars().nth(at) {
        Some(c) => Ok(Value::text(c)),
        None if at == text.chars().count() => Ok(Value::text("")),
        None => wrong(OUTSIDE),
    }
}

pub(super) fn index_of<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, part, from) = match args {
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => (text, part, *from),
        _ => return Err(Refusal::NoOverload),
    };
    machine.bytes(text.len().saturating_mul(2))?;
    let Ok(from) = usize::try_from(from) else { return wrong(OUTSIDE) };
    if part.is_empty() {
        return Ok(int(from));
    }
    let length = text.chars().count();
    if from >= length {
        return Ok(Value::Int(-1));
    }
    let start = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
    Ok(match text[start..].find(&**part) {
        Some(at) => int(from + text[start..start + at].chars().count()),
        None => Value::Int(-1),
    })
}

pub(super) fn last_index_of<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, part, until) = match args {
        [Value::String(text), Value::String(part)] => (text, part, None),
        [Value::String(text), Value::String(part), Value::Int(until)] => (text, part, Some(*until)),
        _ => return Err(Refusal::NoOverload),
    };
    machine.bytes(text.len().saturating_mul(2))?;
    let length = text.chars().count();
    let Some(until) = until else {
        if part.is_empty() {
            return Ok(int(length));
        }
        return Ok(text.rfind(&**part).map_or(Value::Int(-1), |at| int(text[..at].chars().count())));
    };
    if part.is_empty() {
        return Ok(Value::Int(until));
    }
    match usize::try_from(until) {
        Ok(until) if until < length => {
            // The part may begin at this place at the latest, and go beyond it.
            let begins = text.char_indices().take(until + 1);
            let found = begins.enumerate().filter(|(_, (at, _))| text[*at..].starts_with(&**part)).last();
            Ok(found.map_or(Value::Int(-1), |(index, _)| int(index)))
        }
        Ok(_) => Ok(Value::Int(-1)),
        Err(_) => wrong(OUTSIDE),
    }
}

pub(super) fn lower_ascii<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Value::text(text.to_ascii_lowercase()))
}

pub(super) fn upper_ascii<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Value::text(text.to_ascii_uppercase()))
}

pub(super) fn replace<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, old, new, most) = match args {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [Value::String(text), Value::String(old), Value::String(new), Value::Int(most)] => {
            (text, old, new, *most)
        }
        _ => return Err(Refusal::NoOverload),
    };
    let places = if old.is_empty() { text.chars().count() + 1 } else { text.matches(&**old).count() };
    machine.bytes(text.len().saturating_add(places.saturating_mul(new.len())))?;
    Ok(Value::text(match usize::try_from(most) {
        Ok(most) => text.replacen(&**old, new, most),
        Err(_) => text.replace(&**old, new),
    }))
}

pub(super) fn split<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, by, most) = match args {
        [Value::String(text), Value::String(by)] => (text, by, -1),
        [Value::String(text), Value::String(by), Value::Int(most)] => (text, by, *most),
        _ => return Err(Refusal::NoOverload),
    };
    machine.bytes(text.len())?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<Value<'a>> = match most {
        0 => Vec::new(),
        // By nothing: into characters, the last of which is all that is left.
        _ if by.is_empty() => {
            let count = text.chars().count().min(most);
            let mut rest = &**text;
            (0..count)
                .map(|index| {
                    let end = if index + 1 == count {
                        rest.len()
                    } else {
                        rest.chars().next().map_or(0, char::len_utf8)
                    };
                    let (part, after) = rest.split_at(end);
                    rest = after;
                    Value::text(part)
                })
                .collect()
        }
        _ => text.splitn(most, &**by).map(Value::text).collect(),
    };
    machine.elements(parts.len())?;
    Ok(Value::list(parts))
}

pub(super) fn substring<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (text, from, to) = match args {
        [Value::String(text), Value::Int(from)] => (text, *from, None),
        [Value::String(text), Value::Int(from), Value::Int(to)] => (text, *from, Some(*to)),
        _ => return Err(Refusal::NoOverload),
    };
    machine.bytes(text.len())?;
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let to = to.unwrap_or(length);
    if from < 0 || to < 0 || from > length || to > length || from > to {
        return wrong(OUTSIDE);
    }
    let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    Ok(Value::text(text.chars().skip(from).take(to - from).collect::<String>()))
}

pub(super) fn trim<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    Ok(Value::text(text.trim()))
}

pub(super) fn join<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let (list, between) = match args {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::String(between)] => (list, &**between),
        _ => return Err(Refusal::NoOverload),
    };
    let mut out = String::new();
    for (index, element) in list.iter().enumerate() {
        let Some(text) = super::base::text_of(&element) else { return Err(Refusal::NoOverload) };
        if index > 0 {
            out.push_str(between);
        }
        machine.step(1)?;
        machine.bytes(text.len() + between.len())?;
        out.push_str(&text);
    }
    Ok(Value::text(out))
}

/// Writes a text as a constant of the language.
pub(super) fn quote<'a>(machine: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let [Value::String(text)] = args else { return Err(Refusal::NoOverload) };
    machine.bytes(text.len())?;
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('"');
    Ok(Value::text(out))
}
