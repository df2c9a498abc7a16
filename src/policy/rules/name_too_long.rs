//! The name of an object is longer than the cluster takes.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::{Kind, Profile};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("name-too-long", include_str!("../../../docs/rules/name-too-long.md"));

/// The most characters of a DNS label (RFC 1123): Services, and Jobs, whose name becomes a label.
const LABEL: usize = 63;
/// The most characters where Kubernetes puts up to eleven of its own behind the name: a CronJob, whose jobs
/// carry a timestamp, and a StatefulSet, whose revisions carry a hash in a label.
const WITH_SUFFIX: usize = 52;
/// The most characters of an object's name (RFC 1123 subdomain).
const SUBDOMAIN: usize = 253;
/// What the generator puts behind the name of a ConfigMap: a hyphen and a hash.
const HASH: usize = 11;

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let api = environment.api;
        for here in environment.workloads() {
            let workload = here.workload;
            let most = match workload.kind {
                Kind::Deployment => SUBDOMAIN,
                Kind::Job => LABEL,
                Kind::StatefulSet | Kind::CronJob => WITH_SUFFIX,
            };
            let mut names = vec![(workload.kind.as_str(), api.workload_name(workload), "name", most)];
            if workload.has_service() {
                // The second Service has the longer name.
                let second = api.second_service_name(workload);
                let longest = second.unwrap_or_else(|| api.service_name(workload));
                names.push(("Service", longest, "service", LABEL));
            }
            for (kind, name, key, most) in names {
                if name.len() > most {
                    let location = context.locate_workload(&here, &["identity", key]);
                    sink.push(finding(location, kind, &name, most));
                }
            }
        }
        let hash = if api.profile == Profile::Standard { HASH } else { 0 };
        for (at, _) in api.configs().filter(|(_, config)| !config.is_empty()) {
            let name = api.config_name_at(&at);
            if name.len() + hash > SUBDOMAIN {
                sink.push(finding(
                    context.locate_in(&environment, &at),
                    "ConfigMap",
                    &name,
                    SUBDOMAIN - hash,
                ));
            }
        }
    }
}

fn finding(location: Location, kind: &str, name: &str, most: usize) -> Diagnostic {
    let message = format!("the {kind} `{name}` has a name of {} characters, {most} are the most", name.len());
    Diagnostic::new(&CODE, location, message)
        .label("too long")
        .help("shorten the name of the API or of the workload, or set `identity`")
}
