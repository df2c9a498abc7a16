//! Two ports with one number.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::Place;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("duplicate-port", include_str!("../../../docs/rules/duplicate-port.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        let mut containers: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        let mut services: BTreeMap<(u16, &str), &str> = BTreeMap::new();
        let offered = container.here.place == Place::Main && container.of.workload.service.ports.is_none();
        for (name, port) in container.here.container.ports.iter() {
            for (taken, number, whose) in [
                (&mut containers, port.container_port, "the container"),
                (&mut services, port.service_port, "the Service"),
            ] {
                let Some(first) = taken.insert((number, &port.protocol), name) else { continue };
                if whose == "the Service" && !offered {
                    continue;
                }
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_container(&container, &["ports", name]),
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
