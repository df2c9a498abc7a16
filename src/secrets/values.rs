//! Values behind a key that says "secret", and whether they are one.
//!
//! Most are not: on real configuration nine of ten are names, paths, addresses, switches and placeholders, and a rule
//! that takes them for secrets is switched off within a day.

use super::keys::Says;

/// Tells whether a value is a secret, behind a key that says so much.
pub(super) fn is_secret(says: Says, value: &str) -> bool {
    let value = value.trim();
    if !is_literal(value) || is_sample(value) || is_for_machines(value) {
        return false;
    }
    match says {
        Says::Password => value.chars().count() > 2 && !is_text(value) && !is_label(value),
        Says::Perhaps => !is_text(value) && (looks_random(value) || is_known_default(value)),
    }
}

/// Tells whether a value is what stands in a header of a request: `Bearer` or `Basic`, and a secret (RFC 9110, section 11.4).
pub(super) fn is_credential(says: Says, value: &str) -> bool {
    let Some((scheme, secret)) = value.trim().split_once(' ') else { return false };
    let is_scheme =
        ["bearer", "basic", "token", "apikey"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let secret = secret.trim();
    // What is in base64 with the colon between a name and a password is short, and a password all the same.
    let basic = scheme.eq_ignore_ascii_case("basic") && secret.len() >= 8 && !secret.contains(' ');
    is_scheme && is_literal(secret) && !is_sample(secret) && (basic || is_secret(says, secret))
}

/// Tells whether a value of several lines is a secret: a passphrase or key that was wrapped, and neither words for people
/// nor a file that has keys of its own.
pub(super) fn is_secret_of_lines(says: Says, value: &str) -> bool {
    let lines = || value.lines().map(str::trim).filter(|line| !line.is_empty());
    match says {
        Says::Password => lines().all(|line| !is_text(line)) && lines().any(|line| is_secret(says, line)),
        Says::Perhaps => lines().all(|line| is_secret(says, line) && !line.contains([' ', ':'])),
    }
}

/// Tells whether a value is the value, and not a place for one: `${DB_PASSWORD}`, `$(TOKEN)`, `{{ .Values.x }}`, `<token>`.
pub(super) fn is_literal(value: &str) -> bool {
    const MARKS: &[(&str, &str)] = &[
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("<%", "%>"),
        ("#{", "}"),
        ("@{", "}"),
        ("$[", "]"),
    ];
    let has_mark = MARKS
        .iter()
        .any(|(open, close)| value.find(open).is_some_and(|at| value[at + open.len()..].contains(close)));
    let enclosed = |open: char, close: char| {
        value.len() > 2 && value.starts_with(open) && value.ends_with(close) && !value[1..].contains(' ')
    };
    let variable = value.strip_prefix('$').is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    let dunder = value.len() > 4 && value.starts_with("__") && value.ends_with("__");
    !(value.is_empty()
        || has_mark
        || variable
        || dunder
        || enclosed('<', '>')
        || enclosed('%', '%')
        || enclosed('@', '@')
        || enclosed('[', ']')
        || enclosed('{', '}'))
}

/// Tells whether a value says of itself that it is none: `xxxx`, `REPLACE_ME`, `your-token-here`, AWS's `…EXAMPLE`.
pub(super) fn is_sample(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "replace",
        "placeholder",
        "dummy",
        "redacted",
        "your-",
        "your_",
        "yourpass",
        "example",
        "insert-",
        "insert_",
        "xxxx",
        "****",
        "....",
        "to-be-",
        "to_be_",
        "tobe",
        "todo",
        "fixme",
        "sample",
        "fill-in",
        "fill_in",
        "not-used",
        "notused",
        "notasecret",
        "not-a-secret",
        "_here",
        "-here",
        "omitted",
        "masked",
    ];
    // In a long value these letters come by chance.
    if value.len() > 400 {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let mut letters = lower.chars().filter(|c| c.is_alphanumeric());
    let one_letter = letters.next().is_none_or(|first| letters.all(|c| c == first));
    one_letter || WORDS.iter().any(|word| lower.contains(word))
}

/// Tells whether a value is of those that machines read and nobody keeps secret.
fn is_for_machines(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "null",
        "nil",
        "none",
        "undefined",
        "enabled",
        "disabled",
        "optional",
        "required",
        "string",
        "text",
        "number",
        "boolean",
        "object",
        "unset",
        "empty",
        "n/a",
        "na",
        "basic",
        "bearer",
        "plain",
        "plaintext",
        "bcrypt",
        "vault",
        "redis",
        "jwt",
        "opaque",
        "hidden",
        "auto",
        "env",
        "file",
        "external",
    ];
    const SCHEMES: &[&str] = &[
        "/",
        "./",
        "../",
        "~/",
        "file:",
        "classpath:",
        "vault:",
        "ref+",
        "arn:",
        "op://",
        "sm://",
        "gcp-sm:",
        "aws-sm:",
        "aws-ssm:",
        "ssm:",
        "kv:",
        "env:",
        "projects/",
        "secretref:",
        "secret:",
        "@microsoft.keyvault",
        "enc[",
        "enc(",
        "{cipher}",
        "!vault",
        "$ansible_vault",
        "-----begin public",
        "-----begin cert",
        "-----begin pgp mes",
        "-----begin age",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2",
        "sha256:",
        "urn:",
        "spiffe:",
        "k8s:",
        "kubernetes:",
        "azurekeyvault:",
        "keyvault:",
        "akeyless:",
        "doppler:",
        "sops:",
        "age1",
        "u2f",
        "{{",
        "date:",
    ];
    let lower = value.to_ascii_lowercase();
    let is_number = value.parse::<f64>().is_ok();
    // `15m`, `3600s`, `10Gi`
    let is_amount = value.len() < 12
        && value.starts_with(|c: char| c.is_ascii_digit())
        && [
            "ms", "s", "m", "h", "d", "w", "y", "k", "ki", "mi", "gi", "kb", "mb", "gb", "min", "days",
            "hours",
        ]
        .iter()
        .any(|unit| lower.strip_suffix(unit).is_some_and(|rest| rest.parse::<f64>().is_ok()));
    // Its password, if it has one, is found as a form.
    let is_address = value.contains("://") || is_host(value);
    let is_path =
        value.matches('/').count() > 1 && !value.contains(['=', '+']) && has_words_between(value, '/');
    is_number
        || is_amount
        || is_address
        || is_path
        || WORDS.contains(&lower.as_str())
        || SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
        || is_variable(value)
        || is_expression(value)
}

/// Tells whether a value is the name of an environment variable, as in `passwordEnv: DB_PASSWORD`.
fn is_variable(value: &str) -> bool {
    value.contains('_')
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && value.split('_').all(|word| word.len() < 16)
        && super::keys::may_hold(value)
}

/// Tells whether a value is code: `process.env.TOKEN`, `getToken()`, `config["token"]`.
fn is_expression(value: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '.'))
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
    };
    let chain = value.contains('.')
        && value.split('.').all(is_name)
        && value.split('.').all(|part| !mixes_digits(part))
        && value.split('.').count() < 6;
    let call = value.find('(').is_some_and(|at| at > 0 && value.ends_with([')', ';', '}']))
        && value.split('(').next().is_some_and(|name| name.split('.').all(is_name));
    chain || call
}

/// Tells whether a value is a host, with or without a port: `redis:6379`, `db.internal`.
fn is_host(value: &str) -> bool {
    let (host, port) = value.rsplit_once(':').map_or((value, None), |(host, port)| (host, Some(port)));
    let is_port = port
        .is_none_or(|port| port.len() < 6 && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let is_host = host.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    });
    is_port
        && is_host
        && (port.is_some() || (host.contains('.') && !host.ends_with(|c: char| c.is_ascii_digit())))
}

/// Tells whether a value is words for people: "Forgot password?", "Bitte Passwort eingeben".
fn is_text(value: &str) -> bool {
    let words = value.split_whitespace().count();
    words > 1 && (words > 4 || value.split_whitespace().any(is_word))
        || value.ends_with(['?', ':', '…']) && !value.contains(|c: char| c.is_ascii_digit())
        || value.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
}

fn is_word(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_ascii_punctuation());
    text.len() > 1 && text.chars().skip(1).all(char::is_lowercase) && text.chars().all(char::is_alphabetic)
}

/// Tells whether a value is the word on a field: "Password", "Passwort".
fn is_label(value: &str) -> bool {
    ["Password", "Passwort", "Passwd", "Passphrase", "PASSWORD", "Kennwort"].contains(&value)
}

/// Tells whether a value is one that people leave in because everything comes with it.
fn is_known_default(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "changeme",
        "change-me",
        "change_me",
        "changeit",
        "letmein",
        "hunter2",
        "admin",
        "password",
        "passw0rd",
        "qwerty",
        "supersecret",
        "super-secret",
        "super_secret",
        "topsecret",
        "top-secret",
        "mysecret",
        "verysecret",
        "s3cr3t",
    ];
    WORDS.contains(&value.to_ascii_lowercase().as_str())
}

/// Tells whether a value looks drawn, and not chosen as a name is.
fn looks_random(value: &str) -> bool {
    if value.contains(char::is_whitespace) || value.len() < 6 {
        return false;
    }
    let bare = value.trim_end_matches('=');
    // A name: words, and numbers of few digits, between hyphens, dots, slashes or underscores.
    if ['-', '_', '.', '/', ':'].iter().any(|separator| bare.contains(*separator))
        && bare.split(['-', '_', '.', '/', ':', '@']).all(is_part_of_name)
    {
        return false;
    }
    if is_part_of_name(bare) {
        return false;
    }
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    let upper = bare.chars().filter(char::is_ascii_uppercase).count();
    let lower = bare.chars().filter(char::is_ascii_lowercase).count();
    let kinds = [digits, upper, lower].iter().filter(|count| **count > 0).count();
    match value.len() {
        ..16 => kinds > 1 && digits > 0,
        _ => entropy(bare) > 3.0 && (kinds > 1 || digits > 0),
    }
}

/// Tells whether a text is a word of a name: `payments`, `v2`, `db1`, `clientSecret`, or nothing.
fn is_part_of_name(text: &str) -> bool {
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - letters.len();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits < 6;
    }
    let one_case =
        letters.chars().all(|c| c.is_ascii_lowercase()) || letters.chars().all(|c| c.is_ascii_uppercase());
    // A word has vowels, and no more than a few consonants in a row.
    let camel = letters.chars().all(|c| c.is_ascii_alphabetic()) && !has_odd_run(letters);
    digits < 3
        && letters.len() < 24
        && (one_case || camel)
        && !has_odd_run(letters)
        && letters.chars().all(|c| c.is_ascii_alphabetic())
}

/// Tells whether letters follow each other as in no word: five consonants, or capitals in the middle again and again.
fn has_odd_run(letters: &str) -> bool {
    let mut consonants = 0;
    let mut turns = 0;
    let mut upper = false;
    for (index, c) in letters.chars().enumerate() {
        consonants = if "aeiouyAEIOUY".contains(c) { 0 } else { consonants + 1 };
        if consonants > 5 && letters.len() > 6 {
            return true;
        }
        if index > 0 && c.is_ascii_uppercase() && !upper {
            turns += 1;
        }
        upper = c.is_ascii_uppercase();
    }
    turns * 4 > letters.len()
}

fn mixes_digits(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && text.len() > 8
}

fn has_words_between(value: &str, separator: char) -> bool {
    value.split(separator).all(|part| part.split(['-', '_', '.', ':']).all(is_part_of_name))
}

/// Returns the bits that each character of a text holds, by its own letters.
#[expect(clippy::cast_precision_loss, reason = "a text has fewer characters than a float has digits")]
fn entropy(text: &str) -> f64 {
    let mut counts = [0_usize; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = text.len().max(1) as f64;
    let part = |count: &usize| -(*count as f64 / all) * (*count as f64 / all).log2();
    counts.iter().filter(|count| **count > 0).map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_from_what_stands_in_their_place() {
        for value in [
            "hunter2",
            "changeme",
            "postgres",
            "password",
            "correct-horse",
            "P@ssw0rd!",
            "a b1c d2",
            "Sommer2024",
            "root",
            "p4ss=word",
        ] {
            assert!(is_secret(Says::Password, value), "{value}");
        }
        for value in [
            "",
            "true",
            "12345",
            "${DB_PASSWORD}",
            "$(DB_PASSWORD)",
            "$DB_PASSWORD",
            "{{ password }}",
            "<password>",
            "%PASSWORD%",
            "/run/secrets/db",
            "DB_PASSWORD",
            "Forgot password?",
            "Password",
            "Please enter it",
            "ENC[AES256_GCM,data:x]",
            "{cipher}abcdef",
            "xxxxxx",
            "********",
            "REPLACE_ME",
            "your-password-here",
            "vault:secret/data/db#password",
            "https://vault.internal/v1",
            "process.env.DB_PASSWORD",
            "getPassword()",
            "string",
            "15m",
            "Passwörter",
            "__PASSWORD__",
        ] {
            assert!(!is_secret(Says::Password, value), "{value}");
        }
    }

    #[test]
    fn a_secret_is_told_from_the_name_of_one() {
        for value in [
            "abc123def456",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzKEY",
            "9f86d081884c7d659a2feaa0c55ad015",
            "changeme",
            "hunter2",
            "dGhpcyBpcyBub3QgYSBzZWNyZXQ=",
            "s3cr3tV4lu3",
            "Xk7pQ2mN9rT4",
        ] {
            assert!(is_secret(Says::Perhaps, value), "{value}");
        }
        for value in [
            "payments-db",
            "payments-db-2",
            "my-secret-v1",
            "X-CSRF-Token",
            "payments",
            "default",
            "redis",
            "3600",
            "true",
            "internal/payments/db",
            "x-api-key",
            "access_token",
            "clientSecret",
            "wildcard-tls",
            "google",
            "projects/a/secrets/b",
            "org.acme.TokenService",
            "Bearer",
            "Forgot your token?",
            "redis:6379",
        ] {
            assert!(!is_secret(Says::Perhaps, value), "{value}");
        }
    }
}
