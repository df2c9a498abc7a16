//! An expression as words, each with its place.

use super::Problem;
use super::syntax::{Literal, Span};

/// A word of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or reserved word.
    Name(Box<str>),
    /// A constant, other than `true`, `false` and `null`, which are names here. A whole number is kept as digits, since
    /// the sign before it decides whether it fits.
    Literal(Literal),
    /// A whole number: its digits and their base.
    Int(Box<str>, u32),
    /// An operator or bracket.
    Sign(&'static str),
    /// The end.
    End,
}

/// Operators and brackets, long ones first.
const SIGNS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", ".?", "[?", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "+",
    "-", "*", "/", "%", "!", "<", ">",
];

/// Cuts an expression into words.
pub(super) fn words(text: &str) -> Result<Vec<(Token, Span)>, Problem> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at = skip_space(text, at);
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        let (token, length) = if let Some(quote) = quote(rest) {
            string(text, at, &quote)?
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            number(text, at)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(rest[..length].into()), length)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            let problem = Problem::new(at..at + first.len_utf8(), format!("`{first}` has no meaning here"));
            return Err(match first {
                '=' => problem.help("write `==` to compare"),
                '&' | '|' => problem.help(format!("write `{first}{first}`")),
                _ => problem,
            });
        };
        words.push((token, at..at + length));
        at += length;
    }
    words.push((Token::End, text.len()..text.len()));
    Ok(words)
}

fn skip_space(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with("//") {
            return at;
        }
        at += trimmed.find('\n').unwrap_or(trimmed.len());
    }
}

/// How a string begins.
struct Quote {
    raw: bool,
    bytes: bool,
    /// Bytes before its content.
    length: usize,
    /// What ends it.
    end: &'static str,
}

fn quote(rest: &str) -> Option<Quote> {
    let prefix = rest.find(|c: char| !matches!(c, 'r' | 'R' | 'b' | 'B')).filter(|length| *length <= 2)?;
    let (raw, bytes) = match rest[..prefix].to_ascii_lowercase().as_str() {
        "" => (false, false),
        "r" => (true, false),
        "b" => (false, true),
        "br" | "rb" => (true, true),
        _ => return None,
    };
    let end = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|end| rest[prefix..].starts_with(end))?;
    Some(Quote { raw, bytes, length: prefix + end.len(), end })
}

fn string(text: &str, at: usize, quote: &Quote) -> Result<(Token, usize), Problem> {
    let start = at + quote.length;
    let mut out: Vec<u8> = Vec::new();
    let mut here = start;
    loop {
        let rest = &text[here..];
        let Some(next) = rest.chars().next() else {
            return Err(Problem::new(at..text.len(), "the text has no end")
                .help(format!("close it with `{}`", quote.end)));
        };
        if rest.starts_with(quote.end) {
            break;
        }
        if quote.end.len() == 1 && matches!(next, '\n' | '\r') {
            return Err(Problem::new(at..here, "the text has no end on its line")
                .help("close it, or write it between three quotes"));
        }
        if next == '\\' && !quote.raw {
            let (length, value) = escape(rest, quote.bytes).ok_or_else(|| {
                Problem::new(here..here + 1, "no such escape").help("write `\\\\` for a backslash")
            })?;
            out.extend_from_slice(value.bytes());
            here += length;
        } else {
            out.extend_from_slice(&rest.as_bytes()[..next.len_utf8()]);
            here += next.len_utf8();
        }
    }
    let length = here + quote.end.len() - at;
    let literal = if quote.bytes {
        Literal::Bytes(out.into())
    } else {
        Literal::String(String::from_utf8_lossy(&out).into_owned().into())
    };
    Ok((Token::Literal(literal), length))
}

/// What an escape stands for.
enum Escaped {
    Char([u8; 4], usize),
    Byte([u8; 1]),
}

impl Escaped {
    fn of(c: char) -> Self {
        let mut bytes = [0; 4];
        let length = c.encode_utf8(&mut bytes).len();
        Self::Char(bytes, length)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Escaped::Char(bytes, length) => &bytes[..*length],
            Escaped::Byte(byte) => byte,
        }
    }
}

/// Reads an escape: how many bytes it takes, and what it stands for.
fn escape(rest: &str, bytes: bool) -> Option<(usize, Escaped)> {
    let kind = rest[1..].chars().next()?;
    let simple = |c| Some((2, Escaped::of(c)));
    let coded = |from: usize, digits: usize, base| {
        let number = u32::from_str_radix(rest.get(from..from + digits)?, base).ok()?;
        let value = if bytes {
            Escaped::Byte([u8::try_from(number).ok()?])
        } else {
            Escaped::of(char::from_u32(number)?)
        };
        Some((from + digits, value))
    };
    match kind {
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\u{b}'),
        '\\' | '?' | '"' | '\'' | '`' => simple(kind),
        'x' | 'X' => coded(2, 2, 16),
        'u' if !bytes => coded(2, 4, 16),
        'U' if !bytes => coded(2, 8, 16),
        '0'..='3' => coded(1, 3, 8),
        _ => None,
    }
}

fn number(text: &str, at: usize) -> Result<(Token, usize), Problem> {
    let rest = &text[at..];
    let bytes = rest.as_bytes();
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unsigned = |length: usize| matches!(bytes.get(length), Some(b'u' | b'U'));
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = 2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        return whole(at, &rest[2..length], 16, length, unsigned(length));
    }
    let mut length = digits(0);
    let mut whole_number = true;
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
        whole_number = false;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
            whole_number = false;
        }
    }
    if whole_number {
        return whole(at, &rest[..length], 10, length, unsigned(length));
    }
    let number: f64 = rest[..length].parse().unwrap_or(f64::INFINITY);
    Ok((Token::Literal(Literal::Double(number)), length))
}

fn whole(
    at: usize,
    digits: &str,
    base: u32,
    length: usize,
    unsigned: bool,
) -> Result<(Token, usize), Problem> {
    if !unsigned {
        return Ok((Token::Int(digits.into(), base), length));
    }
    let number = u64::from_str_radix(digits, base)
        .map_err(|_| Problem::new(at..at + length + 1, "the number is out of range"))?;
    Ok((Token::Literal(Literal::Uint(number)), length + 1))
}
