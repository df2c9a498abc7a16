//! Environment variables of an API.

use super::random::Random;
use super::words::{DOMAINS, REMARKS};
use super::yaml::{Map, Yaml, null};

/// Where a made-up variable takes its value from.
enum Kind {
    /// One of some texts.
    Words(&'static [&'static str]),
    /// A number in a range.
    Number(u32, u32),
    /// True or false.
    Flag,
    /// A key of the API's Secret.
    Secret(&'static str),
    /// A key of a `ConfigMap` that others share.
    Config(&'static str),
    /// A field of the pod.
    Field(&'static str),
    /// A request or limit of the container, in a unit.
    Resource(&'static str, &'static str),
    /// A text that refers to variables above; `{name}` stands for the API.
    Reference(&'static str, &'static [&'static str]),
}

use Kind::{Config, Field, Flag, Number, Reference, Resource, Secret, Words};

/// Variables that services have, in the order in which people group them. What is referred to stands
/// above what refers to it: `$(X)` sees only variables before its own.
const KNOWN: &[(&str, Kind)] = &[
    ("LOG_LEVEL", Words(&["info", "info", "info", "warn", "debug"])),
    ("LOG_FORMAT", Words(&["json", "text", "logfmt"])),
    ("PORT", Number(8080, 8083)),
    ("NODE_ENV", Words(&["production"])),
    ("SPRING_PROFILES_ACTIVE", Words(&["kubernetes", "kubernetes,metrics", "cloud"])),
    (
        "JAVA_TOOL_OPTIONS",
        Words(&[
            "-Xms512m -Xmx1g -XX:+UseG1GC -XX:MaxRAMPercentage=75.0 -Djava.security.egd=file:/dev/./urandom -Dfile.encoding=UTF-8",
            "-XX:MaxRAMPercentage=75.0",
            "-Xmx768m -XX:+ExitOnOutOfMemoryError",
        ]),
    ),
    ("GOMAXPROCS", Resource("limits.cpu", "1")),
    ("GOMEMLIMIT", Resource("limits.memory", "1")),
    ("WEB_CONCURRENCY", Number(1, 8)),
    ("TZ", Words(&["Europe/Berlin", "UTC", "America/Sao_Paulo"])),
    ("LANG", Words(&["en_US.UTF-8", "C.UTF-8"])),
    ("POD_NAME", Field("metadata.name")),
    ("POD_NAMESPACE", Field("metadata.namespace")),
    ("POD_IP", Field("status.podIP")),
    ("HOST_IP", Field("status.hostIP")),
    ("NODE_NAME", Field("spec.nodeName")),
    ("DD_AGENT_HOST", Reference("$(HOST_IP)", &["HOST_IP"])),
    ("OTEL_SERVICE_NAME", Reference("{name}", &[])),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", Reference("http://$(HOST_IP):4317", &["HOST_IP"])),
    (
        "OTEL_RESOURCE_ATTRIBUTES",
        Reference(
            "service.name={name},k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE)",
            &["POD_NAME", "POD_NAMESPACE"],
        ),
    ),
    ("OTEL_TRACES_SAMPLER_ARG", Words(&["0.1", "0.05", "1.0"])),
    ("DB_HOST", Words(&["10.40.0.3", "db.eu.acme.example", "cloudsql-proxy.data.svc.cluster.local"])),
    ("DB_PORT", Number(5432, 5433)),
    ("DB_NAME", Reference("{name}", &[])),
    ("DB_USER", Secret("username")),
    ("DB_PASSWORD", Secret("password")),
    (
        "DB_URL",
        Reference(
            "postgres://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/{name}",
            &["DB_HOST", "DB_USER", "DB_PASSWORD"],
        ),
    ),
    ("DB_POOL_SIZE", Number(5, 50)),
    ("DB_SSL_MODE", Words(&["require", "verify-full"])),
    ("REDIS_HOST", Config("redis-host")),
    ("REDIS_PASSWORD", Secret("redis-password")),
    (
        "REDIS_URL",
        Reference("redis://:$(REDIS_PASSWORD)@$(REDIS_HOST):6379/0", &["REDIS_HOST", "REDIS_PASSWORD"]),
    ),
    ("KAFKA_BROKERS", Config("kafka-brokers")),
    ("KAFKA_TOPIC", Reference("{name}.events.v1", &[])),
    ("KAFKA_GROUP_ID", Reference("$(KAFKA_TOPIC)-$(POD_NAMESPACE)", &["POD_NAMESPACE", "KAFKA_TOPIC"])),
    ("KAFKA_ENABLED", Flag),
    ("SENTRY_DSN", Secret("sentry-dsn")),
    ("STRIPE_API_KEY", Secret("stripe-api-key")),
    ("OAUTH_CLIENT_ID", Config("oauth-client-id")),
    ("OAUTH_CLIENT_SECRET", Secret("oauth-client-secret")),
    ("OAUTH_ISSUER", Words(&["https://login.acme.example/realms/main"])),
    ("CORS_ORIGINS", Words(&["https://app.acme.example,https://admin.acme.example", "*"])),
    ("HTTP_TIMEOUT_SECONDS", Number(2, 120)),
    ("HTTP_MAX_BODY", Words(&["10m", "512k", "100m"])),
    ("RETRY_BACKOFF", Words(&["250ms", "1s", "12:30", "1e3"])),
    ("CACHE_TTL", Number(30, 86_400)),
    ("CACHE_ENABLED", Flag),
    ("BATCH_SIZE", Number(10, 5_000)),
    ("CRON_SCHEDULE", Words(&["*/5 * * * *", "0 3 * * 1-5"])),
    ("MAINTENANCE", Words(&["off", "no", "false"])),
    ("API_VERSION", Words(&["1.10", "2.0", "2024-06-01", "v3"])),
    ("FILE_UMASK", Words(&["0022", "0077"])),
    ("LIMITS", Words(&[r#"{"perSecond": 20, "burst": 50, "paths": ["/v1", "/v2"]}"#])),
    ("GREETING", Words(&["Grüezi", "Olá", "こんにちは", "it's fine", ""])),
];

/// Variables that may be changed or taken out in one environment: nothing refers to them.
pub(crate) struct Free(Vec<String>);

/// Makes up so many variables or a few more, where one refers to others.
pub(crate) fn variables(random: &mut Random, name: &str, count: u32) -> (Map, Free) {
    let count = count as usize;
    let mut wanted: Vec<&str> =
        random.some(KNOWN, count.min(KNOWN.len() * 3 / 4)).iter().map(|(key, _)| *key).collect();
    for (key, kind) in KNOWN {
        if let Reference(_, needs) = kind
            && wanted.contains(key)
        {
            wanted.extend(needs.iter());
        }
    }
    let mut env = Map::new();
    let mut needed = Vec::new();
    for (key, kind) in KNOWN.iter().filter(|(key, _)| wanted.contains(key)) {
        if let Reference(_, needs) = kind {
            needed.extend(needs.iter().map(|need| (*need).to_owned()));
        }
        let entry = env.set(*key, value(random, name, kind));
        if random.chance(3) {
            entry.above(*random.pick(REMARKS));
        }
    }
    let mut more = count.saturating_sub(env.iter().count());
    for domain in random.some(DOMAINS, more / 2) {
        env.set(
            format!("{}_URL", domain.to_ascii_uppercase()),
            format!("http://{domain}.{domain}.svc.cluster.local:8080/"),
        );
        more -= 1;
    }
    for domain in random.some(DOMAINS, more) {
        env.set(format!("FEATURE_{}", domain.to_ascii_uppercase()), random.chance(70));
    }
    let free = env.iter().map(|(key, _)| key.to_owned()).filter(|key| !needed.contains(key)).collect();
    (env, Free(free))
}

/// Makes up what one environment does to the variables.
pub(crate) fn overrides(random: &mut Random, name: &str, env: &Map, free: &Free) -> Map {
    let mut over = Map::new();
    let changes = random.between(1, 4) as usize;
    for key in random.some(&free.0, changes) {
        let entry = match env.iter().find(|(known, _)| known == key) {
            _ if key == "LOG_LEVEL" => over.set(key, "debug"),
            Some((_, Yaml::Map(_))) => {
                over.set(key, Map::new().with("secret", format!("{name}-staging")).with("key", "value"))
            }
            Some((_, Yaml::Plain(text))) if text == "true" => over.set(key, false),
            // Nobody overrides a long text with a word, or moves a port in one environment.
            Some((_, Yaml::Text(text))) if text.len() > 24 && !text.contains("acme.example") => {
                over.set(key, null())
            }
            _ if random.chance(35) || key.ends_with("PORT") => over.set(key, null()),
            Some((_, Yaml::Plain(_))) => over.set(key, random.between(1, 99)),
            Some((_, Yaml::Text(text))) if text.contains("acme.example") => {
                over.set(key, text.replace("acme.example", "staging.acme.example"))
            }
            _ => over.set(key, "staging"),
        };
        if random.chance(8) {
            entry.beside("only here");
        }
    }
    if random.chance(30) {
        over.set("STAGING_BANNER", "this is not production");
    }
    over
}

fn value(random: &mut Random, name: &str, kind: &Kind) -> Yaml {
    match kind {
        Words(words) => (*random.pick(words)).into(),
        Number(least, most) => random.between(*least, *most).into(),
        Flag => random.chance(50).into(),
        Secret(key) => {
            let mut from = Map::new().with("secret", format!("{name}-secrets")).with("key", *key);
            if random.chance(5) {
                from.set("optional", true);
            }
            from.into()
        }
        Config(key) => Map::new().with("config", "shared-settings").with("key", *key).into(),
        Field(path) => Map::new().with("field", *path).into(),
        Resource(resource, divisor) => {
            let from = Map::new().with("resource", *resource);
            if random.chance(40) { from.with("divisor", *divisor).into() } else { from.into() }
        }
        Reference(text, _) => text.replace("{name}", name).into(),
    }
}
