//! A rule of the platform's own as a policy.

use super::{Check, Policy, RESOURCES, Resource, literal, quoted};
use crate::cel::Program;
use crate::platform::{CustomRule, Subject};

/// What expressions are given, by its place.
const PARAMS: usize = 1;
/// What only onramp knows.
const OURS: &[(usize, &str)] = &[(2, "api"), (3, "environment")];
/// The longest message of a policy.
const MOST_MESSAGE: usize = 1024;

/// Makes the policy, or says why there is none.
pub(super) fn policy(rule: &CustomRule, minor: u32) -> Result<Policy, String> {
    let written = &rule.written;
    if written.about == Subject::Metadata {
        return Err("it is about metadata.yaml, which a cluster does not see".to_owned());
    }
    let matches = &written.matches;
    if !matches.lifecycles.is_empty() {
        return Err("it is for some lifecycle states, which a cluster does not know".to_owned());
    }
    if matches.kinds.is_empty() {
        return Err(
            "it names no `kinds`, and a policy for everything would stop the cluster itself".to_owned()
        );
    }
    let resources = matches.kinds.iter().map(|kind| find(kind)).collect::<Result<Vec<_>, _>>()?;
    let programs = programs(rule);
    for program in &programs {
        if let Some((_, name)) = OURS.iter().find(|(root, _)| !program.uses(*root).is_empty()) {
            return Err(format!("it asks for `{name}`, which a cluster does not know"));
        }
        // A server takes a function in new objects once the version before has it too.
        if program.since > 0 && minor < program.since + 1 {
            return Err(format!(
                "it uses a function that servers take in policies since 1.{}, and `kubernetesVersion` is older",
                program.since + 1
            ));
        }
    }
    let constant = literal(&written.params);
    let uses_params = programs.iter().any(|program| !program.uses(PARAMS).is_empty());
    let named = |name: &str| written.variables.iter().any(|variable| variable.name == name);
    let params = if named("params") { "onrampParams" } else { "params" };
    let by_variable = format!("variables.{params}");
    let mut conditions: Vec<(String, String)> = written
        .match_conditions
        .iter()
        .zip(&rule.conditions)
        .map(|(condition, compiled)| {
            // Conditions see no variables.
            let text = replaced(&condition.expression, &compiled.program, &format!("({constant})"));
            (condition.name.clone(), text)
        })
        .collect();
    if !matches.tiers.is_empty() {
        let tiers: Vec<String> = matches.tiers.iter().map(|tier| quoted(tier)).collect();
        let expression =
            format!("object.metadata.?labels[?'platform/tier'].orValue('') in [{}]", tiers.join(", "));
        conditions.push(("tier".to_owned(), expression));
    }
    let mut variables: Vec<(String, String)> = Vec::new();
    if uses_params {
        variables.push((params.to_owned(), constant));
    }
    for (variable, program) in written.variables.iter().zip(&rule.variables) {
        variables.push((variable.name.clone(), replaced(&variable.expression, program, &by_variable)));
    }
    let validations = written
        .validations
        .iter()
        .zip(&rule.validations)
        .map(|(validation, compiled)| Check {
            expression: replaced(&validation.expression, &compiled.check.program, &by_variable),
            message: validation.message.as_ref().map(|text| one_line(text)),
            message_expression: validation
                .message_expression
                .as_ref()
                .zip(compiled.message.as_ref())
                .map(|(text, program)| replaced(text, program, &by_variable)),
        })
        .collect();
    Ok(Policy { code: rule.code, resources, conditions, variables, validations })
}

fn programs(rule: &CustomRule) -> Vec<&Program> {
    let checks = rule.validations.iter().flat_map(|validation| {
        [Some(&validation.check.program), validation.message.as_ref()].into_iter().flatten()
    });
    rule.conditions.iter().map(|condition| &condition.program).chain(&rule.variables).chain(checks).collect()
}

/// Finds a kind as a request names it.
fn find(wanted: &str) -> Result<Resource, String> {
    let known = RESOURCES.iter().find(|known| match wanted.split_once('.') {
        Some((kind, group)) => known.kind == kind && known.group == group,
        None => known.kind == wanted,
    });
    known.copied().ok_or_else(|| format!("how requests name the kind `{wanted}` is not known"))
}

/// Puts something in the place of `params`.
fn replaced(text: &str, program: &Program, with: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut places = program.uses(PARAMS);
    places.sort_by_key(|place| place.start);
    for place in places {
        out.push_str(text.get(at..place.start).unwrap_or_default());
        out.push_str(with);
        at = place.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Kubernetes refuses a message of several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_MESSAGE).collect()
}
