//! `$(NAME)` that Kubernetes does not replace.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::{Path, Step};
use crate::kustomize::Object;
use crate::policy::{Built, Check, EffectiveContext, Rule, list, text};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "unresolved-variable",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unresolved-variable.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for pod in built.pods() {
            for container in pod.containers() {
                At { context, built, object: pod.object, path: &container.path }
                    .container(container.json, sink);
            }
        }
    }
}

/// A container of an object.
struct At<'a, 'b> {
    context: &'b EffectiveContext<'a>,
    built: &'b Built<'a>,
    object: &'b Object,
    path: &'b Path<'b>,
}

impl At<'_, '_> {
    fn container(&self, container: &Json, sink: &mut Sink) {
        // What a whole ConfigMap or Secret brings along is not known here.
        if !list(container, "/envFrom").is_empty() {
            return;
        }
        let env = list(container, "/env");
        let names: Vec<&str> = env.iter().map(|entry| text(entry, "/name")).collect();
        for (index, entry) in env.iter().enumerate() {
            for wanted in references(text(entry, "/value")) {
                // The server looks at what stands before.
                let message = match names.iter().position(|name| *name == wanted) {
                    Some(at) if at < index => continue,
                    Some(at) if at == index => format!("`$({wanted})` stands for itself, and stays as it is"),
                    Some(_) => format!("`$({wanted})` stays as it is, since `{wanted}` is set after it"),
                    None => unknown(wanted),
                };
                let place = [Step::Key("env"), Step::Element(names[index].into()), Step::Key("value")];
                self.push(&place, message, sink);
            }
        }
        for key in ["command", "args"] {
            for (index, argument) in container[key].as_array().into_iter().flatten().enumerate() {
                for wanted in references(argument.as_str().unwrap_or_default()) {
                    if !names.contains(&wanted) {
                        self.push(&[Step::Key(key), Step::Index(index)], unknown(wanted), sink);
                    }
                }
            }
        }
    }

    fn push(&self, place: &[Step<'_>], message: String, sink: &mut Sink) {
        let path = Path(self.path.0.iter().chain(place).cloned().collect());
        let finding = self.context.finding(self.built, self.object, &path, &CODE, message);
        sink.push(
            finding
                .label("not replaced")
                .help("set the variable before, or write `$$(` for a `$(` that is meant"),
        );
    }
}

fn unknown(wanted: &str) -> String {
    format!("`$({wanted})` stays as it is, since no variable is called `{wanted}`")
}

/// Returns the variables that a text refers to. `$$` is an escaped `$`. A shell's `$(date)` is of the same form, so only
/// what is written as variables are is taken for one.
///
/// Source: <https://github.com/kubernetes/kubernetes/blob/v1.33.0/third_party/forked/golang/expansion/expand.go>
fn references(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        rest = after;
        if let Some((name, behind)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            let is_variable = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
                && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if is_variable {
                found.push(name);
                rest = behind;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn references_are_those_that_kubernetes_sees() {
        for (text, expected) in [
            ("$(A)/x-$(B_2)", vec!["A", "B_2"]),
            ("$$(A)", vec![]),
            ("$$$(A)", vec!["A"]),
            ("$(date) ${A} $A $(", vec![]),
            ("$(A", vec![]),
            ("$($(A))", vec!["A"]),
        ] {
            assert_eq!(references(text), expected, "{text}");
        }
    }
}
