//! Which lists of an object are merged by key, and by which: kustomize's table of the built-in kinds.
//!
//! It is the `OpenAPI` document of Kubernetes 1.21 that kustomize 5.7 and 5.8 have inside
//! (`x-kubernetes-patch-strategy: merge` with its keys), reduced to the fields that lead to such a list. A list that is
//! not here, or of a kind that is not here, is replaced by a patch.

/// What is known of the fields of an object or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub struct Type(&'static [(&'static str, Field)]);

/// A field that is, or leads to, a list that is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A map.
    Map(&'static Type),
    /// A list whose elements are told apart by these fields, and what its elements are.
    List(&'static [&'static str], &'static Type),
    /// A list of plain values, merged as a set.
    Set,
}

use Field::{List, Map, Set};

impl Type {
    /// Returns what is known of a field.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }
}

/// Returns what is known of an object's kind.
pub fn of_object(api_version: &str, kind: &str) -> Option<&'static Type> {
    let version = VERSIONS.iter().find(|(known, _)| *known == api_version)?;
    let (_, ty) = version.1.iter().find(|(known, _)| *known == kind)?;
    Some(ty)
}

/// Returns the keys by which kustomize pairs the elements of a list somewhere in a pod, by the name of its field; none
/// where it replaces the list.
pub fn of_pod_field(name: &str) -> Option<&'static [&'static str]> {
    match POD_SPEC.field(name).or_else(|| CONTAINER.field(name))? {
        List(keys, _) => Some(keys),
        Map(_) | Set => None,
    }
}

static LEAF: Type = Type(&[]);

static METADATA: Type = Type(&[("finalizers", Set), ("ownerReferences", List(&["uid"], &LEAF))]);

/// Of a kind that has nothing to merge but its metadata.
static PLAIN: Type = Type(&[("metadata", Map(&METADATA))]);

static CONTAINER: Type = Type(&[
    ("env", List(&["name"], &LEAF)),
    ("ports", List(&["containerPort", "protocol"], &LEAF)),
    ("volumeDevices", List(&["devicePath"], &LEAF)),
    ("volumeMounts", List(&["mountPath"], &LEAF)),
]);

static EPHEMERAL_CONTAINER: Type = Type(&[
    ("env", List(&["name"], &LEAF)),
    ("volumeDevices", List(&["devicePath"], &LEAF)),
    ("volumeMounts", List(&["mountPath"], &LEAF)),
]);

static VOLUME: Type = Type(&[("ephemeral", Map(&EPHEMERAL_VOLUME))]);
static EPHEMERAL_VOLUME: Type = Type(&[("volumeClaimTemplate", Map(&PLAIN))]);

static POD_SPEC: Type = Type(&[
    ("containers", List(&["name"], &CONTAINER)),
    ("ephemeralContainers", List(&["name"], &EPHEMERAL_CONTAINER)),
    ("hostAliases", List(&["ip"], &LEAF)),
    ("imagePullSecrets", List(&["name"], &LEAF)),
    ("initContainers", List(&["name"], &CONTAINER)),
    ("topologySpreadConstraints", List(&["topologyKey", "whenUnsatisfiable"], &LEAF)),
    ("volumes", List(&["name"], &VOLUME)),
]);

static POD_STATUS: Type = Type(&[("conditions", List(&["type"], &LEAF)), ("podIPs", List(&["ip"], &LEAF))]);
static POD: Type =
    Type(&[("metadata", Map(&METADATA)), ("spec", Map(&POD_SPEC)), ("status", Map(&POD_STATUS))]);

static POD_TEMPLATE_SPEC: Type = Type(&[("metadata", Map(&METADATA)), ("spec", Map(&POD_SPEC))]);
static POD_TEMPLATE: Type = Type(&[("metadata", Map(&METADATA)), ("template", Map(&POD_TEMPLATE_SPEC))]);

static CONDITIONS: Type = Type(&[("conditions", List(&["type"], &LEAF))]);

/// Of a kind whose spec has a pod template: Deployment, StatefulSet, Job and others.
static WORKLOAD: Type =
    Type(&[("metadata", Map(&METADATA)), ("spec", Map(&WORKLOAD_SPEC)), ("status", Map(&CONDITIONS))]);
static WORKLOAD_SPEC: Type = Type(&[("template", Map(&POD_TEMPLATE_SPEC))]);

static CRON_JOB: Type = Type(&[("metadata", Map(&METADATA)), ("spec", Map(&CRON_JOB_SPEC))]);
static CRON_JOB_SPEC: Type = Type(&[("jobTemplate", Map(&JOB_TEMPLATE))]);
static JOB_TEMPLATE: Type = Type(&[("metadata", Map(&METADATA)), ("spec", Map(&WORKLOAD_SPEC))]);

static SERVICE: Type =
    Type(&[("metadata", Map(&METADATA)), ("spec", Map(&SERVICE_SPEC)), ("status", Map(&CONDITIONS))]);
static SERVICE_SPEC: Type = Type(&[("ports", List(&["port", "protocol"], &LEAF))]);

static SERVICE_ACCOUNT: Type = Type(&[("metadata", Map(&METADATA)), ("secrets", List(&["name"], &LEAF))]);

/// Of a kind that has nothing to merge but its metadata and the conditions of its status.
static WITH_CONDITIONS: Type = Type(&[("metadata", Map(&METADATA)), ("status", Map(&CONDITIONS))]);

static COMPONENT_STATUS: Type = Type(&[("conditions", List(&["type"], &LEAF)), ("metadata", Map(&METADATA))]);

static NODE: Type =
    Type(&[("metadata", Map(&METADATA)), ("spec", Map(&NODE_SPEC)), ("status", Map(&NODE_STATUS))]);
static NODE_SPEC: Type = Type(&[("podCIDRs", Set)]);
static NODE_STATUS: Type =
    Type(&[("addresses", List(&["type"], &LEAF)), ("conditions", List(&["type"], &LEAF))]);

static WEBHOOKS: Type = Type(&[("metadata", Map(&METADATA)), ("webhooks", List(&["name"], &LEAF))]);

static CSI_NODE: Type = Type(&[("metadata", Map(&METADATA)), ("spec", Map(&CSI_NODE_SPEC))]);
static CSI_NODE_SPEC: Type = Type(&[("drivers", List(&["name"], &LEAF))]);

type Kinds = &'static [(&'static str, &'static Type)];

const CORE: Kinds = &[
    ("Binding", &PLAIN),
    ("ComponentStatus", &COMPONENT_STATUS),
    ("ConfigMap", &PLAIN),
    ("Endpoints", &PLAIN),
    ("Event", &PLAIN),
    ("LimitRange", &PLAIN),
    ("Namespace", &WITH_CONDITIONS),
    ("Node", &NODE),
    ("PersistentVolume", &PLAIN),
    ("PersistentVolumeClaim", &WITH_CONDITIONS),
    ("Pod", &POD),
    ("PodTemplate", &POD_TEMPLATE),
    ("ReplicationController", &WORKLOAD),
    ("ResourceQuota", &PLAIN),
    ("Secret", &PLAIN),
    ("Service", &SERVICE),
    ("ServiceAccount", &SERVICE_ACCOUNT),
];

const APPS: Kinds = &[
    ("ControllerRevision", &PLAIN),
    ("DaemonSet", &WORKLOAD),
    ("Deployment", &WORKLOAD),
    ("ReplicaSet", &WORKLOAD),
    ("StatefulSet", &WORKLOAD),
];

const RBAC: Kinds =
    &[("ClusterRole", &PLAIN), ("ClusterRoleBinding", &PLAIN), ("Role", &PLAIN), ("RoleBinding", &PLAIN)];

const WEBHOOK_KINDS: Kinds =
    &[("MutatingWebhookConfiguration", &WEBHOOKS), ("ValidatingWebhookConfiguration", &WEBHOOKS)];

const AUTHORIZATION: Kinds = &[
    ("LocalSubjectAccessReview", &PLAIN),
    ("SelfSubjectAccessReview", &PLAIN),
    ("SelfSubjectRulesReview", &PLAIN),
    ("SubjectAccessReview", &PLAIN),
];

const HPA: Kinds = &[("HorizontalPodAutoscaler", &PLAIN)];
const STORAGE: Kinds =
    &[("CSIDriver", &PLAIN), ("CSINode", &CSI_NODE), ("StorageClass", &PLAIN), ("VolumeAttachment", &PLAIN)];
const INGRESS: Kinds = &[("Ingress", &PLAIN), ("IngressClass", &PLAIN), ("NetworkPolicy", &PLAIN)];

const VERSIONS: &[(&str, Kinds)] = &[
    ("v1", CORE),
    ("apps/v1", APPS),
    ("batch/v1", &[("CronJob", &CRON_JOB), ("Job", &WORKLOAD)]),
    ("networking.k8s.io/v1", INGRESS),
    ("policy/v1", &[("PodDisruptionBudget", &WITH_CONDITIONS)]),
    ("autoscaling/v1", &[("HorizontalPodAutoscaler", &PLAIN), ("Scale", &PLAIN)]),
    ("autoscaling/v2beta1", HPA),
    ("autoscaling/v2beta2", HPA),
    ("admissionregistration.k8s.io/v1", WEBHOOK_KINDS),
    ("admissionregistration.k8s.io/v1beta1", WEBHOOK_KINDS),
    ("apiextensions.k8s.io/v1", &[("CustomResourceDefinition", &PLAIN)]),
    ("apiextensions.k8s.io/v1beta1", &[("CustomResourceDefinition", &PLAIN)]),
    ("apiregistration.k8s.io/v1", &[("APIService", &WITH_CONDITIONS)]),
    ("apiregistration.k8s.io/v1beta1", &[("APIService", &WITH_CONDITIONS)]),
    ("authentication.k8s.io/v1", &[("TokenRequest", &PLAIN), ("TokenReview", &PLAIN)]),
    ("authentication.k8s.io/v1beta1", &[("TokenReview", &PLAIN)]),
    ("authorization.k8s.io/v1", AUTHORIZATION),
    ("authorization.k8s.io/v1beta1", AUTHORIZATION),
    ("batch/v1beta1", &[("CronJob", &CRON_JOB)]),
    ("certificates.k8s.io/v1", &[("CertificateSigningRequest", &PLAIN)]),
    ("certificates.k8s.io/v1beta1", &[("CertificateSigningRequest", &PLAIN)]),
    ("coordination.k8s.io/v1", &[("Lease", &PLAIN)]),
    ("coordination.k8s.io/v1beta1", &[("Lease", &PLAIN)]),
    ("discovery.k8s.io/v1", &[("EndpointSlice", &PLAIN)]),
    ("discovery.k8s.io/v1beta1", &[("EndpointSlice", &PLAIN)]),
    ("events.k8s.io/v1", &[("Event", &PLAIN)]),
    ("events.k8s.io/v1beta1", &[("Event", &PLAIN)]),
    ("extensions/v1beta1", &[("Ingress", &PLAIN)]),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &[("FlowSchema", &PLAIN), ("PriorityLevelConfiguration", &PLAIN)],
    ),
    ("networking.k8s.io/v1beta1", &[("Ingress", &PLAIN), ("IngressClass", &PLAIN)]),
    ("node.k8s.io/v1", &[("RuntimeClass", &PLAIN)]),
    ("node.k8s.io/v1beta1", &[("RuntimeClass", &PLAIN)]),
    (
        "policy/v1beta1",
        &[("Eviction", &PLAIN), ("PodDisruptionBudget", &WITH_CONDITIONS), ("PodSecurityPolicy", &PLAIN)],
    ),
    ("rbac.authorization.k8s.io/v1", RBAC),
    ("rbac.authorization.k8s.io/v1beta1", RBAC),
    ("scheduling.k8s.io/v1", &[("PriorityClass", &PLAIN)]),
    ("scheduling.k8s.io/v1beta1", &[("PriorityClass", &PLAIN)]),
    ("storage.k8s.io/v1", STORAGE),
    // Its CSIStorageCapacity, which nobody writes, is left out.
    ("storage.k8s.io/v1beta1", STORAGE),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_list_is_known() {
        let deployment = of_object("apps/v1", "Deployment").expect("it is built in");
        let Some(Map(spec)) = deployment.field("spec") else { panic!("it has a spec") };
        let Some(Map(template)) = spec.field("template") else { panic!("it has a template") };
        let Some(Map(pod)) = template.field("spec") else { panic!("it has a pod") };
        let Some(List(keys, container)) = pod.field("containers") else { panic!("it has containers") };
        assert_eq!(keys, ["name"]);
        assert_eq!(container.field("ports"), Some(List(&["containerPort", "protocol"], &LEAF)));
        assert_eq!(container.field("args"), None);
        // Kubernetes 1.21 did not have it.
        assert_eq!(of_object("autoscaling/v2", "HorizontalPodAutoscaler"), None);
        assert_eq!(of_object("acme.example/v1", "Deployment"), None);
    }
}
