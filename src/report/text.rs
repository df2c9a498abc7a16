//! User text made harmless: no terminal sequences, no secret-looking values.

/// Words in a key that make its value a secret until proven otherwise.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
    "privatekey",
    "credential",
];

/// Replaces control characters by visible stand-ins, so that no text can move the cursor, colour the
/// terminal or start a workflow command on a line of its own.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('?'),
            '\u{7f}' => '\u{2421}',
            c if c.is_control() => '?',
            // Characters that reorder what a reader sees.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => '?',
            c => c,
        })
        .collect()
}

/// Returns a source line ready to be shown: every byte keeps its column, control characters and the
/// values of secret-looking keys do not show.
pub fn masked(line: &str) -> String {
    let hidden = secret_value(line).unwrap_or(line.len());
    line.char_indices()
        .flat_map(|(at, c)| {
            let shown = match c {
                '\t' | '\r' => ' ',
                c if at >= hidden && !c.is_whitespace() => '*',
                c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => '?',
                c => return std::iter::repeat_n(c, 1),
            };
            // One stand-in for each byte, so that offsets still fit.
            std::iter::repeat_n(shown, c.len_utf8())
        })
        .collect()
}

/// Finds where the literal value of a secret-looking key starts in a line.
fn secret_value(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let word = SECRET_WORDS.iter().filter_map(|word| lower.find(word)).min()?;
    let colon = word + lower[word..].find(':')?;
    let value = line[colon + 1..].trim_start();
    // A reference or a map names a secret and does not hold one.
    if value.is_empty() || value.starts_with(['{', '[', '#', '|', '>']) {
        return None;
    }
    Some(line.len() - value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_looking_values_do_not_show() {
        assert_eq!(masked("  DB_PASSWORD: hunter2"), "  DB_PASSWORD: *******");
        assert_eq!(masked("  apiToken: \"a b\" # why"), "  apiToken: ** ** * ***");
        assert_eq!(
            masked("  DB_PASSWORD: { secret: db, key: pw }"),
            "  DB_PASSWORD: { secret: db, key: pw }"
        );
        assert_eq!(masked("image: registry.example/a:v1"), "image: registry.example/a:v1");
    }

    #[test]
    fn columns_are_kept() {
        for line in ["a\u{1b}[31mb", "x\u{85}y", "é\u{202e}z", "\tkey: v"] {
            assert_eq!(masked(line).len(), line.len(), "{line:?}");
            assert!(!masked(line).contains('\u{1b}'));
        }
    }

    #[test]
    fn nothing_reaches_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2J\n::error::x\u{9b}"), "a␛[2J␊::error::x?");
    }
}
