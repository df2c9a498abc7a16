//! More pods than the clusters of an environment have room for.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::platform::Environment;
use crate::policy::{Check, FleetContext, Quantity, Rule};
use crate::render::Share;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "capacity-exceeded",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/capacity-exceeded.md"),
);

/// How many of the largest APIs a finding names.
const NAMED: usize = 5;

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let Some(all) = context.shares else { return };
    for (name, settings) in context.platform.model.environments.iter() {
        let shares: Vec<&Share> = all.iter().filter(|share| share.environment == *name).collect();
        for counted in COUNTED {
            let Some(room) = (counted.room)(settings) else { continue };
            let said: Vec<(&Share, Quantity)> =
                shares.iter().filter_map(|share| Some((*share, (counted.of)(share)?))).collect();
            let total = said.iter().fold(Quantity::ZERO, |total, (_, amount)| total.plus(*amount));
            if total <= room {
                continue;
            }
            let place = context.platform.locate(["environments", name, "capacity", counted.key]);
            let silent = match shares.len() - said.len() {
                0 => String::new(),
                silent => format!(", and {} without any", count(silent, "API")),
            };
            let message = format!(
                "the APIs of `{name}` take up to {} {} of {}{silent}",
                (counted.show)(total),
                counted.noun,
                (counted.show)(room),
            );
            let finding = Diagnostic::new(&CODE, place, message)
                .label("not enough at the most")
                .in_environment(name)
                .help(format!("add room, or ask for less; the largest are {}", largest(said, counted.show)));
            sink.push(finding);
        }
    }
}

/// What is counted.
struct Counted {
    key: &'static str,
    noun: &'static str,
    room: fn(&Environment) -> Option<Quantity>,
    of: fn(&Share) -> Option<Quantity>,
    show: fn(Quantity) -> String,
}

const COUNTED: &[Counted] = &[
    Counted {
        key: "cpu",
        noun: "CPU",
        room: |here| Quantity::parse(here.capacity.cpu.as_deref()?),
        of: |share| share.requests("cpu"),
        show: Quantity::in_millis,
    },
    Counted {
        key: "memory",
        noun: "memory",
        room: |here| Quantity::parse(here.capacity.memory.as_deref()?),
        of: |share| share.requests("memory"),
        show: Quantity::in_mebibytes,
    },
    Counted {
        key: "pods",
        noun: "pods",
        room: |here| Some(Quantity::of(u64::from(here.capacity.pods?))),
        of: |share| Some(Quantity::of(share.pods())),
        show: Quantity::in_millis,
    },
];

/// Names the APIs that take the most, the largest first.
fn largest(mut said: Vec<(&Share, Quantity)>, show: fn(Quantity) -> String) -> String {
    said.sort_by_key(|(_, amount)| std::cmp::Reverse(*amount));
    let named =
        said.iter().take(NAMED).map(|(share, amount)| format!("`{}` with {}", share.api, show(*amount)));
    named.collect::<Vec<_>>().join(", ")
}
