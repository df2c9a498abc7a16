//! What of an object comes of what of metadata.yaml.
//!
//! One row says it for one field and all below it. On the left stands the way into the object: keys, and `*` for any key
//! or element of a list. On the right stand the keys of the workload, or of the container; `api:` starts at the top of the file
//! and `platform:` at that of platform.yaml. `{0}` is what the first `*` stood for, `{0=name}` a field of that element, `{0#}`
//! its place in the list. A right side that ends in `..` goes on along the rest of the way. Of several rows for one field the first
//! counts that leads to something that is written.

/// One row.
pub(super) type Row = (&'static str, &'static str);

/// Of every object.
pub(super) const OBJECT: &[Row] = &[
    ("metadata.namespace", "api:namespace"),
    ("metadata.namespace", "platform:environments.{environment}.namespace"),
    ("metadata.labels.*", "labels.{0}"),
    ("metadata.labels.*", "api:labels.{0}"),
];

/// Of a Deployment, StatefulSet, CronJob or Job, and of a Rollout.
pub(super) const WORKLOAD: &[Row] = &[
    ("metadata.name", "identity.name"),
    ("metadata.annotations.*", "annotations.{0}"),
    ("metadata.labels.*", "labels.{0}"),
    ("kind", "kind"),
    ("spec.replicas", "replicas"),
    ("spec.replicas", "autoscaling"),
    ("spec.selector.matchLabels.*", "identity.selector.{0}"),
    ("spec.selector", "identity.selector"),
    ("spec.serviceName", "identity.service"),
    ("spec.strategy.rollingUpdate", "strategy.."),
    ("spec.strategy.canary", "strategy.."),
    ("spec.strategy.blueGreen", "strategy.."),
    ("spec.strategy", "strategy.."),
    ("spec.schedule", "schedule"),
    ("spec.jobTemplate.spec", "job.."),
    ("spec.jobTemplate.spec.suspend", "api:lifecycle"),
    ("spec.suspend", "api:lifecycle"),
    ("spec", "spec.."),
    ("spec", "job.."),
];

/// Of a pod, from its template on.
pub(super) const POD: &[Row] = &[
    ("metadata.name", "identity.podName"),
    ("metadata.namespace", "identity.podNamespace"),
    ("metadata.labels.*", "podLabels.{0}"),
    ("metadata.labels.*", "identity.selector.{0}"),
    ("metadata.annotations.*", "podAnnotations.{0}"),
    ("spec.serviceAccountName", "serviceAccount.name"),
    ("spec.serviceAccountName", "serviceAccount"),
    ("spec.restartPolicy", "pod.restartPolicy"),
    ("spec.restartPolicy", "kind"),
    ("spec.volumes.*.configMap.name", "volumes.{0}.config"),
    ("spec.volumes.*.secret.secretName", "volumes.{0}.secret"),
    ("spec.volumes.*.persistentVolumeClaim.claimName", "volumes.{0}.persistentVolumeClaim"),
    ("spec.volumes.*.*.items.*.path", "volumes.{0}.items.{2}.path"),
    ("spec.volumes.*.*.items.*.mode", "volumes.{0}.items.{2}.mode"),
    ("spec.volumes.*.*.items.*", "volumes.{0}.items.{2}"),
    ("spec.volumes.*.*.defaultMode", "volumes.{0}.mode"),
    ("spec.volumes.*.*.optional", "volumes.{0}.optional"),
    ("spec.volumes.*.projected.sources", "volumes.{0}.projected.."),
    ("spec.volumes.*", "volumes.{0}.."),
    ("spec.volumes", "pod.volumes.."),
    ("spec.volumes.config", "api:config.mountPath"),
    ("spec.volumes", "volumes"),
    ("spec.initContainers", "initContainers"),
    ("spec", "pod.."),
];

/// Of a container, from its element on.
pub(super) const CONTAINER: &[Row] = &[
    ("image", "image"),
    ("image", "workload:image"),
    ("name", "workload:identity.container"),
    ("command", "command.."),
    ("args", "args.."),
    ("env.*.valueFrom.secretKeyRef.name", "env.{0}.secret"),
    ("env.*.valueFrom.secretKeyRef", "env.{0}.."),
    ("env.*.valueFrom.configMapKeyRef.name", "env.{0}.config"),
    ("env.*.valueFrom.configMapKeyRef", "env.{0}.."),
    ("env.*.valueFrom.fieldRef", "env.{0}.field"),
    ("env.*.valueFrom.resourceFieldRef.resource", "env.{0}.resource"),
    ("env.*.valueFrom.resourceFieldRef.divisor", "env.{0}.divisor"),
    ("env.*", "env.{0}"),
    ("env", "env"),
    ("envFrom.*.secretRef.name", "envFrom.{0#}.secret"),
    ("envFrom.*.secretRef", "envFrom.{0#}.."),
    ("envFrom.*.configMapRef.name", "envFrom.{0#}.config"),
    ("envFrom.*.configMapRef", "envFrom.{0#}.."),
    ("envFrom", "envFrom.."),
    ("ports.*.containerPort", "ports.{0=name}.containerPort"),
    ("ports.*.protocol", "ports.{0=name}.protocol"),
    ("ports.*", "ports.{0=name}"),
    ("ports", "container.ports.."),
    ("ports", "ports"),
    ("resources", "resources.."),
    ("startupProbe", "probes.startup.."),
    ("livenessProbe", "probes.liveness.."),
    ("readinessProbe", "probes.readiness.."),
    ("volumeMounts", "container.volumeMounts.."),
    ("volumeMounts.*.mountPath", "workload:volumes.{0=name}.mountPath"),
    ("volumeMounts.*.subPath", "workload:volumes.{0=name}.subPath"),
    ("volumeMounts.*.readOnly", "workload:volumes.{0=name}.readOnly"),
    ("volumeMounts.*", "workload:volumes.{0=name}"),
    ("volumeMounts.*", "api:config.mountPath"),
    ("volumeMounts", "workload:volumes"),
    ("", "container.."),
];

/// Of a Service.
pub(super) const SERVICE: &[Row] = &[
    ("metadata.name", "identity.service"),
    ("metadata.labels.*", "service.labels.{0}"),
    ("metadata.annotations.*", "service.annotations.{0}"),
    ("spec.type", "service.type"),
    ("spec.clusterIP", "service.type"),
    ("spec.selector.*", "service.selector.{0}"),
    ("spec.selector.*", "identity.selector.{0}"),
    ("spec.selector", "service.selector"),
    ("spec.selector", "identity.selector"),
    ("spec.sessionAffinity", "service.sessionAffinity"),
    ("spec.ports", "service.ports.."),
    ("spec.ports.*.port", "ports.{0=name}.servicePort"),
    ("spec.ports.*.port", "ports.{0=name}"),
    ("spec.ports.*.targetPort", "ports.{0=name}.containerPort"),
    ("spec.ports.*.protocol", "ports.{0=name}.protocol"),
    ("spec.ports.*", "ports.{0=name}"),
    ("spec.ports", "ports"),
    ("spec", "service.spec.."),
    ("", "service"),
    ("", "ports"),
];

/// Of a service account.
pub(super) const ACCOUNT: &[Row] = &[
    ("metadata.name", "serviceAccount.name"),
    ("metadata.annotations.*", "serviceAccount.annotations.{0}"),
    ("metadata.annotations.*", "serviceAccount.googleServiceAccount"),
    ("", "serviceAccount"),
];

/// Of a HorizontalPodAutoscaler.
pub(super) const AUTOSCALER: &[Row] = &[
    ("metadata.name", "identity.hpa"),
    ("metadata.labels.*", "autoscaling.labels.{0}"),
    ("metadata.annotations.*", "autoscaling.annotations.{0}"),
    ("spec.minReplicas", "autoscaling.min"),
    ("spec.maxReplicas", "autoscaling.max"),
    ("spec.metrics.*", "autoscaling.{0}"),
    ("spec.metrics", "autoscaling.metrics.."),
    ("spec.metrics", "autoscaling"),
    ("spec.behavior", "autoscaling.behavior.."),
    ("spec.scaleTargetRef.name", "identity.name"),
    ("spec.scaleTargetRef.kind", "kind"),
    ("", "autoscaling"),
];

/// Of a PodDisruptionBudget.
pub(super) const BUDGET: &[Row] = &[
    ("spec.maxUnavailable", "disruptionBudget.maxUnavailable"),
    ("spec.minAvailable", "disruptionBudget.minAvailable"),
    ("spec.selector.matchLabels.*", "identity.selector.{0}"),
    ("spec.selector", "identity.selector"),
    ("", "disruptionBudget"),
];

/// Of a NetworkPolicy.
pub(super) const NETWORK: &[Row] = &[
    ("spec.podSelector", "identity.selector"),
    ("spec.ingress", "api:networkPolicy.callers"),
    ("spec.egress", "api:networkPolicy.egress"),
    ("", "api:networkPolicy"),
    ("", "platform:networkPolicy"),
];

/// Of an ExternalSecret; `{secret}` is its name.
pub(super) const SECRET: &[Row] = &[
    ("spec.data.*.remoteRef", "api:externalSecrets.{secret}.keys.{0}.."),
    ("spec.data.*", "api:externalSecrets.{secret}.keys.{0}"),
    ("spec.dataFrom", "api:externalSecrets.{secret}.all"),
    ("spec.secretStoreRef", "api:externalSecrets.{secret}.store"),
    ("spec.refreshInterval", "api:externalSecrets.{secret}.refreshInterval"),
    ("", "api:externalSecrets.{secret}"),
];

/// Of an Ingress, `HTTPRoute` or what a router has beside them; `{entry}` is `legacy` or `unified`, `{router}` a router's name.
pub(super) const ROUTE: &[Row] = &[
    ("metadata.name", "api:routes.{entry}.name"),
    ("metadata.annotations.*", "api:routes.{entry}.annotations.{router}.{0}"),
    ("spec.ingressClassName", "platform:environments.{environment}.router"),
    ("spec.parentRefs", "platform:environments.{environment}.gateway"),
    ("spec.tls", "api:routes.{entry}.tls"),
    ("", "api:routes.{entry}"),
];
