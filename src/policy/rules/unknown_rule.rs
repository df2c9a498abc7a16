//! `rules` in platform.yaml names a rule that nobody can change.

use crate::diagnostic::{Code, Diagnostic, Sink, WaivedBy, nearest};
use crate::platform::LoadedPlatform;
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code = Code::unreadable("unknown-rule", include_str!("../../../docs/rules/unknown-rule.md"));

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    for name in platform.model.rules.keys() {
        let known = crate::policy::code_in(platform, name);
        if known.is_some_and(|code| code.waived_by != WaivedBy::Never) {
            continue;
        }
        let entry = platform.tree.get("rules").and_then(|rules| rules.entry(name));
        let Some(location) = entry.map(|entry| platform.source.location(entry.key_span)) else { continue };
        let finding = if known.is_some() {
            Diagnostic::new(&CODE, location, format!("the level of `{name}` cannot be changed"))
                .help("remove the line: such a file cannot be read or rendered as it is")
        } else {
            let near = nearest(name, crate::policy::names_in(platform));
            Diagnostic::new(&CODE, location, format!("no rule is called `{name}`"))
                .help(near.map_or_else(
                    || "`onramp explain` lists the rules".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ))
                .meant(name, near)
        };
        sink.push(finding.label("this rule"));
    }
}
