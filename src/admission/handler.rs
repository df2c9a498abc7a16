//! Probes and hooks: `validateProbe`, `validateLifecycle`, `validateHandler`.

use serde_json::Value as Json;

use super::at::{At, Faults, show};
use super::container::Pod;
use super::text::{HEADER, PORT_NAME};

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeKind {
    /// A container that fails it is started anew.
    Liveness,
    /// One that fails it gets no requests.
    Readiness,
    /// The others wait for it.
    Startup,
}

/// `validateLivenessProbe`, `validateReadinessProbe` and `validateStartupProbe`.
pub(super) fn probe<'a>(at: At<'a, '_>, kind: ProbeKind, faults: &mut Faults<'a>) {
    if !at.is_set() {
        return;
    }
    handler(at, &["exec", "httpGet", "tcpSocket", "grpc"], 0, faults);
    for key in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        faults.not_negative(at.key(key));
    }
    let (success, grace) = (at.key("successThreshold"), at.key("terminationGracePeriodSeconds"));
    // 0 is what was left out.
    if kind != ProbeKind::Readiness && !matches!(success.number_or_zero(), 0 | 1) {
        let message =
            format!("`successThreshold` is {}, and must be 1 in this probe", success.number_or_zero());
        faults.refuse(success, message);
    }
    if kind == ProbeKind::Readiness && grace.is_set() {
        faults.refuse(grace, "a readiness probe has no `terminationGracePeriodSeconds`");
    }
    faults.within(grace, 1, i64::MAX);
}

/// `validateLifecycle`.
pub(super) fn lifecycle<'a>(at: At<'a, '_>, pod: &Pod<'a, '_>, faults: &mut Faults<'a>) {
    for key in ["postStart", "preStop"] {
        let hook = at.key(key);
        if hook.is_set() {
            handler(hook, &["exec", "httpGet", "tcpSocket", "sleep"], pod.grace, faults);
        }
    }
}

/// `validateHandler`.
fn handler<'a>(at: At<'a, '_>, known: &[&'static str], grace: i64, faults: &mut Faults<'a>) {
    let mut first = None;
    for key in known.iter().filter(|key| at.has(key)) {
        let handler = at.key(key);
        if let Some(first) = first {
            faults.refuse(handler, format!("`{first}` and `{key}` exclude each other"));
            continue;
        }
        first = Some(*key);
        match *key {
            "exec" if handler.key("command").len() == 0 => {
                faults.refuse(handler.key("command"), "`command` must not be empty");
            }
            "httpGet" => http(handler, faults),
            "tcpSocket" => port(handler.key("port"), faults),
            "grpc" => faults.within(handler.key("port"), 1, 65535),
            "sleep" => {
                let seconds = handler.key("seconds");
                // 0 since 1.33.
                let least = i64::from(!faults.since(33));
                if !(least..=grace).contains(&seconds.number_or_zero()) {
                    let message = format!(
                        "it sleeps {} s, at least {least} and at most the {grace} s of `terminationGracePeriodSeconds`",
                        seconds.number_or_zero()
                    );
                    faults.refuse(seconds, message);
                }
            }
            _ => {}
        }
    }
    if first.is_none() {
        faults.refuse(at, format!("it does nothing: write one of `{}`", known.join("`, `")));
    }
}

/// `validateHTTPGetAction`.
fn http<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    port(at.key("port"), faults);
    faults.one_of(at.key("scheme"), &["HTTP", "HTTPS", ""]);
    let headers = at.key("httpHeaders");
    headers.items().for_each(|header| faults.hold(header.key("name"), &HEADER));
}

/// `ValidatePortNumOrName`.
pub(super) fn port<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    match at.json {
        Json::Null => faults.refuse(at, "the port is missing"),
        Json::String(name) if name.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() => {
            faults.refuse(
                at,
                format!(
                    "{} in quotes is a name, and names have a letter: write it without quotes",
                    show(name)
                ),
            );
        }
        Json::String(_) => faults.hold(at, &PORT_NAME),
        _ => faults.port(at),
    }
}
