//! A word in braces in the name of a secret that nothing is put in for.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::metadata::RemoteKey;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "unknown-placeholder",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unknown-placeholder.md"),
);

/// What is put in for: `render` replaces these.
const KNOWN: &[&str] = &["name", "environment"];

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        for (name, secret) in environment.api.external_secrets.iter() {
            for (key, remote) in secret.keys.iter() {
                look(context, &environment, &["externalSecrets", name, "keys", key], remote, sink);
            }
            if let Some(remote) = &secret.all {
                look(context, &environment, &["externalSecrets", name, "all"], remote, sink);
            }
        }
    }
}

fn look(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    path: &[&str],
    remote: &RemoteKey,
    sink: &mut Sink,
) {
    for word in placeholders(&remote.key).filter(|word| !KNOWN.contains(word)) {
        let long = [path, &["key"]].concat();
        let is_long = environment.tree.follow(long.iter().copied()).1 == long.len();
        let place = context.locate_in(environment, if is_long { &long } else { path });
        let help = KNOWN.iter().find(|known| known.starts_with(word)).map_or_else(
            || "write `{name}` for the API, or `{environment}` for the environment".to_owned(),
            |meant| format!("write `{{{meant}}}`"),
        );
        let message = format!("nothing is put in for `{{{word}}}` in the name of a secret");
        sink.push(Diagnostic::new(&CODE, place, message).label("stays as it is").help(help));
    }
}

/// Walks the words in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word).filter(|word| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'))
    })
}
