//! What annotations and fields of a route say in the neutral words of `routes`.

use serde_json::{Value as Json, json};

use super::super::maps::Object;
use super::{list, text};
use crate::platform::RouterKind;
use crate::schema;

/// What the annotations of ingress-nginx begin with.
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>.
const NGINX: &str = "nginx.ingress.kubernetes.io/";

/// Tells whether an annotation changes paths, which words say of each path.
pub(super) fn is_rewrite(key: &str) -> bool {
    let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
    matches!(name, "rewrite-target" | "use-regex" | "x-forwarded-prefix" | "rewrite" | "strip-path")
}

/// Takes the annotations out that words say; the others stay annotations.
pub(super) fn take(object: &Json, router: RouterKind, annotations: &mut Object, words: &mut Object) {
    match router {
        RouterKind::IngressNginx => nginx(annotations, words),
        RouterKind::GatewayApi => {
            let mut timeouts =
                list(&object["spec"], "rules").iter().map(|rule| text(&rule["timeouts"], "request"));
            let first = timeouts.next().unwrap_or_default();
            if is_timeout(first) && timeouts.all(|other| other == first) {
                words.insert("timeout".to_owned(), first.into());
            }
        }
        RouterKind::GceIngress | RouterKind::Kong => {}
    }
}

fn nginx(annotations: &mut Object, words: &mut Object) {
    let said = |annotations: &Object, name: &str| {
        annotations.get(&format!("{NGINX}{name}")).and_then(Json::as_str).map(str::to_owned)
    };
    let mut found: Vec<(&str, Json, &[&str])> = Vec::new();
    let [read, send] = ["proxy-read-timeout", "proxy-send-timeout"].map(|name| said(annotations, name));
    if let Some(seconds) = read.filter(|read| is_number(read) && Some(read) == send.as_ref()) {
        found.push(("timeout", format!("{seconds}s").into(), &["proxy-read-timeout", "proxy-send-timeout"]));
    }
    if let Some(size) = said(annotations, "proxy-body-size").as_deref().and_then(size) {
        found.push(("maxBodySize", size.into(), &["proxy-body-size"]));
    }
    if let Some(sources) = said(annotations, "whitelist-source-range") {
        let sources: Vec<&str> = sources.split(',').collect();
        let unique = sources.iter().enumerate().all(|(at, source)| !sources[..at].contains(source));
        if unique && sources.iter().all(|source| schema::check_cidr(source).is_ok()) {
            found.push(("allowedSources", json!(sources), &["whitelist-source-range"]));
        }
    }
    if let Some(rate) = said(annotations, "limit-rps").filter(|rate| is_number(rate)) {
        let mut limit = json!({ "requestsPerSecond": number(&rate) });
        let burst = said(annotations, "limit-burst-multiplier");
        match burst {
            None => found.push(("rateLimit", limit, &["limit-rps"])),
            Some(times) if is_number(&times) => {
                limit["burst"] = (number(&rate) * number(&times)).into();
                found.push(("rateLimit", limit, &["limit-rps", "limit-burst-multiplier"]));
            }
            Some(_) => {}
        }
    }
    for (word, value, from) in found {
        for name in from {
            annotations.shift_remove(&format!("{NGINX}{name}"));
        }
        words.insert(word.to_owned(), value);
    }
}

/// Tells whether a text is a whole number as it would be written, of at most five digits.
fn is_number(text: &str) -> bool {
    (1..=5).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

fn is_timeout(text: &str) -> bool {
    text.strip_suffix(['s', 'm', 'h']).is_some_and(is_number)
}

/// Returns what nginx calls a size, in Kubernetes' words; nothing for one that it would be told otherwise.
fn size(text: &str) -> Option<String> {
    let (amount, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "k" => "Ki",
        "m" => "Mi",
        "g" => "Gi",
        _ => return None,
    };
    // 1024k would be said as 1m.
    (is_number(amount) && !number(amount).is_multiple_of(1024)).then(|| format!("{amount}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(annotations: &Json) -> (Json, Json) {
        let mut annotations = annotations.as_object().cloned().expect("annotations");
        let mut words = Object::new();
        nginx(&mut annotations, &mut words);
        (words.into(), annotations.into())
    }

    #[test]
    fn what_has_a_word_is_said_and_the_rest_stays() {
        let (words, rest) = words_of(&json!({
            "nginx.ingress.kubernetes.io/proxy-read-timeout": "300",
            "nginx.ingress.kubernetes.io/proxy-send-timeout": "300",
            "nginx.ingress.kubernetes.io/proxy-body-size": "50m",
            "nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8,192.168.0.0/16",
            "nginx.ingress.kubernetes.io/limit-rps": "10",
            "nginx.ingress.kubernetes.io/limit-burst-multiplier": "3",
            "nginx.ingress.kubernetes.io/enable-cors": "true",
        }));
        assert_eq!(
            words,
            json!({
                "timeout": "300s", "maxBodySize": "50Mi", "allowedSources": ["10.0.0.0/8", "192.168.0.0/16"],
                "rateLimit": { "requestsPerSecond": 10, "burst": 30 },
            })
        );
        assert_eq!(rest, json!({"nginx.ingress.kubernetes.io/enable-cors": "true"}));
    }

    #[test]
    fn what_would_be_written_otherwise_stays_an_annotation() {
        for (name, value) in [
            ("proxy-read-timeout", "300"),
            ("proxy-body-size", "0"),
            ("proxy-body-size", "2048k"),
            ("proxy-body-size", "10MB"),
            ("proxy-body-size", "é"),
            ("whitelist-source-range", "10.0.0.0/8, 10.1.0.0/16"),
            ("whitelist-source-range", "10.0.0.1"),
            ("limit-rps", "010"),
        ] {
            let annotations = json!({ format!("{NGINX}{name}"): value });
            assert_eq!(words_of(&annotations), (json!({}), annotations), "{name}: {value}");
        }
    }
}
