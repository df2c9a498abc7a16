//! What looks like a variable, wherever it stands.

use std::ops::Range;

/// How a variable is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{ x }}` and `{% x %}`: Go, Helm, Jinja, Mustache.
    Braces,
    /// `${X}` and `$X`.
    Dollar,
    /// `__X__`.
    Underscores,
    /// `@@X@@` and `@X@`.
    Ats,
    /// `<X>`.
    Angles,
    /// `X|-default-|`.
    Bars,
    /// A word alone on a line.
    Bare,
}

/// What a mark stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A value.
    Variable { name: String, default: Option<String> },
    /// A step of the template, such as `{{ if }}`.
    Flow,
    /// A text that is written there.
    Literal(String),
    /// A comment.
    Nothing,
}

/// One place of a text that looks like a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// From 1.
    pub(super) line: usize,
    pub(super) written: String,
    pub(super) meaning: Meaning,
    /// The name in full, where it has a shorter one.
    full: String,
}

/// What begins a step of a template.
const STEPS: [&str; 16] = [
    "if", "else", "end", "range", "with", "define", "block", "template", "include", "tpl", "break",
    "continue", "for", "endif", "endfor", "elif",
];
/// The longest mark, in bytes.
const LONGEST: usize = 4_096;
/// The most marks of a text.
const MOST: usize = 20_000;

impl Mark {
    /// The names under which a value is looked for.
    pub(super) fn names(&self) -> Vec<&str> {
        let Meaning::Variable { name, .. } = &self.meaning else { return Vec::new() };
        vec![name, &self.full, self.full.trim_start_matches(['.', '$'])]
    }

    /// Whether only whoever builds or deploys has such a name: `.Values.x`, and what is in capitals.
    pub(super) fn is_of_deployment(&self) -> bool {
        let root = self.full.trim_start_matches(['$', '.']);
        let helm = ["Values.", "Release.", "Chart.", "Capabilities.", "Files."];
        let has_letter = root.contains(|letter: char| letter.is_ascii_uppercase());
        let in_capitals = has_letter
            && root
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
        helm.iter().any(|helm| root.starts_with(helm)) || in_capitals
    }
}

/// Tells quickly that a text holds no mark. A word alone on a line counts where the text cannot be read without.
pub(super) fn may_hold_marks(text: &str) -> bool {
    ["{{", "{%", "$", "__", "@", "<", "|-"].iter().any(|mark| text.contains(mark))
        || text.lines().any(|line| bare(line).is_some())
}

/// Finds all marks of a text, in order; none lies in another.
pub(super) fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut line_start = 0;
    let mut line_number = 0;
    let mut skip_to = 0;
    for line in text.split_inclusive('\n') {
        line_number += 1;
        let start = line_start;
        line_start += line.len();
        if let Some(word) = bare(line)
            && start >= skip_to
        {
            let at = start + (line.len() - line.trim_start().len());
            marks.push(variable(Kind::Bare, at..at + word.len(), line_number, word, word, None));
            continue;
        }
        let mut at = start.max(skip_to);
        while at < line_start && marks.len() < MOST {
            let Some(found) = next(text, at, line_start) else { break };
            let found = Mark { line: line_number, ..found };
            at = found.range.end;
            skip_to = at;
            marks.push(found);
        }
    }
    marks
}

fn variable(
    kind: Kind,
    range: Range<usize>,
    line: usize,
    written: &str,
    name: &str,
    default: Option<&str>,
) -> Mark {
    let short = name.trim_start_matches('$').trim_start_matches(".Values.").trim_start_matches('.');
    let name = if kind == Kind::Braces { short } else { name };
    let meaning = Meaning::Variable { name: name.to_owned(), default: default.map(ToOwned::to_owned) };
    let full = if kind == Kind::Braces { written_name(written) } else { name.to_owned() };
    Mark { kind, range, line, written: written.to_owned(), meaning, full }
}

fn written_name(written: &str) -> String {
    name_in(inside(written)).unwrap_or_default().to_owned()
}

/// Finds the next mark that begins on a line.
fn next(text: &str, from: usize, end: usize) -> Option<Mark> {
    let bytes = text.as_bytes();
    for at in from..end {
        // A mark that is longer is none: what is never closed must not be looked for to the end each time.
        let window = text.floor_char_boundary(at + LONGEST);
        let rest = match bytes[at] {
            b'{' | b'$' | b'_' | b'@' | b'<' => text.get(at..window)?,
            b'A'..=b'Z' => text.get(at..end.min(window))?,
            _ => continue,
        };
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let found = match bytes[at] {
            b'{' => braces(rest),
            b'$' if before != Some(b'$') => dollar(rest),
            b'_' if !before.is_some_and(is_word) => underscores(rest),
            b'@' if !before.is_some_and(is_word) => ats(rest),
            b'<' => angles(rest),
            b'A'..=b'Z' if !before.is_some_and(is_word) => bars(rest),
            _ => None,
        };
        if let Some(mut mark) = found {
            mark.range = at..at + mark.range.end;
            return Some(mark);
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn of(kind: Kind, written: &str, name: &str, default: Option<&str>) -> Option<Mark> {
    (!name.is_empty()).then(|| variable(kind, 0..written.len(), 0, written, name, default))
}

fn braces(text: &str) -> Option<Mark> {
    let mark = |end: usize, meaning| {
        let written = &text[..end];
        Mark {
            kind: Kind::Braces,
            range: 0..end,
            line: 0,
            written: written.to_owned(),
            meaning,
            full: written_name(written),
        }
    };
    if text.starts_with("{%") || text.starts_with("{#") {
        let (close, meaning) =
            if text.starts_with("{%") { ("%}", Meaning::Flow) } else { ("#}", Meaning::Nothing) };
        return text.find(close).map(|end| mark(end + 2, meaning));
    }
    if !text.starts_with("{{") {
        return None;
    }
    let end = closing(text)?;
    let content = inside(&text[..end]);
    if content.starts_with("/*") || content.starts_with('!') {
        return Some(mark(end, Meaning::Nothing));
    }
    for quote in ['`', '"', '\''] {
        if let Some(literal) = content.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            && !literal.contains(quote)
        {
            return Some(mark(end, Meaning::Literal(literal.to_owned())));
        }
    }
    let first = content.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    let is_step = STEPS.contains(&first) || content.starts_with(['#', '^', '>']) || content.starts_with('/');
    if is_step || content.contains(":=") || content.contains("= ") && content.starts_with('$') {
        return Some(mark(end, Meaning::Flow));
    }
    let Some(name) = name_in(content) else { return Some(mark(end, Meaning::Flow)) };
    of(Kind::Braces, &text[..end], name, default_in(content))
}

/// Returns the end of what `{{` opens, past texts in quotes. It stands on a line, but for comments.
fn closing(text: &str) -> Option<usize> {
    let is_comment = text[2..].trim_start_matches(['-', ' ']).starts_with("/*");
    if is_comment {
        let end = text.find("*/")?;
        return text[end..].find("}}").map(|close| end + close + 2);
    }
    let line = text.find('\n').map_or(text, |end| &text[..end]);
    line.find("}}")?;
    let mut quote = None;
    for (at, letter) in line.char_indices().skip(2) {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '`' | '"' | '\'') => quote = Some(letter),
            None if line[at..].starts_with("}}") => return Some(at + 2),
            _ => {}
        }
    }
    // A quote that nobody closes is no quote.
    line.find("}}").map(|end| end + 2)
}

/// Returns what stands between the braces.
fn inside(written: &str) -> &str {
    let inner = written.strip_prefix("{{").unwrap_or(written);
    let inner = inner.strip_suffix("}}").unwrap_or(inner);
    inner.trim_start_matches(['-', '{', '~']).trim_end_matches(['-', '}', '~']).trim()
}

/// Finds the name that an expression is about.
fn name_in(content: &str) -> Option<&str> {
    let words: Vec<&str> = content
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '|' | '(' | ')' | ','))
        .collect();
    let is_name = |word: &&&str| {
        let word = word.trim_start_matches(['.', '$']);
        word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
    };
    let dotted = words.iter().find(|word| word.starts_with('.') && is_name(word));
    dotted.or_else(|| words.iter().find(is_name)).copied()
}

fn default_in(content: &str) -> Option<&str> {
    let rest = &content[content.find("default")? + "default".len()..];
    let rest = rest.trim_start_matches([' ', '(']);
    let quote = rest.chars().next().filter(|letter| matches!(letter, '"' | '\'' | '`'))?;
    rest[1..].split(quote).next()
}

fn dollar(text: &str) -> Option<Mark> {
    let rest = &text[1..];
    let (braced, rest) = rest.strip_prefix('{').map_or((false, rest), |rest| (true, rest));
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || braced && letter == '.';
    let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    let name = &rest[..length];
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
        return None;
    }
    if !braced {
        return of(Kind::Dollar, &text[..=length], name, None);
    }
    let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
    let close = line[length..].find('}')? + length;
    let more = &line[length..close];
    let default = match more.trim_start_matches(':').chars().next() {
        None => None,
        Some('-' | '=' | '+' | '?') => Some(&more.trim_start_matches(':')[1..]),
        Some(_) => return None,
    };
    of(Kind::Dollar, &text[..=2 + close], name, default)
}

/// Returns the length of a name in capitals.
fn capitals(text: &str, more: &[char]) -> usize {
    let is_part =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || more.contains(&letter);
    text.find(|letter| !is_part(letter)).unwrap_or(text.len())
}

fn underscores(text: &str) -> Option<Mark> {
    let rest = text.strip_prefix("__")?;
    let run = &rest[..capitals(rest, &['_'])];
    let name = run.strip_suffix("__")?;
    let ends = !text.as_bytes().get(2 + run.len()).copied().is_some_and(is_word);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_uppercase()) && !name.ends_with('_');
    if ends && is_name { of(Kind::Underscores, &text[..2 + run.len()], name, None) } else { None }
}

fn ats(text: &str) -> Option<Mark> {
    let twice = text.starts_with("@@");
    let fence = if twice { "@@" } else { "@" };
    let rest = &text[fence.len()..];
    let name = &rest[..capitals(rest, &['_', '-', '.'])];
    let end = fence.len() + name.len() + fence.len();
    let is_name = name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name.len() > 1;
    if is_name && rest[name.len()..].starts_with(fence) {
        of(Kind::Ats, &text[..end], name, None)
    } else {
        None
    }
}

fn angles(text: &str) -> Option<Mark> {
    let line = text.find('\n').map_or(text, |end| &text[..end]);
    let end = line.find('>')?;
    let name = &line[1..end];
    let in_capitals = capitals(name, &['_', '-', ' ']) == name.len();
    let is_asked = name.to_ascii_lowercase().starts_with("your") && !name.contains(['<', '=', '"', '/']);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.len() > 1;
    if is_name && (in_capitals || is_asked) { of(Kind::Angles, &line[..=end], name, None) } else { None }
}

fn bars(text: &str) -> Option<Mark> {
    let length = capitals(text, &['_', '-']);
    let rest = text[length..].strip_prefix("|-")?;
    let close = rest.find("-|")?;
    let end = length + 2 + close + 2;
    of(Kind::Bars, &text[..end], &text[..length], Some(&rest[..close]))
}

/// Returns the word of a line that has nothing else: in capitals, of several parts.
fn bare(line: &str) -> Option<&str> {
    let word = line.trim();
    let is_name = word.len() > 3
        && word.starts_with(|letter: char| letter.is_ascii_uppercase())
        && word.contains('_')
        && capitals(word, &['_', '-']) == word.len();
    is_name.then_some(word)
}
