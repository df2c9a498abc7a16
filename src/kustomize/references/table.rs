//! Which objects name which: `nameReferenceFieldSpecs` of kustomize.

use crate::kustomize::resource::Resource;

/// A kind of objects that others name. Where group or version is empty, any will do.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    pub(super) places: &'static [Places],
}

/// Places where objects are named, in objects of a kind.
#[derive(Debug)]
pub(super) struct Places {
    /// The kinds, and the keys that lead to where the paths start.
    holders: &'static [Holder],
    /// The keys that lead on to a name, to a list of names, or to a map with name and namespace.
    pub(super) paths: &'static [&'static [&'static str]],
    /// Whether it is such a map.
    pub(super) with_namespace: bool,
}

/// A kind of objects that name others. Where group or version is empty, any will do.
#[derive(Debug)]
pub(super) struct Holder {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    pub(super) start: &'static [&'static str],
}

impl Places {
    const fn new(holders: &'static [Holder], paths: &'static [&'static [&'static str]]) -> Self {
        Self { holders, paths, with_namespace: false }
    }

    const fn with_namespace(self) -> Self {
        Self { with_namespace: true, ..self }
    }

    /// Returns what an object is among those that name others here, by the kind that it had first.
    pub(super) fn holder(&self, resource: &Resource) -> Option<&'static Holder> {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        let kind = resource.previous.first().map_or_else(|| resource.kind(), |previous| &previous.kind);
        self.holders.iter().find(|holder| {
            holder.kind == kind
                && fits(holder.group, resource.group())
                && fits(holder.version, resource.version())
        })
    }
}

impl Holder {
    const fn new(kind: &'static str, start: &'static [&'static str]) -> Self {
        Self { group: "", version: "", kind, start }
    }

    /// Returns a kind whose paths start at the object.
    const fn of(kind: &'static str) -> Self {
        Self::new(kind, &[])
    }

    const fn group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    const fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

const TEMPLATE: &[&str] = &["spec", "template", "spec"];
const JOB_TEMPLATE: &[&str] = &["spec", "jobTemplate", "spec", "template", "spec"];

/// Pods that may name ConfigMaps and Secrets.
const PODS: &[Holder] = &[
    Holder::new("Pod", &["spec"]).version("v1"),
    Holder::new("PodTemplate", &["template", "spec"]),
    Holder::new("Deployment", TEMPLATE),
    Holder::new("ReplicaSet", TEMPLATE),
    Holder::new("DaemonSet", TEMPLATE),
    Holder::new("StatefulSet", TEMPLATE),
    Holder::new("Job", TEMPLATE),
    Holder::new("CronJob", JOB_TEMPLATE),
];

/// Pods that may name anything else. They are not the same: kustomize has forgotten some in either.
const OTHER_PODS: &[Holder] = &[
    Holder::new("Pod", &["spec"]),
    Holder::new("StatefulSet", TEMPLATE),
    Holder::new("Deployment", TEMPLATE),
    Holder::new("ReplicationController", TEMPLATE),
    Holder::new("CronJob", JOB_TEMPLATE),
    Holder::new("Job", TEMPLATE),
    Holder::new("DaemonSet", TEMPLATE),
];

const HPA: &[Places] =
    &[Places::new(&[Holder::of("HorizontalPodAutoscaler")], &[&["spec", "scaleTargetRef", "name"]])];
const INGRESS: &[Holder] = &[Holder::of("Ingress")];
const ROLES: &[Holder] = &[Holder::of("Role"), Holder::of("ClusterRole")];
const RESOURCE_NAMES: &[&[&str]] = &[&["rules", "resourceNames"]];
const ROLE_REF: &[&[&str]] = &[&["roleRef", "name"]];
const ROLE_BINDING: Holder = Holder::of("RoleBinding").group(RBAC);
const CLUSTER_ROLE_BINDING: Holder = Holder::of("ClusterRoleBinding").group(RBAC);

const CONFIG_MAP: &[Places] = &[
    Places::new(
        PODS,
        &[
            &["volumes", "configMap", "name"],
            &["containers", "env", "valueFrom", "configMapKeyRef", "name"],
            &["initContainers", "env", "valueFrom", "configMapKeyRef", "name"],
            &["containers", "envFrom", "configMapRef", "name"],
            &["initContainers", "envFrom", "configMapRef", "name"],
            &["volumes", "projected", "sources", "configMap", "name"],
        ],
    ),
    Places::new(&[Holder::of("Node")], &[&["spec", "configSource", "configMap"]]).with_namespace(),
    Places::new(ROLES, RESOURCE_NAMES),
    Places::new(
        INGRESS,
        &[&["metadata", "annotations", "nginx.ingress.kubernetes.io/fastcgi-params-configmap"]],
    ),
];

const SECRET: &[Places] = &[
    Places::new(
        PODS,
        &[
            &["volumes", "secret", "secretName"],
            &["containers", "env", "valueFrom", "secretKeyRef", "name"],
            &["initContainers", "env", "valueFrom", "secretKeyRef", "name"],
            &["containers", "envFrom", "secretRef", "name"],
            &["initContainers", "envFrom", "secretRef", "name"],
            &["imagePullSecrets", "name"],
            &["volumes", "projected", "sources", "secret", "name"],
        ],
    ),
    Places::new(
        INGRESS,
        &[
            &["spec", "tls", "secretName"],
            &["metadata", "annotations", "ingress.kubernetes.io/auth-secret"],
            &["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-secret"],
            &["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"],
        ],
    ),
    Places::new(&[Holder::of("ServiceAccount")], &[&["imagePullSecrets", "name"]]),
    Places::new(
        &[Holder::new("StorageClass", &["parameters"])],
        &[&["secretName"], &["adminSecretName"], &["userSecretName"], &["secretRef"]],
    ),
    Places::new(ROLES, RESOURCE_NAMES),
    Places::new(
        &[Holder::new("Service", TEMPLATE).group("serving.knative.dev").version("v1")],
        &[&["containers", "env", "valueFrom", "secretKeyRef", "name"]],
    ),
    Places::new(&[Holder::of("PersistentVolume")], &[&["spec", "azureFile", "secretName"]]),
];

const SERVICE: &[Places] = &[
    Places::new(&[Holder::of("StatefulSet").group("apps")], &[&["spec", "serviceName"]]),
    Places::new(
        INGRESS,
        &[
            &["spec", "rules", "http", "paths", "backend", "serviceName"],
            &["spec", "backend", "serviceName"],
            &["spec", "rules", "http", "paths", "backend", "service", "name"],
            &["spec", "defaultBackend", "service", "name"],
        ],
    ),
    Places::new(&[Holder::of("APIService").group("apiregistration.k8s.io")], &[&["spec", "service", "name"]]),
    Places::new(
        &[
            Holder::of("ValidatingWebhookConfiguration").group(ADMISSION),
            Holder::of("MutatingWebhookConfiguration").group(ADMISSION),
        ],
        &[&["webhooks", "clientConfig", "service"]],
    )
    .with_namespace(),
];

const SERVICE_ACCOUNT: &[Places] = &[
    Places::new(&[ROLE_BINDING, CLUSTER_ROLE_BINDING], &[&["subjects"]]).with_namespace(),
    Places::new(OTHER_PODS, &[&["serviceAccountName"]]),
];

const STORAGE_CLASS: &[Places] = &[
    Places::new(
        &[Holder::of("PersistentVolume"), Holder::of("PersistentVolumeClaim")],
        &[&["spec", "storageClassName"]],
    ),
    Places::new(
        &[Holder::of("StatefulSet")],
        &[&["spec", "volumeClaimTemplates", "spec", "storageClassName"]],
    ),
];

/// All of them. That of `IngressClass` is left out: kustomize asks for a group `networking.k8s.io/v1`, which no object has.
pub(super) const REFERENCES: &[Reference] = &[
    reference("", "", "Deployment", HPA),
    reference("", "", "ReplicationController", HPA),
    reference("", "", "ReplicaSet", HPA),
    reference("", "", "StatefulSet", HPA),
    reference("", "v1", "ConfigMap", CONFIG_MAP),
    reference("", "v1", "Secret", SECRET),
    reference("", "v1", "Service", SERVICE),
    reference(RBAC, "", "Role", &[Places::new(&[ROLE_BINDING], ROLE_REF)]),
    reference(RBAC, "", "ClusterRole", &[Places::new(&[ROLE_BINDING, CLUSTER_ROLE_BINDING], ROLE_REF)]),
    reference("", "v1", "ServiceAccount", SERVICE_ACCOUNT),
    reference(
        "",
        "v1",
        "PersistentVolumeClaim",
        &[Places::new(OTHER_PODS, &[&["volumes", "persistentVolumeClaim", "claimName"]])],
    ),
    reference(
        "",
        "v1",
        "PersistentVolume",
        &[
            Places::new(&[Holder::of("PersistentVolumeClaim")], &[&["spec", "volumeName"]]),
            Places::new(&[Holder::of("ClusterRole")], RESOURCE_NAMES),
        ],
    ),
    reference("storage.k8s.io", "v1", "StorageClass", STORAGE_CLASS),
    reference(
        "scheduling.k8s.io",
        "v1",
        "PriorityClass",
        &[Places::new(OTHER_PODS, &[&["priorityClassName"]])],
    ),
    reference(
        ADMISSION,
        "",
        "ValidatingAdmissionPolicy",
        &[Places::new(
            &[Holder::of("ValidatingAdmissionPolicyBinding").group(ADMISSION)],
            &[&["spec", "policyName"]],
        )],
    ),
];

const fn reference(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    places: &'static [Places],
) -> Reference {
    Reference { group, version, kind, places }
}
