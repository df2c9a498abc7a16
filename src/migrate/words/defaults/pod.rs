//! Defaults of a pod template.

use serde_json::{Value as Json, json};

use super::{Object, Way, child, items};

pub(super) fn spec(pod: &mut Object, way: Way) {
    way.put(pod, "dnsPolicy", "ClusterFirst");
    way.put(pod, "restartPolicy", "Always");
    way.put(pod, "schedulerName", "default-scheduler");
    way.put(pod, "terminationGracePeriodSeconds", 30);
    way.put(pod, "securityContext", json!({}));
    // `serviceAccount` is the old name of `serviceAccountName`; the server stores the one it is given in both.
    if let Some(account) = pod.shift_remove("serviceAccount") {
        pod.entry("serviceAccountName").or_insert(account);
    }
    for key in ["initContainers", "containers"] {
        items(pod, key).for_each(|found| container(found, way));
    }
    items(pod, "volumes").for_each(|found| volume(found, way));
}

fn container(container: &mut Object, way: Way) {
    way.put(container, "terminationMessagePath", "/dev/termination-log");
    way.put(container, "terminationMessagePolicy", "File");
    if let Some(image) = container.get("image").and_then(Json::as_str).map(str::to_owned) {
        way.fill(container, "imagePullPolicy", || pull_policy(&image).into());
    }
    items(container, "ports").for_each(|port| way.put(port, "protocol", "TCP"));
    for variable in items(container, "env") {
        if let Some(source) = child(variable, "valueFrom") {
            field_version(source, way);
        }
    }
    for key in ["startupProbe", "livenessProbe", "readinessProbe"] {
        if let Some(found) = child(container, key) {
            probe(found, way);
        }
    }
    if let Some(lifecycle) = child(container, "lifecycle") {
        for key in ["postStart", "preStop"] {
            if let Some(handler) = child(lifecycle, key) {
                http_get(handler, way);
            }
        }
    }
}

fn probe(probe: &mut Object, way: Way) {
    way.put(probe, "timeoutSeconds", 1);
    way.put(probe, "periodSeconds", 10);
    way.put(probe, "successThreshold", 1);
    way.put(probe, "failureThreshold", 3);
    http_get(probe, way);
    if let Some(grpc) = child(probe, "grpc") {
        way.put(grpc, "service", "");
    }
}

fn http_get(handler: &mut Object, way: Way) {
    if let Some(get) = child(handler, "httpGet") {
        // Never stripped: a probe of `/` says so.
        way.fill(get, "path", || "/".into());
        way.put(get, "scheme", "HTTP");
    }
}

fn field_version(source: &mut Object, way: Way) {
    if let Some(field) = child(source, "fieldRef") {
        way.put(field, "apiVersion", "v1");
    }
}

/// `Always` for the tag `latest`, which an image without tag and digest has.
fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, "latest")) => "Always",
        None if !digest => "Always",
        _ => "IfNotPresent",
    }
}

fn volume(volume: &mut Object, way: Way) {
    if volume.keys().all(|key| key == "name") {
        volume.insert("emptyDir".to_owned(), json!({}));
    }
    for key in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = child(volume, key) {
            way.put(source, "defaultMode", 420);
            items(source, "items").for_each(|item| field_version(item, way));
            for projection in items(source, "sources") {
                if let Some(token) = child(projection, "serviceAccountToken") {
                    way.put(token, "expirationSeconds", 3600);
                }
                if let Some(downward) = child(projection, "downwardAPI") {
                    items(downward, "items").for_each(|item| field_version(item, way));
                }
            }
        }
    }
    if let Some(path) = child(volume, "hostPath") {
        way.put(path, "type", "");
    }
    if let Some(claim) = child(volume, "ephemeral")
        .and_then(|source| child(source, "volumeClaimTemplate"))
        .and_then(|template| child(template, "spec"))
    {
        way.put(claim, "volumeMode", "Filesystem");
    }
    if let Some(disk) = child(volume, "azureDisk") {
        for (key, default) in [("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")] {
            way.put(disk, key, default);
        }
        way.put(disk, "readOnly", false);
    }
    if let Some(disk) = child(volume, "rbd") {
        for (key, default) in [("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")] {
            way.put(disk, key, default);
        }
    }
    if let Some(disk) = child(volume, "iscsi") {
        way.put(disk, "iscsiInterface", "default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pull_policy_follows_the_tag() {
        for (image, policy) in [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("host:5000/nginx", "Always"),
            ("host:5000/nginx:latest", "Always"),
            ("nginx:1.25", "IfNotPresent"),
            ("nginx@sha256:0", "IfNotPresent"),
            ("nginx:latest@sha256:0", "Always"),
            ("host:5000/a/nginx:1", "IfNotPresent"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
