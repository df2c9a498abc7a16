//! Keys and values of YAML and JSON, by their structure.

use super::{Found, Hit, documents, keys, lines, values};
use crate::yaml::{Node, Source, Value};

/// Kinds of objects that hold secrets only a cluster can open, or say where they are kept.
const SEALED: &[&str] = &[
    "SealedSecret",
    "ExternalSecret",
    "ClusterExternalSecret",
    "SecretStore",
    "ClusterSecretStore",
    "SecretProviderClass",
    "PushSecret",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "VaultAuth",
    "InfisicalSecret",
    "OnePasswordItem",
    "Secret",
];

/// Keys that name a Secret, in the words of onramp and of Kubernetes, and do not hold one.
const NAMES: &[&str] = &[
    "secret",
    "secretname",
    "secretref",
    "secretkeyref",
    "secretkey",
    "imagepullsecrets",
    "tokensecret",
    "existingsecret",
    "secrets",
];

/// Finds the secrets of a file with any number of documents; nothing where one of them cannot be read.
pub(super) fn of_documents(path: &str, text: &str) -> Option<Vec<Hit>> {
    let mut hits = Vec::new();
    for document in documents(path, text) {
        let node = document.node?;
        let kind = node.get("kind").and_then(Node::as_str);
        let is_object = kind.is_some() && node.get("apiVersion").is_some();
        if kind.is_some_and(|kind| SEALED.contains(&kind)) && is_object {
            continue;
        }
        let base = path.rsplit('/').next().unwrap_or_default();
        let ours = is_object || matches!(base, "metadata.yaml" | "platform.yaml");
        let mut walk = Walk { source: &document.source, ours, in_rules: false, hits: Vec::new() };
        walk.node(&node, None);
        let moved = walk.hits.into_iter().map(|hit| Hit {
            span: document.start + hit.span.start..document.start + hit.span.end,
            found: hit.found,
        });
        hits.extend(moved);
    }
    Some(hits)
}

/// Finds the secrets of a file of ours.
pub(super) fn of_file(source: &Source, tree: &Node) -> Vec<Hit> {
    let mut walk = Walk { source, ours: true, in_rules: false, hits: Vec::new() };
    walk.node(tree, None);
    walk.hits
}

struct Walk<'a> {
    source: &'a Source,
    /// Whether the words are those of onramp or of Kubernetes.
    ours: bool,
    /// Whether it is below the platform's own rules, whose expressions speak of values and hold none.
    in_rules: bool,
    hits: Vec<Hit>,
}

impl Walk<'_> {
    /// Looks at a value behind a key; the items of a list stand behind the list's.
    fn node(&mut self, node: &Node, key: Option<&str>) {
        match &node.value {
            Value::String(text) => self.text(node, text, key),
            Value::Seq(items) => {
                let mut flag = None;
                for item in items {
                    self.node(item, flag.or(key));
                    // `--password hunter2` as two arguments.
                    let text = item.as_str().unwrap_or_default();
                    flag = (text.starts_with('-') && !text.contains(['=', ' '])).then_some(text);
                }
            }
            Value::Map(entries) => {
                // `- name: DB_PASSWORD` and below it `value: hunter2`.
                let name = node.get("name").or_else(|| node.get("key")).and_then(Node::as_str);
                for entry in entries {
                    match &*entry.key {
                        "externalSecrets" if self.ours => {}
                        "expression" | "messageExpression" | "message" if self.in_rules => {}
                        "customRules" if self.ours => {
                            self.in_rules = true;
                            self.node(&entry.node, Some("customRules"));
                            self.in_rules = false;
                        }
                        "value" if name.is_some() => self.node(&entry.node, name),
                        key => self.node(&entry.node, Some(key)),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, node: &Node, text: &str, key: Option<&str>) {
        let written = self.source.slice(node.span);
        let start = node.span.start as usize;
        let is_name = |key: &&str| self.ours && NAMES.contains(&key.to_ascii_lowercase().as_str());
        let says = key.filter(|key| !is_name(key)).and_then(|key| keys::says(key.trim_start_matches('-')));
        let has_lines = text.trim_end().contains('\n');
        if let (Some(key), Some(says)) = (key, says)
            && (!has_lines || values::is_secret_of_lines(says, text))
        {
            // An alias is written where its anchor is.
            if (has_lines || values::is_secret(says, text) || values::is_credential(says, text))
                && !written.starts_with('*')
            {
                let quotes = usize::from(written.starts_with(['"', '\'']));
                let block = written.starts_with(['|', '>']).then(|| first_content(written)).flatten();
                let from = start + block.unwrap_or(quotes);
                let to = start + written.trim_end().len();
                let to = to.saturating_sub(if block.is_some() { 0 } else { quotes });
                self.hits.push(Hit {
                    span: from..to.max(from),
                    found: Found::Key(key.trim_start_matches('-').into()),
                });
            }
            return;
        }
        // A file within the file, a script, a list of arguments in one text.
        if keys::may_hold(written) && !written.starts_with('*') {
            let moved = lines::find(written, lines::Syntax::of(key.unwrap_or_default()))
                .into_iter()
                .map(|hit| Hit { span: start + hit.span.start..start + hit.span.end, found: hit.found });
            self.hits.extend(moved);
        }
    }
}

/// Finds where the first line of a block of text starts, without its indentation.
fn first_content(written: &str) -> Option<usize> {
    let line = written.find('\n')? + 1;
    let blank = written[line..].len() - written[line..].trim_start().len();
    Some(line + blank)
}
