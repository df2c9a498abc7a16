//! One finding for what is the same in several environments.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;

/// Joins findings of one code at one place whose messages differ in the environment alone, which they name as "in `prod`".
/// The order is that of the first of each.
pub(super) fn environments(findings: Vec<Diagnostic>, all: &[&str]) -> Vec<Diagnostic> {
    let mut joined: Vec<(Diagnostic, Vec<&str>)> = Vec::new();
    let mut known: BTreeMap<(&str, String, Option<usize>, String), usize> = BTreeMap::new();
    for finding in findings {
        let here = all.iter().find(|name| finding.message.contains(&within(name)));
        let Some(name) = here else {
            joined.push((finding, Vec::new()));
            continue;
        };
        let start = finding.primary.span.as_ref().map(|span| span.start);
        let key = (
            finding.code.name,
            finding.primary.path.to_string(),
            start,
            finding.message.replace(&within(name), ""),
        );
        if let Some(at) = known.get(&key) {
            let (first, environments) = &mut joined[*at];
            first.environments.extend(finding.environments);
            environments.push(name);
        } else {
            known.insert(key, joined.len());
            joined.push((finding, vec![name]));
        }
    }
    joined.into_iter().map(|(finding, names)| renamed(finding, &names)).collect()
}

fn renamed(mut finding: Diagnostic, names: &[&str]) -> Diagnostic {
    if let [first, .., last] = names {
        let before: Vec<String> = names[..names.len() - 1].iter().map(|name| format!("`{name}`")).collect();
        let all = format!("in {} and `{last}`", before.join(", "));
        finding.message = finding.message.replace(&within(first), &all);
    }
    finding
}

fn within(name: &str) -> String {
    format!("in `{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::render::codes::STALE_RENDER;

    #[test]
    fn what_differs_in_the_environment_alone_is_one() {
        let finding = |message: &str| Diagnostic::new(&STALE_RENDER, Location::file("a"), message);
        let findings = ["x in `a` goes", "y in `a` goes", "x in `b` goes", "z", "x in `c` goes"].map(finding);
        let joined = environments(findings.into(), &["a", "b", "c"]);
        let messages: Vec<&str> = joined.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, ["x in `a`, `b` and `c` goes", "y in `a` goes", "z"]);
    }
}
