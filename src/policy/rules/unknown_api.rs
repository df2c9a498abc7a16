//! A NetworkPolicy names an API that cannot be found by its name.

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{Check, FleetContext, Neighbour, Reference, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::unreadable("unknown-api", include_str!("../../../docs/rules/unknown-api.md"));

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    // Most fleets name none.
    if context.references.is_empty() {
        return;
    }
    let mut known: HashMap<&str, Vec<&Neighbour>> = HashMap::new();
    for neighbour in context.neighbours {
        known.entry(&neighbour.api).or_default().push(neighbour);
    }
    for reference in context.references {
        let there = known.get(&*reference.wanted);
        if let Some((message, help)) = fault(context, reference, there.map(Vec::as_slice)) {
            let mut finding = Diagnostic::new(&CODE, reference.location.clone(), message)
                .label("leads to no pods")
                .help(help);
            if there.is_none() {
                let names = context.names.iter().map(String::as_str);
                finding = finding.meant(&reference.wanted, nearest(&reference.wanted, names));
            }
            finding.api = Some(reference.api.clone());
            sink.push(finding);
        }
    }
}

/// Says why a name leads to no pods, and what to do.
fn fault(
    context: &FleetContext<'_>,
    reference: &Reference,
    there: Option<&[&Neighbour]>,
) -> Option<(String, String)> {
    let Reference { wanted, environment, .. } = reference;
    let Some(there) = there else {
        let help = nearest(wanted, context.names.iter().map(String::as_str)).map_or_else(
            || "name what is no API of this platform by `namespace` or `cidr`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Some((format!("there is no API `{wanted}`"), help));
    };
    let Some(here) = there.iter().find(|neighbour| neighbour.environment == *environment) else {
        return Some((
            format!("`{wanted}` is not in environment `{environment}`"),
            format!("leave it out there: set the list anew under `environments.{environment}.networkPolicy`"),
        ));
    };
    let instead = || format!("write `{{ namespace: {}, podLabels: {{ … }} }}` instead", here.namespace);
    if here.adopted {
        return Some((
            format!("the pods of `{wanted}` are adopted, and have no label of its name"),
            instead(),
        ));
    }
    here.elsewhere
        .then(|| (format!("`{wanted}` is in a namespace of its own choice in `{environment}`"), instead()))
}
