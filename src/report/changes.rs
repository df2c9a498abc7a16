//! What a change of the repo changes in the clusters, for people and programs: [`Groups`] as text, markdown and JSON.

mod json;
mod markdown;
mod text;
mod unified;

pub use json::{json, value};
pub use markdown::markdown;
pub use text::text;
pub use unified::unified;

use std::sync::Arc;

use super::harmless;
use crate::diagnostic::count;
use crate::effective::{
    Changed, Difference, Group, GroupedChange, Groups, Lines, Member, Risk, Shape, Unit, Unknown, Value, show,
};

/// How many members of a group are named.
const MOST_NAMES: usize = 5;

/// The most characters of a value on a line.
const MOST_CHARACTERS: usize = 160;

/// Says in one line how much changes.
pub fn summary(groups: &Groups) -> String {
    let Changed { apis, namespaces, environments } = groups.changed;
    let of = |number| count(number, "API");
    let namespaces = (namespaces > 0).then(|| count(namespaces, "namespace"));
    let who = match (apis, namespaces) {
        (0, namespaces) => namespaces,
        (apis, None) => Some(format!("{apis} of {}", of(groups.total))),
        (apis, Some(namespaces)) => Some(format!("{apis} of {} and {namespaces}", of(groups.total))),
    };
    let mut text = match who {
        None if groups.unknown.is_empty() => "Nothing changes in the clusters".to_owned(),
        None => "Nothing that can be compared changes in the clusters".to_owned(),
        Some(who) => {
            let one = groups.changed.apis + groups.changed.namespaces == 1;
            let verb = if one { "changes" } else { "change" };
            format!("{who} {verb}, in {}", count(environments, "environment"))
        }
    };
    if !groups.unknown.is_empty() {
        text.push_str("; ");
        text.push_str(&count(groups.unknown.len(), "environment"));
        text.push_str(" cannot be compared");
    }
    text + "."
}

/// Names who shares a group's changes: `payments in prod`, or `312 APIs in prod and staging (cart, ...)`.
fn members(group: &Group, name: &dyn Fn(&str) -> String) -> String {
    let environments = environments(&group.members, name);
    if let [member] = group.members.as_slice() {
        return format!("{} in {environments}", unit(&member.unit, name));
    }
    let apis = group.members.iter().filter(|member| matches!(member.unit, Unit::Api(_))).count();
    let of_member =
        |member: &Member| if apis == 0 { name(member.unit.name()) } else { unit(&member.unit, name) };
    let names: Vec<String> = group.members.iter().take(MOST_NAMES).map(of_member).collect();
    let more = if group.members.len() > MOST_NAMES { ", ..." } else { "" };
    let whose = whose(apis, group.members.len() - apis);
    format!("{whose} in {environments} ({}{more})", names.join(", "))
}

/// Counts APIs and namespaces, those that there are: `2 APIs`, `1 namespace`, `2 APIs and 1 namespace`.
fn whose(apis: usize, namespaces: usize) -> String {
    let parts = [(apis, "API"), (namespaces, "namespace")];
    let parts = parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(*number, noun));
    parts.collect::<Vec<_>>().join(" and ")
}

fn unit(unit: &Unit, name: &dyn Fn(&str) -> String) -> String {
    match unit {
        Unit::Api(api) => name(api),
        Unit::Namespace(namespace) => format!("namespace {}", name(namespace)),
    }
}

/// Names the environments where all members have the same, else counts them.
fn environments(members: &[Member], name: &dyn Fn(&str) -> String) -> String {
    let first: &[Arc<str>] = members.first().map_or(&[], |member| &member.environments);
    if members.iter().all(|member| member.environments == first) {
        let names: Vec<String> = first.iter().map(|environment| name(environment)).collect();
        return list(&names);
    }
    count(members.iter().map(|member| member.environments.len()).sum(), "environment")
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What is said of one object of a group.
struct ObjectLines {
    /// The object; empty where it is about the environment as a whole.
    object: String,
    /// The most severe risk of its changes.
    risk: Risk,
    /// Who restarts since it reads it.
    restarts: Vec<String>,
    /// Its changes.
    lines: Vec<Line>,
}

/// One line on a change.
struct Line {
    /// `+` for what comes, `-` for what goes, `~` for what changes.
    sign: char,
    /// The place; empty for the object as a whole.
    path: String,
    /// What differs, in words that are not the user's.
    words: String,
    /// The user's values, before and after where there are two.
    values: Vec<String>,
    /// Lines of a text that come and go.
    excerpt: Vec<String>,
}

/// Makes lines of a group's changes, object by object, with the names of the API where only one has them.
fn objects(group: &Group) -> Vec<ObjectLines> {
    let alone = match group.members.as_slice() {
        [member] => Some(member.unit.name()),
        _ => None,
    };
    let shown = |text: &str| harmless(&show(text, alone));
    let mut objects: Vec<ObjectLines> = Vec::new();
    for change in &group.changes {
        let shape = &change.shape;
        let object = shown(&shape.object);
        let restarts: Vec<String> = shape.restarts.iter().map(|name| shown(name)).collect();
        let line = line(group, change, &shown);
        match objects.last_mut().filter(|last| last.object == object) {
            Some(last) => {
                last.risk = last.risk.max(shape.risk);
                if last.restarts.is_empty() {
                    last.restarts = restarts;
                }
                last.lines.push(line);
            }
            None => objects.push(ObjectLines { object, risk: shape.risk, restarts, lines: vec![line] }),
        }
    }
    objects
}

fn line(group: &Group, change: &GroupedChange, shown: &dyn Fn(&str) -> String) -> Line {
    let path = short(&shown(&change.shape.path));
    let new = |sign, words: &str, values| Line {
        sign,
        path: path.clone(),
        words: words.to_owned(),
        values,
        excerpt: Vec::new(),
    };
    let value = |value: &Value| short(&shown(&value.shown));
    match &change.shape.difference {
        Difference::EnvironmentComes { whole, kinds } => {
            new('+', &format!("new {}: {}", whole_of(group, *whole), self::kinds(kinds, shown)), Vec::new())
        }
        Difference::EnvironmentGoes { whole, kinds } => new(
            '-',
            &format!("the {} goes: {}", whole_of(group, *whole), self::kinds(kinds, shown)),
            Vec::new(),
        ),
        Difference::Comes => new('+', "new", Vec::new()),
        Difference::Goes => new('-', "goes", Vec::new()),
        Difference::Moves(from, to) => new('~', "moves to another namespace:", vec![shown(from), shown(to)]),
        Difference::Value(None, Some(after)) => new('+', "", vec![value(after)]),
        Difference::Value(Some(before), None) => new('-', "", vec![value(before)]),
        Difference::Value(before, after) => {
            let values = before.iter().chain(after).map(value).collect();
            let same = before.as_ref().map(|value| &value.shown) == after.as_ref().map(|value| &value.shown);
            new('~', if same { "differs where it is not shown:" } else { "" }, values)
        }
        Difference::Lines(lines) => {
            let mut line = new('~', &text_lines(lines), Vec::new());
            line.excerpt = lines.excerpt.iter().map(|line| shown(line)).collect();
            if lines.added + lines.removed > lines.excerpt.len() {
                line.excerpt.push("...".to_owned());
            }
            line
        }
        Difference::Order => new('~', "another order", Vec::new()),
        Difference::Various => {
            let mut line = new('~', "each its own value, such as", Vec::new());
            line.excerpt = change.examples.iter().map(|one| example(group, one)).collect();
            line
        }
    }
}

/// Counts lines: `2 lines added, 1 removed`.
fn text_lines(lines: &Lines) -> String {
    match (lines.added, lines.removed) {
        (added, 0) => format!("{} added", count(added, "line")),
        (0, removed) => format!("{} removed", count(removed, "line")),
        (added, removed) => format!("{} added, {removed} removed", count(added, "line")),
    }
}

/// One of several values: `payments: a -> b`.
fn example(group: &Group, (member, shape): &(Member, Arc<Shape>)) -> String {
    let name = member.unit.name();
    let shown = |text: &str| harmless(&show(text, Some(name)));
    let change = GroupedChange { shape: shape.clone(), examples: Vec::new() };
    let line = line(group, &change, &shown);
    let words = [line.words, line.values.join(" -> ")];
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    format!("{}: {}", harmless(name), words.join(" "))
}

/// Says what comes or goes.
fn whole_of(group: &Group, whole: bool) -> &'static str {
    match group.members.first().map(|member| &member.unit) {
        Some(Unit::Namespace(_)) => "namespace",
        _ if whole => "API",
        _ => "environment",
    }
}

fn kinds(kinds: &std::collections::BTreeMap<Box<str>, usize>, shown: &dyn Fn(&str) -> String) -> String {
    let one = |kind: &str, number: usize| {
        if number == 1 { shown(kind) } else { format!("{number} {}", shown(kind)) }
    };
    kinds.iter().map(|(kind, number)| one(kind, *number)).collect::<Vec<_>>().join(", ")
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Says which sides cannot be built.
fn broken(base: bool, head: bool) -> &'static str {
    match (base, head) {
        (true, true) => "neither side can be built",
        (true, false) => "the base cannot be built",
        _ => "the head cannot be built",
    }
}

/// Says what cannot be compared, and why.
fn unknown(unknown: &Unknown, name: &dyn Fn(&str) -> String) -> String {
    let side = broken(unknown.base, unknown.head);
    format!("{} in {} cannot be compared: {side}", unit(&unknown.unit, name), name(&unknown.environment))
}
