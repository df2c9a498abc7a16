//! The branches of a fleet by hand: each has habits of its own.

use super::import::Import;
use crate::env::Env;

/// What stands in a Secret, and must stand nowhere else.
pub(crate) const PLAIN: &str = "kohlrabi-and-quince";
/// The same as Secrets hold it.
pub(crate) const ENCODED: &str = "a29obHJhYmktYW5kLXF1aW5jZQ==";

/// The APIs that the branches are.
pub(crate) const APIS: &[&str] =
    &["cart", "ledger", "mail", "orders", "portal", "reports", "search", "shop", "tickets"];

/// The branches that the APIs are.
pub(crate) const BRANCHES: &[&str] = &[
    "legacy/cart",
    "legacy/ledger",
    "legacy/mail",
    "legacy/orders",
    "legacy/portal",
    "legacy/reports-prod",
    "legacy/reports-uat",
    "legacy/search",
    "legacy/shop-prod",
    "legacy/shop-stage",
    "legacy/tickets",
];

/// The files of all branches: branch, path and text.
pub(crate) fn files() -> Vec<(&'static str, &'static str, String)> {
    let mut files = vec![
        (
            "legacy/shop-stage",
            "k8s/shop.yaml",
            shop("shop-staging", "v1.5.0-rc1", "shop.staging.acme.example", 1),
        ),
        ("legacy/shop-stage", "README.md", "# Shop\n".to_owned()),
        ("legacy/shop-prod", "k8s/shop.yaml", shop("shop", "v1.4.2", "shop.acme.example", 3)),
        ("legacy/reports-uat", "app.yaml", reports("v0.2.0", "300m")),
        ("legacy/reports-prod", "app.yaml", reports("v0.1.9", "600m")),
        ("legacy/cart", "deploy.staging.yaml", cart("v3.1.0", "debug", 1)),
        ("legacy/cart", "deploy.production.yaml", cart("v3.0.4", "warn", 4)),
    ];
    let fixed: &[(&str, &str, &str)] = &[
        ("legacy/cart", "service.yaml", CART_SERVICE),
        ("legacy/mail", "all.yml", MAIL),
        ("legacy/ledger", "deployment.yaml", LEDGER),
        ("legacy/search", "search.yaml", SEARCH),
        ("legacy/search", "claim.yaml", SEARCH_CLAIM),
        ("legacy/tickets", "export.yaml", TICKETS),
        ("legacy/portal", "portal.yaml", PORTAL),
        ("legacy/orders", "base/kustomization.yaml", ORDERS_BASE),
        ("legacy/orders", "base/deployment.yaml", ORDERS),
        ("legacy/orders", "overlays/staging/kustomization.yaml", ORDERS_STAGING),
        ("legacy/orders", "overlays/prod/kustomization.yaml", ORDERS_PROD),
        ("legacy/orders", "overlays/prod/replicas.yaml", ORDERS_PATCH),
    ];
    files.extend(fixed.iter().map(|(branch, path, text)| (*branch, *path, (*text).to_owned())));
    files.push(("legacy/ledger", "secret.yaml", secret()));
    files.sort();
    files
}

/// A config repo without an API, and the branches beside it.
pub(crate) fn fleet() -> Env {
    let env = config();
    let mut import = Import::default();
    let mut last = "";
    for (branch, path, text) in files() {
        if branch != last {
            import = import.commit(branch, true);
            last = branch;
        }
        import = import.file(path, text);
    }
    import.into_repo(&env);
    env
}

/// A config repo without an API.
pub(crate) fn config() -> Env {
    let env = Env::new();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["config", "user.name", "Test"]);
    env.git(&["config", "user.email", "test@acme.example"]);
    env.write("platform.yaml", PLATFORM);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=platform"]);
    env
}

const PLATFORM: &str = "\
# The platform of Acme.
apiVersion: onramp/v1
kubernetesVersion: \"1.33\"
environments: # in the order of promotion
  # Nobody depends on it.
  staging:
    namespace: \"{name}-staging\" # one for each API
    unifiedHost: api.staging.acme.example
    router: ingress-nginx
    clusters: [staging-eu]
  # Everybody does.
  prod:
    namespace: \"{name}\"
    unifiedHost: api.acme.example
    router: ingress-nginx
    clusters: [prod-eu, prod-us]
namespaces: { allow: [\"*\"], deny: [kube-system, argocd] }
images: { registries: [registry.example], forbidTags: [latest] }
tiers:
  standard:
    requests: { cpu: 500m, memory: 1Gi }
    limits: { cpu: \"2\", memory: 4Gi }
    maxReplicas: 10
lifecycles:
  poc: { environments: [staging], next: [approved] }
  approved: { next: [billing] }
  billing: { requires: [owner.costCenter] }
";

/// A web service with all that usually stands around one.
fn shop(namespace: &str, tag: &str, host: &str, least: u8) -> String {
    format!(
        "\
# The shop. Ask Ann before you change the probes.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: {namespace}
  labels: {{ app: shop, team: blue }}
spec:
  replicas: 2
  selector:
    matchLabels: {{ app: shop }}
  template:
    metadata:
      labels: {{ app: shop, team: blue }}
      annotations:
        prometheus.io/scrape: \"true\"
    spec:
      terminationGracePeriodSeconds: 45
      containers:
      - name: web
        image: registry.example/apis/shop:{tag}
        ports:
        - {{ name: http, containerPort: 8080 }}
        - {{ name: metrics, containerPort: 9090 }}
        env:
        - {{ name: LOG_LEVEL, value: info }} # debug costs too much
        - {{ name: POD, valueFrom: {{ fieldRef: {{ fieldPath: metadata.name }} }} }}
        - name: DB_PASSWORD
          valueFrom: {{ secretKeyRef: {{ name: shop-db, key: password }} }}
        readinessProbe:
          httpGet: {{ path: /ready, port: http }}
          periodSeconds: 7
        livenessProbe:
          httpGet: {{ path: /live, port: 8080 }}
          initialDelaySeconds: 20
        resources:
          requests: {{ cpu: 250m, memory: 512Mi }}
          limits: {{ memory: 1Gi }}
        volumeMounts:
        - {{ name: config, mountPath: /etc/shop }}
        - {{ name: tmp, mountPath: /tmp }}
      volumes:
      - name: config
        configMap: {{ name: shop-config }}
      - name: tmp
        emptyDir: {{ sizeLimit: 64Mi }}
---
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: {namespace}
spec:
  selector: {{ app: shop }}
  ports:
  - {{ name: http, port: 80, targetPort: http }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: shop
  namespace: {namespace}
spec:
  scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: shop }}
  minReplicas: {least}
  maxReplicas: 6
  metrics:
  - type: Resource
    resource: {{ name: cpu, target: {{ type: Utilization, averageUtilization: 70 }} }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: {namespace}
  annotations:
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
spec:
  ingressClassName: nginx
  rules:
  - host: {host}
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {{ service: {{ name: shop, port: {{ number: 80 }} }} }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-config
  namespace: {namespace}
data:
  shop.properties: |
    currency=EUR
    host={host}
  flags.json: '{{\"fast\": true}}'
"
    )
}

/// One file for each environment.
fn cart(tag: &str, level: &str, replicas: u8) -> String {
    format!(
        "\
kind: Deployment
apiVersion: apps/v1
metadata:
  name: cart-api
spec:
  replicas: {replicas}
  strategy: {{ type: Recreate }}
  selector:
    matchLabels:
      app.kubernetes.io/name: cart
  template:
    metadata:
      labels:
        app.kubernetes.io/name: cart
    spec:
      serviceAccountName: cart
      containers:
      - name: cart
        image: registry.example/apis/cart:{tag}
        args: [--port, \"8000\", --level={level}]
        ports:
        - containerPort: 8000
        envFrom:
        - configMapRef: {{ name: common }}
        - secretRef: {{ name: cart }}
"
    )
}

const CART_SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  type: NodePort
  selector:
    app.kubernetes.io/name: cart
  ports:
  - port: 8000
    nodePort: 30800
";

/// A branch for each environment, one of which the platform does not have.
fn reports(tag: &str, cpu: &str) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {{ name: reports }}
spec:
  selector: {{ matchLabels: {{ run: reports }} }}
  template:
    metadata: {{ labels: {{ run: reports }} }}
    spec:
      containers:
      - name: reports
        image: registry.example/apis/reports:{tag}
        resources: {{ requests: {{ cpu: {cpu} }} }}
"
    )
}

/// Several workloads in a file.
const MAIL: &str = "\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mail-web
spec:
  selector: { matchLabels: { app: mail, part: web } }
  template:
    metadata: { labels: { app: mail, part: web } }
    spec:
      containers:
      - name: web
        image: registry.example/apis/mail:v7.0.1
        command: [\"/bin/mail\"]
        args: [\"web\"]
        ports: [{ name: http, containerPort: 8025 }]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mail-worker
spec:
  replicas: 2
  selector: { matchLabels: { app: mail, part: worker } }
  template:
    metadata: { labels: { app: mail, part: worker } }
    spec:
      containers:
      - name: worker
        image: registry.example/apis/mail:v7.0.1
        command: [\"/bin/mail\"]
        args: [\"work\", \"--queue\", \"out\"]
        securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true }
---
# Bounces pile up.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: mail-sweep
spec:
  schedule: \"17 3 * * *\"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: sweep
            image: registry.example/apis/mail:v7.0.1
            args: [\"sweep\"]
---
apiVersion: v1
kind: Service
metadata:
  name: mail
spec:
  selector: { app: mail, part: web }
  ports:
  - { name: http, port: 8025, targetPort: 8025 }
";

/// References to a Secret that stands beside it.
const LEDGER: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ledger
spec:
  selector: { matchLabels: { app: ledger } }
  template:
    metadata: { labels: { app: ledger } }
    spec:
      containers:
      - name: ledger
        image: registry.example/apis/ledger:v2.2.2
        env:
        - name: TOKEN
          valueFrom: { secretKeyRef: { name: ledger-token, key: token } }
        volumeMounts:
        - { name: keys, mountPath: /keys, readOnly: true }
      volumes:
      - name: keys
        secret: { secretName: ledger-token, defaultMode: 256 }
";

fn secret() -> String {
    format!(
        "\
apiVersion: v1
kind: Secret
metadata:
  name: ledger-token
data:
  token: {ENCODED}
stringData:
  note: {PLAIN}
"
    )
}

/// State.
const SEARCH: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: search
spec:
  serviceName: search-nodes
  replicas: 3
  podManagementPolicy: Parallel
  selector: { matchLabels: { app: search } }
  template:
    metadata: { labels: { app: search } }
    spec:
      containers:
      - name: search
        image: registry.example/apis/search:v8.15.0
        ports: [{ name: http, containerPort: 9200 }]
        volumeMounts:
        - { name: data, mountPath: /data }
        - { name: backup, mountPath: /backup }
      volumes:
      - name: backup
        persistentVolumeClaim: { claimName: search-backup }
  volumeClaimTemplates:
  - metadata: { name: data }
    spec:
      accessModes: [ReadWriteOnce]
      storageClassName: fast
      resources: { requests: { storage: 20Gi } }
---
apiVersion: v1
kind: Service
metadata:
  name: search-nodes
spec:
  clusterIP: None
  selector: { app: search }
  ports:
  - { name: http, port: 9200 }
";

const SEARCH_CLAIM: &str = "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: search-backup
spec:
  accessModes: [ReadWriteMany]
  resources: { requests: { storage: 100Gi } }
";

/// Taken out of a cluster.
const TICKETS: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: tickets
    uid: 6f0c2f0e-0000-4000-8000-000000000001
    resourceVersion: \"4711\"
    generation: 4
    creationTimestamp: \"2021-03-04T05:06:07Z\"
  spec:
    replicas: 1
    progressDeadlineSeconds: 600
    selector: { matchLabels: { app: tickets } }
    template:
      metadata:
        labels: { app: tickets }
        creationTimestamp: null
      spec:
        dnsPolicy: ClusterFirst
        restartPolicy: Always
        containers:
        - name: tickets
          image: registry.example/apis/tickets:v0.9.1
          imagePullPolicy: Always
          terminationMessagePath: /dev/termination-log
          resources: {}
          ports: [{ containerPort: 3000, protocol: TCP }]
  status:
    replicas: 1
    observedGeneration: 4
- apiVersion: v1
  kind: Service
  metadata:
    name: tickets
  spec:
    sessionAffinity: ClientIP
    selector: { app: tickets }
    ports: [{ port: 80, targetPort: 3000, protocol: TCP }]
";

/// Of another time.
const PORTAL: &str = "\
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: portal
spec:
  replicas: 2
  selector: { matchLabels: { app: portal } }
  template:
    metadata:
      labels: { app: portal }
    spec:
      containers:
      - name: portal
        image: registry.example/apis/portal:latest
        ports: [{ containerPort: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: portal }
spec:
  selector: { app: portal }
  ports: [{ port: 80 }]
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: portal
  annotations: { kubernetes.io/ingress.class: nginx }
spec:
  tls: [{ hosts: [portal.acme.example], secretName: portal-tls }]
  rules:
  - host: portal.acme.example
    http:
      paths:
      - path: /
        backend: { serviceName: portal, servicePort: 80 }
---
apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: { name: portal }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: portal }
  minReplicas: 2
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: { name: memory, target: { type: Utilization, averageUtilization: 80 } }
";

const ORDERS_BASE: &str = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deployment.yaml]
configMapGenerator:
- name: orders
  literals: [REGION=eu]
generatorOptions: { disableNameSuffixHash: true }
";

const ORDERS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec:
      containers:
      - name: orders
        image: registry.example/apis/orders
        ports: [{ name: http, containerPort: 8080 }]
        envFrom: [{ configMapRef: { name: orders } }]
---
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  selector: { app: orders }
  ports: [{ name: http, port: 8080 }]
";

const ORDERS_STAGING: &str = "\
resources: [../../base]
images: [{ name: registry.example/apis/orders, newTag: v2.1.0 }]
";

const ORDERS_PROD: &str = "\
resources: [../../base]
images: [{ name: registry.example/apis/orders, newTag: v2.0.9 }]
patches: [{ path: replicas.yaml }]
";

const ORDERS_PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders }
spec: { replicas: 5 }
";
