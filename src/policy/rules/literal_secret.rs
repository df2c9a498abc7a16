//! A secret that stands in the repo as it is.

use crate::diagnostic::{Code, Diagnostic, Fix, Location, Severity, Sink, WaivedBy};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, Rule};
use crate::render::{GENERATED_DIRECTORIES, HEADER};
use crate::secrets::{self, Found, Hit};
use crate::snapshot::Kind;
use crate::yaml::{Entry, Node, Source, Value};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code = Code::new(
    "literal-secret",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/literal-secret.md"),
);

/// The most bytes of a file that is looked through: no ConfigMap takes more.
const MOST_BYTES: u64 = 1 << 20;
/// The most bytes of one API's files together.
const MOST_OF_ALL: usize = 32 << 20;

fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for hit in secrets::scan_tree(&platform.source, &platform.tree) {
        sink.push(finding(&platform.source.path, &hit));
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let source = &context.metadata.source;
    for hit in secrets::scan_tree(source, &context.metadata.written) {
        let fix = reference(context, source, &hit);
        sink.push(finding(&source.path, &hit).maybe_fix(fix));
    }
    let mut left = MOST_OF_ALL;
    for entry in context.entries {
        let below = entry.path.strip_prefix(context.directory).unwrap_or_default().trim_start_matches('/');
        // Of a Secret nothing is shown; it has a finding of its own.
        let is_secret = || context.hatch.secrets.iter().any(|secret| *secret.path == *entry.path);
        if entry.kind != Kind::File || is_generated_place(below) || below == "metadata.yaml" || is_secret() {
            continue;
        }
        // What cannot be read, or is larger, is in no ConfigMap; where it is named, that is a finding of its own.
        let Ok(Some(bytes)) = context.snapshot.read_entry(entry, MOST_BYTES) else { continue };
        if bytes.starts_with(HEADER.as_bytes()) || bytes.contains(&0) {
            continue;
        }
        let Some(rest) = left.checked_sub(bytes.len()) else { return };
        left = rest;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for hit in secrets::scan(&entry.path, &text) {
            sink.push(finding(&entry.path, &hit));
        }
    }
}

/// Tells whether only onramp writes below a place in an API's directory. Git's own files and what a killed run left are
/// nobody's.
fn is_generated_place(below: &str) -> bool {
    let first = below.split('/').next().unwrap_or_default();
    GENERATED_DIRECTORIES.contains(&first)
        || below.rsplit('/').next().is_some_and(|name| name.starts_with(".onramp-"))
}

fn finding(path: &str, hit: &Hit) -> Diagnostic {
    let message = match &hit.found {
        Found::Form(what) => format!("{what} stands here for all to read"),
        Found::Key(key) => {
            format!("the value of `{}` stands here for all to read", crate::diagnostic::shorten(key))
        }
    };
    Diagnostic::new(&CODE, Location::at(path, hit.span.clone()), message).label("a secret").help(
        "put it into the secret store and refer to it; change it there too, since git keeps what was committed for ever",
    )
}

/// Turns the variable that a secret stands in into a reference: `{ secret: NAME, key: KEY }`.
fn reference(context: &ApiContext<'_>, source: &Source, hit: &Hit) -> Option<Fix> {
    let entry = variable(&context.metadata.written, hit, false)?;
    let written = source.slice(entry.node.span);
    let is_key = entry.key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_key || entry.key.len() > 253 || written.contains('\n') || written.starts_with(['*', '|', '>']) {
        return None;
    }
    // A tag says that a text follows, and what follows would be a map.
    let between = source.text.get(entry.key_span.end as usize..entry.node.span.start as usize)?;
    if between.contains('!') {
        return None;
    }
    let name = format!("{}-secrets", context.name);
    let message = format!(
        "refer to the key `{}` of the Secret `{name}`: the value has to be put there, and changed, since git keeps it",
        entry.key
    );
    let span = entry.node.span.start as usize..entry.node.span.end as usize;
    let text = format!("{{ secret: {name}, key: {} }}", crate::yaml::encode_scalar(&entry.key));
    Some(Fix::risky(message).edit(source.path.clone(), span, text))
}

/// Finds the variable whose value holds a place.
fn variable<'a>(node: &'a Node, hit: &Hit, of_env: bool) -> Option<&'a Entry> {
    let holds =
        |node: &Node| node.span.start as usize <= hit.span.start && hit.span.end <= node.span.end as usize;
    node.entries().iter().filter(|entry| holds(&entry.node)).find_map(|entry| {
        let is_variable = of_env && matches!(entry.node.value, Value::String(_));
        if is_variable { Some(entry) } else { variable(&entry.node, hit, &*entry.key == "env") }
    })
}
