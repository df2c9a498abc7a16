//! Where pods go: affinity, tolerations, spreading.

use super::at::{At, Faults, show};
use super::selector::selector;
use super::text::{DNS_LABEL, LABEL_KEY, LABEL_VALUE, SUBDOMAIN};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `validateAffinity`.
pub(super) fn affinity<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let node = at.key("nodeAffinity");
    let required = node.key(REQUIRED);
    if required.is_set() {
        let terms = required.key("nodeSelectorTerms");
        if terms.len() == 0 {
            faults.refuse(terms, "`nodeSelectorTerms` must not be empty");
        }
        terms.items().for_each(|term| node_term(term, true, faults));
    }
    let preferred = node.key(PREFERRED);
    for term in preferred.items() {
        weight(term, faults);
        node_term(term.key("preference"), false, faults);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let pods = at.key(kind);
        let required = pods.key(REQUIRED);
        required.items().for_each(|term| pod_term(term, faults));
        let preferred = pods.key(PREFERRED);
        for term in preferred.items() {
            weight(term, faults);
            pod_term(term.key("podAffinityTerm"), faults);
        }
    }
}

fn weight<'a>(term: At<'a, '_>, faults: &mut Faults<'a>) {
    let weight = term.key("weight");
    if !(1..=100).contains(&weight.number_or_zero()) {
        faults.refuse(weight, format!("`weight` is {}, and must be from 1 to 100", weight.number_or_zero()));
    }
}

/// `ValidateNodeSelectorTerm`. Values count only where the term is required.
fn node_term<'a>(at: At<'a, '_>, required: bool, faults: &mut Faults<'a>) {
    let expressions = at.key("matchExpressions");
    for expression in expressions.items() {
        let (operator, values) = (expression.key("operator"), expression.key("values"));
        match (operator.text(), values.len()) {
            ("In" | "NotIn", 0) => {
                faults.refuse(values, "`values` must not be empty where `operator` is `In` or `NotIn`");
            }
            ("Gt" | "Lt", count) if count != 1 => {
                faults.refuse(values, "`values` has one value where `operator` is `Gt` or `Lt`");
            }
            ("Exists" | "DoesNotExist", 1..) => {
                faults
                    .refuse(values, "`values` has no meaning where `operator` is `Exists` or `DoesNotExist`");
            }
            ("Gt" | "Lt", _) => {
                // The server takes any text; the scheduler takes a number alone (`labels.NewRequirement`).
                for value in values.items().filter(|value| value.text().parse::<i64>().is_err()) {
                    faults.breaks(
                        value,
                        format!(
                            "{} is no whole number, which `operator: {}` compares; no node ever fits",
                            show(value.text()),
                            operator.text()
                        ),
                    );
                }
            }
            ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
            (other, _) => {
                faults.refuse(operator, format!("{} is no operator of a node selector", show(other)));
            }
        }
        faults.hold(expression.key("key"), &LABEL_KEY);
        if required {
            values.items().for_each(|value| faults.hold(value, &LABEL_VALUE));
        }
    }
    let fields = at.key("matchFields");
    for field in fields.items() {
        let (operator, values, key) = (field.key("operator"), field.key("values"), field.key("key"));
        if !matches!(operator.text(), "In" | "NotIn") {
            faults
                .refuse(operator, format!("{} is no operator for a field of a node", show(operator.text())));
        } else if values.len() != 1 {
            faults.refuse(values, "`values` has one value for a field of a node");
        }
        if key.text() == "metadata.name" {
            values.items().for_each(|value| faults.hold(value, &SUBDOMAIN));
        } else {
            faults.refuse(key, format!("{} is no field of a node that can be selected", show(key.text())));
        }
    }
}

/// `validatePodAffinityTerm`.
fn pod_term<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    selector(at.key("labelSelector"), faults);
    selector(at.key("namespaceSelector"), faults);
    let namespaces = at.key("namespaces");
    namespaces.items().for_each(|namespace| faults.hold(namespace, &DNS_LABEL));
    label_keys(at, faults);
    let topology = at.key("topologyKey");
    if faults.need_text(topology) {
        faults.hold(topology, &LABEL_KEY);
    }
}

/// `validateMatchLabelKeysAndMismatchLabelKeys`.
fn label_keys<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (matching, mismatching) = (at.key("matchLabelKeys"), at.key("mismatchLabelKeys"));
    for keys in [matching, mismatching] {
        if keys.len() > 0 && !at.has("labelSelector") {
            faults.refuse(keys, "it has no meaning without a `labelSelector`");
            continue;
        }
        keys.items().for_each(|key| faults.hold(key, &LABEL_KEY));
    }
    for key in matching.items().filter(|key| mismatching.items().any(|other| other.json == key.json)) {
        faults.refuse(key, format!("{} is in `mismatchLabelKeys` too", show(key.text())));
    }
    in_selector(matching, at.key("labelSelector"), faults);
}

/// Refuses a key that the selector has already.
fn in_selector<'a>(keys: At<'a, '_>, selector: At<'a, '_>, faults: &mut Faults<'a>) {
    let (labels, expressions) = (selector.key("matchLabels"), selector.key("matchExpressions"));
    for key in keys.items() {
        if labels.has(key.text())
            || expressions.items().any(|expression| expression.json["key"] == key.text())
        {
            faults.refuse(key, format!("{} is in `labelSelector` too", show(key.text())));
        }
    }
}

/// `ValidateTolerations`.
pub(super) fn tolerations<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for toleration in at.items() {
        let (key, operator) = (toleration.key("key"), toleration.key("operator"));
        let (value, effect) = (toleration.key("value"), toleration.key("effect"));
        faults.hold_if_set(key, &LABEL_KEY);
        if key.text().is_empty() && operator.text() != "Exists" {
            faults.refuse(operator, "a toleration without `key` has `operator: Exists`");
        }
        if toleration.has("tolerationSeconds") && effect.text() != "NoExecute" {
            faults.refuse(effect, "`tolerationSeconds` needs `effect: NoExecute`");
        }
        match operator.text() {
            "" | "Equal" => faults.hold(value, &LABEL_VALUE),
            "Exists" if !value.text().is_empty() => {
                faults.refuse(operator, "`operator: Exists` has no `value`");
            }
            "Exists" => {}
            "Lt" | "Gt" if faults.since(35) => {}
            other => faults.refuse(operator, format!("{} is no operator of a toleration", show(other))),
        }
        faults.one_of(effect, &["NoSchedule", "PreferNoSchedule", "NoExecute", ""]);
    }
}

/// `validateTopologySpreadConstraints`.
pub(super) fn spread<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for constraint in at.items() {
        let (skew, topology) = (constraint.key("maxSkew"), constraint.key("topologyKey"));
        let (action, domains) = (constraint.key("whenUnsatisfiable"), constraint.key("minDomains"));
        if skew.number_or_zero() < 1 {
            faults.refuse(skew, format!("`maxSkew` is {}, and must be 1 at least", skew.number_or_zero()));
        }
        faults.need_text(topology);
        if faults.need_text(action) {
            faults.one_of(action, &["DoNotSchedule", "ScheduleAnyway"]);
        }
        if seen.contains(&(topology.text(), action.text())) {
            let message = "two constraints have the same `topologyKey` and `whenUnsatisfiable`";
            faults.refuse(constraint, message);
        }
        seen.push((topology.text(), action.text()));
        faults.within(domains, 1, i64::MAX);
        if domains.is_set() && action.text() != "DoNotSchedule" {
            faults.refuse(domains, "`minDomains` needs `whenUnsatisfiable: DoNotSchedule`");
        }
        for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            faults.one_of(constraint.key(key), &["Honor", "Ignore"]);
        }
        let keys = constraint.key("matchLabelKeys");
        if keys.len() > 0 && !constraint.has("labelSelector") {
            faults.refuse(keys, "it has no meaning without a `labelSelector`");
        }
        keys.items().for_each(|key| faults.hold(key, &LABEL_KEY));
        in_selector(keys, constraint.key("labelSelector"), faults);
        selector(constraint.key("labelSelector"), faults);
    }
}
