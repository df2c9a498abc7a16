//! One container in the words of the model.

use serde_json::{Map, Value as Json, json};

use super::maps::{Object, into_object, put, take, take_list, take_text};
use super::pod::Found;
use super::report::{Permission, Report};
use super::{NoteKind, pointer};
use crate::image::ImageRef;

/// Which container of its pod it is.
pub(super) enum Role<'a> {
    /// The one that the workload's own keys speak of.
    Main,
    /// A sidecar or init container, and the image that it has where it names none.
    Beside { image: Option<&'a str>, before: bool },
}

/// Finds the main container: the one that was decided, else the one that the Service leads to, else the one that is
/// named like its workload, else the first.
pub(super) fn main(containers: &[Found], decided: Option<&str>, service: Option<&Json>, name: &str) -> usize {
    let named = |name: &str| containers.iter().position(|container| container.name == name);
    decided
        .and_then(named)
        .or_else(|| service.and_then(|service| targeted(containers, service)))
        .or_else(|| named(name))
        .unwrap_or(0)
}

/// The container that has the port of the Service's first port that leads anywhere.
fn targeted(containers: &[Found], service: &Json) -> Option<usize> {
    let ports = service.pointer("/spec/ports")?.as_array()?;
    ports.iter().find_map(|port| {
        let target = port.get("targetPort").or_else(|| port.get("port"))?;
        containers.iter().position(|container| {
            let ports = container.fields.get("ports").and_then(Json::as_array).into_iter().flatten();
            ports.into_iter().any(|port| port["name"] == *target || port["containerPort"] == *target)
        })
    })
}

/// Converts a container without its typed mounts, which [`super::volumes`] took, and without its name.
pub(super) fn convert(mut from: Object, path: &str, role: &Role<'_>, report: &mut Report) -> Object {
    let mut words = Object::new();
    if let Role::Beside { before: true, .. } = role {
        put(&mut words, "before", true);
    }
    let image = take_text(&mut from, "image");
    if let Some(Err(error)) = image.as_deref().map(ImageRef::parse) {
        let (path, image) = (format!("{path}/image"), image.clone().into());
        report.note(NoteKind::Placeholder, path, image, error.to_string());
    }
    match (image, role) {
        (None, _) => report.fault(format!("{path}/image"), Json::Null, "the container has no image"),
        (Some(image), Role::Beside { image: Some(shared), .. }) if image == *shared => {}
        (Some(image), _) => put(&mut words, "image", image),
    }
    let (named, others) = ports(take_list(&mut from, "ports"), report);
    put(&mut words, "ports", named);
    let variables = take_list(&mut from, "env");
    put(&mut words, "env", env(variables, &format!("{path}/env"), report));
    let sources = take_list(&mut from, "envFrom");
    put(&mut words, "envFrom", env_from(sources, &format!("{path}/envFrom"), report));
    let mut probes = Object::new();
    for kind in ["readiness", "liveness", "startup"] {
        if let Some(probe) = from.shift_remove(&format!("{kind}Probe")) {
            // Even an empty one is a probe, if one that the server refuses.
            probes.insert(kind.to_owned(), probe);
        }
    }
    put(&mut words, "probes", probes);
    let found = take(&mut from, "resources");
    put(&mut words, "resources", resources(found, &format!("{path}/resources"), report));
    for key in ["command", "args"] {
        put(&mut words, key, take_list(&mut from, key));
    }
    if from.get("securityContext").is_some_and(|context| context["privileged"] == true) {
        report.needs.insert(Permission::Privileged);
    }
    put(&mut from, "ports", others);
    put(&mut words, "container", from);
    words
}

/// Splits ports into those that have a name and those that Kubernetes' own words are for. The named ones come
/// first when they are rendered, so they end where the first other one stands.
fn ports(ports: Vec<Json>, report: &mut Report) -> (Object, Vec<Json>) {
    let mut named = Object::new();
    let mut ports = ports.into_iter().peekable();
    while let Some((name, words)) = ports.peek().and_then(named_port)
        && !named.contains_key(&name)
    {
        named.insert(name, words);
        ports.next();
    }
    let others: Vec<Json> = ports.collect();
    if others.iter().any(|port| port.get("hostPort").is_some()) {
        report.needs.insert(Permission::HostPort);
    }
    (named, others)
}

fn named_port(port: &Json) -> Option<(String, Json)> {
    let mut port = port.as_object()?.clone();
    let name = take_text(&mut port, "name").filter(|name| is_port_name(name))?;
    let number = port.shift_remove("containerPort")?;
    let protocol = take_text(&mut port, "protocol");
    if !port.is_empty() || !number.as_u64().is_some_and(|number| (1..=65535).contains(&number)) {
        return None;
    }
    let words = match protocol {
        None => number,
        Some(protocol) => json!({ "containerPort": number, "protocol": protocol }),
    };
    Some((name, words))
}

/// Tells whether a text is a name as RFC 6335 has it for services.
pub(super) fn is_port_name(name: &str) -> bool {
    name.len() <= 15
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

fn env(variables: Vec<Json>, path: &str, report: &mut Report) -> Object {
    let mut words = Object::new();
    for (index, variable) in variables.into_iter().enumerate() {
        let path = pointer::index(path, index);
        let mut variable = into_object(variable);
        let written = Json::Object(variable.clone());
        let name = take_text(&mut variable, "name").unwrap_or_default();
        if words.contains_key(&name) {
            report.residue(path, written, "a variable of this name is there already, and the last one wins");
        } else if name.is_empty() || name.contains('=') {
            report.fault(path, written, "no name for a variable");
        } else if !is_variable_name(&name) {
            report.residue(path, written, "`env` has no variables of such a name");
        } else if let Some(value) = env_value(variable) {
            words.insert(name, value);
        } else {
            report.residue(path, written, "`env` has no such source");
        }
    }
    words
}

/// What `variableName` of the schema accepts.
fn is_variable_name(name: &str) -> bool {
    !matches!(name, "" | ".")
        && !name.starts_with("..")
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

fn env_value(mut variable: Object) -> Option<Json> {
    let mut source = take(&mut variable, "valueFrom");
    let text = take_text(&mut variable, "value");
    if !variable.is_empty() {
        return None;
    }
    if source.is_empty() {
        return Some(text.unwrap_or_default().into());
    }
    if text.is_some() || source.len() > 1 {
        return None;
    }
    if let Some((word, reference)) = [("secret", "secretKeyRef"), ("config", "configMapKeyRef")]
        .into_iter()
        .find_map(|(word, key)| Some((word, into_object(source.shift_remove(key)?))))
    {
        return renamed(reference, &[("name", word), ("key", "key"), ("optional", "optional")], 2);
    }
    if let Some(field) = source.shift_remove("fieldRef") {
        return renamed(into_object(field), &[("fieldPath", "field")], 1);
    }
    let resource = into_object(source.shift_remove("resourceFieldRef")?);
    renamed(resource, &[("resource", "resource"), ("divisor", "divisor")], 1)
}

/// Renames the fields of a reference; `None` where one has no word, or one of the first `required` is missing.
fn renamed(mut from: Object, words: &[(&str, &str)], required: usize) -> Option<Json> {
    let mut to = Map::new();
    for (index, (field, word)) in words.iter().enumerate() {
        match from.shift_remove(*field) {
            Some(value) => drop(to.insert((*word).to_owned(), value)),
            None if index < required => return None,
            None => {}
        }
    }
    from.is_empty().then_some(Json::Object(to))
}

fn env_from(sources: Vec<Json>, path: &str, report: &mut Report) -> Vec<Json> {
    let mut words = Vec::new();
    for (index, source) in sources.into_iter().enumerate() {
        if let Some(word) = env_source(into_object(source.clone())) {
            words.push(word);
        } else {
            report.residue(pointer::index(path, index), source, "`envFrom` has no such source");
        }
    }
    words
}

fn env_source(mut source: Object) -> Option<Json> {
    let prefix = take_text(&mut source, "prefix");
    if source.len() != 1 {
        return None;
    }
    let (word, reference) = [("secret", "secretRef"), ("config", "configMapRef")]
        .into_iter()
        .find_map(|(word, key)| Some((word, into_object(source.shift_remove(key)?))))?;
    let mut words = into_object(renamed(reference, &[("name", word), ("optional", "optional")], 1)?);
    if let Some(prefix) = prefix {
        words.insert("prefix".to_owned(), prefix.into());
    }
    Some(Json::Object(words))
}

/// What `amounts` of the schema accepts: the resources of each node, its huge pages, and those of devices.
fn is_resource(name: &str) -> bool {
    let word = |text: &str, more: &[u8]| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        text.bytes().all(known) && ends(text.as_bytes().first()) && ends(text.as_bytes().last())
    };
    if let Some((domain, name)) = name.split_once('/') {
        return word(domain, b"-.")
            && !domain.bytes().any(|byte| byte.is_ascii_uppercase())
            && word(name, b"-._");
    }
    let size = name.strip_prefix("hugepages-").and_then(|size| size.get(..size.len().checked_sub(2)?));
    let is_pages = ["Ki", "Mi", "Gi"].iter().any(|unit| name.ends_with(unit))
        && size.is_some_and(|size| !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_pages
}

fn resources(mut from: Object, path: &str, report: &mut Report) -> Object {
    let mut words = Object::new();
    for list in ["requests", "limits"] {
        let mut amounts = Object::new();
        for (resource, amount) in take(&mut from, list) {
            if is_resource(&resource) {
                amounts.insert(resource, amount);
            } else {
                let path = pointer::key(&format!("{path}/{list}"), &resource);
                report.residue(path, amount, "`resources` has no such resource");
            }
        }
        put(&mut words, list, amounts);
    }
    report.leftover(path, from, "`resources` has requests and limits only");
    words
}
