//! What random metadata is made of: values of keys, as JSON, simplest first.

/// Keys with their values.
pub(crate) type Words = &'static [(&'static str, &'static [&'static str])];

pub(crate) const PLATFORM: &str = r#"
apiVersion: onramp/v1
kubernetesVersion: "1.33"
environments:
  staging: { namespace: "{name}-staging" }
  prod: { namespace: "{name}" }
namespaces: { allow: ["*"] }
rollouts: argo
passthrough: { pod: ["*"], container: ["*"] }
"#;

/// Config files.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("config/a.yaml", "a: 1\n"),
    ("config/b.txt", "b\n"),
    ("config/staging/a.yaml", "a: 2\n"),
    ("config/staging/c.txt", "c\n"),
];

/// Keys of the API.
pub(crate) const API: Words = &[
    ("profile", &[r#""standard""#, r#""adopted""#]),
    ("labels", &[r#"{"a": "b"}"#, r#"{"c": "d", "a": "e"}"#]),
    (
        "config",
        &[
            r#"{"literals": {"A": "1"}}"#,
            r#"{"literals": {"A": "2", "B": "1"}, "mountPath": "/etc/payments"}"#,
            r#"{"name": "settings", "literals": {"C": "1"}}"#,
            r#"{"files": {"a.yaml": "config/a.yaml", "b.txt": "config/b.txt"}, "mountPath": "/etc/p"}"#,
            r#"{"files": ["config/staging/a.yaml"]}"#,
        ],
    ),
    (
        "configMaps",
        &[
            r#"{"flags": {"literals": {"F": "1"}}}"#,
            r#"{"flags": {"literals": {"F": "2", "G": "1"}}, "more": {"literals": {"H": "1"}}}"#,
            r#"{"settings": {"literals": {"C": "2"}}}"#,
        ],
    ),
];

/// Keys that may be shared by workloads, but depend on their kind.
pub(crate) const SHARED: Words = &[
    ("replicas", &["2", "0", "3"]),
    ("autoscaling", &[r#"{"min": 1, "max": 3}"#, r#"{"min": 2, "max": 5, "memory": 70}"#]),
    ("disruptionBudget", &[r#"{"enabled": false}"#, r#"{"minAvailable": "50%"}"#]),
];

/// Kinds, and keys that depend on them.
pub(crate) const KINDS: &[(&str, Words)] = &[
    (
        "Deployment",
        &[
            ("replicas", &["2", "0", "3"]),
            ("autoscaling", &[r#"{"min": 1, "max": 3}"#, r#"{"min": 2, "max": 5, "cpu": 70}"#]),
            ("disruptionBudget", &[r#"{"enabled": false}"#, r#"{"maxUnavailable": 2}"#]),
            (
                "strategy",
                &[
                    r#"{"type": "rolling"}"#,
                    r#"{"type": "rolling", "maxSurge": 2}"#,
                    r#"{"type": "recreate"}"#,
                    r#"{"type": "canary", "steps": [{"weight": 20, "pause": "1m"}]}"#,
                ],
            ),
            ("service", SERVICE),
            ("kind", &[r#""Deployment""#, r#""StatefulSet""#]),
            ("spec", &[r#"{"minReadySeconds": 5}"#, r#"{"revisionHistoryLimit": 3}"#]),
        ],
    ),
    (
        "StatefulSet",
        &[
            ("replicas", &["2", "0"]),
            ("disruptionBudget", &[r#"{"enabled": false}"#, r#"{"maxUnavailable": "10%"}"#]),
            ("service", SERVICE),
            ("kind", &[r#""StatefulSet""#, r#""Deployment""#]),
            (
                "spec",
                &[
                    r#"{"podManagementPolicy": "Parallel"}"#,
                    r#"{"updateStrategy": {"type": "OnDelete"}}"#,
                    r#"{"updateStrategy": {"rollingUpdate": {"partition": 1}}, "serviceName": "peers"}"#,
                    r#"{"volumeClaimTemplates": [{"metadata": {"name": "claimed"}, "spec": {}}]}"#,
                    r#"{"volumeClaimTemplates": [{"metadata": {"name": "other"}, "spec": {}}]}"#,
                ],
            ),
        ],
    ),
    (
        "CronJob",
        &[
            ("kind", &[r#""CronJob""#]),
            ("schedule", &[r#""1 2 * * *""#, r#""@daily""#]),
            ("spec", &[r#"{"suspend": true}"#, r#"{"concurrencyPolicy": "Forbid", "suspend": false}"#]),
            ("job", &[r#"{"backoffLimit": 2}"#, r#"{"parallelism": 2, "backoffLimit": 0}"#]),
        ],
    ),
    ("Job", &[("kind", &[r#""Job""#]), ("job", &[r#"{"backoffLimit": 2}"#, r#"{"completions": 2}"#])]),
];

const SERVICE: &[&str] = &[
    r#"{"type": "Headless"}"#,
    r#"{"enabled": false}"#,
    r#"{"type": "LoadBalancer", "spec": {"loadBalancerSourceRanges": ["10.0.0.0/8"]}}"#,
    r#"{"type": "NodePort", "annotations": {"x": "y"}}"#,
    r#"{"ports": [{"port": 80, "targetPort": 8080, "name": "a"}, {"port": 81, "name": "b"}]}"#,
    r#"{"ports": [{"port": 81, "targetPort": 9, "name": "b"}, {"port": 81, "protocol": "UDP", "name": "c"}]}"#,
    r#"{"selector": {"who": "else"}, "sessionAffinity": "ClientIP", "labels": {"l": "m"}}"#,
];

/// Keys of any workload.
pub(crate) const WORKLOAD: Words = &[
    ("annotations", &[r#"{"a": "1"}"#, r#"{"a": "", "b": "2"}"#]),
    ("podLabels", &[r#"{"p": "1"}"#, r#"{"p": "2", "q": "1"}"#]),
    ("podAnnotations", &[r#"{"n": "1"}"#, r#"{"m": "2"}"#]),
    ("serviceAccount", &[r#""runner""#, r#"{"annotations": {"x": "y"}}"#, "{}"]),
    (
        "volumes",
        &[
            r#"{"cache": {"emptyDir": {}, "mountPath": "/cache"}}"#,
            r#"{"cache": {"emptyDir": {"medium": "Memory"}, "mountPath": "/cache"}, "keys": {"secret": "k", "mountPath": "/k"}}"#,
            r#"{"cache": {"config": "c", "mode": "0400", "items": {"a": "b"}, "mountPath": "/c"}}"#,
            r#"{"keys": {"persistentVolumeClaim": "d", "mounts": [{"mountPath": "/d"}, {"mountPath": "/e", "subPath": "e"}]}}"#,
            r#"{"token": {"projected": [{"serviceAccountToken": {"path": "t"}}], "mountPath": "/t", "readOnly": true}}"#,
            r#"{"token": {"projected": [{"configMap": {"name": "flags"}}, {"secret": {"name": "s"}}], "mountPath": "/t"}}"#,
        ],
    ),
    (
        "sidecars",
        &[
            r#"{"proxy": {"image": "registry.example/proxy:v1"}}"#,
            r#"{"proxy": {"before": true, "ports": {"admin": 9901}}, "logs": {"env": {"L": "1"}}}"#,
            r#"{"logs": {"args": ["x"], "env": {"M": "1", "L": "2"}}, "x-app": {"image": "registry.example/x:v1"}}"#,
        ],
    ),
    (
        "initContainers",
        &[
            r#"{"migrate": {"args": ["up"]}}"#,
            r#"{"wait": {"image": "registry.example/wait:v1"}, "migrate": {"args": ["down"]}}"#,
            r#"{"mesh": {"container": {"restartPolicy": "Always"}}}"#,
        ],
    ),
    (
        "pod",
        &[
            r#"{"terminationGracePeriodSeconds": 5}"#,
            r#"{"tolerations": [{"key": "a", "operator": "Exists"}, {"key": "a", "value": "b"}]}"#,
            r#"{"tolerations": [{"key": "b", "operator": "Exists"}]}"#,
            r#"{"tolerations": [], "nodeSelector": {"disk": "ssd"}}"#,
            r#"{"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a", "b"]}, {"ip": "10.0.0.2", "hostnames": ["c"]}]}"#,
            r#"{"hostAliases": [{"ip": "10.0.0.2", "hostnames": ["d"]}, {"ip": "10.0.0.1", "hostnames": ["b"]}]}"#,
            r#"{"topologySpreadConstraints": [{"topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1}, {"topologyKey": "a", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1}]}"#,
            r#"{"topologySpreadConstraints": [{"topologyKey": "a", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 2}, {"topologyKey": "b", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1}]}"#,
            r#"{"imagePullSecrets": [{"name": "a"}, {"name": "b"}]}"#,
            r#"{"imagePullSecrets": [{"name": "b"}], "hostAliases": []}"#,
            r#"{"volumes": [{"name": "labels", "downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}"#,
            r#"{"volumes": [{"name": "scratch", "emptyDir": {}}, {"name": "labels", "emptyDir": {}}]}"#,
            r#"{"dnsConfig": {"options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}}"#,
            r#"{"dnsConfig": {"options": [{"name": "edns0"}], "nameservers": ["10.0.0.3"]}, "dnsPolicy": "None"}"#,
            r#"{"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}}"#,
            r#"{"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {}}]}}}"#,
            r#"{"securityContext": {"fsGroup": 1, "supplementalGroups": [1, 2]}}"#,
            r#"{"securityContext": {}, "readinessGates": [{"conditionType": "x"}]}"#,
        ],
    ),
    (
        "identity",
        &[
            r#"{"container": "live"}"#,
            r#"{"container": "x-live", "podName": "p"}"#,
            r#"{"podName": "q", "podNamespace": "n"}"#,
        ],
    ),
];

/// Keys of any container.
pub(crate) const CONTAINER: Words = &[
    ("args", &[r#"["a"]"#, r#"["b", "c"]"#, "[]"]),
    ("command", &[r#"["run"]"#, r#"["sh", "-c", ""]"#]),
    (
        "ports",
        &[
            r#"{"http": 8080}"#,
            r#"{"http": 8081, "admin": 9090}"#,
            r#"{"http": {"containerPort": 8080, "servicePort": 80}, "dns": {"containerPort": 53, "protocol": "UDP"}}"#,
        ],
    ),
    (
        "env",
        &[
            r#"{"A": "1"}"#,
            r#"{"A": "2", "B": "$(A)"}"#,
            r#"{"B": {"secret": "s", "key": "k"}, "C": {"field": "status.podIP"}}"#,
            r#"{"C": {"config": "flags", "key": "F", "optional": true}, "A": "3"}"#,
        ],
    ),
    (
        "envFrom",
        &[
            r#"[{"secret": "s"}]"#,
            r#"[{"config": "flags"}, {"secret": "s", "prefix": "P_"}]"#,
            r#"[{"secret": "t", "optional": true}]"#,
        ],
    ),
    (
        "probes",
        &[
            r#"{"readiness": {"tcpSocket": {"port": 8080}}}"#,
            r#"{"readiness": {"httpGet": {"path": "/", "port": 8080, "httpHeaders": [{"name": "h", "value": "v"}]}, "periodSeconds": 3}}"#,
            r#"{"liveness": {"exec": {"command": ["ok"]}}, "readiness": {"httpGet": {"port": 8080}}}"#,
        ],
    ),
    (
        "resources",
        &[
            r#"{"requests": {"cpu": "1"}}"#,
            r#"{"requests": {"cpu": "2", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}"#,
            r#"{"limits": {"memory": "3Gi", "cpu": "3"}}"#,
        ],
    ),
    (
        "container",
        &[
            r#"{"imagePullPolicy": "Always"}"#,
            r#"{"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["A"]}}}"#,
            r#"{"securityContext": {"capabilities": {"add": []}, "runAsUser": 1}}"#,
            r#"{"lifecycle": {"preStop": {"exec": {"command": ["a"]}}}}"#,
            r#"{"lifecycle": {"preStop": {"sleep": {"seconds": 3}}, "postStart": {"exec": {"command": ["b"]}}}}"#,
            r#"{"ports": [{"containerPort": 7000}]}"#,
            r#"{"ports": [{"containerPort": 7001, "name": "x"}, {"containerPort": 7000, "protocol": "UDP"}]}"#,
            r#"{"volumeMounts": [{"name": "cache", "mountPath": "/more"}, {"name": "cache", "mountPath": "/yet"}]}"#,
            r#"{"volumeMounts": [{"name": "cache", "mountPath": "/yet", "readOnly": true}]}"#,
            r#"{"volumeMounts": [], "stdin": true}"#,
        ],
    ),
];
