//! Base64 as kustomize writes it into objects.

/// How long a line is.
const LINE: usize = 70;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes bytes. Where they take 70 characters or more, all lines end with a line break.
pub(super) fn lines(bytes: &[u8]) -> String {
    let encoded = encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut out = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for (at, character) in encoded.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            out.push('\n');
        }
        out.push(character);
    }
    out.push('\n');
    out
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place > chunk.len() {
                out.push('=');
            } else {
                out.push(char::from(ALPHABET[bits >> (18 - 6 * place) & 63]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines() {
        assert_eq!(lines(b""), "");
        assert_eq!(lines(b"a"), "YQ==");
        assert_eq!(lines(b"ab"), "YWI=");
        assert_eq!(lines(b"\xff\xfe\xfd"), "//79");
        let long = lines(&[0xff; 60]);
        assert_eq!(long, format!("{}\n{}\n", "/".repeat(70), "/".repeat(10)));
        assert_eq!(lines(&[0; 51]).len(), 68);
    }
}
