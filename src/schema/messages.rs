//! From a violation to a finding: the place in the YAML file, the words, and what to write instead.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

use super::{Schema, Synonyms, codes, formats, patterns};
use crate::diagnostic::{Diagnostic, Fix, Location, Sink, nearest};
use crate::yaml::{Entry, Node, Sources, Value};

/// Puts the finding, or several, for one violation into the sink.
pub(super) fn explain(
    schema: &Schema,
    error: &ValidationError<'_>,
    above: &[&str],
    tree: &Node,
    sources: &Sources<'_>,
    sink: &mut Sink,
) {
    let pointer = error.instance_path().as_str();
    let steps: Vec<String> = unescape(pointer);
    let (node, _) = tree.follow(steps.iter().map(String::as_str));
    let path: Vec<&str> = above.iter().copied().chain(steps.iter().map(String::as_str)).collect();
    let place = Place {
        key: path.last().copied().unwrap_or("the file"),
        path: path.join("."),
        node,
        sources,
        synonyms: schema.synonyms,
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(schema, error.schema_path().as_str());
            // A file may have as many as it has lines, so they are not looked up one by one.
            let unexpected: BTreeSet<&str> = unexpected.iter().map(String::as_str).collect();
            for entry in node.entries().iter().filter(|entry| unexpected.contains(&*entry.key)) {
                sink.push(place.unknown_key(&entry.key, sources.location(entry.key_span), &known));
            }
        }
        Kind::PropertyNames { error: inner } => {
            let key = inner.instance().as_str().unwrap_or_default();
            sink.push(place.bad_key(key, inner.kind(), schema, inner.schema_path().as_str()));
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            // An unknown key in its place is a finding already.
            let known = known_keys(schema, error.schema_path().as_str());
            let stands_in = |entry: &Entry| {
                !known.iter().any(|known| **known == *entry.key)
                    && (nearest(&entry.key, [key]).is_some()
                        || schema
                            .synonyms
                            .iter()
                            .any(|(word, help)| *word == &*entry.key && help.contains(key)))
            };
            if !known.is_empty() && node.entries().iter().any(stands_in) {
                return;
            }
            sink.push(place.missing_key(key, example(schema, error.schema_path().as_str(), key)));
        }
        Kind::Type { kind } => {
            let property = parent(&schema.json, error.schema_path().as_str());
            let pattern = property.and_then(|property| property.get("pattern")?.as_str());
            if let Some(finding) = place.without_unit(pattern) {
                sink.push(finding);
                return;
            }
            let example = property_example(schema, error.schema_path().as_str());
            sink.push(place.wrong_type(kind, example));
        }
        Kind::FalseSchema => sink.push(place.forbidden_here()),
        Kind::Not { schema: inner } => sink.push(place.exclusive(inner)),
        Kind::Format { format }
            if format == "relative-path" && node.as_str().is_some_and(formats::leaves) =>
        {
            sink.push(place.outside());
        }
        kind => {
            let described = matches!(kind, Kind::Pattern { .. })
                .then(|| parent(&schema.json, error.schema_path().as_str())?.get("description")?.as_str())
                .flatten();
            let help = help_for(kind, node).or(described.map(str::to_owned));
            let finding = place.invalid(&refusal(kind), help);
            let meant = meant(kind, node);
            sink.push(finding.meant(node.as_str().unwrap_or_default(), meant.as_deref()));
        }
    }
}

/// What people write who know Kubernetes' words, and what our schemas call it.
pub(super) const SYNONYMS: Synonyms = &[
    ("minReplicas", "write `min`"),
    ("maxReplicas", "write `max`"),
    ("targetCPUUtilizationPercentage", "write `cpu`"),
    ("targetMemoryUtilizationPercentage", "write `memory`"),
    ("readinessProbe", "write `probes: { readiness: … }`"),
    ("livenessProbe", "write `probes: { liveness: … }`"),
    ("startupProbe", "write `probes: { startup: … }`"),
    ("valueFrom", "write `{ secret: NAME, key: KEY }`, or `config`, `field` or `resource` for `secret`"),
    ("secretKeyRef", "write `{ secret: NAME, key: KEY }`"),
    ("configMapKeyRef", "write `{ config: NAME, key: KEY }`"),
    ("fieldRef", "write `{ field: PATH }`"),
    ("secretRef", "write `secret: NAME`"),
    ("configMapRef", "write `config: NAME`"),
    ("value", "write the text alone, as in `NAME: text`"),
    ("targetPort", "write `containerPort`"),
    ("port", "write `containerPort`"),
    ("replicaCount", "write `replicas`"),
    ("hpa", "write `autoscaling`"),
    ("ingress", "write `routes`"),
    ("podSpec", "write `pod`"),
    ("securityContext", "write `pod: { securityContext: … }` or `container: { securityContext: … }`"),
    ("affinity", "write `pod: { affinity: … }`"),
    ("tolerations", "write `pod: { tolerations: … }`"),
    ("nodeSelector", "write `pod: { nodeSelector: … }`"),
    ("imagePullPolicy", "write `container: { imagePullPolicy: … }`"),
    ("lifecycleHooks", "write `container: { lifecycle: … }`"),
    ("volumeMounts", "write `volumes: { NAME: { mountPath: … } }`"),
    ("serviceAccountName", "write `serviceAccount`"),
    ("terminationGracePeriodSeconds", "write `pod: { terminationGracePeriodSeconds: … }`"),
];

/// Where a violation lies.
struct Place<'a> {
    key: &'a str,
    path: String,
    node: &'a Node,
    sources: &'a Sources<'a>,
    synonyms: Synonyms,
}

impl Place<'_> {
    fn here(&self) -> Location {
        self.sources.location(self.node.span)
    }

    fn of_key(&self, key: &str) -> Location {
        self.node.entry(key).map_or_else(|| self.here(), |entry| self.sources.location(entry.key_span))
    }

    /// Points at the first key of a map, since a map as a whole is no place to look at.
    fn first_key(&self) -> Location {
        self.node.entries().first().map_or_else(|| self.here(), |entry| self.sources.location(entry.key_span))
    }

    /// What stands before the value: its key, or nothing for an item of a list.
    fn lead(&self) -> String {
        if self.key.bytes().all(|byte| byte.is_ascii_digit()) {
            String::new()
        } else {
            format!("{}: ", self.key)
        }
    }

    fn unknown_key(&self, key: &str, at: Location, known: &[String]) -> Diagnostic {
        let synonym = self.synonyms.iter().find(|(word, _)| *word == key).map(|(_, help)| *help);
        let help = match nearest(key, known.iter().map(String::as_str)) {
            _ if synonym.is_some() => synonym.unwrap_or_default().to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "remove it".to_owned(),
            None => format!("known keys here: {}", list(known)),
        };
        let inside = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
        let near = match synonym {
            // A synonym of one word is another name for the same.
            Some(help) => help.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`')),
            None => nearest(key, known.iter().map(String::as_str)),
        };
        // What is there already cannot be meant a second time.
        let near =
            near.filter(|near| self.node.entry(near).is_none() && known.iter().any(|known| known == near));
        Diagnostic::new(&codes::UNKNOWN_KEY, at, format!("unknown key `{key}`{inside}"))
            .label("not a key that this place knows")
            .help(help)
            .meant(key, near)
    }

    fn bad_key(&self, key: &str, kind: &Kind, schema: &Schema, schema_path: &str) -> Diagnostic {
        if let Kind::Enum { options } = kind {
            let known: Vec<String> = strings(options);
            return self.unknown_key(key, self.of_key(key), &known);
        }
        let help = parent(&schema.json, schema_path)
            .and_then(|names| names.get("description"))
            .and_then(Json::as_str)
            .map(str::to_owned);
        Diagnostic::new(
            &codes::INVALID_VALUE,
            self.of_key(key),
            format!("`{key}` cannot be a key of `{}`: {}", self.path, refusal(kind)),
        )
        .label("this key")
        .maybe_help(help)
    }

    fn missing_key(&self, key: &str, example: Option<String>) -> Diagnostic {
        let whose = if self.path.is_empty() { "the file".to_owned() } else { format!("`{}`", self.path) };
        let help = match example {
            Some(example) => format!("add `{key}: {example}`"),
            None => format!("add `{key}:`"),
        };
        Diagnostic::new(&codes::MISSING_KEY, self.first_key(), format!("{whose} lacks the key `{key}`"))
            .label(format!("`{key}` is missing in this map"))
            .help(help)
            .maybe_fix(self.first_line(key))
    }

    /// Writes the version of the format above the first key of a file: there is only one.
    fn first_line(&self, key: &str) -> Option<Fix> {
        let here = self.first_key();
        let at = here.span?.start;
        let text = &self.sources.of(self.node.span).text;
        let before = text.get(..at)?.trim_start_matches('\u{feff}');
        if key != "apiVersion" || !self.path.is_empty() || !(before.is_empty() || before.ends_with('\n')) {
            return None;
        }
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let line = format!("apiVersion: onramp/v1{end}");
        Some(Fix::safe("write the version of the format").edit(here.path, at..at, line))
    }

    /// Says of a number where a time is wanted that its unit is missing.
    fn without_unit(&self, pattern: Option<&str>) -> Option<Diagnostic> {
        pattern.filter(|pattern| patterns::is_time(pattern))?;
        let Value::Number(number) = &self.node.value else { return None };
        let number = number.as_u64().filter(|number| *number > 0)?;
        let written = self.sources.slice(self.node.span);
        let time = format!("{number}s");
        let fix = (written == number.to_string())
            .then(|| self.instead(Fix::risky(format!("write `{time}`")), &time));
        let message = format!("`{}` is a time, and `{written}` says no unit", self.path);
        let finding = Diagnostic::new(&codes::WRONG_TYPE, self.here(), message).label("seconds?");
        Some(finding.help(format!("write `{}{time}` for seconds", self.lead())).maybe_fix(fix))
    }

    fn wrong_type(&self, kind: &TypeKind, example: Option<String>) -> Diagnostic {
        let wanted: Vec<String> = match kind {
            TypeKind::Single(kind) => vec![kind.to_string()],
            TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
        };
        let wants_text = wanted.iter().any(|kind| kind == "string");
        let written = self.sources.slice(self.node.span);
        let is_scalar = matches!(self.node.value, Value::Number(_) | Value::Bool(_));
        if wants_text && is_scalar {
            return Diagnostic::new(
                &codes::WRONG_TYPE,
                self.here(),
                format!("`{}` must be text, but YAML reads `{written}` as {}", self.path, reading(self.node)),
            )
            .label(format!("read as {}", reading(self.node)))
            .help(if written.starts_with('*') {
                "put the value in quotes where its anchor stands".to_owned()
            } else {
                format!("put it in quotes: `{}\"{written}\"`", self.lead())
            })
            .maybe_fix(Fix::quotes(
                &self.here().path,
                &self.here().span.unwrap_or_default(),
                written,
            ));
        }
        let wanted = wanted.iter().filter(|kind| *kind != "null").map(|kind| noun(kind)).collect::<Vec<_>>();
        let wanted = wanted.join(" or ");
        let quoted_number = self.node.as_str().is_some_and(|text| {
            wanted.contains("integer") && text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
                || wanted.contains("boolean") && matches!(text, "true" | "false")
        });
        // What an alias stands for is written elsewhere, and for others as well.
        let own = self.node.as_str().filter(|_| !written.starts_with('*'));
        let fix = own.and_then(|text| {
            if quoted_number && written.len() == text.len() + 2 {
                return Some(self.instead(Fix::safe("remove the quotes"), text));
            }
            // Where there are only two values, the old words mean one of them.
            let truth = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" => Some("true"),
                "no" | "off" | "n" => Some("false"),
                _ => None,
            };
            if let Some(truth) = truth.filter(|_| wanted == noun("boolean") && written == text) {
                return Some(self.instead(Fix::safe(format!("write `{truth}`")), truth));
            }
            let mode = octal(text).filter(|_| wanted.contains("integer"))?;
            Some(self.instead(Fix::safe("write it in decimal digits"), &mode.to_string()))
        });
        let help = match self.node.as_str() {
            Some(text)
                if wanted.contains("integer")
                    && let Some(mode) = octal(text) =>
            {
                format!("write `{}{mode}`, which is octal {text}", self.lead())
            }
            Some(text) if quoted_number => format!("remove the quotes: `{}{text}`", self.lead()),
            _ => match example {
                Some(example) => format!("write {wanted}, such as `{}{example}`", self.lead()),
                None => format!("write {wanted}"),
            },
        };
        let whose = if self.path.is_empty() { "the file".to_owned() } else { format!("`{}`", self.path) };
        Diagnostic::new(
            &codes::WRONG_TYPE,
            self.here(),
            format!("{whose} must be {wanted}, but is {}", self.node.value.kind()),
        )
        .label(format!("this is {}", self.node.value.kind()))
        .help(help)
        .maybe_fix(fix)
    }

    /// Writes something in place of the value.
    fn instead(&self, fix: Fix, text: &str) -> Fix {
        let here = self.here();
        fix.edit(here.path, here.span.unwrap_or_default(), text)
    }

    /// `false` as a schema: the key is known but has no place beside the others here.
    fn forbidden_here(&self) -> Diagnostic {
        Diagnostic::new(
            &codes::EXCLUSIVE_KEYS,
            self.here(),
            format!("`{}` has no meaning beside the other keys here", self.path),
        )
        .label("cannot stand here")
        .help(format!("remove `{}`, or the key that excludes it", self.key))
    }

    /// `not: {required: [a, b]}`: both stand, one may.
    fn exclusive(&self, schema: &Json) -> Diagnostic {
        let keys = schema.get("required").map(strings).unwrap_or_default();
        let mut standing: Vec<&Entry> =
            self.node.entries().iter().filter(|entry| keys.iter().any(|key| **key == *entry.key)).collect();
        standing.sort_by_key(|entry| (entry.key_span.source, entry.key_span.start));
        let (Some(first), Some(second)) = (standing.first(), standing.last()) else {
            return self.invalid("it is not allowed here", None);
        };
        // One key is excluded only by what the other says: `maxSurge` by `type: recreate`.
        let said = keys.iter().find_map(|key| {
            let value = schema.pointer(&format!("/properties/{key}/const"))?.as_str()?;
            Some((key, value))
        });
        if let Some((key, value)) = said
            && let Some(excluded) = standing.iter().find(|entry| *entry.key != **key)
        {
            return Diagnostic::new(
                &codes::EXCLUSIVE_KEYS,
                self.sources.location(second.key_span),
                format!("`{key}: {value}` has no `{}`", excluded.key),
            )
            .label("excluded")
            .help(format!("remove `{}`", excluded.key));
        }
        Diagnostic::new(
            &codes::EXCLUSIVE_KEYS,
            self.sources.location(second.key_span),
            format!("`{}` and `{}` exclude each other", first.key, second.key),
        )
        .label("the second one")
        .related(self.sources.location(first.key_span), "the first one")
        .help(format!("keep one of {}", list(&keys)))
    }

    fn outside(&self) -> Diagnostic {
        Diagnostic::new(
            &crate::snapshot::codes::PATH_OUTSIDE_REPO,
            self.here(),
            self.words("it leads, or could lead, out of the API's directory"),
        )
        .label("this path")
        .help("write a path below the API's directory, without `..` and without a leading `/`")
    }

    fn invalid(&self, why: &str, help: Option<String>) -> Diagnostic {
        Diagnostic::new(&codes::INVALID_VALUE, self.here(), self.words(why))
            .label("this value")
            .maybe_help(help)
    }

    fn words(&self, why: &str) -> String {
        match &self.node.value {
            Value::String(text) => {
                format!("`{}` cannot be `{}`: {why}", self.path, crate::diagnostic::shorten(text))
            }
            Value::Number(number) => format!("`{}` cannot be {number}: {why}", self.path),
            _ => format!("`{}` is not valid: {why}", self.path),
        }
    }
}

/// Reads a file mode as people write it, `0644` or `0o644`, of which JSON knows the decimal number alone.
fn octal(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix('0'))?;
    u32::from_str_radix(digits, 8).ok()
}

/// Says why a value is refused, as a fragment.
pub(super) fn refusal(kind: &Kind) -> String {
    match kind {
        Kind::Enum { options } => format!("it is not one of {}", list(&strings(options))),
        Kind::Constant { expected_value } => format!("it must be {}", quote(expected_value)),
        // Of other people's schemas the pattern is all that there is.
        Kind::Pattern { pattern } => patterns::words(pattern)
            .map_or_else(|| format!("it does not match `{pattern}`"), |words| format!("wanted is {words}")),
        Kind::Format { format } => formats::find(format)
            .map_or_else(|| format!("it is not a {format}"), |format| format!("it is not {}", format.noun)),
        Kind::Minimum { limit } => format!("the least is {limit}"),
        Kind::Maximum { limit } => format!("the greatest is {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("it must be greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("it must be less than {limit}"),
        Kind::MinLength { limit: 1 } => "it is empty".to_owned(),
        Kind::MinLength { limit } => format!("it has fewer than {limit} characters"),
        Kind::MaxLength { limit } => format!("it has more than {limit} characters"),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            format!("it needs at least {limit} entry")
        }
        Kind::MaxItems { limit: 0 } => "this version accepts no entries".to_owned(),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            format!("it may have {limit} entries at the most")
        }
        Kind::UniqueItems => "two entries are equal".to_owned(),
        other => format!("it breaks the schema's `{}`", other.keyword()),
    }
}

fn help_for(kind: &Kind, node: &Node) -> Option<String> {
    match kind {
        Kind::Enum { options } => {
            let options = strings(options);
            nearest(node.as_str()?, options.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"))
        }
        Kind::Format { format } => {
            let format = formats::find(format)?;
            let why = (format.check)(node.as_str()?).err()?;
            Some(format!("{why}; write {} such as `{}`", format.noun, format.example))
        }
        Kind::Constant { expected_value } => Some(format!("write {}", quote(expected_value))),
        _ => None,
    }
}

/// Returns the text that was probably meant by one that is refused.
fn meant(kind: &Kind, node: &Node) -> Option<String> {
    let text = node.as_str()?;
    match kind {
        Kind::Enum { options } => {
            nearest(text, strings(options).iter().map(String::as_str)).map(str::to_owned)
        }
        Kind::Constant { expected_value } => expected_value.as_str().map(str::to_owned),
        Kind::Format { format } => {
            let lower = text.to_ascii_lowercase();
            let fits =
                lower != text && formats::find(format).is_some_and(|format| (format.check)(&lower).is_ok());
            fits.then_some(lower)
        }
        _ => None,
    }
}

fn reading(node: &Node) -> String {
    match &node.value {
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(value) => format!("the boolean {value}"),
        other => other.kind().to_owned(),
    }
}

pub(super) fn noun(kind: &str) -> &'static str {
    match kind {
        "object" => "a map",
        "array" => "a list",
        "string" => "text",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        _ => "null",
    }
}

/// Returns the keys that the map's schema names, from the place of its `additionalProperties`.
pub(super) fn known_keys(schema: &Schema, keyword_path: &str) -> Vec<String> {
    let Some(map) = parent(&schema.json, keyword_path) else { return Vec::new() };
    match map.get("properties") {
        Some(Json::Object(properties)) => properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Returns the schema's first example of a key, as YAML would write it.
fn example(schema: &Schema, keyword_path: &str, key: &str) -> Option<String> {
    let property = parent(&schema.json, keyword_path)?.get("properties")?.get(key)?;
    let example = property.get("examples")?.get(0)?;
    Some(flow(example))
}

/// Returns the first example of the property that a keyword belongs to.
fn property_example(schema: &Schema, keyword_path: &str) -> Option<String> {
    parent(&schema.json, keyword_path)?.get("examples")?.get(0).map(flow)
}

/// Writes a value as a person would on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::String(text) => crate::yaml::encode_scalar(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(map) if map.is_empty() => "{}".to_owned(),
        Json::Object(map) => {
            let pairs = map
                .iter()
                .map(|(key, value)| format!("{}: {}", crate::yaml::encode_scalar(key), flow(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn parent<'a>(schema: &'a Json, keyword_path: &str) -> Option<&'a Json> {
    let (parent, _) = keyword_path.rsplit_once('/')?;
    schema.pointer(parent)
}

/// The texts of a list; `null` and the empty text in an enumeration go without saying.
fn strings(list: &Json) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten().filter_map(Json::as_str);
    texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn list(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn quote(value: &Json) -> String {
    match value {
        Json::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

pub(super) fn unescape(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}
