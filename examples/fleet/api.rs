//! One API: its metadata.yaml and the files beside it.
//!
//! How often something occurs follows what 786 real Deployments contain: about half have probes, 57 %
//! literal variables, 25 % secrets, 13 % several ports, 7 % recreate.

use super::config::{self, FILES};
use super::env;
use super::random::Random;
use super::words::{CUSTOMERS, NOTES, REMARKS};
use super::yaml::{Map, Style, Yaml, null, texts};

/// One API, in text.
pub(crate) struct Api {
    /// Files by path inside the API's directory.
    pub(crate) files: Vec<(String, String)>,
}

/// A size class, as platform.yaml has it.
struct Tier {
    name: &'static str,
    /// Its `maxReplicas`.
    pods: u32,
    /// What an API of this class asks for where it says so itself, smallest first.
    cpu: &'static [&'static str],
    memory: &'static [&'static str],
    limits: &'static [&'static str],
}

const TIERS: &[Tier] = &[
    Tier {
        name: "basic",
        pods: 3,
        cpu: &["50m", "150m", "200m"],
        memory: &["128Mi", "192Mi", "384Mi"],
        limits: &["512Mi", "768Mi", "1Gi"],
    },
    Tier {
        name: "standard",
        pods: 10,
        cpu: &["100m", "300m", "500m", "750m"],
        memory: &["384Mi", "768Mi", "1Gi"],
        limits: &["1Gi", "1536Mi", "2Gi", "3Gi"],
    },
    Tier {
        name: "large",
        pods: 30,
        cpu: &["750m", "1500m", "2"],
        memory: &["1Gi", "3Gi", "4Gi"],
        limits: &["4Gi", "6Gi", "8Gi"],
    },
];

/// Sets of ports: the first is the one that routes lead to.
const PORTS: &[&[(&str, u32)]] = &[
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 8080)],
    &[("http", 3000)],
    &[("http", 3000)],
    &[("http", 9000)],
    &[("http", 80)],
    &[("http", 80)],
    &[("web", 5000)],
    &[("http", 8000)],
    &[("http", 8080), ("metrics", 9090)],
    &[("http", 8080), ("management", 8081)],
    &[("http", 8080), ("grpc", 50051)],
    &[("http", 8080), ("grpc", 50051), ("metrics", 9102)],
];

/// What several parts of a file have to agree on.
struct Facts<'a> {
    name: &'a str,
    tier: &'static Tier,
    ports: &'static [(&'static str, u32)],
    /// What stands before an image's tag or digest.
    repository: String,
    /// Whether it runs beyond staging.
    prod: bool,
}

/// Writes the API of a name for a team.
pub(crate) fn write(random: &mut Random, name: &str, domain: &str) -> Api {
    let poc = random.chance(1);
    let tier = match random.between(1, 100) {
        1..=40 => &TIERS[0],
        41..=90 => &TIERS[1],
        _ => &TIERS[2],
    };
    let registry = random.pick(&[
        "europe-docker.pkg.dev/acme/apis",
        "europe-docker.pkg.dev/acme/apis",
        "registry.acme.example:5000/apis",
    ]);
    let ports = *random.pick(PORTS);
    let facts = Facts { name, tier, ports, repository: format!("{registry}/{name}"), prod: !poc };
    let mut api = Writer { files: Vec::new(), top: Map::new(), staging: Map::new(), prod: Map::new(), facts };
    api.head(random, domain, poc);
    api.container(random);
    api.scaling(random);
    api.routes(random);
    api.hatches(random);
    api.finish(random)
}

struct Writer<'a> {
    files: Vec<(String, String)>,
    top: Map,
    staging: Map,
    prod: Map,
    facts: Facts<'a>,
}

impl Writer<'_> {
    fn head(&mut self, random: &mut Random, domain: &str, poc: bool) {
        let name = self.facts.name;
        let top = &mut self.top;
        top.set("apiVersion", "onramp/v1");
        top.set("name", name);
        let squad = random.pick(&["", "", "-core", "-eu", "-platform"]);
        let team = format!("{domain}{squad}");
        let mut owner = Map::new().with("team", team.as_str()).with("email", format!("{team}@acme.example"));
        if random.chance(70) {
            owner.set("channel", format!("#{team}"));
        }
        let lifecycle = if poc {
            "poc"
        } else {
            *random.pick(&[
                "approved",
                "approved",
                "approved",
                "approved",
                "approved",
                "billing",
                "deprecated",
            ])
        };
        if lifecycle == "billing" {
            owner.set("costCenter", format!("CC-{}", random.between(1_000, 9_999)));
        }
        top.set("owner", owner);
        if random.chance(85) {
            top.set("source", format!("https://git.acme.example/{domain}/{name}"));
        }
        top.set("lifecycle", lifecycle);
        top.set("tier", self.facts.tier.name);
        if random.chance(15) {
            top.set("labels", Map::new().with("acme.example/domain", domain));
        }
        if random.chance(15) {
            let mut annotations = Map::new();
            annotations.set("acme.example/runbook", format!("https://wiki.acme.example/runbooks/{name}"));
            if random.chance(30) {
                annotations.set(
                    "acme.example/description",
                    Yaml::Block(format!("Serves {domain} for all countries.\nQuestions go to the team's channel; \"urgent\" ones to on-call.\n")),
                );
            }
            top.set("annotations", annotations);
        }
    }

    fn image(&self, random: &mut Random, candidate: bool) -> String {
        let (major, minor, patch) = (random.between(0, 4), random.between(0, 30), random.between(0, 12));
        let tag = match random.between(1, 10) {
            1..=5 if candidate => format!("v{major}.{minor}.{patch}-rc.{}", random.between(1, 4)),
            1..=3 => format!("v{major}.{minor}.{patch}"),
            4..=5 => format!("{major}.{minor}.{patch}"),
            6..=7 => format!("main-{}", random.hex(8)),
            8 => random.hex(40),
            9 => format!("2026.{}.{}-{}", random.between(1, 12), random.between(1, 28), random.hex(7)),
            _ => format!("build-{}", random.between(100, 9_999)),
        };
        let repository = &self.facts.repository;
        match random.between(1, 20) {
            1..=2 => format!("{repository}@sha256:{}", random.hex(64)),
            3..=5 => format!("{repository}:{tag}@sha256:{}", random.hex(64)),
            _ => format!("{repository}:{tag}"),
        }
    }

    fn container(&mut self, random: &mut Random) {
        let image = self.image(random, false);
        let entry = self.top.set("image", image);
        if random.chance(4) {
            entry.beside("set by CI");
        }
        if random.chance(55) {
            self.staging.set("image", self.image(random, true));
        }
        self.ports(random);
        if random.chance(52) {
            self.probes(random);
        }
        self.env(random);
        if random.chance(50) {
            self.config(random);
        }
        if random.chance(22) {
            let resources = self.resources(random);
            self.top.set("resources", resources);
        }
        if random.chance(25) {
            let resources = self.resources(random);
            self.staging.set("resources", resources);
        }
        if random.chance(8) {
            self.top.set("command", texts(["/app/server"]));
        }
        if random.chance(14) {
            let level = random.pick(&["--log-level=info", "--log-level=warn"]);
            self.top.set(
                "args",
                texts(["serve", "--config=/etc/app/application.yaml", *level, "--workers", "4"]),
            );
        }
        if random.chance(15) {
            let mut annotations = Map::new().with("prometheus.io/path", "/metrics");
            annotations.set("prometheus.io/port", self.facts.ports[0].1.to_string());
            self.top.set("podAnnotations", annotations);
        }
        if random.chance(5) {
            self.top.set("podLabels", Map::new().with("sidecar.istio.io/inject", "false"));
        }
    }

    fn ports(&mut self, random: &mut Random) {
        let mut ports = Map::new();
        for (index, (name, number)) in self.facts.ports.iter().enumerate() {
            if index == 0 && random.chance(20) {
                ports.set(*name, Map::new().with("containerPort", *number).with("servicePort", 80));
            } else {
                ports.set(*name, *number);
            }
        }
        self.top.set("ports", ports);
        if random.chance(5) {
            let service = match random.between(0, 2) {
                0 => Map::new().with("sessionAffinity", "ClientIP"),
                1 => Map::new().with("type", "NodePort"),
                _ => Map::new()
                    .with("annotations", Map::new().with("cloud.google.com/neg", r#"{"ingress": true}"#)),
            };
            self.top.set("service", service);
        }
    }

    fn probes(&mut self, random: &mut Random) {
        let readiness =
            self.probe(random, &["/ready", "/health", "/", "/healthz", "/actuator/health/readiness"]);
        let mut probes = Map::new().with("readiness", readiness);
        if random.chance(85) {
            let liveness = self.probe(random, &["/live", "/health", "/healthz", "/actuator/health/liveness"]);
            let entry = probes.set("liveness", liveness);
            if random.chance(5) {
                entry.above(*random.pick(REMARKS));
            }
        }
        if random.chance(15) {
            let startup = self.probe(random, &["/health"]).with("failureThreshold", random.between(10, 60));
            probes.set("startup", startup);
        }
        self.top.set("probes", probes);
        if random.chance(5) {
            let slower = Map::new().with("periodSeconds", 60);
            self.staging.set("probes", Map::new().with("readiness", slower));
        } else if random.chance(3) {
            let other = Map::new().with("tcpSocket", Map::new().with("port", self.facts.ports[0].1));
            self.staging.set("probes", Map::new().with("readiness", other));
        }
    }

    fn probe(&self, random: &mut Random, paths: &[&str]) -> Map {
        let (name, number) = self.facts.ports[0];
        let port = if random.chance(60) { Yaml::from(name) } else { Yaml::from(number) };
        let grpc = self.facts.ports.iter().find(|(name, _)| *name == "grpc");
        let mut probe = Map::new();
        match (random.between(1, 100), grpc) {
            (1..=30, Some((_, number))) => probe.set("grpc", Map::new().with("port", *number)),
            (1..=8, None) => probe.set("tcpSocket", Map::new().with("port", port)),
            (9..=12, _) => {
                let command = texts(["/bin/sh", "-c", "test -f /tmp/healthy && ! test -f /tmp/draining"]);
                probe.set("exec", Map::new().with("command", command))
            }
            _ => {
                let mut get = Map::new().with("path", *random.pick(paths)).with("port", port);
                if random.chance(6) {
                    let header = Map::new().with("name", "X-Probe").with("value", "kubelet");
                    get.set("httpHeaders", vec![header.into()]);
                }
                probe.set("httpGet", get)
            }
        };
        for (key, least, most) in [
            ("initialDelaySeconds", 3, 60),
            ("periodSeconds", 5, 30),
            ("timeoutSeconds", 1, 10),
            ("failureThreshold", 2, 6),
        ] {
            if random.chance(30) {
                let entry = probe.set(key, random.between(least, most));
                if random.chance(3) {
                    entry.beside(*random.pick(NOTES));
                }
            }
        }
        probe
    }

    fn env(&mut self, random: &mut Random) {
        let count = match random.between(1, 100) {
            1..=18 => 0,
            19..=55 => random.between(1, 3),
            56..=85 => random.between(4, 10),
            86..=97 => random.between(11, 20),
            _ => random.between(21, 40),
        };
        if random.chance(10) {
            let mut from = Map::new().with("secret", format!("{}-env", self.facts.name));
            if random.chance(30) {
                from.set("optional", true);
            }
            self.top.set("envFrom", vec![from.into()]);
        }
        if count == 0 {
            return;
        }
        let (env, free) = env::variables(random, self.facts.name, count);
        if random.chance(40) {
            self.staging.set_some("env", env::overrides(random, self.facts.name, &env, &free));
        }
        self.top.set("env", env);
    }

    fn config(&mut self, random: &mut Random) {
        let name = self.facts.name;
        let count = *random.pick(&[0, 1, 1, 1, 1, 1, 2, 2, 3]);
        let files = random.some(FILES, count);
        for (file, write) in &files {
            self.files.push((format!("config/{file}"), config::file(random, name, *write)));
        }
        let mut config = Map::new();
        let path = |file: &str| format!("config/{file}");
        let renamed = random.chance(12);
        if renamed && !files.is_empty() {
            let mut map = Map::new();
            for (file, _) in &files {
                map.set(*file, path(file));
            }
            config.set("files", map);
        } else if !files.is_empty() {
            config.set("files", texts(files.iter().map(|(file, _)| path(file))));
        }
        if files.is_empty() || random.chance(30) {
            let mut literals = Map::new();
            literals.set("MODE", *random.pick(&["fast", "safe", "off"]));
            literals.set("RATE_LIMIT", random.between(10, 1_000));
            if random.chance(50) {
                literals.set("BANNER", "Bitte Geduld: es geht gleich weiter");
            }
            config.set("literals", literals);
        }
        if random.chance(80) && !files.is_empty() {
            config.set("mountPath", *random.pick(&["/etc/app", "/app/config", "/opt/app/conf.d"]));
        }
        let mut over = Map::new();
        if let Some((first, write)) = files.first()
            && random.chance(35)
        {
            let here = format!("config/staging/{first}");
            self.files.push((here.clone(), config::file(random, name, *write)));
            if renamed {
                over.set("files", Map::new().with(first, here));
            } else {
                // The list replaces, so the others are named again, save where somebody forgot.
                let rest = files[1..]
                    .iter()
                    .filter(|_| !random.chance(10))
                    .map(|(file, _)| path(file))
                    .collect::<Vec<_>>();
                over.set("files", texts(std::iter::once(here).chain(rest)));
            }
        }
        if config.has("literals") && random.chance(25) {
            let rate = if random.chance(30) { null() } else { random.between(1, 9).into() };
            over.set("literals", Map::new().with("RATE_LIMIT", rate));
        }
        self.top.set("config", config);
        self.staging.set_some("config", over);
    }

    fn resources(&self, random: &mut Random) -> Map {
        let tier = self.facts.tier;
        let mut requests = Map::new();
        if random.chance(80) {
            requests.set("cpu", *random.pick(tier.cpu));
        }
        requests.set("memory", *random.pick(tier.memory));
        let mut resources = Map::new().with("requests", requests);
        if random.chance(60) {
            let entry = resources.set("limits", Map::new().with("memory", *random.pick(tier.limits)));
            if random.chance(8) {
                entry.above(*random.pick(REMARKS));
            }
        }
        resources
    }

    fn scaling(&mut self, random: &mut Random) {
        let most = self.facts.tier.pods;
        if random.chance(45) {
            let min = random.between(2, most.min(4));
            let mut range = Map::new().with("min", min).with("max", random.between(min, most));
            if random.chance(85) {
                range.set("cpu", *random.pick(&[60, 70, 70, 75, 80]));
            }
            if random.chance(12) {
                range.set("memory", 80);
            }
            if random.chance(15) {
                let step = Map::new().with("type", "Pods").with("value", 1).with("periodSeconds", 60);
                let down =
                    Map::new().with("stabilizationWindowSeconds", 600).with("policies", vec![step.into()]);
                range.set("behavior", Map::new().with("scaleDown", down));
            }
            self.top.set("autoscaling", range);
            match random.between(1, 3) {
                1 => drop(self.staging.set("replicas", 1)),
                2 => drop(self.staging.set("autoscaling", Map::new().with("min", 1).with("max", 2))),
                _ => {}
            }
        } else {
            let entry = self.top.set("replicas", random.between(2, most.min(5)));
            if random.chance(5) {
                entry.beside(*random.pick(NOTES));
            }
            if random.chance(60) {
                self.staging.set("replicas", 1);
            }
            if random.chance(20) {
                self.prod.set("replicas", random.between(2, most));
            }
        }
        let strategy = match random.between(1, 100) {
            1..=30 => Map::new().with("type", "rolling").with("maxSurge", 1).with("maxUnavailable", 0),
            31..=36 => Map::new().with("type", "rolling").with("maxSurge", "50%"),
            37..=43 => Map::new().with("type", "recreate"),
            _ => return,
        };
        self.top.set("strategy", strategy);
        if random.chance(10) {
            self.staging.set("strategy", Map::new().with("type", "recreate"));
        }
    }

    fn routes(&mut self, random: &mut Random) {
        let name = self.facts.name;
        let prefix =
            if random.chance(20) { format!("/{name}/v{}", random.between(1, 3)) } else { format!("/{name}") };
        let unified = Map::new().with("prefix", prefix);
        let mut routes = Map::new();
        if self.facts.prod && random.chance(71) {
            let count = *random.pick(&[1, 1, 1, 2, 3]);
            let hosts: Vec<String> = random
                .some(CUSTOMERS, count)
                .iter()
                .map(|customer| format!("{name}.{customer}.example"))
                .collect();
            let legacy = Map::new().with("hosts", texts(&hosts)).with("sunset", "2999-12-31".to_owned());
            if random.chance(40) {
                self.prod.set("routes", Map::new().with("legacy", legacy));
            } else {
                let entry = routes.set("legacy", legacy);
                if random.chance(10) {
                    entry.beside("goes when the last customer has moved");
                }
                let here = if random.chance(60) {
                    null()
                } else {
                    let host = format!("{name}.staging.{}.example", random.pick(CUSTOMERS));
                    Map::new().with("hosts", texts([host])).into()
                };
                self.staging.set("routes", Map::new().with("legacy", here));
            }
        }
        routes.set("unified", unified);
        self.top.set("routes", routes);
    }

    /// What the format cannot say: 3 % need it.
    fn hatches(&mut self, random: &mut Random) {
        let name = self.facts.name;
        let roll = random.between(1, 200);
        if roll <= 4 {
            let patch = format!(
                "# The format has no word for these.\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: {}\n      priorityClassName: high\n",
                random.between(31, 120)
            );
            self.files.push(("patches/pod.yaml".to_owned(), patch));
            self.top.set("patches", texts(["patches/pod.yaml"]));
        }
        if (3..=6).contains(&roll) {
            let job = format!(
                "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: {name}-cleanup\nspec:\n  schedule: \"{} 3 * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: cleanup\n            image: {}:v1.0.0\n            args: [cleanup, --older-than=30d]\n",
                random.between(0, 59),
                self.facts.repository
            );
            self.files.push(("resources/cleanup.yaml".to_owned(), job));
            self.top.set("extraResources", texts(["resources/cleanup.yaml"]));
        }
    }

    fn finish(mut self, random: &mut Random) -> Api {
        let mut environments = Map::new().with("staging", self.staging);
        if self.facts.prod {
            let entry = environments.set("prod", self.prod);
            if random.chance(2) {
                entry.above(*random.pick(REMARKS));
            }
        }
        self.top.set("environments", environments);
        // Not everybody keeps to the order of the template.
        for key in ["routes", "image", "env"] {
            if random.chance(10) {
                self.top.pull_up(key, 3);
            }
        }
        let mut text = Style::random(random).write(&self.top);
        if random.chance(75) {
            text.insert_str(0, "# yaml-language-server: $schema=../../schemas/metadata.schema.json\n");
        }
        if random.chance(1) {
            text = text.replace('\n', "\r\n");
        }
        self.files.push(("metadata.yaml".to_owned(), text));
        Api { files: self.files }
    }
}
