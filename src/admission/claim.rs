//! Claims to volumes: `ValidatePersistentVolumeClaimSpec`.

use super::amount;
use super::at::{At, Faults};
use super::meta::{self, Naming};
use super::selector;
use super::text::{DNS_LABEL, SUBDOMAIN};

/// `ValidatePersistentVolumeClaim`.
pub(super) fn claim<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    spec(root.key("spec"), faults);
}

/// A claim that is made for a pod: `ValidatePersistentVolumeClaimTemplate`.
pub(super) fn template<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let metadata = at.key("metadata");
    meta::annotations(metadata.key("annotations"), faults);
    selector::labels(metadata.key("labels"), faults);
    spec(at.key("spec"), faults);
}

fn spec<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let modes = at.key("accessModes");
    if modes.len() == 0 {
        faults.refuse(modes, "a claim has an access mode");
    }
    let known = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
    modes.items().for_each(|mode| faults.one_of(mode, &known));
    let alone = modes.items().filter(|mode| mode.text() == "ReadWriteOncePod").count();
    if alone > 0 && alone < modes.len() {
        faults.refuse(modes, "`ReadWriteOncePod` stands alone");
    }
    selector::selector(at.key("selector"), faults);
    let resources = at.key("resources");
    let requests = resources.key("requests");
    let storage = requests.key("storage");
    if storage.is_set() {
        amount::positive(storage, faults);
    } else {
        faults.refuse(storage, "a claim requests `storage`");
    }
    for key in ["storageClassName", "volumeAttributesClassName"] {
        if key == "storageClassName" || faults.since(34) {
            faults.hold_if_set(at.key(key), &SUBDOMAIN);
        }
    }
    faults.one_of(at.key("volumeMode"), &["Block", "Filesystem"]);
    for key in ["dataSource", "dataSourceRef"] {
        source(at.key(key), faults);
    }
}

/// `validateDataSource`, `validateDataSourceRef`.
fn source<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if !at.is_set() {
        return;
    }
    for key in ["name", "kind"] {
        faults.need_text(at.key(key));
    }
    let (group, kind) = (at.key("apiGroup"), at.key("kind"));
    if group.text().is_empty() && kind.text() != "PersistentVolumeClaim" {
        faults.refuse(kind, "without an `apiGroup` it is a `PersistentVolumeClaim`");
    }
    faults.hold_if_set(group, &SUBDOMAIN);
    faults.hold_if_set(at.key("namespace"), &DNS_LABEL);
}
