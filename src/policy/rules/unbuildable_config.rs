//! A config text that no Kustomize version can build.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("unbuildable-config", include_str!("../../../docs/rules/unbuildable-config.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    let mut trees = vec![(&top.api, &top.tree)];
    trees.extend(context.environments().map(|environment| (environment.api, environment.tree)));
    for (api, tree) in trees {
        for (key, text) in api.config.literals.iter() {
            if let Some(why) = refusal(text) {
                let location = context.locate(tree, &["config", "literals", key]);
                sink.push(finding(&format!("the literal `{key}`"), why, location));
            }
        }
        for (index, file) in api.config.files.iter().enumerate() {
            if !context.has_file(&file.path) {
                continue;
            }
            let path = format!("{}/{}", context.directory, file.path);
            let bytes = match context.snapshot.read_listed(&path, MAX_BYTES) {
                Ok(bytes) => bytes.unwrap_or_default(),
                Err(error) => {
                    sink.push(error.diagnostic());
                    continue;
                }
            };
            // What is not UTF-8 goes into `binaryData`, where anything may stand.
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            if let Some(why) = refusal(text) {
                let location = locate_file(context, tree, index, &file.key);
                sink.push(finding(&format!("`{}`", file.path), why, location));
            }
        }
    }
}

/// The most bytes that a ConfigMap may have.
const MAX_BYTES: u64 = 1 << 20;

/// Says why Kustomize refuses a text or, worse, changes it.
///
/// Measured with versions 5.5.0 to 5.8.1: U+0085 becomes a blank, the others stop the build.
fn refusal(text: &str) -> Option<&'static str> {
    if text.starts_with('\t') && text.contains('\n') {
        return Some("starts with a tab and has several lines");
    }
    text.chars().find_map(|c| match c {
        '\t' | '\n' | '\r' => None,
        '\u{85}' => Some("contains U+0085 (next line), which becomes a blank"),
        '\u{7f}' => Some("contains U+007F (delete)"),
        '\u{fffe}' | '\u{ffff}' => Some("contains a character that is none"),
        c if c.is_control() => Some("contains a control character"),
        _ => None,
    })
}

fn locate_file(context: &ApiContext<'_>, tree: &Node, index: usize, key: &str) -> Location {
    let (files, _) = tree.follow(["config", "files"]);
    let step = if files.items().is_empty() { key.to_owned() } else { index.to_string() };
    context.locate(tree, &["config", "files", &step])
}

fn finding(what: &str, why: &str, location: Location) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("{what} {why}"))
        .label("Kustomize cannot carry this text")
        .help("remove the character, or keep the file in the image")
}
