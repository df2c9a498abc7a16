//! Configuration files, as services read them.

use super::random::Random;
use super::words::{CUSTOMERS, DOMAINS, TERMS};

/// Writes the lines of a file: a random stream, the API's name and a number of lines in.
type Write = fn(&mut Random, &str, u32) -> Vec<String>;

/// The kinds of files, by name.
pub(crate) const FILES: &[(&str, Write)] = &[
    ("application.yaml", application),
    ("logback.xml", logback),
    ("features.json", features),
    ("app.properties", properties),
    ("nginx.conf", nginx),
    ("settings.toml", settings),
];

/// Writes a file of about 5 to 80 lines.
pub(crate) fn file(random: &mut Random, name: &str, write: Write) -> String {
    let count = if random.chance(70) { random.between(5, 30) } else { random.between(30, 80) };
    let mut text = write(random, name, count).join("\n");
    text.push('\n');
    text
}

fn application(random: &mut Random, name: &str, count: u32) -> Vec<String> {
    let mut lines = vec![
        format!("# configuration of {name}"),
        "server:".to_owned(),
        "  shutdown: graceful".to_owned(),
        "  port: 8080".to_owned(),
    ];
    while lines.len() < count as usize {
        // The number keeps the key from occurring twice.
        lines.push(format!("{}-{}:", random.pick(DOMAINS), lines.len()));
        let size = random.between(2, 9) as usize;
        for key in random.some(TERMS, size) {
            lines.push(format!("  {key}: {}", setting(random)));
        }
    }
    lines
}

fn logback(random: &mut Random, name: &str, count: u32) -> Vec<String> {
    let package = name.replace('-', ".");
    let mut lines = vec![
        "<configuration>".to_owned(),
        "  <appender name=\"OUT\" class=\"ch.qos.logback.core.ConsoleAppender\">".to_owned(),
        "    <encoder><pattern>%d{ISO8601} %-5level [%thread] %logger{36} - %msg%n</pattern></encoder>"
            .to_owned(),
        "  </appender>".to_owned(),
    ];
    for _ in 6..count.max(7) {
        let level = random.pick(&["INFO", "WARN", "ERROR", "DEBUG"]);
        let term = random.pick(TERMS);
        lines.push(format!("  <logger name=\"example.acme.{package}.{term}\" level=\"{level}\"/>"));
    }
    lines.push("  <root level=\"INFO\"><appender-ref ref=\"OUT\"/></root>".to_owned());
    lines.push("</configuration>".to_owned());
    lines
}

fn features(random: &mut Random, name: &str, count: u32) -> Vec<String> {
    let mut lines = vec!["{".to_owned()];
    for term in random.some(TERMS, count as usize) {
        let customer = random.pick(CUSTOMERS);
        let tenths = random.between(1, 9);
        lines.push(match random.between(0, 2) {
            0 => format!("  \"{term}\": {},", random.chance(50)),
            1 => format!("  \"{term}\": {},", random.between(1, 1_000)),
            _ => format!("  \"{term}\": {{ \"customers\": [\"{customer}\"], \"share\": 0.{tenths} }},"),
        });
    }
    lines.push(format!("  \"service\": \"{name}\""));
    lines.push("}".to_owned());
    lines
}

fn properties(random: &mut Random, name: &str, count: u32) -> Vec<String> {
    let mut lines = vec![format!("# {name}: überschreibt die Vorgaben")];
    for _ in 1..count {
        let (domain, term) = (random.pick(DOMAINS), random.pick(TERMS));
        lines.push(format!("{domain}.{term}={}", setting(random)));
    }
    lines
}

fn nginx(random: &mut Random, _: &str, count: u32) -> Vec<String> {
    let mut lines = vec![
        "worker_processes auto;".to_owned(),
        "events { worker_connections 1024; }".to_owned(),
        "http {".to_owned(),
        "  server {".to_owned(),
        "    listen 8080;".to_owned(),
    ];
    while lines.len() + 2 < count as usize {
        lines.extend([
            format!("    location /{}/ {{", random.pick(TERMS)),
            format!("      proxy_read_timeout {}s;", random.between(1, 120)),
            format!("      proxy_pass http://{}.internal:8080;", random.pick(DOMAINS)),
            "    }".to_owned(),
        ]);
    }
    lines.extend(["  }".to_owned(), "}".to_owned()]);
    lines
}

fn settings(random: &mut Random, name: &str, count: u32) -> Vec<String> {
    let mut lines = vec![format!("title = \"{name}\"")];
    for number in 1..count {
        if number % 8 == 1 {
            lines.push(String::new());
            lines.push(format!("[{}.{number}]", random.pick(DOMAINS)));
        }
        lines.push(format!("{}_{number} = {}", random.pick(TERMS), random.between(0, 9_999)));
    }
    lines
}

fn setting(random: &mut Random) -> String {
    match random.between(0, 4) {
        0 => random.chance(50).to_string(),
        1 => random.between(1, 60_000).to_string(),
        2 => format!("{}s", random.between(1, 300)),
        3 => format!("https://{}.acme.example/v{}", random.pick(DOMAINS), random.between(1, 3)),
        _ => (*random.pick(TERMS)).to_owned(),
    }
}
