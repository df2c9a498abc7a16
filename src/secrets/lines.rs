//! Keys and values in a text of any syntax, line by line: properties, INI, TOML, shell, XML, code, arguments.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Hit, keys, values};

/// How the values of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// As they are, or in quotes: `password = hunter2`.
    Plain,
    /// In quotes; what has none is an expression: `password = read()`.
    Code,
}

impl Syntax {
    /// Tells by the name of a file.
    pub(super) fn of(path: &str) -> Self {
        const CODE: &[&str] = &[
            "js", "mjs", "cjs", "ts", "tsx", "jsx", "py", "lua", "rb", "go", "java", "php", "groovy", "kt",
            "cs", "html", "htm", "tmpl", "tpl", "sql", "md", "txt", "graphql", "proto", "css", "rst",
            "scala", "rs", "pl", "vue", "ftl", "j2", "adoc", "csv",
        ];
        let (_, extension) = path.rsplit_once('.').unwrap_or_default();
        let extension = extension.to_ascii_lowercase();
        if CODE.contains(&extension.as_str()) { Self::Code } else { Self::Plain }
    }
}

/// A key, what stands between, and where the value starts.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)(?:^|\\[nrt]|[\s"'{(\[,;&?<|@\\-])(-{0,2}[A-Za-z_][A-Za-z0-9_./-]{0,100})(\\?["']?\]?[ \t]*(?:=>|:=|[=:])[ \t]*|>|[ \t]+)"#)
        .expect("the pattern is fixed, and every test of this room uses it")
});

/// `<property name="db.password" value="hunter2"/>`, in which the value has a key of its own.
static ATTRIBUTES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:name|key|id)\s*=\s*["']([^"']{1,100})["']\s+value\s*=\s*["']([^"']{1,400})["']"#)
        .expect("the pattern is fixed, and a test of this room uses it")
});

/// Finds the secrets behind keys that say so.
pub(super) fn find(text: &str, syntax: Syntax) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if keys::may_hold(line) && !is_comment(line) {
            in_line(line, start, syntax, &mut hits);
        }
        start += line.len();
    }
    hits
}

/// Takes from a key what makes an argument of it: `--password`, `-Ddb.password`.
fn bare(key: &str) -> &str {
    let name = key.trim_start_matches('-');
    match name.strip_prefix('D') {
        Some(property) if key.starts_with("-D") && !property.is_empty() => property,
        _ => name,
    }
}

fn is_comment(line: &str) -> bool {
    ["#", "//", ";", "*", "<!--", "--[[", "/*"].iter().any(|mark| line.trim_start().starts_with(mark))
}

fn in_line(line: &str, start: usize, syntax: Syntax, hits: &mut Vec<Hit>) {
    let line = line.trim_end_matches(['\n', '\r']);
    let mut push = |key: &str, from: usize, value: &str| {
        let key = bare(key);
        if keys::says(key).is_some_and(|says| values::is_secret(says, value)) {
            let from = start + from;
            hits.push(Hit { span: from..from + value.len(), found: Found::Key(key.into()) });
        }
    };
    let attributes = line.contains("value").then(|| ATTRIBUTES.captures_iter(line));
    for found in attributes.into_iter().flatten() {
        let (Some(key), Some(value)) = (found.get(1), found.get(2)) else { continue };
        push(key.as_str(), value.start(), value.as_str());
    }
    let (mut at, mut looked) = (0, 0);
    while looked < MOST_KEYS
        && let Some(found) = PAIR.captures_at(line, at)
    {
        let (Some(key), Some(between)) = (found.get(1), found.get(2)) else { break };
        // The separator of this key may stand before the next one.
        at = key.end();
        let blank = between.as_str().trim().is_empty();
        let flag = key.as_str().starts_with('-');
        if (blank && !flag) || keys::says(key.as_str()).is_none() {
            continue;
        }
        looked += 1;
        if let Some((from, value)) = value_at(line, between.end(), between.as_str(), syntax, flag) {
            push(key.as_str(), from, value);
        }
    }
}

/// The most keys of one line whose values are looked at.
const MOST_KEYS: usize = 1000;
/// The most bytes of a value that is looked at.
const LONGEST: usize = 4 << 10;

/// Reads the value that starts at a place, without its quotes.
fn value_at<'a>(
    line: &'a str,
    at: usize,
    between: &str,
    syntax: Syntax,
    flag: bool,
) -> Option<(usize, &'a str)> {
    // No secret is longer, and a line may be as long as a file.
    let line = &line[..line.floor_char_boundary(at.saturating_add(LONGEST))];
    let rest = line.get(at..)?;
    // A quote may itself be escaped, in a text within a text.
    let open = rest.trim_start_matches('\\');
    let escapes = rest.len() - open.len();
    if let Some(quote @ ('"' | '\'' | '`')) = open.chars().next()
        && (escapes == 0 || quote == '"')
    {
        let from = at + escapes + 1;
        let inside = line.get(from..)?;
        let end = closing(inside, quote, escapes > 0)?;
        return Some((from, &inside[..end]));
    }
    if between == ">" {
        let end = rest.find('<')?;
        return Some((at, &rest[..end]));
    }
    if syntax == Syntax::Code && !flag {
        return None;
    }
    let mut end = rest.len();
    for stop in [" #", " //", "\t#", "\\n", "\\r", "\\\"", "\"", "<", "`"] {
        end = rest[..end].find(stop).unwrap_or(end);
    }
    let value = &rest[..end];
    // Of several on one line, `host=db password=hunter2 sslmode=on`, and in a query or list.
    let more = value.find([' ', '\t']).filter(|blank| flag || value[*blank..].contains('='));
    let value = more.map_or(value, |blank| &value[..blank]);
    let value = if between.contains('=') { value.split(['&', ';']).next().unwrap_or(value) } else { value };
    // A bracket that nothing in the value opens belongs to what is around it.
    let value = value.trim_end_matches(|c: char| match c {
        '}' => !value.contains('{'),
        ']' => !value.contains('['),
        ')' => !value.contains('('),
        c => matches!(c, ' ' | '\t' | ',' | ';' | '\'' | '\\'),
    });
    (!value.is_empty()).then_some((at, value))
}

/// Finds the quote that ends a text.
fn closing(text: &str, quote: char, escaped: bool) -> Option<usize> {
    if escaped {
        return text.find("\\\"");
    }
    let mut skip = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if skip => skip = false,
            '\\' => skip = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, syntax: Syntax) -> Vec<&str> {
        find(text, syntax).into_iter().map(|hit| &text[hit.span]).collect()
    }

    #[test]
    fn values_are_found_in_every_syntax() {
        for text in [
            "db.password=hunter2",
            "db.password = hunter2 # why",
            "DB_PASSWORD='hunter2'",
            "export DB_PASSWORD=\"hunter2\"",
            "password: hunter2",
            "<password>hunter2</password>",
            "<property name=\"db.password\" value=\"hunter2\"/>",
            "{\"dbPassword\": \"hunter2\", \"a\": 1}",
            "{\\\"dbPassword\\\": \\\"hunter2\\\"}",
            "run --db-password hunter2 --level info",
            "run --db-password=hunter2 --level info",
            "host=db user=a password=hunter2 sslmode=on",
            "jdbc:postgresql://db/x?user=a&password=hunter2&ssl=true",
            "Server=db;Password=hunter2;Pooling=true",
            "level=info\\npassword=hunter2\\n",
            "const password = 'hunter2';",
            "java -Ddb.password=hunter2 -jar a.jar",
        ] {
            assert_eq!(found(text, Syntax::Plain), ["hunter2"], "{text}");
        }
        assert_eq!(found("a.password = \"hunter2\"", Syntax::Code), ["hunter2"]);
    }

    #[test]
    fn what_is_no_value_is_not_taken_for_one() {
        for text in [
            "# password: hunter2",
            "password_reset_enabled: true",
            "password:",
            "Please enter the password to go on",
            "proxy_pass http://payments;",
            "password: ${DB_PASSWORD}",
            "<password>${db.password}</password>",
            "forgot = Forgot password?",
            "token = read_token()",
        ] {
            assert_eq!(found(text, Syntax::Plain), Vec::<&str>::new(), "{text}");
        }
        assert_eq!(found("password = other", Syntax::Code), Vec::<&str>::new());
    }
}
