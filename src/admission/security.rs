//! Security contexts: `validatePodSpecSecurityContext`, `ValidateSecurityContext`.

use super::at::{At, Faults, show};
use super::container::descending;

/// The greatest id of a user or group.
const MAX_ID: i64 = i32::MAX as i64;

/// The security context of a pod, and what of the host it shares.
pub(super) fn of_pod<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let at = spec.key("securityContext");
    for key in ["fsGroup", "runAsUser", "runAsGroup"] {
        faults.within(at.key(key), 0, MAX_ID);
    }
    let groups = at.key("supplementalGroups");
    groups.items().for_each(|group| faults.within(group, 0, MAX_ID));
    let share = spec.key("shareProcessNamespace");
    if share.is_true() && spec.key("hostPID").is_true() {
        faults.refuse(share, "`shareProcessNamespace` and `hostPID` exclude each other");
    }
    if spec.key("hostUsers").is_false() {
        // `validateHostUsers`.
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if spec.key(key).is_true() {
                faults.refuse(spec.key(key), format!("`hostUsers: false` and `{key}` exclude each other"));
            }
        }
    }
    sysctls(spec, at.key("sysctls"), faults);
    faults.one_of(at.key("fsGroupChangePolicy"), &["OnRootMismatch", "Always"]);
    faults.one_of(at.key("supplementalGroupsPolicy"), &["Merge", "Strict"]);
    seccomp(at.key("seccompProfile"), faults);
    app_armor(at.key("appArmorProfile"), faults);
}

/// The security context of a container.
pub(super) fn of_container<'a>(at: At<'a, '_>, host_users: bool, faults: &mut Faults<'a>) {
    for key in ["runAsUser", "runAsGroup"] {
        faults.within(at.key(key), 0, MAX_ID);
    }
    let mount = at.key("procMount");
    faults.one_of(mount, &["Default", "Unmasked"]);
    if host_users && mount.text() == "Unmasked" {
        faults.refuse(mount, "`Unmasked` needs `hostUsers: false`");
    }
    seccomp(at.key("seccompProfile"), faults);
    let escalation = at.key("allowPrivilegeEscalation");
    if escalation.is_false() {
        if at.key("privileged").is_true() {
            faults.refuse(
                escalation,
                "`allowPrivilegeEscalation: false` and `privileged: true` exclude each other",
            );
        }
        let capabilities = at.key("capabilities");
        let add = capabilities.key("add");
        for capability in add.items().filter(|one| one.text() == "CAP_SYS_ADMIN") {
            faults.refuse(
                capability,
                "`allowPrivilegeEscalation: false` and `CAP_SYS_ADMIN` exclude each other",
            );
        }
    }
    app_armor(at.key("appArmorProfile"), faults);
}

/// `validateSeccompProfileField`.
fn seccomp<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.key("type"), at.key("localhostProfile"));
    if faults.need_text(kind) {
        faults.one_of(kind, &["Localhost", "RuntimeDefault", "Unconfined"]);
    }
    if kind.text() != "Localhost" {
        if profile.is_set() {
            faults.refuse(profile, "only `type: Localhost` has a `localhostProfile`");
        }
    } else if profile.is_set() {
        descending(profile, faults);
    } else {
        faults.refuse(profile, "`type: Localhost` needs a `localhostProfile`");
    }
}

/// `ValidateAppArmorProfileField`.
fn app_armor<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.key("type"), at.key("localhostProfile"));
    if faults.need_text(kind) {
        faults.one_of(kind, &["Localhost", "RuntimeDefault", "Unconfined"]);
    }
    if kind.text() != "Localhost" {
        if profile.is_set() {
            faults.refuse(profile, "only `type: Localhost` has a `localhostProfile`");
        }
    } else if faults.need_text(profile) {
        if profile.text().trim() != profile.text() {
            faults.refuse(profile, "the profile has blanks around it");
        }
        if profile.text().len() > 4095 {
            faults.refuse(profile, "the profile has more than 4095 characters");
        }
    }
}

/// `validateSysctls`.
fn sysctls<'a>(spec: At<'a, '_>, at: At<'a, '_>, faults: &mut Faults<'a>) {
    let mut seen: Vec<&str> = Vec::new();
    for sysctl in at.items() {
        let name = sysctl.key("name");
        let text = name.text();
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let segment = |part: &str| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(|byte| inner(*byte))
                && bytes.last().is_some_and(|byte| inner(*byte))
                && bytes.iter().all(|byte| inner(*byte) || matches!(byte, b'-' | b'_'))
        };
        if faults.need_text(name) && (text.len() > 253 || !text.split(['.', '/']).all(segment)) {
            faults.refuse(name, format!("{} is no name of a sysctl", show(text)));
        }
        if seen.contains(&text) {
            faults.refuse(name, format!("{} stands there twice", show(text)));
        }
        seen.push(text);
        let dotted = text.replace('/', ".");
        let ipc = ["kernel.sem", "kernel.shm", "kernel.msg", "fs.mqueue."]
            .iter()
            .any(|start| dotted.starts_with(start));
        if spec.key("hostNetwork").is_true() && dotted.starts_with("net.") {
            faults.refuse(name, "it has no meaning with `hostNetwork`");
        }
        if spec.key("hostIPC").is_true() && ipc {
            faults.refuse(name, "it has no meaning with `hostIPC`");
        }
    }
}
