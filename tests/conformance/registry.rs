//! The real registry of images, on this machine: what `--resolve-digest` releases is what was pushed there.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::env::{Env, METADATA, Run};

const REPOSITORY: &str = "apis/payments";
const CONFIG: &[u8] =
    b"{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// `ann` with the password `s3cret pass`, by bcrypt.
const HTPASSWD: &str = "ann:$2y$05$abcdefghijklmnopqrstuu1qdcFaS0PtqFUPzaCxLQ8/0lspH0ZEW\n";
/// The same as registries and Docker's config write it.
const AUTH: &str = "YW5uOnMzY3JldCBwYXNz";

/// A running registry, stopped when dropped.
struct Registry {
    child: Child,
    host: String,
    authorization: Option<&'static str>,
    _directory: Env,
}

fn binary() -> PathBuf {
    std::env::var("ONRAMP_REGISTRY").expect("ONRAMP_REGISTRY is a docker-registry; `.ci/run` sets it").into()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

impl Registry {
    fn start(with_password: bool) -> Self {
        let directory = Env::new();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let host = listener.local_addr().expect("it is bound").to_string();
        drop(listener);
        let root = directory.root().display();
        let mut config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {root}/data }} }}\nhttp: {{ addr: '{host}' }}\n"
        );
        if with_password {
            directory.write("htpasswd", HTPASSWD);
            _ = writeln!(config, "auth: {{ htpasswd: {{ realm: tests, path: {root}/htpasswd }} }}");
        }
        directory.write("config.yml", &config);
        let child = Command::new(binary())
            .arg("serve")
            .arg(directory.path("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry runs");
        let registry =
            Self { child, host, authorization: with_password.then_some(AUTH), _directory: directory };
        let until = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(&registry.host).is_err() {
            assert!(Instant::now() < until, "the registry does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// Sends a request, and returns status and the header `Location`.
    fn send(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).expect("the registry listens");
        let authorization =
            self.authorization.map(|auth| format!("Authorization: Basic {auth}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{authorization}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("the registry reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the registry answers");
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("it has a status");
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
        (status, location.unwrap_or_default().trim_end().to_owned())
    }

    /// Pushes a manifest, and returns its digest.
    fn push(&self, tag: &str, kind: &str, manifest: &str) -> String {
        let (status, _) =
            self.send("PUT", &format!("/v2/{REPOSITORY}/manifests/{tag}"), kind, manifest.as_bytes());
        assert_eq!(status, 201, "{kind} is taken");
        digest(manifest.as_bytes())
    }

    /// Pushes an image by OCI, one by Docker and an index; returns the tags with their digests.
    fn fill(&self) -> [(&'static str, String); 3] {
        let (status, location) =
            self.send("POST", &format!("/v2/{REPOSITORY}/blobs/uploads/"), "text/plain", b"");
        assert_eq!(status, 202);
        let path = location.strip_prefix(&format!("http://{}", self.host)).unwrap_or(&location);
        let target = format!("{path}&digest={}", digest(CONFIG));
        assert_eq!(self.send("PUT", &target, "application/octet-stream", CONFIG).0, 201);
        let image = |kind: &str, config: &str| {
            format!(
                "{{\"schemaVersion\":2,\"mediaType\":\"{kind}\",\"config\":{{\"mediaType\":\"{config}\",\"size\":{},\"digest\":\"{}\"}},\"layers\":[]}}",
                CONFIG.len(),
                digest(CONFIG)
            )
        };
        let manifest = image(MANIFEST, "application/vnd.oci.image.config.v1+json");
        let oci = self.push("v2.1.0", MANIFEST, &manifest);
        let docker = image(DOCKER, "application/vnd.docker.container.image.v1+json");
        let docker = self.push("v2.2.0", DOCKER, &docker);
        let index = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{{\"mediaType\":\"{MANIFEST}\",\"size\":{},\"digest\":\"{oci}\",\"platform\":{{\"architecture\":\"amd64\",\"os\":\"linux\"}}}}]}}",
            manifest.len()
        );
        let index = self.push("v2.3.0", INDEX, &index);
        [("v2.1.0", oci), ("v2.2.0", docker), ("v2.3.0", index)]
    }

    /// A rendered and committed config repo whose images are here.
    fn config_repo(&self) -> Env {
        let env = Env::with_api(&METADATA.replace("registry.example", &self.host));
        env.edit(
            "platform.yaml",
            "registries: [registry.example]",
            &format!("registries: [\"{}\"]", self.host),
        );
        env.run(&["render"]).success();
        env.git(&["init", "--quiet", "--initial-branch=main"]);
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--message=start"]);
        env
    }

    fn bump(&self, env: &Env, tag: &str, docker: &str) -> Run {
        let image = format!("{}/{REPOSITORY}:{tag}", self.host);
        let variables = [
            ("GIT_AUTHOR_NAME", "Ann"),
            ("GIT_AUTHOR_EMAIL", "ann@acme.example"),
            ("GIT_COMMITTER_NAME", "Ann"),
            ("GIT_COMMITTER_EMAIL", "ann@acme.example"),
            ("DOCKER_CONFIG", docker),
            // Nothing of this machine goes through a proxy.
            ("http_proxy", "http://127.0.0.1:1"),
        ];
        let args =
            ["bump-image", "--api", "payments", "--env", "prod", "--resolve-digest", "--image", &image];
        env.run_with(&args, &variables)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn a_release_pins_what_the_registry_has() {
    let registry = Registry::start(false);
    let pushed = registry.fill();
    let env = registry.config_repo();
    for (tag, digest) in &pushed {
        registry.bump(&env, tag, "/nowhere").success();
        let metadata = env.git(&["show", "HEAD:onboarding/payments/metadata.yaml"]);
        let image = format!("{}/{REPOSITORY}:{tag}@{digest}", registry.host);
        assert!(metadata.contains(&image), "{metadata}");
    }
    let head = env.git(&["rev-parse", "HEAD"]);
    let run = registry.bump(&env, "v9.9.9", "/nowhere");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("has no tag `v9.9.9` in `apis/payments`"), "{run}");
    assert_eq!(env.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn a_registry_with_passwords_is_opened_by_the_docker_config() {
    let registry = Registry::start(true);
    let [(tag, digest), ..] = registry.fill();
    let env = registry.config_repo();
    let run = registry.bump(&env, tag, "/nowhere");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("there is no Docker config `/nowhere/config.json`"), "{run}");

    let docker = Env::new();
    // `ann:wrong`
    for (auth, code) in [("YW5uOndyb25n", 2), (AUTH, 0)] {
        docker
            .write("config.json", format!("{{\"auths\":{{\"{}\":{{\"auth\":\"{auth}\"}}}}}}", registry.host));
        let run = registry.bump(&env, tag, &docker.root().to_string_lossy());
        assert_eq!(run.code, code, "{run}");
        assert!(!run.stderr.contains(auth) && !run.stderr.contains("s3cret"), "{run}");
    }
    let metadata = env.git(&["show", "HEAD:onboarding/payments/metadata.yaml"]);
    assert!(metadata.contains(&format!(":{tag}@{digest}")), "{metadata}");
}
