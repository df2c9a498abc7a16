//! A text that no Kustomize version can build.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::Api;
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, InEnvironment, Rule};
use crate::yaml::{Node, Source, Value};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code =
    Code::unreadable("unbuildable-text", include_str!("../../../docs/rules/unbuildable-text.md"));

/// The most bytes that a ConfigMap may have.
const MAX_BYTES: u64 = 1 << 20;

fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    check_tree(&platform.tree, &platform.source, sink);
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    check_tree(&context.metadata.written, &context.metadata.source, sink);
    let top = &context.metadata.top;
    let mut seen = BTreeSet::new();
    check_files(context, &top.api, &top.tree, &mut seen, sink);
    for environment in context.environments() {
        check_files(context, environment.api, environment.tree, &mut seen, sink);
        check_binaries(context, &environment, sink);
    }
}

/// Looks at every text of a file.
fn check_tree(node: &Node, source: &Source, sink: &mut Sink) {
    match &node.value {
        Value::String(text) => {
            if let Some(why) = refusal(text) {
                sink.push(finding("the text", why, source.location(node.span)));
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| check_tree(item, source, sink)),
        Value::Map(entries) => {
            for entry in entries {
                if let Some(why) = refusal(&entry.key) {
                    sink.push(finding("the key", why, source.location(entry.key_span)));
                }
                check_tree(&entry.node, source, sink);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Looks at the config files, at each once: environments share most of them.
fn check_files<'a>(
    context: &ApiContext<'a>,
    api: &'a Api,
    tree: &Node,
    seen: &mut BTreeSet<&'a str>,
    sink: &mut Sink,
) {
    let files = api.configs().flat_map(|(path, config)| {
        config.files.iter().enumerate().map(move |(index, file)| (path.clone(), index, file))
    });
    for (config, index, file) in files {
        if !context.has_file(&file.path) || !seen.insert(&file.path) {
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
            let named = context.locate_config_file(tree, &config, index, file);
            let place = Location::at(path, culprit(text));
            sink.push(finding(&format!("`{}`", file.path), why, place).related(named, "named here"));
        }
    }
}

/// Looks for binary files of the base that an environment removes or replaces: the key would stay in
/// `binaryData`, beside what comes in its place.
fn check_binaries(context: &ApiContext<'_>, environment: &InEnvironment<'_>, sink: &mut Sink) {
    for (at, config) in context.metadata.top.api.configs() {
        let here = environment.api.configs().find(|(known, _)| *known == at).map(|(_, config)| config);
        for file in config.files.iter() {
            let kept = here.is_none_or(|here| here.files.iter().any(|kept| kept == file));
            if kept || !context.has_file(&file.path) {
                continue;
            }
            let path = format!("{}/{}", context.directory, file.path);
            let Ok(Some(bytes)) = context.snapshot.read_listed(&path, MAX_BYTES) else { continue };
            if std::str::from_utf8(&bytes).is_err() {
                let location = context.locate_in(environment, &[&at[..], &["files"]].concat());
                let what = format!("`{}`", file.path);
                let why = "is binary, which one environment can neither replace nor remove";
                sink.push(finding(&what, why, location));
            }
        }
    }
}

/// Says why Kustomize refuses a text or, worse, changes it.
///
/// Measured with 5.7.1 and 5.8.1, read back by kubectl: U+0085 becomes a blank, the others stop the
/// build, and every other character arrives.
fn refusal(text: &str) -> Option<&'static str> {
    if text.starts_with('\t') && text.contains('\n') {
        return Some("starts with a tab and has several lines");
    }
    // Nearly every text is ASCII without DEL.
    if text.bytes().all(|byte| byte < 0x7f) {
        return None;
    }
    text.chars().find_map(|c| match c {
        '\u{85}' => Some("contains U+0085 (next line), which Kustomize turns into a blank"),
        '\u{7f}' => Some("contains U+007F (delete)"),
        '\u{80}'..='\u{9f}' => Some("contains a control character (U+0080 to U+009F)"),
        '\u{fffe}' | '\u{ffff}' => Some("contains a code point that is no character"),
        _ => None,
    })
}

/// Returns the bytes that are refused.
fn culprit(text: &str) -> Range<usize> {
    let refused = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    // A tab at the start is refused before all else.
    let at = if text.starts_with('\t') && text.contains('\n') { 0 } else { text.find(refused).unwrap_or(0) };
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

fn finding(what: &str, why: &str, location: Location) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("{what} {why}"))
        .label("Kustomize cannot carry this text")
        .help("remove the character, or keep the text in the image or in a Secret")
}
