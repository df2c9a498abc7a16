//! The rules that a cluster can enforce, as `ValidatingAdmissionPolicy` objects with their bindings.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.

mod built_in;
mod custom;

use serde_json::{Value as Json, json};

use crate::diagnostic::{Code, Levels, Severity};
use crate::kubernetes::Version;
use crate::platform::{Environment, LoadedPlatform};

/// How the names of exported objects begin.
const PREFIX: &str = "onramp";
/// The longest name of an object.
const MOST_NAME: usize = 253;
/// The label of what onramp renders.
const MANAGED: (&str, &str) = ("app.kubernetes.io/managed-by", "onramp");
/// The first minor version of Kubernetes 1 with these objects.
const SINCE: u32 = 30;

/// What is exported of a platform.
#[derive(Debug, Default)]
pub struct Exported {
    /// The objects of each environment, in the order of the platform.
    pub environments: Vec<(String, Vec<Json>)>,
    /// Rules that are not exported, or not as a whole, each with the reason.
    pub left_out: Vec<(String, String)>,
}

/// A policy before it has a name.
#[derive(Debug)]
pub(super) struct Policy {
    code: &'static Code,
    /// API groups and resources, in plural.
    resources: Vec<Resource>,
    conditions: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    validations: Vec<Check>,
}

/// What has to be true.
#[derive(Debug)]
pub(super) struct Check {
    expression: String,
    message: Option<String>,
    message_expression: Option<String>,
}

/// A kind of object, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
}

const fn resource(
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
) -> Resource {
    Resource { kind, group, version, plural }
}

/// Kinds that a policy can be exported for: those of an API.
const RESOURCES: &[Resource] = &[
    resource("BackendConfig", "cloud.google.com", "v1", "backendconfigs"),
    resource("Certificate", "cert-manager.io", "v1", "certificates"),
    resource("ConfigMap", "", "v1", "configmaps"),
    resource("CronJob", "batch", "v1", "cronjobs"),
    resource("DaemonSet", "apps", "v1", "daemonsets"),
    resource("Deployment", "apps", "v1", "deployments"),
    resource("ExternalSecret", "external-secrets.io", "v1", "externalsecrets"),
    resource("HTTPRoute", "gateway.networking.k8s.io", "v1", "httproutes"),
    resource("HealthCheckPolicy", "networking.gke.io", "v1", "healthcheckpolicies"),
    resource("HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers"),
    resource("Ingress", "networking.k8s.io", "v1", "ingresses"),
    resource("Job", "batch", "v1", "jobs"),
    resource("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies"),
    resource("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims"),
    resource("Pod", "", "v1", "pods"),
    resource("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets"),
    resource("PodMonitor", "monitoring.coreos.com", "v1", "podmonitors"),
    resource("Role", "rbac.authorization.k8s.io", "v1", "roles"),
    resource("RoleBinding", "rbac.authorization.k8s.io", "v1", "rolebindings"),
    resource("Rollout", "argoproj.io", "v1alpha1", "rollouts"),
    resource("SealedSecret", "bitnami.com", "v1alpha1", "sealedsecrets"),
    resource("Secret", "", "v1", "secrets"),
    resource("Service", "", "v1", "services"),
    resource("ServiceAccount", "", "v1", "serviceaccounts"),
    resource("ServiceMonitor", "monitoring.coreos.com", "v1", "servicemonitors"),
    resource("StatefulSet", "apps", "v1", "statefulsets"),
];

/// Exports the rules for some environments, or for all.
pub fn export(platform: &LoadedPlatform, only: Option<&str>, levels: &Levels) -> Exported {
    let mut exported = Exported::default();
    let version = Version::nearest(&platform.model.kubernetes_version);
    let minor = version.map_or(SINCE, |nearest| nearest.version.minor());
    if minor < SINCE {
        let why =
            format!("policies are objects of Kubernetes since 1.{SINCE}, and `kubernetesVersion` is older");
        exported.left_out.push(("*".to_owned(), why));
        return exported;
    }
    for (name, settings) in platform.model.environments.iter() {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let mut objects = Vec::new();
        let mut policies = Vec::new();
        built_in::policies(platform, settings, &mut policies, &mut exported.left_out);
        for rule in &platform.custom {
            if !rule.written.matches.environments.is_empty()
                && !rule.written.matches.environments.iter().any(|wanted| wanted == name)
            {
                continue;
            }
            match custom::policy(rule, minor) {
                Ok(policy) => policies.push(policy),
                Err(why) => exported.left_out.push((rule.code.name.to_owned(), why)),
            }
        }
        for policy in policies {
            match levels.of_code(policy.code, name) {
                Some(severity) => objects.extend(policy.objects(name, settings, platform, severity)),
                None => exported.left_out.push((
                    policy.code.name.to_owned(),
                    "`rules` in platform.yaml switches it off".to_owned(),
                )),
            }
        }
        exported.environments.push((name.to_owned(), objects));
    }
    exported.left_out.sort();
    exported.left_out.dedup();
    exported
}

impl Policy {
    /// Makes the policy and what binds it to the objects of an environment.
    fn objects(
        self,
        environment: &str,
        settings: &Environment,
        platform: &LoadedPlatform,
        severity: Severity,
    ) -> [Json; 2] {
        let name: String =
            format!("{PREFIX}-{environment}-{}", self.code.name).chars().take(MOST_NAME).collect();
        let labels = json!({ MANAGED.0: MANAGED.1, "platform/environment": environment });
        let named = |(name, expression): &(String, String)| json!({ "name": name, "expression": expression });
        let mut conditions: Vec<Json> = self.conditions.iter().map(named).collect();
        conditions.extend(namespace_condition(&settings.namespace).as_ref().map(named));
        let mut spec = json!({
            "failurePolicy": "Fail",
            "matchConstraints": { "resourceRules": rules(&self.resources) },
        });
        if !conditions.is_empty() {
            spec["matchConditions"] = conditions.into();
        }
        if !self.variables.is_empty() {
            spec["variables"] = self.variables.iter().map(named).collect();
        }
        spec["validations"] = self.validations.iter().map(Check::json).collect();
        let actions = match severity {
            Severity::Error => json!(["Deny"]),
            Severity::Warning => json!(["Warn", "Audit"]),
            Severity::Info => json!(["Audit"]),
        };
        // Where onramp renders the namespaces everything in them is meant, else what it renders itself.
        let selector = json!({ "matchLabels": { MANAGED.0: MANAGED.1 } });
        let selected =
            if platform.model.namespace_objects.enabled { "namespaceSelector" } else { "objectSelector" };
        [
            json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicy",
                "metadata": { "name": name, "labels": labels },
                "spec": spec,
            }),
            json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": { "name": name, "labels": labels },
                "spec": {
                    "policyName": name,
                    "validationActions": actions,
                    "matchResources": { selected: selector },
                },
            }),
        ]
    }
}

impl Check {
    fn json(&self) -> Json {
        let mut check = json!({ "expression": self.expression });
        if let Some(message) = &self.message {
            check["message"] = message.as_str().into();
        }
        if let Some(expression) = &self.message_expression {
            check["messageExpression"] = expression.as_str().into();
        }
        check
    }
}

/// Groups kinds by what a rule of a policy can say at once.
fn rules(resources: &[Resource]) -> Vec<Json> {
    let mut groups: Vec<(&str, &str)> = resources.iter().map(|of| (of.group, of.version)).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
        .into_iter()
        .map(|(group, version)| {
            let of_group = |of: &&Resource| (of.group, of.version) == (group, version);
            let plurals: Vec<&str> = resources.iter().filter(of_group).map(|of| of.plural).collect();
            json!({
                "apiGroups": [group],
                "apiVersions": [version],
                "operations": ["CREATE", "UPDATE"],
                "resources": plurals,
            })
        })
        .collect()
}

/// Tells the namespaces of an environment from those of others, where their names do.
fn namespace_condition(pattern: &str) -> Option<(String, String)> {
    if pattern == "{name}" {
        return None;
    }
    let inner = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    let parts: Vec<String> = pattern.split("{name}").map(regex_escape).collect();
    let expression = format!("object.metadata.?namespace.orValue('').matches('^{}$')", parts.join(inner));
    Some(("environment".to_owned(), expression))
}

/// Names of namespaces have no other sign than a hyphen, which is none of a pattern's.
fn regex_escape(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-').collect()
}

/// Writes a value as a constant of the language. Values of maps and lists can be of several types, which Kubernetes allows
/// only where it is not told.
fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        Json::Array(elements) => {
            let parts: Vec<String> =
                elements.iter().map(|element| format!("dyn({})", literal(element))).collect();
            format!("[{}]", parts.join(", "))
        }
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| format!("{}: dyn({})", quoted(key), literal(value));
            let parts: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// Writes a text as a constant of the language.
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}
