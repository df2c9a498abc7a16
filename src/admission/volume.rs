//! Volumes of a pod: `ValidateVolumes`, `validateVolumeSource`.

use super::amount;
use super::at::{At, Faults, show};
use super::container::{descending, no_parent};
use super::text::{DNS_LABEL, SUBDOMAIN};
use super::{claim, env};

/// Keys of a volume that say what it is. In the order of the source, where the first one counts.
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// Looks at the volumes, and returns their names, each with whether it is a claim. `pod` is the name of a pod.
pub(super) fn volumes<'a>(
    at: At<'a, '_>,
    pod: Option<&str>,
    faults: &mut Faults<'a>,
) -> Vec<(&'a str, bool)> {
    let mut names: Vec<(&str, bool)> = Vec::new();
    for volume in at.items() {
        source(volume, faults);
        let name = volume.key("name");
        if faults.need_text(name) {
            faults.hold(name, &DNS_LABEL);
        }
        if names.iter().any(|(known, _)| *known == name.text()) {
            faults.refuse(name, format!("two volumes are called {}", show(name.text())));
        }
        if let Some(pod) = pod.filter(|_| volume.has("ephemeral")) {
            let claim = format!("{pod}-{}", name.text());
            if (SUBDOMAIN.check)(&claim).is_err() {
                faults.refuse(name, format!("{} is no name of a claim", show(&claim)));
            }
        }
        names.push((name.text(), volume.has("persistentVolumeClaim") || volume.has("ephemeral")));
    }
    names
}

fn source<'a>(volume: At<'a, '_>, faults: &mut Faults<'a>) {
    let mut first = None;
    // A volume without any is an `emptyDir`.
    for key in SOURCES.iter().filter(|key| volume.has(key)) {
        let at = volume.key(key);
        if let Some(first) = first {
            faults.refuse(at, format!("`{first}` and `{key}` exclude each other"));
            continue;
        }
        first = Some(*key);
        match *key {
            "emptyDir" => amount::not_negative(at.key("sizeLimit"), faults),
            "hostPath" => host_path(at, faults),
            "secret" => {
                faults.need_text(at.key("secretName"));
                files(at, faults);
            }
            "configMap" => {
                faults.need_text(at.key("name"));
                files(at, faults);
            }
            "nfs" => {
                faults.need_text(at.key("server"));
                let path = at.key("path");
                if faults.need_text(path) && !path.text().starts_with('/') {
                    faults.refuse(path, format!("{} must be an absolute path", show(path.text())));
                }
            }
            "persistentVolumeClaim" => {
                faults.need_text(at.key("claimName"));
            }
            "downwardAPI" => {
                mode(at.key("defaultMode"), faults);
                let items = at.key("items");
                items.items().for_each(|file| downward(file, faults));
            }
            "projected" => projected(at, faults),
            "csi" => csi(at, faults),
            "ephemeral" => match at.key("volumeClaimTemplate") {
                template if template.is_set() => claim::template(template, faults),
                template => faults.refuse(template, "`volumeClaimTemplate` is missing"),
            },
            "gitRepo" => {
                faults.need_text(at.key("repository"));
                descending(at.key("directory"), faults);
            }
            "image" => faults.one_of(at.key("pullPolicy"), &["Always", "IfNotPresent", "Never", ""]),
            // The texts that their plugins cannot do without.
            "gcePersistentDisk" => need(at, &["pdName"], faults),
            "awsElasticBlockStore" | "cinder" | "portworxVolume" => need(at, &["volumeID"], faults),
            "glusterfs" => need(at, &["endpoints", "path"], faults),
            "rbd" => need(at, &["image"], faults),
            "azureFile" => need(at, &["secretName", "shareName"], faults),
            "azureDisk" => need(at, &["diskName", "diskURI"], faults),
            "vsphereVolume" => need(at, &["volumePath"], faults),
            "flexVolume" => need(at, &["driver"], faults),
            "iscsi" => need(at, &["targetPortal", "iqn"], faults),
            "photonPersistentDisk" => need(at, &["pdID"], faults),
            _ => {}
        }
    }
}

fn need<'a>(at: At<'a, '_>, keys: &[&'static str], faults: &mut Faults<'a>) {
    for key in keys {
        faults.need_text(at.key(key));
    }
}

/// `validateHostPathVolumeSource`.
fn host_path<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let path = at.key("path");
    if faults.need_text(path) {
        no_parent(path, faults);
        let types = [
            "",
            "DirectoryOrCreate",
            "Directory",
            "FileOrCreate",
            "File",
            "Socket",
            "CharDevice",
            "BlockDevice",
        ];
        faults.one_of(at.key("type"), &types);
    }
}

/// `fileModeErrorMsg`.
fn mode<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if let Some(mode) = at.number().filter(|mode| !(0..=0o777).contains(mode)) {
        faults.refuse(at, format!("{mode} is no file mode: from 0 to 511, which is octal 0777"));
    }
}

fn files<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    mode(at.key("defaultMode"), faults);
    let items = at.key("items");
    items.items().for_each(|item| key_to_path(item, faults));
}

/// `validateKeyToPath`.
fn key_to_path<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    faults.need_text(at.key("key"));
    let path = at.key("path");
    faults.need_text(path);
    local(path, faults);
    mode(at.key("mode"), faults);
}

/// `ValidateLocalNonReservedPath`.
fn local<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    descending(at, faults);
    if at.text().starts_with("..") {
        faults.refuse(at, format!("{} must not begin with `..`", show(at.text())));
    }
}

/// `validateDownwardAPIVolumeFile`.
fn downward<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (path, field, resource) = (at.key("path"), at.key("fieldRef"), at.key("resourceFieldRef"));
    faults.need_text(path);
    local(path, faults);
    mode(at.key("mode"), faults);
    match (field.is_set(), resource.is_set()) {
        (true, both) => {
            env::file_field(field, faults);
            if both {
                faults.refuse(resource, "`fieldRef` and `resourceFieldRef` exclude each other");
            }
        }
        (false, true) => env::resource(resource, true, faults),
        (false, false) => faults.refuse(at, "it needs a `fieldRef` or a `resourceFieldRef`"),
    }
}

/// `validateProjectionSources`.
fn projected<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    mode(at.key("defaultMode"), faults);
    let sources = at.key("sources");
    let mut paths: Vec<&str> = Vec::new();
    for source in sources.items() {
        let known = [
            "secret",
            "configMap",
            "downwardAPI",
            "serviceAccountToken",
            "clusterTrustBundle",
            "podCertificate",
        ];
        if known.iter().filter(|key| source.has(key)).count() > 1 {
            faults.refuse(source, "a source is one of these, not several");
        }
        for key in ["secret", "configMap", "downwardAPI"] {
            let from = source.key(key);
            if !from.is_set() {
                continue;
            }
            if key != "downwardAPI" {
                faults.need_text(from.key("name"));
            }
            let items = from.key("items");
            for item in items.items() {
                if key == "downwardAPI" {
                    downward(item, faults);
                } else {
                    key_to_path(item, faults);
                }
                let path = item.key("path");
                if !path.text().is_empty() && paths.contains(&path.text()) {
                    faults.refuse(path, format!("two files have the path {}", show(path.text())));
                }
                paths.push(path.text());
            }
        }
        let token = source.key("serviceAccountToken");
        if token.is_set() {
            faults.within(token.key("expirationSeconds"), 600, 1 << 32);
            faults.need_text(token.key("path"));
            local(token.key("path"), faults);
        }
    }
}

/// `validateCSIVolumeSource`.
fn csi<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let driver = at.key("driver");
    if faults.need_text(driver) {
        if driver.text().len() > 63 {
            faults.refuse(driver, "the name of a driver has 63 characters at the most");
        }
        faults.hold_text(driver, &driver.text().to_ascii_lowercase(), &SUBDOMAIN);
    }
    let secret = at.key("nodePublishSecretRef");
    if secret.is_set() {
        faults.need_text(secret.key("name"));
    }
}
