//! ConfigMaps and Secrets. No value of either is ever shown.

use serde_json::Value as Json;

use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::text::CONFIG_KEY;

/// Bytes of all values together, at the most: `MaxSecretSize`.
const MAX_BYTES: usize = 1 << 20;

/// `ValidateConfigMap`.
pub(super) fn config_map<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let (data, binary) = (root.key("data"), root.key("binaryData"));
    let mut bytes = 0;
    for (key, value) in data.entries() {
        faults.hold_text(value, key, &CONFIG_KEY);
        bytes += value.text().len();
        if binary.json.get(key).is_some() {
            faults.refuse(value, format!("{} is in `binaryData` too", show(key)));
        }
    }
    for (key, value) in binary.entries() {
        faults.hold_text(value, key, &CONFIG_KEY);
        bytes += encoded(value, faults).map_or(0, |bytes| bytes.len());
    }
    if bytes > MAX_BYTES {
        faults
            .refuse(root, format!("the values have {bytes} bytes together, {MAX_BYTES} (1 MiB) at the most"));
    }
}

/// `ValidateSecret`.
pub(super) fn secret<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let (data, plain) = (root.key("data"), root.key("stringData"));
    let mut bytes = 0;
    for (key, value) in data.entries() {
        // A text without encoding takes its place.
        if plain.json.get(key).is_none() {
            faults.hold_text(value, key, &CONFIG_KEY);
            bytes += encoded(value, faults).map_or(0, |bytes| bytes.len());
        }
    }
    for (key, value) in plain.entries() {
        faults.hold_text(value, key, &CONFIG_KEY);
        bytes += value.text().len();
    }
    if bytes > MAX_BYTES {
        faults
            .refuse(data, format!("the values have {bytes} bytes together, {MAX_BYTES} (1 MiB) at the most"));
    }
    kind(root, faults);
}

/// Keys that a type of Secret needs.
fn kind<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    let (data, plain) = (root.key("data"), root.key("stringData"));
    let has = |key: &str| data.json.get(key).is_some() || plain.json.get(key).is_some();
    let kind = root.key("type").text();
    let needed: &[&str] = match kind {
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => &["username"],
        "kubernetes.io/service-account-token" => {
            let metadata = root.key("metadata");
            let annotations = metadata.key("annotations");
            let account = annotations.key("kubernetes.io/service-account.name");
            if account.text().is_empty() {
                faults
                    .refuse(account, format!("{} needs the annotation with the service account", show(kind)));
            }
            &[]
        }
        _ => &[],
    };
    for key in needed.iter().filter(|key| !has(key)) {
        faults.refuse(data.key(key), format!("{} needs the key `{key}`", show(kind)));
    }
    let value = |key: &'static str| match plain.json.get(key) {
        Some(text) => text.as_str().map(|text| text.as_bytes().to_vec()),
        None => decode(data.json.get(key)?.as_str()?),
    };
    let place = |key: &'static str| if plain.json.get(key).is_some() { &plain } else { &data };
    for key in needed.iter().filter(|key| has(key)) {
        let Some(bytes) = value(key) else { continue };
        let place = place(key);
        if key.starts_with(".docker")
            && !serde_json::from_slice::<Json>(&bytes).is_ok_and(|json| json.is_object())
        {
            faults.refuse(place.key(key), format!("`{key}` is no JSON object"));
        } else if *key == "ssh-privatekey" && bytes.is_empty() {
            faults.refuse(place.key(key), format!("`{key}` must not be empty"));
        }
    }
}

/// Decodes a value, or refuses it.
fn encoded<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) -> Option<Vec<u8>> {
    let bytes = decode(at.text());
    if bytes.is_none() {
        faults.refuse(at, "the value is no base64");
    }
    bytes
}

/// Standard base64 with padding and line breaks, as Go reads it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if count % 4 >= 2 && padding < 2 => {
                padding += 1;
                group <<= 6;
                count += 1;
                if count.is_multiple_of(4) {
                    let whole = 3 - usize::try_from(padding).ok()?;
                    bytes.extend_from_slice(&group.to_be_bytes()[1..=whole]);
                }
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        group = (group << 6) | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            bytes.extend_from_slice(&group.to_be_bytes()[1..]);
            group = 0;
        }
    }
    count.is_multiple_of(4).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        for (text, bytes) in [("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YW\nJj\n", "abc")] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["YQ", "YQ=", "Y===", "YQ==YQ==", "Y Q=", "a-_b", "geheim!", "===="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
