//! Rules on what an API builds to: where they point, and what is not said twice.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// Lints an API with some keys in front of its environments, and further files.
#[track_caller]
fn findings(more: &str, files: &[(&str, &str)]) -> Vec<String> {
    let (head, environments) = METADATA.split_once("environments:").expect("it has environments");
    let env = Env::with_api(&format!("{head}{more}environments:{environments}"));
    for (name, text) in files {
        env.write(&format!("onboarding/payments/{name}"), text);
    }
    env.run(&["lint", "--format", "json"]).findings()
}

#[test]
fn one_cause_is_told_once() {
    // The rule on the state names the line, and that it does not build is not said beside it.
    let resource = "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\n";
    assert_eq!(
        findings("extraResources: [resources/a.yaml]\n", &[("resources/a.yaml", resource)]),
        // In each of the two environments.
        ["duplicate-object onboarding/payments/resources/a.yaml:3:19"; 2]
    );
    // An error elsewhere in the API hides nothing that the objects show.
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: other }\nspec: { paused: true }\n";
    assert_eq!(
        findings("patches: [patches/a.yaml]\n", &[("patches/a.yaml", patch)]),
        ["unknown-patch-target onboarding/payments/patches/a.yaml:3:19"]
    );
}

#[test]
fn what_cannot_be_built_stands_where_it_is_written() {
    // The overlay's own file, which is not on disk, has the key without quotes.
    assert_eq!(findings("labels: { \"404\": a }\n", &[]), [format!("invalid-kustomization {PATH}:9:11")]);
}

/// A mistake, and where it is found: the code, keys of metadata.yaml in front of `environments` (line 9 on), a file, what is wrong in
/// one of the two and what it should be, and the place.
struct Mistake {
    code: &'static str,
    keys: &'static str,
    file: Option<(&'static str, &'static str)>,
    wrong: &'static str,
    right: &'static str,
    place: &'static str,
}

const INGRESS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: payments-extra }
spec:
  ingressClassName: nginx
  rules:
  - host: pay.acme.example
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: payments
            port:
              number: 8080
      - path: /b
        pathType: Prefix
        backend: { service: { name: payments, port: { name: http } } }
";

const AUTOSCALER: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: payments-extra }
spec:
  maxReplicas: 4
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: payments-tool
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments-tool }
spec:
  selector: { matchLabels: { app: tool } }
  template:
    metadata: { labels: { app: tool } }
    spec:
      containers:
      - name: app
        image: registry.example/apis/tool:v1.0.0
        resources: { requests: { cpu: 1m, memory: 1Mi } }
";

/// Two autoscalers, and a workload for the second.
const TWO_AUTOSCALERS: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: payments-extra }
spec:
  maxReplicas: 4
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: payments-tool }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: payments-more
spec:
  maxReplicas: 4
  scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: payments-store }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: payments-store }
spec:
  serviceName: payments
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec:
      containers:
      - name: app
        image: registry.example/apis/store:v1.0.0
        resources: { requests: { cpu: 1m, memory: 1Mi } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments-tool }
spec:
  selector: { matchLabels: { app: tool } }
  template:
    metadata: { labels: { app: tool } }
    spec:
      containers:
      - name: app
        image: registry.example/apis/tool:v1.0.0
        resources: { requests: { cpu: 1m, memory: 1Mi } }
";

/// A budget that the pods of no workload are under.
const BUDGET: &str = "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: payments-extra }
spec:
  selector:
    matchExpressions:
    - key: app.kubernetes.io/name
      operator: DoesNotExist
  maxUnavailable: 1
";

const PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments }
spec:
  template:
    spec:
      hostNetwork: false
      containers:
      - name: app
        securityContext:
          privileged: false
          runAsUser: 1000
          allowPrivilegeEscalation: false
          capabilities: { add: [NET_BIND_SERVICE] }
";

const PATCHED: &str = "patches: [patches/a.yaml]\n";
const EXTENDED: &str = "extraResources: [resources/a.yaml]\n";

const MISTAKES: &[Mistake] = &[
    Mistake {
        code: "selector-without-pods",
        keys: "service:\n  selector: { app.kubernetes.io/name: payments }\n",
        file: None,
        wrong: "app.kubernetes.io/name: payment }",
        right: "app.kubernetes.io/name: payments }",
        place: "metadata.yaml:10:39",
    },
    Mistake {
        code: "unknown-target-port",
        keys: "service:\n  ports:\n  - { name: web, port: 80, targetPort: http }\n",
        file: None,
        wrong: "targetPort: htpp",
        right: "targetPort: http",
        place: "metadata.yaml:11:40",
    },
    Mistake {
        code: "undeclared-target-port",
        keys: "service:\n  ports:\n  - { name: web, port: 80, targetPort: 8080 }\n",
        file: None,
        wrong: "targetPort: 8081",
        right: "targetPort: 8080",
        place: "metadata.yaml:11:40",
    },
    Mistake {
        code: "unknown-backend-port",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", INGRESS)),
        wrong: "number: 80\n",
        right: "number: 8080\n",
        place: "resources/a.yaml:16:23",
    },
    Mistake {
        code: "missing-backend",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", INGRESS)),
        wrong: "name: payment\n",
        right: "name: payments\n",
        place: "resources/a.yaml:14:19",
    },
    Mistake {
        code: "duplicate-ingress-path",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", INGRESS)),
        wrong: "path: /\n        pathType: Prefix\n        backend: { ser",
        right: "path: /b\n        pathType: Prefix\n        backend: { ser",
        place: "resources/a.yaml:17:15",
    },
    Mistake {
        code: "missing-scale-target",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", AUTOSCALER)),
        wrong: "name: payments-tols\n",
        right: "name: payments-tool\n",
        place: "resources/a.yaml:9:11",
    },
    Mistake {
        code: "missing-scale-target",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", AUTOSCALER)),
        wrong: "apiVersion: extensions/v1beta1\n    kind",
        right: "apiVersion: apps/v1\n    kind",
        place: "resources/a.yaml:7:17",
    },
    Mistake {
        code: "duplicate-autoscaler",
        keys: EXTENDED,
        file: Some(("resources/a.yaml", TWO_AUTOSCALERS)),
        wrong: "{ apiVersion: apps/v1, kind: Deployment, name: payments-tool }",
        right: "{ apiVersion: apps/v1, kind: StatefulSet, name: payments-store }",
        place: "resources/a.yaml:14:66",
    },
    Mistake {
        code: "overlapping-budget",
        keys: "replicas: 2\ndisruptionBudget: { maxUnavailable: 1 }\nextraResources: [resources/a.yaml]\n",
        file: Some(("resources/a.yaml", BUDGET)),
        wrong: "operator: Exists",
        right: "operator: DoesNotExist",
        place: "resources/a.yaml:5:3",
    },
    Mistake {
        code: "autoscaler-without-request",
        keys: "autoscaling: { min: 2, max: 4, cpu: 70 }\nsidecars:\n  proxy:\n    image: registry.example/proxy:v1\n    resources: { requests: { cpu: 1m, memory: 1Mi } }\n",
        file: None,
        wrong: "requests: { memory: 1Mi }",
        right: "requests: { cpu: 1m, memory: 1Mi }",
        place: "metadata.yaml:13:18",
    },
    Mistake {
        code: "blocked-drain",
        keys: "replicas: 3\ndisruptionBudget:\n  minAvailable: 2\n",
        file: None,
        wrong: "minAvailable: 3",
        right: "minAvailable: 2",
        place: "metadata.yaml:11:17",
    },
    Mistake {
        code: "missing-config-key",
        keys: "config: { literals: { MODE: a } }\nvolumes:\n  a: { config: payments-config, items: { MODE: mode }, mountPath: /a }\n",
        file: None,
        wrong: "items: { MOOD: mode }",
        right: "items: { MODE: mode }",
        place: "metadata.yaml:11:48",
    },
    Mistake {
        code: "overruled-image",
        keys: PATCHED,
        file: Some(("patches/a.yaml", PATCH)),
        wrong: "name: app\n        image: registry.example/apis/payments:v1.0.0\n",
        right: "name: app\n",
        place: "patches/a.yaml:10:16",
    },
    Mistake {
        code: "privileged-container",
        keys: PATCHED,
        file: Some(("patches/a.yaml", PATCH)),
        wrong: "privileged: true\n          runAsUser: 1000",
        right: "privileged: false\n          runAsUser: 1000\n          allowPrivilegeEscalation: false",
        place: "patches/a.yaml:11:23",
    },
    Mistake {
        code: "host-access",
        keys: PATCHED,
        file: Some(("patches/a.yaml", PATCH)),
        wrong: "hostNetwork: true",
        right: "hostNetwork: false",
        place: "patches/a.yaml:7:20",
    },
    Mistake {
        code: "added-capability",
        keys: PATCHED,
        file: Some(("patches/a.yaml", PATCH)),
        wrong: "[NET_BIND_SERVICE, SYS_ADMIN]",
        right: "[NET_BIND_SERVICE]",
        place: "patches/a.yaml:14:51",
    },
    Mistake {
        code: "privilege-escalation",
        keys: "container:\n  securityContext:\n    allowPrivilegeEscalation: false\n",
        file: None,
        wrong: "Escalation: true",
        right: "Escalation: false",
        place: "metadata.yaml:11:31",
    },
    Mistake {
        code: "root-user",
        keys: "pod:\n  securityContext:\n    runAsUser: 1000\n",
        file: None,
        wrong: "runAsUser: 0",
        right: "runAsUser: 1000",
        place: "metadata.yaml:11:16",
    },
];

#[test]
fn each_mistake_is_found_once_and_where_it_was_made() {
    let mut wrong = Vec::new();
    for Mistake { code, keys, file, wrong: mistake, right, place } in MISTAKES {
        let found = |with: &str| {
            let keys = keys.replacen(right, with, 1);
            let file = file.map(|(name, text)| (name, text.replacen(right, with, 1)));
            let files: Vec<(&str, &str)> = file.iter().map(|(name, text)| (*name, text.as_str())).collect();
            findings(&keys, &files)
        };
        let sound = found(right);
        if !sound.is_empty() {
            wrong.push(format!("{code} without the mistake: {sound:?}"));
        }
        let seen = found(mistake);
        if seen.is_empty() || seen.iter().any(|seen| *seen != format!("{code} onboarding/payments/{place}")) {
            wrong.push(format!("{code}: {seen:?}, not {place}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_half_of_all_services_lack_is_a_warning_unless_they_were_adopted() {
    let env = Env::new();
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nenvironments: { prod: {} }\nrules: { missing-probe: warning }\n",
    );
    env.write(
        PATH,
        "apiVersion: onramp/v1\nname: payments\nowner: { team: payments, email: payments@acme.example }\n\
         image: registry.example/apis/payments:v2.0.0\nports: { http: 8080 }\nenvironments: { prod: {} }\n",
    );
    let lint = || env.run(&["lint", "--format", "json"]);
    let at = |code: &str| format!("{code} {PATH}:4:8");
    assert_eq!(lint().findings(), [at("missing-limit"), at("missing-probe"), at("missing-request")]);
    assert_eq!(lint().code, 0, "none of them stops anybody");
    env.edit(PATH, "ports:", "profile: adopted\nports:");
    assert_eq!(lint().findings(), [""; 0]);
}
