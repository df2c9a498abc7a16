//! What the workloads of an API share, as it is written.

use super::branches::config;
use super::import::Import;
use super::{migrated, states};

/// A website, a worker and a night job of one image, as one environment runs them.
fn bakery(environment: &str, level: &str) -> String {
    let deployment = |name: &str, args: &str| {
        format!(
            "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bakery-{name}
  labels: {{ app: bakery, part: {name} }}
spec:
  replicas: 2
  selector: {{ matchLabels: {{ app: bakery, part: {name} }} }}
  template:
    metadata: {{ labels: {{ app: bakery, part: {name}, env: {environment} }} }}
{}",
            pod(4, name, args, environment, level)
        )
    };
    let job = format!(
        "---
apiVersion: batch/v1
kind: CronJob
metadata: {{ name: bakery-night }}
spec:
  schedule: \"5 2 * * *\"
  jobTemplate:
    spec:
      template:
        metadata: {{ labels: {{ app: bakery, part: night, env: {environment} }} }}
{}          restartPolicy: Never
",
        pod(8, "night", "[night]", environment, "trace")
    );
    deployment("web", "[serve]") + &deployment("worker", "[work]") + &job
}

/// The `spec` of pods, so many columns from the left.
fn pod(indent: usize, name: &str, args: &str, environment: &str, level: &str) -> String {
    let port = if name == "web" { "\n    ports: [{ name: http, containerPort: 8080 }]" } else { "" };
    let last = if name == "worker" { "\n    - { name: QUEUE, value: dough }" } else { "" };
    let text = format!(
        "spec:
  serviceAccountName: bakery
  securityContext: {{ runAsUser: 1000, fsGroup: 1000 }}
  initContainers:
  - name: setup
    image: registry.example/setup:{environment}
    args: [prepare]
    envFrom: [{{ configMapRef: {{ name: oven }} }}]
  containers:
  - name: {name}
    image: registry.example/bakery:v1-{environment}{port}
    args: {args}
    env:
    - {{ name: LEVEL, value: {level} }}
    # The oven is slow.
    - {{ name: TIMEOUT, value: \"60\" }}{last}
    - {{ name: SHELF, value: \"3\" }}
    resources: {{ requests: {{ cpu: 100m, memory: 128Mi }}, limits: {{ memory: 256Mi }} }}
"
    );
    let lines = text.lines().map(|line| format!("{:indent$}{line}\n", ""));
    lines.collect()
}

#[test]
fn what_workloads_share_is_said_once() {
    let env = config();
    let import = Import::default()
        .commit("legacy/bakery-stage", true)
        .file("bakery.yaml", bakery("staging", "debug"))
        .commit("legacy/bakery-prod", true)
        .file("bakery.yaml", bakery("prod", "info"));
    import.into_repo(&env);
    let report = migrated(&env, &[]);
    assert_eq!(states(&report), [("bakery", "written")]);
    assert_eq!(report["podTemplatesChanged"], 0);
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
    insta::assert_snapshot!(env.read("onboarding/bakery/metadata.yaml"), @r#"
    # yaml-language-server: $schema=../../schemas/metadata.schema.json
    apiVersion: onramp/v1
    name: bakery
    owner:
      team: unassigned
      email: ann@acme.example
    env:
      LEVEL: info
      # The oven is slow.
      TIMEOUT: "60"
    resources:
      requests:
        cpu: 100m
        memory: 128Mi
      limits:
        memory: 256Mi
    profile: adopted
    serviceAccount: bakery
    initContainers:
      setup:
        envFrom:
        - config: oven
        args:
        - prepare
    pod:
      securityContext:
        runAsUser: 1000
        fsGroup: 1000
    workloads:
      web:
        labels:
          app: bakery
          part: web
        identity:
          selector:
            app: bakery
            part: web
          container: web
        ports:
          http: 8080
        env:
          SHELF: "3"
        args:
        - serve
        service:
          enabled: false
        replicas: 2
      worker:
        labels:
          app: bakery
          part: worker
        identity:
          selector:
            app: bakery
            part: worker
          container: worker
        env:
          QUEUE: dough
          SHELF: "3"
        args:
        - work
        replicas: 2
      night:
        kind: CronJob
        identity:
          container: night
        env:
          LEVEL: trace
          SHELF: "3"
        args:
        - night
        podLabels:
          app: bakery
          part: night
        pod:
          restartPolicy: Never
        schedule: 5 2 * * *
    environments:
      staging:
        image: registry.example/bakery:v1-staging
        env:
          LEVEL: debug
        podLabels:
          env: staging
        initContainers:
          setup:
            image: registry.example/setup:staging
      prod:
        image: registry.example/bakery:v1-prod
        podLabels:
          env: prod
        initContainers:
          setup:
            image: registry.example/setup:prod
    "#);
}
