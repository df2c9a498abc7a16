//! The regular expressions of our schemas, and of a few that everybody meets, in words.

/// A pattern, and what a text is that fits it.
const WORDS: &[(&str, &str)] = &[
    (r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "lowercase words joined by hyphens"),
    (r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$", "two or more lowercase words joined by hyphens"),
    (
        r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "lowercase letters, digits and hyphens, with a letter first and no hyphen last",
    ),
    (r"^[^@\s]+@[^@\s]+$", "an address such as `team@acme.example`"),
    (r"^https://[^\s/@]+(/\S*)?$", "an address that begins with `https://` and has no credentials"),
    (r"^https?://", "an address that begins with `https://`"),
    (r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", LABEL),
    (r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", LABEL),
    (
        r"^([a-z0-9]|\{name\})(([-a-z0-9]|\{name\})*([a-z0-9]|\{name\}))?$",
        "lowercase letters, digits, hyphens and `{name}`, with no hyphen at the ends",
    ),
    (r"^patches/", "a path that begins with `patches/`"),
    (r"^resources/", "a path that begins with `resources/`"),
    (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "lowercase letters, digits and hyphens, with no hyphen at the ends"),
    (
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "lowercase letters, digits, hyphens and dots, with a letter or digit at the ends of each part",
    ),
    (
        r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "a host of lowercase letters, digits, hyphens and dots, perhaps with `*.` in front",
    ),
    (
        r"^([0-9]+-)*[0-9]*[a-z](-?[a-z0-9])*$",
        "lowercase letters, digits and single hyphens, with one letter at least and no hyphen at the ends",
    ),
    (
        r"^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]+$",
        "letters, digits, hyphens, underscores and dots, and does not begin with two dots",
    ),
    (
        r"^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$",
        "letters, digits, hyphens, underscores and dots, with no digit first",
    ),
    (
        r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
        "a name of at most 63 letters, digits, hyphens, underscores and dots, perhaps with a domain and `/` in front",
    ),
    (
        r"^(metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIP|podIP)s?)$",
        "a field of the pod such as `metadata.name`, `metadata.labels['app']`, `spec.nodeName` or `status.podIP`",
    ),
    (
        r"^(limits|requests)\.(cpu|memory|ephemeral-storage)$",
        "`limits` or `requests`, a dot, and `cpu`, `memory` or `ephemeral-storage`",
    ),
    (
        r"^[A-Z][A-Za-z0-9]*$",
        "a kind such as `Deployment`: letters and digits, with an upper-case letter first",
    ),
    (
        r"^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$",
        "a kind such as `CronJob`, or one with its group, such as `Certificate.cert-manager.io`",
    ),
    (r"^[a-z0-9*]([-a-z0-9.*]*[a-z0-9*])?$", "lowercase letters, digits, hyphens, dots and `*`"),
    (r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "a group such as `apps` or `networking.k8s.io`"),
    (r"^v[0-9]+((alpha|beta)[0-9]+)?$", "a version such as `v1` or `v1beta1`, without the group"),
    (
        r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?=([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?(,[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?=([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?)*$",
        "labels as `KEY=VALUE`, joined by commas",
    ),
    (r"^[0-9]{1,4}%$", "a count, or a percentage such as `25%`"),
    (r"^(100|[0-9]{1,2})%$", "a count, or a percentage up to `100%`"),
    (r"^(manual|[1-9][0-9]{0,5}[smh])$", "a time such as `30s`, `10m` or `1h`, or `manual`"),
    (r"^[1-9][0-9]{0,5}[smh]$", TIME),
    (r"^[1-9][0-9]{0,4}[smh]$", TIME),
    (r"^(0|([0-9]+h)?([0-9]+m)?([0-9]+s)?)$", "a time such as `30s`, `15m` or `1h30m`, or 0"),
    (r"^[-A-Za-z0-9]+$", "letters, digits and hyphens"),
    (r"^/[^:]+$", "an absolute path without `:`"),
    (r"^/[^:]*$", "an absolute path without `:`"),
    (r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", "a day such as `2027-06-30`"),
    (r"^[1-9][0-9]{0,8}(Ki|Mi|Gi|k|M|G)?$", "a number of bytes such as `512Ki`, `10Mi` or `1Gi`"),
    (
        r"^[a-z][-a-z0-9]{4,28}[a-z0-9]@[-a-z0-9.:]+\.iam\.gserviceaccount\.com$",
        "an address such as `payments@project.iam.gserviceaccount.com`",
    ),
    (r"^0?[0-7]{3}$", "three octal digits such as `0644`"),
    (
        r"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[^@\s]+(\s+[^@\s]+){4})$",
        "five fields such as `0 3 * * *`, or a word such as `@daily`",
    ),
    (r"^1\.(2[5-9]|3[0-7])$", "a version from `1.25` to `1.37`"),
    (
        r"^[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
        "a registry such as `registry.example/apis`, without scheme and final slash",
    ),
    (r"^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$", "a tag: letters, digits, underscores, hyphens and dots"),
    (r"^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$", "keys joined by dots, such as `owner.costCenter`"),
    (r"^\S+$", "a text without blanks"),
    (r"^\S+ \S.*$", "a kind and a name with a blank between them, such as `Deployment shop`"),
    (r"^(/.*)?$", "a JSON pointer such as `/spec/replicas`, or empty"),
    (
        r"^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$",
        "lowercase letters, digits, hyphens, underscores and dots, with a letter or digit at the ends",
    ),
    (
        r"^[A-Za-z_][-A-Za-z0-9_]*$",
        "letters, digits, underscores and hyphens, with a letter or underscore first",
    ),
    (
        r"^(\*|[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)?)$",
        "a field such as `hostNetwork` or `volumes.hostPath`, or `*`",
    ),
];

const LABEL: &str = "letters, digits, hyphens, underscores and dots, with a letter or digit at the ends";
const TIME: &str = "a time such as `30s`, `10m` or `1h`";

/// Says what a text has to be for a pattern; nothing for one that is not ours.
pub(super) fn words(pattern: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == pattern).map(|(_, words)| *words)
}

/// Tells whether what fits a pattern is a time that says its unit, in seconds for one.
pub(super) fn is_time(pattern: &str) -> bool {
    words(pattern).is_some_and(|words| words.starts_with("a time"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn each(json: &Json, look: &mut dyn FnMut(&str)) {
        match json {
            Json::Object(map) => {
                if let Some(Json::String(pattern)) = map.get("pattern") {
                    look(pattern);
                }
                map.values().for_each(|json| each(json, look));
            }
            Json::Array(items) => items.iter().for_each(|json| each(json, look)),
            _ => {}
        }
    }

    #[test]
    fn every_pattern_of_our_schemas_has_words() {
        let mut seen = 0;
        for schema in crate::schema::SCHEMAS {
            let json: Json = serde_json::from_str(schema.text).unwrap();
            each(&json, &mut |pattern| {
                seen += 1;
                assert!(words(pattern).is_some(), "{}: {pattern}", schema.name);
            });
        }
        assert!(seen > 100, "{seen}");
    }
}
