//! A rule of the platform's own that is called as another rule.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::platform::LoadedPlatform;
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code = Code::unreadable("duplicate-code", include_str!("../../../docs/rules/duplicate-code.md"));

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    let mut seen: BTreeMap<&str, Location> = BTreeMap::new();
    let rules = platform.tree.get("customRules").map_or(&[][..], |rules| rules.items());
    for node in rules.iter().filter_map(|rule| rule.get("code")) {
        let Some(name) = node.as_str() else { continue };
        let location = platform.source.location(node.span);
        if crate::policy::code(name).is_some() {
            sink.push(
                Diagnostic::new(&CODE, location, format!("`{name}` is a rule of onramp itself"))
                    .label("this code is taken")
                    .help("begin it with a word of your own, such as the name of your organisation"),
            );
        } else if let Some(first) = seen.get(name) {
            sink.push(
                Diagnostic::new(&CODE, location, format!("two rules are called `{name}`"))
                    .label("again")
                    .related(first.clone(), "first here")
                    .help("give each a code of its own, or write both conditions under `validations` of one"),
            );
        } else {
            seen.insert(name, location);
        }
    }
}
