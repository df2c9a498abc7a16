//! Passwords and tokens of addresses, taken out of whatever git prints.

/// What stands for a secret.
const MASK: &str = "***";

/// Takes the user part out of each URL in a text, and the secrets wherever they stand. `git@` of ssh is no secret and stays.
pub(super) fn masked(text: &str, secrets: &[String]) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(|c: char| c.is_whitespace() || "/'\"`?#<>".contains(c)).unwrap_or(tail.len());
        let (authority, after) = tail.split_at(end);
        match authority.rsplit_once('@') {
            Some((user, host)) if user.contains(':') || !is_ssh(head) => {
                out.push_str(MASK);
                out.push('@');
                out.push_str(host);
            }
            _ => out.push_str(authority),
        }
        rest = after;
    }
    out.push_str(rest);
    for secret in secrets {
        out = out.replace(secret.as_str(), MASK);
    }
    out
}

/// Returns what of an address has to be nowhere: its password as written and as meant, and a user's name that may be a token.
pub(super) fn secrets(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    // A password may have a slash where it was not encoded.
    let Some((user, _)) = rest.rsplit_once('@') else { return Vec::new() };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut found = Vec::new();
    // Shorter ones stand in other words as well.
    if password.len() >= 4 {
        found.push(password.to_owned());
    }
    if !is_ssh(&format!("{scheme}://")) && name.len() >= 16 {
        found.push(name.to_owned());
    }
    let decoded: Vec<String> = found.iter().map(|text| decoded(text)).collect();
    found.extend(decoded);
    // A longer one first: one may be part of another.
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found
}

fn is_ssh(up_to_slashes: &str) -> bool {
    ["ssh://", "git+ssh://", "ssh+git://"].iter().any(|scheme| up_to_slashes.ends_with(scheme))
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_addresses_are_nowhere() {
        for (text, expected) in [
            (
                "fatal: unable to access 'https://me:secret@host/a/': x",
                "fatal: unable to access 'https://***@host/a/': x",
            ),
            ("https://ghp_token@host", "https://***@host"),
            ("ssh://git@host/a", "ssh://git@host/a"),
            ("ssh://git:secret@host/a", "ssh://***@host/a"),
            ("https://a:b@c@host/ and http://d:e@f", "https://***@host/ and http://***@f"),
            ("https://host/a@b", "https://host/a@b"),
            ("git@host:a", "git@host:a"),
            ("://", "://"),
        ] {
            assert_eq!(masked(text, &[]), expected);
        }
        let secrets = secrets("https://me:se%2Fcret/slash@host/a");
        assert_eq!(masked("for me: se%2Fcret/slash or se/cret/slash", &secrets), "for me: *** or ***");
    }
}
