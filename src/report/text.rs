//! User text made harmless: no terminal sequences, no secret-looking values.

use std::ops::Range;

use crate::secrets::{self, is_secret_key};

/// What starts a command anywhere in a line of a log: in that of a GitHub runner, and in that of Azure
/// Pipelines. Source: `ActionCommand.TryParse` in <https://github.com/actions/runner>.
const LOG_COMMANDS: [&str; 2] = ["##[", "##vso["];

/// Replaces control characters by visible stand-ins, so that no text can move the cursor, colour the
/// terminal or start a workflow command, be it on a line of its own (`::error::`) or within one (`##[error]`).
pub fn harmless(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('?'),
            '\u{7f}' => '\u{2421}',
            c if c.is_control() => '?',
            c if reorders(c) => '?',
            c => c,
        })
        .collect();
    LOG_COMMANDS.iter().fold(text, |text, command| text.replace(command, &command.replacen('#', "# ", 1)))
}

/// Tells whether a character reorders what a reader sees, or begins a line for some readers and not for others.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Keeps lines from being taken for commands by the runner that reads the log they are printed to: those that
/// start with two colons, however far they are indented.
pub fn lines_without_commands(text: &str) -> String {
    let quiet = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", &line[..line.len() - rest.len() - 2]),
        None => line.to_owned(),
    };
    text.split_inclusive('\n').map(quiet).collect()
}

/// Keeps a JSON document from being taken for a command by whoever reads the log that it is printed to.
/// Its meaning stays.
pub fn quiet_in_logs(json: &str) -> String {
    let escaped = |command: &str| command.replacen('#', "\\u0023", 1);
    let json =
        LOG_COMMANDS.iter().fold(json.to_owned(), |json, command| json.replace(command, &escaped(command)));
    // JSON itself escapes only the first control characters.
    let is_unseen = |c: char| matches!(c, '\u{7f}'..='\u{9f}') || reorders(c);
    if !json.contains(is_unseen) {
        return json;
    }
    let escape = |c: char| if is_unseen(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    json.chars().map(escape).collect()
}

/// Returns a source line ready to be shown: every byte keeps its column, control characters and the
/// values of secret-looking keys do not show.
pub fn masked(line: &str) -> String {
    let hidden = secret_values(line);
    let shown: String = line
        .char_indices()
        .flat_map(|(at, c)| {
            let shown = match c {
                '\t' | '\r' => ' ',
                c if hidden.iter().any(|range| range.contains(&at)) && !c.is_whitespace() => '*',
                c if c.is_control() || reorders(c) => '?',
                c => return std::iter::repeat_n(c, 1),
            };
            // One stand-in for each byte, so that offsets still fit.
            std::iter::repeat_n(shown, c.len_utf8())
        })
        .collect();
    LOG_COMMANDS.iter().fold(shown, |shown, command| shown.replace(command, &command.replacen('#', "?", 1)))
}

/// Puts stars over parts of a text, one for each byte, so that offsets still fit. Line ends and blanks stay.
pub(super) fn hidden(text: &str, parts: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut parts = parts.to_vec();
    parts.sort_by_key(|part| part.start);
    for part in parts {
        let (start, end) = (part.start.max(at), part.end.min(text.len()));
        if start >= end || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
            continue;
        }
        out.push_str(&text[at..start]);
        for c in text[start..end].chars() {
            match c {
                c if c.is_whitespace() => out.push(c),
                c => out.extend(std::iter::repeat_n('*', c.len_utf8())),
            }
        }
        at = end;
    }
    out + &text[at..]
}

/// Returns the text of a file with stars for its secrets, and every other byte as it is.
pub fn shown(path: &str, text: &str) -> String {
    let mut parts: Vec<Range<usize>> = secrets::scan(path, text).into_iter().map(|hit| hit.span).collect();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let values = secret_values(line.trim_end_matches(['\n', '\r']));
        parts.extend(values.into_iter().map(|part| start + part.start..start + part.end));
        start += line.len();
    }
    parts.extend(secret_blocks(text));
    hidden(text, &parts)
}

/// Finds the lines of blocks of text behind secret-looking keys: `PASS: |` and what is indented deeper.
pub(super) fn secret_blocks(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut start, mut inside) = (Vec::new(), 0, None);
    for line in text.split_inclusive('\n') {
        let written = line.trim();
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let plain = line.len() - line.trim_start().len();
        match inside {
            Some(outer) if written.is_empty() || plain > outer => found.push(start..start + line.len()),
            _ => {
                inside = written.split_once(": ").and_then(|(key, mark)| {
                    let key = key.trim_start_matches(['-', ' ']).trim_matches(['"', '\'']);
                    (mark.trim_start().starts_with(['|', '>']) && is_secret_key(key)).then_some(indent)
                });
            }
        }
        start += line.len();
    }
    found
}

/// Takes the literal values of secret-looking keys in `line` out of a text that speaks of that line.
pub(super) fn without_secrets(text: &str, line: &str) -> String {
    let mut text = text.to_owned();
    for range in secret_values(line) {
        let written = line[range].trim();
        for value in [written, written.trim_matches(['"', '\''])] {
            // A short value is part of other words as well; as a value it stands in marks.
            for (open, close) in [("`", "`"), ("\"", "\""), (" ", "`"), (" ", "")] {
                if value.len() >= 4 || !close.is_empty() {
                    text = text.replace(&format!("{open}{value}{close}"), &format!("{open}***{close}"));
                }
            }
        }
    }
    text
}

/// Tells whether a text gives a value to a secret-looking key, or repeats the one that `line` gives to it.
pub(super) fn repeats_secret(text: &str, line: &str) -> bool {
    let of_line = secret_values(line).into_iter().map(|range| line[range].trim().trim_matches(['"', '\'']));
    of_line.into_iter().any(|value| !value.is_empty() && text.contains(value))
        || text.lines().any(|line| !secret_values(line).is_empty())
}

/// Finds the literal values of secret-looking keys in a line.
fn secret_values(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (colon, _) in line.match_indices(':') {
        let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        let quoted = line[..colon].trim_end_matches(['"', '\'']);
        let key = quoted.rsplit(|c| !is_key(c)).next().unwrap_or_default();
        let rest = &line[colon + 1..];
        if !is_secret_key(key) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
            continue;
        }
        let start = line.len() - rest.trim_start().len();
        let value = &line[start..];
        let end = match value.chars().next() {
            // A reference or a map names a secret and does not hold one; a block starts on the next line.
            None | Some('{' | '[' | '#' | '|' | '>' | '*') => continue,
            Some(quote @ ('"' | '\'')) => value[1..].rfind(quote).map_or(line.len(), |at| start + at + 2),
            // In a flow map a comma or bracket ends the value; elsewhere it is part of it.
            Some(_) if line[..start].contains('{') => {
                value.find([',', '}']).map_or(line.len(), |at| start + at)
            }
            Some(_) => line.len(),
        };
        found.push(start..end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_looking_values_do_not_show() {
        assert_eq!(masked("  DB_PASSWORD: hunter2"), "  DB_PASSWORD: *******");
        assert_eq!(masked("  apiToken: \"a b\" # why"), "  apiToken: ** ** # why");
        assert_eq!(masked("env: { TOKEN: abc, A: b }"), "env: { TOKEN: ***, A: b }");
        assert_eq!(masked("envFrom: [{ secret: payments }]"), "envFrom: [{ secret: payments }]");
        assert_eq!(
            masked("  DB_PASSWORD: { secret: db, key: pw }"),
            "  DB_PASSWORD: { secret: db, key: pw }"
        );
        assert_eq!(masked("image: registry.example/a:v1"), "image: registry.example/a:v1");
    }

    #[test]
    fn blocks_behind_secret_looking_keys_do_not_show() {
        let text = "env:\n  PASS: |\n    one two\n\n    three\n  LEVEL: |\n    four\n";
        let hidden = "env:\n  PASS: |\n    *** ***\n\n    *****\n  LEVEL: |\n    four\n";
        assert_eq!(shown("metadata.yaml", text), hidden);
    }

    #[test]
    fn messages_lose_the_value_too() {
        let line = "  API_TOKEN: 1234.10";
        assert_eq!(without_secrets("`1234.10` does not survive", line), "`***` does not survive");
        assert_eq!(without_secrets("write `API_TOKEN: \"1234.10\"`", line), "write `API_TOKEN: \"***\"`");
        assert_eq!(without_secrets("`on` is on", "PASSWORD: on"), "`***` is on");
    }

    #[test]
    fn a_fix_repeats_no_secret() {
        assert!(repeats_secret("\"1234.10\"", "  API_TOKEN: 1234.10"));
        assert!(repeats_secret("API_TOKEN: abc", "x: y"));
        assert!(!repeats_secret("{ secret: db, key: pw }", "  API_TOKEN: 1234.10"));
        assert!(!repeats_secret("\"on\"", "  DEBUG: on"));
    }

    #[test]
    fn columns_are_kept() {
        for line in ["a\u{1b}[31mb", "x\u{85}y", "é\u{202e}z", "\tkey: v", "→k: v", "\u{feff}k: v"] {
            assert_eq!(masked(line).len(), line.len(), "{line:?}");
            assert!(!masked(line).contains('\u{1b}'));
        }
    }

    #[test]
    fn no_line_starts_with_a_command() {
        let text = "::a\n  ::b::c\n+::d\n::";
        assert_eq!(lines_without_commands(text), ": :a\n  : :b::c\n+::d\n: :");
        assert!(!lines_without_commands("::::a").starts_with("::"));
    }

    #[test]
    fn nothing_reaches_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2J\n::error::x\u{9b}"), "a␛[2J␊::error::x?");
    }

    #[test]
    fn no_log_takes_a_text_for_a_command() {
        assert_eq!(harmless("a ##[error]b ###[x] ##vso[y]"), "a # #[error]b ## #[x] # #vso[y]");
        assert_eq!(masked("a ##[error]b ##vso[y]"), "a ?#[error]b ?#vso[y]");
        let json = r###"["##[a]", "\\##vso[b]"]"###;
        assert_eq!(quiet_in_logs(json), r#"["\u0023#[a]", "\\\u0023#vso[b]"]"#);
        assert_eq!(quiet_in_logs("\"\u{9b}é\u{202e}\""), r#""\u009bé\u202e""#);
    }
}
