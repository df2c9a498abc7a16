//! Roles: `pkg/apis/rbac/validation`.

use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::text::{SEGMENT, SUBDOMAIN};

const GROUP: &str = "rbac.authorization.k8s.io";

/// `ValidateRole`.
pub(super) fn role<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Segment, faults);
    let rules = root.key("rules");
    for rule in rules.items() {
        if rule.key("verbs").len() == 0 {
            faults.refuse(rule.key("verbs"), "`verbs` must not be empty");
        }
        let urls = rule.key("nonResourceURLs");
        if urls.len() > 0 {
            faults.refuse(urls, "a Role is about resources; `nonResourceURLs` has a place in a ClusterRole");
            continue;
        }
        for key in ["apiGroups", "resources"] {
            if rule.key(key).len() == 0 {
                faults.refuse(rule.key(key), format!("`{key}` must not be empty"));
            }
        }
    }
}

/// `ValidateRoleBinding`.
pub(super) fn role_binding<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Segment, faults);
    let role = root.key("roleRef");
    // Left out, it is that.
    faults.one_of(role.key("apiGroup"), &[GROUP, ""]);
    if faults.need_text(role.key("kind")) {
        faults.one_of(role.key("kind"), &["Role", "ClusterRole"]);
    }
    if faults.need_text(role.key("name")) {
        faults.hold(role.key("name"), &SEGMENT);
    }
    let subjects = root.key("subjects");
    for subject in subjects.items() {
        let (name, kind, group) = (subject.key("name"), subject.key("kind"), subject.key("apiGroup"));
        faults.need_text(name);
        match kind.text() {
            "ServiceAccount" => {
                faults.hold_if_set(name, &SUBDOMAIN);
                faults.one_of(group, &[""]);
            }
            "User" | "Group" => faults.one_of(group, &[GROUP, ""]),
            other => faults
                .refuse(kind, format!("{} is none of `ServiceAccount`, `User` and `Group`", show(other))),
        }
    }
}
