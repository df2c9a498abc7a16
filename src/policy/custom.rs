//! The platform's own rules, asked of metadata and of objects.
//!
//! What a rule asks of an object is asked of the object itself. What it *says* is made from a copy without secrets, so that no
//! `messageExpression`, and no expression that fails, can print one.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{ApiContext, EffectiveContext, InEnvironment, text};
use crate::cel::{Failure, Given, Step, Value};
use crate::diagnostic::{Code, Diagnostic, Location, Severity, Sink, WaivedBy, count, shorten};
use crate::effective::{Path, Step as PathStep, without_secrets};
use crate::platform::{Compiled, CustomRule, Match, Subject};

/// A rule that could not be asked.
pub(super) static RULE_FAILURE: Code = Code::new(
    "rule-failure",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../docs/rules/rule-failure.md"),
);

/// The most characters of what a rule says.
const MOST_MESSAGE: usize = 500;

/// What a rule found.
struct Found<'r> {
    code: &'static Code,
    message: String,
    /// Where in what it looked at.
    way: Vec<Step>,
    /// The expression, where it could not be asked.
    failed: Option<&'r Location>,
    /// Whether it could not be asked because a field is not there.
    missing: bool,
}

/// The findings of rules that could not be asked. What is wrong is the expression, so it is said once for an API, however
/// many objects and environments it cannot be asked of.
#[derive(Default)]
struct Failures(Vec<Failed>);

/// An expression that could not be asked.
struct Failed {
    rule: &'static str,
    expression: Location,
    /// What is said of the first one.
    finding: Diagnostic,
    /// Of what else it could not be asked.
    others: BTreeSet<String>,
    first: String,
}

impl Failures {
    /// Takes a finding about something that is called `title`; gives it back where the rule could be asked.
    fn take(
        &mut self,
        rule: &CustomRule,
        found: Found<'_>,
        title: &str,
        location: Location,
        environment: &str,
    ) -> Option<Diagnostic> {
        let Some(expression) = found.failed else {
            return Some(finding(rule, found, location).in_environment(environment));
        };
        let known =
            self.0.iter_mut().find(|known| known.rule == rule.code.name && known.expression == *expression);
        if let Some(known) = known {
            if !known.finding.environments.iter().any(|name| **name == *environment) {
                known.finding.environments.push(environment.into());
            }
            if known.first != title {
                known.others.insert(title.to_owned());
            }
            return None;
        }
        let expression = expression.clone();
        let finding = finding(rule, found, location).in_environment(environment);
        let first = title.to_owned();
        self.0.push(Failed { rule: rule.code.name, expression, finding, others: BTreeSet::new(), first });
        None
    }

    fn push_to(self, sink: &mut Sink) {
        for Failed { mut finding, others, .. } in self.0 {
            if !others.is_empty() {
                let others = count(others.len(), "other object");
                finding.message = format!("{}; nor can it of {others}", finding.message);
            }
            sink.push(finding);
        }
    }
}

/// Asks the rules on metadata.
pub(super) fn check_metadata(context: &ApiContext<'_>, sink: &mut Sink) {
    let mut rules = rules(context, Subject::Metadata).peekable();
    if rules.peek().is_none() {
        return;
    }
    let rules: Vec<&CustomRule> = rules.collect();
    let api = api_json(context);
    let mut failures = Failures::default();
    for environment in context.environments() {
        let here = environment_json(&environment);
        let metadata = environment.tree.to_json();
        let shown = OnceCell::new();
        for rule in rules.iter().filter(|rule| is_in(&rule.written.matches, environment.name)) {
            let given =
                |subject| vec![subject, Value::of(&rule.written.params), Value::of(&api), Value::of(&here)];
            let shown = || given(Value::of(shown.get_or_init(|| without_secrets(&metadata))));
            for found in judge(rule, given(Value::of(&metadata)), &shown) {
                let keys: Vec<String> = found.way.iter().map(key).collect();
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let location = nearest_place(context, &environment, &keys);
                let found = failures.take(rule, found, "", location, environment.name);
                if let Some(finding) = found {
                    sink.push(finding);
                }
            }
        }
    }
    failures.push_to(sink);
}

/// Points at the deepest key of a way that the API itself writes, and else at the environment.
fn nearest_place(context: &ApiContext<'_>, environment: &InEnvironment<'_>, keys: &[&str]) -> Location {
    if keys.is_empty() {
        context.locate_environment(environment.name)
    } else {
        context.locate(environment.tree, keys)
    }
}

/// Asks the rules on objects.
pub(super) fn check_objects(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let rules: Vec<&CustomRule> = rules(context.api, Subject::Objects).collect();
    if rules.is_empty() {
        return;
    }
    let api = api_json(context.api);
    let mut failures = Failures::default();
    for built in &context.environments {
        let here = environment_json(&built.environment);
        let rules: Vec<&&CustomRule> =
            rules.iter().filter(|rule| is_in(&rule.written.matches, built.environment.name)).collect();
        for object in &built.objects {
            let shown = OnceCell::new();
            let (kind, version) = (text(&object.json, "/kind"), text(&object.json, "/apiVersion"));
            let group = version.rsplit_once('/').map_or("", |(group, _)| group);
            for rule in rules.iter().filter(|rule| takes(&rule.written.matches, kind, group)) {
                let given = |subject| {
                    vec![subject, Value::of(&rule.written.params), Value::of(&api), Value::of(&here)]
                };
                let shown = || given(Value::of(shown.get_or_init(|| without_secrets(&object.json))));
                for mut found in judge(rule, given(Value::of(&object.json)), &shown) {
                    let title = format!("{kind}/{}", text(&object.json, "/metadata/name"));
                    found.message = format!("`{title}`: {}", found.message);
                    let way = std::mem::take(&mut found.way);
                    let location = context.locate(built, object, &path(&object.json, &way));
                    let found = failures.take(rule, found, &title, location, built.environment.name);
                    if let Some(finding) = found {
                        sink.push(finding);
                    }
                }
            }
        }
    }
    failures.push_to(sink);
}

/// Walks the rules for a kind of subject and for an API.
fn rules<'a>(context: &'a ApiContext<'_>, subject: Subject) -> impl Iterator<Item = &'a CustomRule> {
    let api = &context.metadata.top.api;
    let of = |wanted: &[String], own: Option<&str>| {
        wanted.is_empty() || own.is_some_and(|own| wanted.iter().any(|name| name == own))
    };
    context.platform.custom.iter().filter(move |rule| {
        let matches = &rule.written.matches;
        rule.written.about == subject
            && of(&matches.lifecycles, api.lifecycle.as_deref())
            && of(&matches.tiers, api.tier.as_deref())
    })
}

fn is_in(matches: &Match, environment: &str) -> bool {
    matches.environments.is_empty() || matches.environments.iter().any(|name| name == environment)
}

/// Tells whether a rule is for a kind of objects.
fn takes(matches: &Match, kind: &str, group: &str) -> bool {
    matches.kinds.is_empty()
        || matches.kinds.iter().any(|wanted| match wanted.split_once('.') {
            Some((name, of)) => name == kind && of == group,
            None => wanted == kind,
        })
}

/// What expressions see as `api`.
fn api_json(context: &ApiContext<'_>) -> Json {
    let api = &context.metadata.top.api;
    let owner = context.metadata.written.get("owner").map_or(Json::Null, crate::yaml::Node::to_json);
    json!({
        "name": context.name,
        "directory": context.directory,
        "lifecycle": api.lifecycle,
        "tier": api.tier,
        "owner": owner,
    })
}

/// What expressions see as `environment`.
fn environment_json(environment: &InEnvironment<'_>) -> Json {
    let (settings, api) = (environment.settings, environment.api);
    json!({
        "name": environment.name,
        "group": settings.group,
        "clusters": settings.clusters(),
        "namespace": settings.namespace_of(&api.name, api.namespace.as_deref()),
    })
}

/// Asks a rule.
fn judge<'a>(
    rule: &'a CustomRule,
    roots: Vec<Value<'a>>,
    shown: &dyn Fn() -> Vec<Value<'a>>,
) -> Vec<Found<'a>> {
    let given = Given::new(roots, &rule.variables);
    let failed = |asked: &'a Compiled| {
        // What went wrong may repeat a value, so it is told of the copy without secrets.
        let failure = truth(asked, &Given::new(shown(), &rule.variables)).err();
        failed(rule, asked, failure.as_ref())
    };
    for condition in &rule.conditions {
        match truth(condition, &given) {
            Ok(true) => {}
            Ok(false) => return Vec::new(),
            Err(_) => return vec![failed(condition)],
        }
    }
    let mut all = Vec::new();
    for (validation, written) in rule.validations.iter().zip(&rule.written.validations) {
        match truth(&validation.check, &given) {
            Ok(true) => {}
            Err(_) => all.push(failed(&validation.check)),
            Ok(false) => {
                let by_expression = validation.message.as_ref().and_then(|program| {
                    match program.evaluate(&Given::new(shown(), &rule.variables)) {
                        Ok(Value::String(text)) if !text.trim().is_empty() => Some(text.into_owned()),
                        // As the API server does, the fixed message stands in for one that cannot be made.
                        _ => None,
                    }
                });
                let message = by_expression.or_else(|| written.message.clone()).unwrap_or_else(|| {
                    format!("`{}` does not hold", shorten(&one_line(&written.expression)))
                });
                let way = validation.path.clone();
                let way = way.or_else(|| validation.check.program.place(&given, 0)).unwrap_or_default();
                let message = one_line(&message).chars().take(MOST_MESSAGE).collect();
                all.push(Found { code: rule.code, message, way, failed: None, missing: false });
            }
        }
    }
    all
}

fn truth<'a>(compiled: &'a Compiled, given: &Given<'a>) -> Result<bool, Failure> {
    match compiled.program.evaluate(given)? {
        Value::Bool(value) => Ok(value),
        other => Err(Failure::of_type(other.type_name())),
    }
}

fn failed<'a>(rule: &CustomRule, compiled: &'a Compiled, failure: Option<&Failure>) -> Found<'a> {
    let why = failure.map_or("it fails on a value that is not shown", |failure| &failure.message);
    let message = format!("the rule `{}` cannot be asked: {why}", rule.code.name);
    let missing = failure.is_some_and(|failure| failure.missing);
    Found { code: &RULE_FAILURE, message, way: Vec::new(), failed: Some(&compiled.location), missing }
}

fn finding(rule: &CustomRule, found: Found<'_>, location: Location) -> Diagnostic {
    let finding = Diagnostic::new(found.code, location, found.message);
    match found.failed {
        Some(expression) => {
            finding.related(expression.clone(), "this expression").maybe_help(found.missing.then(|| {
                "ask for a field with `has(…)` or `.?field.orValue(…)` before it is used".to_owned()
            }))
        }
        None => finding.maybe_help(rule.written.docs.as_ref().map(|docs| format!("read {docs}"))),
    }
}

fn key(step: &Step) -> String {
    match step {
        Step::Field(name) => name.clone(),
        Step::Index(index) => index.to_string(),
    }
}

/// Writes a way as that of an object, whose list elements go by their names where they have some.
fn path<'w>(object: &'w Json, way: &'w [Step]) -> Path<'w> {
    let mut here = Some(object);
    let mut steps = Vec::new();
    for step in way {
        let next = match step {
            Step::Field(name) => here.and_then(|here| here.get(name)),
            Step::Index(index) => here.and_then(|here| here.get(index)),
        };
        steps.push(match step {
            Step::Field(name) => PathStep::Key(name),
            Step::Index(index) => match next.and_then(|element| element.get("name")).and_then(Json::as_str) {
                Some(name) => PathStep::Element(name.into()),
                None => PathStep::Index(*index),
            },
        });
        here = next;
    }
    Path(steps)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
