//! Where in a YAML file a cursor stands, also while the file is being written and is none.
//!
//! The tree of `yaml` is there only for what can be read. So this goes by indentation and by the brackets of flow style alone, line
//! by line, and never fails: where it cannot tell, it says so.

use std::ops::Range;

/// Deeper brackets are not followed.
const MAX_DEPTH: usize = 64;

/// Where a cursor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Keys and list indices from the root: to the map around a key, to the value itself for a value.
    pub(super) path: Vec<String>,
    /// What is written there.
    pub(super) at: At,
    /// The bytes of what is written, to which the cursor belongs.
    pub(super) token: Range<usize>,
}

/// What is written at a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A key, or the beginning of one.
    Key,
    /// A value.
    Value,
    /// An item of a list, which may become the first key of a map.
    Item,
}

impl Cursor {
    /// Returns the path of what the cursor is on: of the key, or of the value.
    pub(super) fn full_path(&self, text: &str) -> Vec<String> {
        let mut path = self.path.clone();
        if self.at == At::Key {
            path.push(plain(&text[self.token.clone()]).to_owned());
        }
        path
    }
}

enum Step {
    Key(String),
    Item(usize),
}

struct Frame {
    indent: usize,
    step: Step,
}

/// Finds where a byte of a text is. Nothing is said of comments and of what stands in a block of text.
pub(super) fn locate(text: &str, offset: usize) -> Option<Cursor> {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let mut stack: Vec<Frame> = Vec::new();
    // The column of what opened a block of text.
    let mut block: Option<usize> = None;
    // Where brackets end that lines before opened.
    let mut skip = 0;
    let mut start = 0;
    for full in text.split_inclusive('\n').chain([""]) {
        let line = full.trim_end_matches(['\n', '\r']);
        let here = start;
        start += full.len();
        let is_last = offset <= here + line.len() || (offset < start);
        if here < skip {
            if is_last {
                return None;
            }
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let trimmed = line[indent..].trim_end();
        if let Some(column) = block {
            if trimmed.is_empty() && !is_last || indent > column {
                if is_last {
                    return None;
                }
                continue;
            }
            block = None;
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            if is_last {
                let column = offset.saturating_sub(here).min(indent);
                let in_comment = offset > here + indent && !trimmed.is_empty();
                return (!in_comment).then(|| empty_line(stack, column, offset));
            }
            continue;
        }
        if line == "---" || line.starts_with("--- ") || line == "..." {
            stack.clear();
            continue;
        }
        match parse(text, here, indent, trimmed, offset, is_last, &mut stack) {
            Parsed::Here(cursor) => return cursor,
            Parsed::Line => {}
            Parsed::Block(column) => block = Some(column),
            Parsed::Until(end) => skip = end,
        }
        if is_last {
            return None;
        }
    }
    None
}

/// A key can begin on an empty line, in the map whose keys stand in that column.
fn empty_line(mut stack: Vec<Frame>, column: usize, offset: usize) -> Cursor {
    stack.retain(|frame| frame.indent < column);
    Cursor { path: path(&stack), at: At::Key, token: offset..offset }
}

enum Parsed {
    /// The cursor is here.
    Here(Option<Cursor>),
    /// It is not on this line.
    Line,
    /// A block of text follows, of what stands further right than this column.
    Block(usize),
    /// Brackets are open until there.
    Until(usize),
}

fn parse(
    text: &str,
    here: usize,
    indent: usize,
    trimmed: &str,
    offset: usize,
    is_last: bool,
    stack: &mut Vec<Frame>,
) -> Parsed {
    let (mut column, mut rest) = (indent, trimmed);
    let mut item = None;
    while rest == "-" || rest.starts_with("- ") {
        if stack.len() > MAX_DEPTH {
            return Parsed::Here(None);
        }
        stack.retain(|frame| frame.indent <= column);
        match stack.last_mut() {
            Some(Frame { indent, step: Step::Item(index) }) if *indent == column => *index += 1,
            _ => stack.push(Frame { indent: column, step: Step::Item(0) }),
        }
        item = Some(column);
        let next = rest[1..].trim_start_matches(' ');
        column += rest.len() - next.len();
        rest = next;
    }
    let at = here + column;
    if rest.is_empty() || (is_last && offset < at) {
        let cursor = || Cursor { path: path(stack), at: At::Item, token: offset..offset };
        // Before the dash there is nothing to say.
        return Parsed::Here(match item {
            Some(_) if offset > here + indent => Some(cursor()),
            _ if is_last => Some(empty_line(std::mem::take(stack), offset.saturating_sub(here), offset)),
            _ => return Parsed::Line,
        })
        .only_if(is_last);
    }
    let (value_at, column) = match split_key(rest) {
        Some((key, length, colon)) => {
            stack.retain(|frame| frame.indent < column);
            if is_last && offset <= at + length {
                return Parsed::Here(Some(Cursor { path: path(stack), at: At::Key, token: at..at + length }));
            }
            if stack.len() > MAX_DEPTH {
                return Parsed::Here(None);
            }
            stack.push(Frame { indent: column, step: Step::Key(key.to_owned()) });
            let value = rest[colon + 1..].trim_start();
            (at + rest.len() - value.len(), column)
        }
        None if item.is_none() && !rest.starts_with(['{', '[']) => {
            // The beginning of a key, or the rest of a text.
            if !is_last {
                return Parsed::Line;
            }
            stack.retain(|frame| frame.indent < column);
            return Parsed::Here(Some(Cursor { path: path(stack), at: At::Key, token: at..at + rest.len() }));
        }
        None => (at, item.unwrap_or(column)),
    };
    let value = &text[value_at..at + rest.len()];
    if value.starts_with(['{', '[']) && (offset > value_at || !is_last) {
        return match flow(text, value_at, column, &path(stack), offset) {
            Flow::Here(cursor) => Parsed::Here(cursor),
            Flow::End(end) if end > at + rest.len() => Parsed::Until(end),
            Flow::End(_) => Parsed::Line,
        };
    }
    if is_last {
        let length = value.find(" #").unwrap_or(value.len());
        if offset > value_at + length && length < value.len() || value.starts_with('#') {
            return Parsed::Here(None);
        }
        let token = if offset < value_at {
            offset..offset
        } else {
            value_at..value_at + value[..length].trim_end().len()
        };
        let kind = if split_key(rest).is_some() { At::Value } else { At::Item };
        return Parsed::Here(Some(Cursor { path: path(stack), at: kind, token }));
    }
    if value.starts_with(['|', '>']) { Parsed::Block(column) } else { Parsed::Line }
}

impl Parsed {
    fn only_if(self, is_last: bool) -> Self {
        if is_last { self } else { Self::Line }
    }
}

fn path(stack: &[Frame]) -> Vec<String> {
    let step = |frame: &Frame| match &frame.step {
        Step::Key(key) => key.clone(),
        Step::Item(index) => index.to_string(),
    };
    stack.iter().map(step).collect()
}

/// Splits what starts with a key: the key, its length as it is written, and where its colon is.
fn split_key(rest: &str) -> Option<(&str, usize, usize)> {
    let length = match rest.as_bytes().first()? {
        quote @ (b'"' | b'\'') => rest[1..].find(char::from(*quote))? + 2,
        b'{' | b'[' | b'#' | b'|' | b'>' => return None,
        _ => {
            let end = |(at, _): &(usize, &str)| {
                rest[at + 1..].is_empty() || rest[at + 1..].starts_with([' ', '\t'])
            };
            let colon = rest.match_indices(':').find(end)?.0;
            let key = rest[..colon].trim_end();
            if key.contains(" #") {
                return None;
            }
            key.len()
        }
    };
    let colon = length + rest[length..].find(|c| c != ' ')?;
    rest[colon..].starts_with(':').then(|| (plain(&rest[..length]), length, colon))
}

/// Takes quotes off.
fn plain(token: &str) -> &str {
    let inner = |quote| token.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(token)
}

enum Flow {
    Here(Option<Cursor>),
    End(usize),
}

/// One bracket that is open.
struct Bracket {
    is_map: bool,
    key: Option<String>,
    index: usize,
}

/// Goes through brackets, of which an unfinished one ends before the next line that stands no further right than it.
fn flow(text: &str, from: usize, column: usize, base: &[String], offset: usize) -> Flow {
    let bytes = text.as_bytes();
    let mut open: Vec<Bracket> = Vec::new();
    let mut at = from;
    loop {
        let blank = at;
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
            if bytes[at - 1] == b'\n' && offset >= at && ends(&text[at..], column) {
                return Flow::End(at);
            }
        }
        if blank < at && (blank..at).contains(&offset) || at == text.len() && offset >= at {
            return Flow::Here(cursor(&open, base, offset..offset));
        }
        let Some(byte) = bytes.get(at) else { return Flow::End(at) };
        match byte {
            b'{' | b'[' if open.len() == MAX_DEPTH => return Flow::Here(None),
            b'{' | b'[' => open.push(Bracket { is_map: *byte == b'{', key: None, index: 0 }),
            b'}' | b']' | b',' | b':' if at >= offset => {
                return Flow::Here(cursor(&open, base, offset..offset));
            }
            b'}' | b']' => {
                open.pop();
                if open.is_empty() {
                    return Flow::End(at + 1);
                }
            }
            b',' => {
                if let Some(bracket) = open.last_mut() {
                    bracket.index += 1;
                    bracket.key = None;
                }
            }
            b':' => {}
            b'#' => {
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                if offset <= end {
                    return Flow::Here(None);
                }
                at = end;
                continue;
            }
            _ => {
                let end = at + token_length(&text[at..]);
                if offset <= end {
                    return Flow::Here(cursor(&open, base, at..end));
                }
                if let Some(bracket) =
                    open.last_mut().filter(|bracket| bracket.is_map && bracket.key.is_none())
                {
                    bracket.key = Some(plain(&text[at..end]).to_owned());
                }
                at = end;
                continue;
            }
        }
        at += 1;
    }
}

/// Tells whether brackets that are open cannot go on in the next line.
fn ends(rest: &str, column: usize) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    let trimmed = line.trim_start_matches(' ');
    !trimmed.is_empty() && line.len() - trimmed.len() <= column && !trimmed.starts_with(['}', ']', '#'])
}

fn token_length(rest: &str) -> usize {
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let line = rest.find('\n').unwrap_or(rest.len());
        return rest[1..].find(quote).map_or(line, |end| end + 2);
    }
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        let next = rest[at + c.len_utf8()..].chars().next();
        let ends = match c {
            ',' | '[' | ']' | '{' | '}' | '\n' | '\r' => true,
            ':' => next.is_none_or(|next| next.is_whitespace() || ",[]{}".contains(next)),
            ' ' => next == Some('#'),
            _ => false,
        };
        if ends {
            break;
        }
        end = at + c.len_utf8();
    }
    // What no token starts with is one of its own, so that there is an end.
    let trimmed = rest[..end].trim_end().len();
    if trimmed == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { trimmed }
}

fn cursor(open: &[Bracket], base: &[String], token: Range<usize>) -> Option<Cursor> {
    let (last, around) = open.split_last()?;
    let step = |bracket: &Bracket| {
        if bracket.is_map { bracket.key.clone().unwrap_or_default() } else { bracket.index.to_string() }
    };
    let mut path: Vec<String> = base.iter().cloned().chain(around.iter().map(step)).collect();
    let at = match (last.is_map, &last.key) {
        (true, None) => At::Key,
        (true, Some(key)) => {
            path.push(key.clone());
            At::Value
        }
        (false, _) => {
            path.push(last.index.to_string());
            At::Item
        }
    };
    Some(Cursor { path, at, token })
}

#[cfg(test)]
mod tests;
