//! Variables of containers: `ValidateEnv`, `ValidateEnvFrom`. No value is ever shown.

use super::amount::{self, Amount};
use super::at::{At, Faults, show};
use super::text::{CONFIG_KEY, ENV_NAME, QUALIFIED, RELAXED_ENV_NAME, SUBDOMAIN};

/// Fields of a pod that a variable can be: `validEnvDownwardAPIFieldPathExpressions`.
const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields of a pod that a file can be: `validVolumeDownwardAPIFieldPathExpressions`.
const FILE_FIELDS: &[&str] =
    &["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];

/// What else `ConvertDownwardAPIFieldLabel` knows, so that the server's words are other ones.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// Units in which bytes can be told.
const BYTE_DIVISORS: &[&str] =
    &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// `ValidateEnv`.
pub(super) fn env<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for variable in at.items() {
        let name = variable.key("name");
        if faults.need_text(name) {
            name_of_variable(name, faults);
        }
        if variable.has("valueFrom") {
            value_from(variable, faults);
        }
    }
}

/// Relaxed in 1.32.
fn name_of_variable<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    faults.hold(at, if faults.since(32) { &RELAXED_ENV_NAME } else { &ENV_NAME });
}

/// `validateEnvVarValueFrom`.
fn value_from<'a>(variable: At<'a, '_>, faults: &mut Faults<'a>) {
    let at = variable.key("valueFrom");
    let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
    let count = sources.iter().filter(|key| at.has(key)).count();
    if at.has("fieldRef") {
        field(at.key("fieldRef"), ENV_FIELDS, faults);
    }
    if at.has("resourceFieldRef") {
        resource(at.key("resourceFieldRef"), false, faults);
    }
    for key in ["configMapKeyRef", "secretKeyRef"] {
        let source = at.key(key);
        if source.is_set() {
            faults.hold(source.key("name"), &SUBDOMAIN);
            if faults.need_text(source.key("key")) {
                faults.hold(source.key("key"), &CONFIG_KEY);
            }
        }
    }
    if count == 0 {
        faults.refuse(at, "`valueFrom` names no source, such as `secretKeyRef`");
    } else if !variable.key("value").text().is_empty() {
        faults.refuse(at, "a variable has `value` or `valueFrom`, not both");
    } else if count > 1 {
        faults.refuse(at, "`valueFrom` names more than one source");
    }
}

/// `validateObjectFieldSelector` for a file of a volume.
pub(super) fn file_field<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    field(at, FILE_FIELDS, faults);
}

fn field<'a>(at: At<'a, '_>, known: &[&str], faults: &mut Faults<'a>) {
    let (version, path) = (at.key("apiVersion"), at.key("fieldPath"));
    if !matches!(version.text(), "" | "v1") {
        return faults
            .refuse(version, format!("{} is no version of pods; leave it out", show(version.text())));
    }
    if !faults.need_text(path) {
        return;
    }
    let subscript =
        path.text().split_once("['").and_then(|(map, rest)| Some((map, rest.strip_suffix("']")?)));
    match subscript {
        Some(("metadata.annotations", key)) => faults.hold_text(path, &key.to_ascii_lowercase(), &QUALIFIED),
        Some(("metadata.labels", key)) => faults.hold_text(path, key, &QUALIFIED),
        _ if known.contains(&path.text()) => {}
        _ => faults.refuse(path, format!("{} is no field that can be read here", show(path.text()))),
    }
}

/// `validateContainerResourceFieldSelector`. In a volume it says whose.
pub(super) fn resource<'a>(at: At<'a, '_>, in_volume: bool, faults: &mut Faults<'a>) {
    let (container, resource) = (at.key("containerName"), at.key("resource"));
    let name = resource.text();
    let huge = name.starts_with("limits.hugepages-") || name.starts_with("requests.hugepages-");
    if in_volume && container.text().is_empty() {
        faults.need_text(container);
    } else if faults.need_text(resource) && !RESOURCES.contains(&name) && !huge {
        faults.refuse(resource, format!("{} is no resource that can be read here", show(name)));
    }
    let divisor = at.key("divisor");
    let Some(amount) =
        Amount::read(divisor.json).filter(|amount| *amount != Amount::parse("0").unwrap_or(*amount))
    else {
        return;
    };
    let known: &[&str] = match name {
        "limits.cpu" | "requests.cpu" => &["1", "1m"],
        _ if huge || RESOURCES.contains(&name) => BYTE_DIVISORS,
        _ => return,
    };
    if !known.iter().any(|one| Amount::parse(one) == Some(amount)) {
        faults.refuse(
            divisor,
            format!("the divisor {} is none of {}", amount::written(divisor.json), known.join(", ")),
        );
    }
}

/// `ValidateEnvFrom`.
pub(super) fn from<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for source in at.items() {
        let prefix = source.key("prefix");
        if !prefix.text().is_empty() {
            name_of_variable(prefix, faults);
        }
        for key in ["configMapRef", "secretRef"] {
            let reference = source.key(key);
            if reference.is_set() && faults.need_text(reference.key("name")) {
                let name = reference.key("name");
                // `ValidateConfigMapName` as a prefix, by an accident of the source.
                if !name.text().ends_with('-') {
                    faults.hold(name, &SUBDOMAIN);
                }
            }
        }
        match (source.has("configMapRef"), source.has("secretRef")) {
            (false, false) => faults.refuse(source, "it names no source: `configMapRef` or `secretRef`"),
            (true, true) => faults.refuse(source, "it names more than one source"),
            _ => {}
        }
    }
}
