//! Containers: `validateContainers`, `validateInitContainers`, `validateContainerCommon`.

use super::at::{At, Faults, show};
use super::handler::{self, ProbeKind};
use super::text::{DNS_LABEL, PORT_NAME};
use super::{env, resources, security};
use crate::image::ImageRef;

/// What containers need to know of their pod.
#[derive(Debug)]
pub(super) struct Pod<'a, 'v> {
    /// Names of its volumes, each with whether it is a claim.
    pub(super) volumes: &'v [(&'a str, bool)],
    /// As it is written; empty is `Always`.
    pub(super) restart_policy: &'a str,
    /// Seconds that a container has to end.
    pub(super) grace: i64,
    /// Whether its users are those of the host.
    pub(super) host_users: bool,
    /// Names of its resource claims.
    pub(super) claims: Vec<&'a str>,
}

/// Looks at all containers of a pod.
pub(super) fn containers<'a>(spec: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    let (regular, init) = (spec.key("containers"), spec.key("initContainers"));
    if regular.len() == 0 {
        faults.refuse(regular, "there is no container");
    }
    let mut names: Vec<&str> = Vec::new();
    for container in regular.items() {
        common(container, pod, faults);
        unique_name(container, &mut names, faults);
        if !faults.since(34) && container.has("restartPolicy") {
            faults.refuse(container.key("restartPolicy"), "only an init container has a `restartPolicy`");
        }
        lively(container, pod, faults);
    }
    host_ports(regular.items(), faults);
    for container in init.items() {
        common(container, pod, faults);
        unique_name(container, &mut names, faults);
        let restart = container.key("restartPolicy");
        if !faults.since(34) {
            faults.one_of(restart, &["Always"]);
        }
        host_ports(std::iter::once(container), faults);
        if restart.text() == "Always" {
            lively(container, pod, faults);
            continue;
        }
        for key in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if container.has(key) {
                let message =
                    format!("an init container has no `{key}` unless it has `restartPolicy: Always`");
                faults.refuse(container.key(key), message);
            }
        }
    }
}

fn unique_name<'a>(container: At<'a, '_>, names: &mut Vec<&'a str>, faults: &mut Faults<'a>) {
    let name = container.key("name");
    if names.contains(&name.text()) && !name.text().is_empty() {
        faults.refuse(name, format!("two containers are called {}", show(name.text())));
    }
    names.push(name.text());
}

/// What all kinds of containers have.
fn common<'a>(at: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    let name = at.key("name");
    if faults.need_text(name) {
        faults.hold(name, &DNS_LABEL);
    }
    image(at.key("image"), faults);
    faults.one_of(at.key("imagePullPolicy"), &["Always", "IfNotPresent", "Never", ""]);
    faults.one_of(at.key("terminationMessagePolicy"), &["File", "FallbackToLogsOnError", ""]);
    ports(at.key("ports"), faults);
    env::env(at.key("env"), faults);
    env::from(at.key("envFrom"), faults);
    mounts(at, pod, faults);
    resources::of_container(at.key("resources"), &pod.claims, faults);
    resize(at.key("resizePolicy"), pod, faults);
    security::of_container(at.key("securityContext"), pod.host_users, faults);
}

/// The server wants an image and reads nothing of it. What is no reference cannot be pulled.
fn image<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if faults.need_text(at)
        && let Err(why) = ImageRef::parse(at.text())
    {
        faults.breaks(at, format!("{} cannot be pulled: {why}", show(at.text())));
    }
}

/// Probes and hooks.
fn lively<'a>(at: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    handler::lifecycle(at.key("lifecycle"), pod, faults);
    handler::probe(at.key("livenessProbe"), ProbeKind::Liveness, faults);
    handler::probe(at.key("readinessProbe"), ProbeKind::Readiness, faults);
    handler::probe(at.key("startupProbe"), ProbeKind::Startup, faults);
    named_ports(at, faults);
}

/// The server reads nothing of the name of a port. A kubelet looks for it in the same container, and what it does not find
/// has failed.
fn named_ports<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let ports = at.key("ports");
    let (lifecycle, keys) = (at.key("lifecycle"), ["livenessProbe", "readinessProbe", "startupProbe"]);
    let probes = keys.into_iter().map(|key| at.key(key));
    let hooks = ["postStart", "preStop"].into_iter().map(|key| lifecycle.key(key));
    for asks in probes.chain(hooks) {
        for handler in ["httpGet", "tcpSocket"] {
            let handler = asks.key(handler);
            let port = handler.key("port");
            let name = port.text();
            if !name.is_empty() && !ports.items().any(|port| port.key("name").text() == name) {
                faults.breaks(port, format!("the container has no port called {}", show(name)));
            }
        }
    }
}

/// `validateContainerPorts`.
fn ports<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let mut names: Vec<&str> = Vec::new();
    for port in at.items() {
        let name = port.key("name");
        if !name.text().is_empty() {
            faults.hold(name, &PORT_NAME);
            if names.contains(&name.text()) {
                faults.refuse(name, format!("two ports are called {}", show(name.text())));
            }
            names.push(name.text());
        }
        let number = port.key("containerPort");
        if number.number_or_zero() == 0 {
            faults.refuse(number, "`containerPort` is missing");
        }
        faults.port(number);
        if port.key("hostPort").number_or_zero() != 0 {
            faults.port(port.key("hostPort"));
        }
        faults.one_of(port.key("protocol"), &["TCP", "UDP", "SCTP", ""]);
    }
}

/// `checkHostPortConflicts`.
fn host_ports<'a, 'p>(containers: impl Iterator<Item = At<'a, 'p>>, faults: &mut Faults<'a>)
where
    'a: 'p,
{
    let mut seen = Vec::new();
    for container in containers {
        let ports = container.key("ports");
        for port in ports.items().filter(|port| port.key("hostPort").number_or_zero() != 0) {
            let host = port.key("hostPort");
            let protocol = Some(port.key("protocol").text()).filter(|text| !text.is_empty()).unwrap_or("TCP");
            let key = (host.number_or_zero(), protocol, port.key("hostIP").text());
            if seen.contains(&key) {
                faults.refuse(host, format!("port {} of the host is taken twice", key.0));
            }
            seen.push(key);
        }
    }
}

/// `ValidateVolumeMounts` and `ValidateVolumeDevices`.
fn mounts<'a>(container: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    let (mounts, devices) = (container.key("volumeMounts"), container.key("volumeDevices"));
    let volume = |name: &str| pod.volumes.iter().find(|(known, _)| *known == name);
    let device_at = |key: &str, text: &str| devices.items().any(|device| device.json[key] == text);
    let mount_at = |key: &str, text: &str| mounts.items().any(|mount| mount.json[key] == text);
    let security = container.key("securityContext");
    let privileged = security.key("privileged").is_true();
    let mut paths: Vec<&str> = Vec::new();
    for mount in mounts.items() {
        let (name, path) = (mount.key("name"), mount.key("mountPath"));
        if faults.need_text(name) && volume(name.text()).is_none() {
            faults.refuse(name, format!("the pod has no volume {}", show(name.text())));
        }
        faults.need_text(path);
        if path.text().contains(':') {
            faults.breaks(path, format!("{} has a colon, which runtimes take for an end", show(path.text())));
        }
        if paths.contains(&path.text()) {
            faults.refuse(path, format!("two volumes are mounted at {}", show(path.text())));
        }
        paths.push(path.text());
        if device_at("name", name.text()) {
            faults.refuse(name, format!("{} is in `volumeDevices` too", show(name.text())));
        }
        if device_at("devicePath", path.text()) {
            faults.refuse(path, format!("{} is in `volumeDevices` too", show(path.text())));
        }
        let (sub, expression) = (mount.key("subPath"), mount.key("subPathExpr"));
        descending(sub, faults);
        descending(expression, faults);
        if !sub.text().is_empty() && !expression.text().is_empty() {
            faults.refuse(expression, "`subPath` and `subPathExpr` exclude each other");
        }
        let propagation = mount.key("mountPropagation");
        faults.one_of(propagation, &["None", "HostToContainer", "Bidirectional"]);
        if propagation.text() == "Bidirectional" && !privileged {
            faults.refuse(propagation, "`Bidirectional` needs a privileged container");
        }
        let recursive = mount.key("recursiveReadOnly");
        faults.one_of(recursive, &["Disabled", "IfPossible", "Enabled"]);
        if matches!(recursive.text(), "IfPossible" | "Enabled")
            && (!mount.key("readOnly").is_true() || !matches!(propagation.text(), "" | "None"))
        {
            faults.refuse(recursive, "`recursiveReadOnly` needs `readOnly: true` and no `mountPropagation`");
        }
    }
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for device in devices.items() {
        let (name, path) = (device.key("name"), device.key("devicePath"));
        if faults.need_text(name) {
            match volume(name.text()) {
                None => faults.refuse(name, format!("the pod has no volume {}", show(name.text()))),
                Some((_, false)) => {
                    faults.refuse(name, format!("{} is no claim, which a device needs", show(name.text())));
                }
                Some((_, true)) => {}
            }
        }
        faults.need_text(path);
        if seen.iter().any(|(known, _)| *known == name.text()) {
            faults.refuse(name, format!("{} stands there twice", show(name.text())));
        }
        if seen.iter().any(|(_, known)| *known == path.text()) {
            faults.refuse(path, format!("{} stands there twice", show(path.text())));
        }
        seen.push((name.text(), path.text()));
        no_parent(path, faults);
        if mount_at("mountPath", path.text()) {
            faults.refuse(path, format!("{} is in `volumeMounts` too", show(path.text())));
        }
    }
}

/// `validateLocalDescendingPath`.
pub(super) fn descending<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if at.text().starts_with('/') {
        faults.refuse(at, format!("{} must be a relative path", show(at.text())));
    }
    no_parent(at, faults);
}

/// `validatePathNoBacksteps`.
pub(super) fn no_parent<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if at.text().split('/').any(|part| part == "..") {
        faults.refuse(at, format!("{} must not contain `..`", show(at.text())));
    }
}

/// `validateResizePolicy`.
fn resize<'a>(at: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    let mut seen: Vec<&str> = Vec::new();
    for policy in at.items() {
        let (resource, restart) = (policy.key("resourceName"), policy.key("restartPolicy"));
        if seen.contains(&resource.text()) {
            faults.refuse(resource, format!("{} stands there twice", show(resource.text())));
        }
        seen.push(resource.text());
        if faults.need_text(resource) {
            faults.one_of(resource, &["cpu", "memory"]);
        }
        if faults.need_text(restart) {
            faults.one_of(restart, &["NotRequired", "RestartContainer"]);
        }
        if pod.restart_policy == "Never" && restart.text() != "NotRequired" {
            faults.refuse(restart, "it must be `NotRequired` where the pod has `restartPolicy: Never`");
        }
    }
}
