//! Two ports with one number.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("duplicate-port", include_str!("../../../docs/rules/duplicate-port.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let mut containers: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        let mut services: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        for (name, port) in environment.api.ports.iter() {
            for (taken, number, whose) in [
                (&mut containers, port.container_port, "the container"),
                (&mut services, port.service_port, "the Service"),
            ] {
                let Some(first) = taken.insert((number, &port.protocol), name) else { continue };
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_in(&environment, &["ports", name]),
                        format!("{whose} has {number}/{} twice: as `{first}` and as `{name}`", port.protocol),
                    )
                    .label("the second one")
                    .help("remove one, or give it another number"),
                );
                break;
            }
        }
    }
}
