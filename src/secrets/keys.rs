//! Keys whose values are secrets, as they are written in any file: `DB_PASSWORD`, `spring.datasource.password`,
//! `clientSecret`, `--api-token`.
//!
//! The last word decides: `password-reset-enabled` and `TOKEN_URL` speak of a secret and hold none.

use std::sync::LazyLock;

use regex::Regex;

/// How much a key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// That a password follows, of whatever form.
    Password,
    /// That a secret follows, or the name of one: it has to look like a secret.
    Perhaps,
}

/// Words that end the name of a password.
const PASSWORDS: &[&str] = &["password", "passwd", "passwort", "pwd", "passphrase", "passcode"];
/// Words that end the name of what may be a secret.
const SECRETS: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "credential",
    "authorization",
    "pass",
    "privatekey",
    "secretkey",
    "accesskey",
    "authtoken",
    "clientsecret",
    "signingkey",
    "encryptionkey",
    "auth",
];
/// Words before `key` that make it a secret.
const OF_KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "access",
    "encryption",
    "signing",
    "auth",
    "master",
    "account",
    "storage",
    "license",
    "hmac",
    "aes",
    "service",
    "subscription",
    "shared",
    "session",
    "cookie",
    "jwt",
];
/// Words behind that say which secret it is.
const BEHIND: &[&str] = &[
    "prod",
    "production",
    "prd",
    "dev",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "live",
    "sandbox",
    "local",
    "value",
    "plain",
    "plaintext",
    "cleartext",
    "raw",
    "base64",
    "b64",
    "encoded",
    "primary",
    "secondary",
    "old",
    "new",
    "current",
    "previous",
    "default",
    "env",
];
/// Words of a user interface, in which "password" is a word on a page.
const ON_PAGES: &[&str] = &[
    "forgot",
    "forgotten",
    "reset",
    "confirm",
    "change",
    "invalid",
    "wrong",
    "enter",
    "your",
    "missing",
    "show",
    "hide",
    "repeat",
    "update",
    "choose",
    "require",
    "required",
    "label",
    "text",
    "title",
    "message",
    "error",
    "hint",
    "lost",
];

/// Words of a number that is made of a secret, or of a switch.
const OF_OTHERS: &[&str] =
    &["checksum", "hash", "sha", "sha256", "digest", "fingerprint", "allow", "enable", "disable"];

/// Says whether a text may have such a key at all.
// A boundary of Unicode's words would make the search a slow one in every text with an umlaut; this one takes more.
static GATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)pass|pwd|secret|token|api[_.-]?key|credential|(?:private|access|encryption|signing|auth|master|account|storage|license|hmac|aes|service|subscription|shared|session|cookie|jwt)[_.-]?key|authorization|[_.-]auth(?-u:\b)")
        .expect("the pattern is fixed, and a test compiles it")
});

/// Tells whether some key in a text may say that it holds a secret.
pub(super) fn may_hold(text: &str) -> bool {
    GATE.is_match(text)
}

/// Words in a key whose value is not shown, whatever it looks like.
const HIDDEN: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "authorization",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
    "privatekey",
    "credential",
];

/// Keys that name a secret, or what keeps some, and do not hold one.
const REFERENCES: &[&str] = &[
    "secret",
    "secretname",
    "secretref",
    "secretkeyref",
    "imagepullsecrets",
    "secretstore",
    "secretstores",
    "secretstoreref",
];

/// Tells whether the value of a key must not be printed: each key that `literal-secret` looks behind, and more, since what
/// is hidden can be read in the repo.
pub fn is_secret_key(key: &str) -> bool {
    let lower = key.trim_start_matches('-').to_ascii_lowercase();
    // Alone it is a verb to the rule.
    let is_word = lower == "pass";
    !REFERENCES.contains(&lower.as_str())
        && (is_word || HIDDEN.iter().any(|word| lower.contains(word)) || says(key).is_some())
}

/// Says what a key says of its value; nothing where it is none of ours.
pub(super) fn says(key: &str) -> Option<Says> {
    if !may_hold(key) {
        return None;
    }
    let words = words(key);
    let is_behind =
        |word: &&String| BEHIND.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit());
    if words.iter().any(|word| OF_OTHERS.contains(&word.as_str())) {
        return None;
    }
    let behind = words.iter().rev().take_while(is_behind).count();
    let named = &words[..words.len() - behind.min(words.len())];
    let last = named.last()?;
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let single = last.strip_suffix('s').filter(|_| last != "pass").unwrap_or(last);
    let on_page = named.iter().any(|word| ON_PAGES.contains(&word.as_str()));
    let before = named.len().checked_sub(2).map(|index| named[index].as_str());
    if PASSWORDS.iter().any(|word| single.ends_with(word)) {
        return Some(if on_page { Says::Perhaps } else { Says::Password });
    }
    let of_key = single == "key" && before.is_some_and(|before| OF_KEYS.contains(&before));
    // `pass` and `auth` alone are verbs: `proxy: { pass: … }`.
    let verb = matches!(single, "pass" | "auth") && before.is_none_or(|before| before == "proxy");
    ((SECRETS.contains(&single) || of_key) && !verb).then_some(Says::Perhaps)
}

/// Splits a key into lowercase words.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut before_is_lower = false;
    for c in key.chars() {
        if !c.is_alphanumeric() {
            open = false;
            before_is_lower = false;
            continue;
        }
        if !open || (c.is_uppercase() && before_is_lower) {
            words.push(String::new());
            open = true;
        }
        before_is_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rule_looks_behind_is_never_shown() {
        for key in
            ["DB_PASS", "PASS", "SMTP_AUTH", "passcode", "JWT_KEY", "LICENSE_KEY", "apiToken", "--db-pass"]
        {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["secretStore", "secretName", "proxy_pass", "bypass", "key", "LEVEL"] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn the_last_word_decides() {
        for key in [
            "DB_PASSWORD",
            "spring.datasource.password",
            "password",
            "dbPassword",
            "PGPASSWORD",
            "pwd",
            "DB_PASSWORD_PROD",
            "password2",
            "passwords",
            "SSL_KEY_PASSPHRASE",
        ] {
            assert_eq!(says(key), Some(Says::Password), "{key}");
        }
        for key in [
            "API_TOKEN",
            "clientSecret",
            "apiKey",
            "API_KEY",
            "api-key",
            "SECRET_KEY",
            "aws_secret_access_key",
            "awsSecretAccessKey",
            "SMTP_PASS",
            "reset_password",
            "AZURE_STORAGE_KEY",
            "tokens",
            "HASURA_GRAPHQL_ADMIN_SECRET",
        ] {
            assert_eq!(says(key), Some(Says::Perhaps), "{key}");
        }
        for key in [
            "password_reset_enabled",
            "TOKEN_URL",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "password_hash",
            "tokenTtl",
            "passwordEncoder",
            "csrf_token_header",
            "KEY",
            "key",
            "monkey",
            "compass",
            "proxy_pass",
            "bypass",
            "secretKeyRef",
            "tokenizer",
            "public_key",
            "CERTIFICATE",
            "checksum/secret",
            "ALLOW_EMPTY_PASSWORD",
            "auth",
            "pass",
            "AUTH_URL",
            "secretName",
            "existingSecretPasswordKey",
            "",
        ] {
            assert_eq!(says(key), None, "{key}");
        }
    }
}
