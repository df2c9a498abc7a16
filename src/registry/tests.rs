use super::server::{Answer, Asked, Server};
use super::*;
use crate::outcome::Kind;

const MANIFEST: &[u8] = b"{\"schemaVersion\":2}";
/// `ann:s3cret`
const AUTH: &str = "YW5uOnMzY3JldA==";

fn digest() -> String {
    format!("sha256:{}", hex(&Sha256::digest(MANIFEST)))
}

fn manifest() -> Answer {
    Answer(
        200,
        vec![("Docker-Content-Digest", digest()), ("Content-Type", ACCEPT[1].to_owned())],
        MANIFEST.to_vec(),
    )
}

fn none() -> DockerConfig {
    DockerConfig::new(Some("/home/ann/.docker/config.json".to_owned()), None)
}

fn config(server: &Server, entry: &str) -> DockerConfig {
    let text = format!("{{\"auths\": {{\"{}\": {entry}}}}}", server.host());
    DockerConfig::new(Some("/home/ann/.docker/config.json".to_owned()), Some(text.into_bytes()))
}

fn password(server: &Server) -> DockerConfig {
    config(server, &format!("{{\"auth\": \"{AUTH}\"}}"))
}

fn ask(server: &Server, config: &DockerConfig) -> Result<String, Failure> {
    let image = ImageRef::parse(&format!("{}/apis/payments:v1", server.host())).unwrap();
    resolve(&image, config, LIMIT)
}

/// Insists on a failure, and that it tells no secret.
fn failure(result: Result<String, Failure>) -> (Kind, String) {
    let failure = result.expect_err("it fails");
    let text = failure.to_string();
    for secret in ["s3cret", AUTH, "t0ken"] {
        assert!(!text.contains(secret), "{text}");
    }
    (failure.kind, text)
}

#[test]
fn whoever_may_read_gets_the_digest_by_one_question() {
    let server = Server::start(|_, _| manifest());
    assert_eq!(ask(&server, &password(&server)).unwrap(), digest());
    let asked = server.asked();
    assert_eq!(server.lines(), ["HEAD /v2/apis/payments/manifests/v1"]);
    assert_eq!(asked[0].accept, ACCEPT.join(", "));
    assert_eq!(asked[0].authorization, None, "nobody asked for credentials");
}

#[test]
fn an_answer_without_digest_is_read() {
    let heads = |answer: fn() -> Answer| {
        Server::start(move |_, asked| if asked.line.starts_with("HEAD") { answer() } else { manifest() })
    };
    for server in [
        heads(|| Answer(200, vec![], vec![])),
        heads(|| Answer(200, vec![("Docker-Content-Digest", "sha256:12".to_owned())], vec![])),
        heads(|| Answer(405, vec![], vec![])),
        heads(|| Answer(404, vec![], vec![])),
    ] {
        assert_eq!(ask(&server, &none()).unwrap(), digest());
        assert_eq!(server.asked().len(), 2);
    }
    let by_bytes = Server::start(|_, _| {
        Answer(200, vec![("Content-Type", format!("{}; charset=utf-8", ACCEPT[0]))], MANIFEST.to_vec())
    });
    assert_eq!(ask(&by_bytes, &none()).unwrap(), digest());
    let sha512 = format!("sha512:{}", hex(&Sha512::digest(MANIFEST)));
    let named = sha512.clone();
    let other_hash = Server::start(move |_, asked| {
        if asked.line.starts_with("HEAD") {
            Answer(200, vec![], vec![])
        } else {
            Answer(200, vec![("Docker-Content-Digest", named.clone())], MANIFEST.to_vec())
        }
    });
    assert_eq!(ask(&other_hash, &none()).unwrap(), sha512);
}

#[test]
fn an_answer_that_cannot_be_right_is_none() {
    let reads = |headers: Vec<(&'static str, String)>| {
        Server::start(move |_, asked| {
            if asked.line.starts_with("HEAD") {
                Answer(200, vec![], vec![])
            } else {
                Answer(200, headers.clone(), MANIFEST.to_vec())
            }
        })
    };
    let wrong = format!("sha256:{}", "0".repeat(64));
    for (headers, words) in [
        (vec![("Docker-Content-Digest", wrong)], "is not that of the manifest"),
        (vec![("Docker-Content-Digest", "sha256:12".to_owned())], "with no digest"),
        (vec![("Docker-Content-Digest", format!("sha384:{}", "0".repeat(96)))], "with no digest"),
        (vec![("Content-Type", "text/html".to_owned())], "with no digest"),
        (vec![], "with no digest"),
    ] {
        let server = reads(headers);
        let (kind, text) = failure(ask(&server, &none()));
        assert_eq!(kind, Kind::System, "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_password_is_shown_where_it_is_asked_for() {
    let server = Server::start(|_, asked| match asked.authorization.as_deref() {
        Some(value) if value == format!("Basic {AUTH}") => manifest(),
        _ => Answer(401, vec![("WWW-Authenticate", "Basic realm=\"x\"".to_owned())], vec![]),
    });
    assert_eq!(ask(&server, &password(&server)).unwrap(), digest());
    assert_eq!(server.asked().len(), 2);

    let (kind, text) = failure(ask(&server, &none()));
    assert_eq!(kind, Kind::Usage);
    insta::assert_snapshot!(text.replace(&server.host(), "[HOST]"), @"
    error: registry `[HOST]` does not let `[HOST]/apis/payments:v1` be read
    caused by: there is no Docker config `/home/ann/.docker/config.json`
    hint: log in with `docker login [HOST]`; some registries say the same of a repository that is not there
    ");
    // `ann:wr0ng`
    let (kind, text) = failure(ask(&server, &config(&server, "{\"auth\": \"YW5uOndyMG5n\"}")));
    assert_eq!(kind, Kind::Usage);
    assert!(text.contains("`/home/ann/.docker/config.json` has credentials for `"), "{text}");
}

/// A registry that takes a token, which it gives itself to whoever `may` have one.
fn with_tokens(may: fn(&Asked) -> bool) -> Server {
    Server::start(move |host, asked| {
        if asked.line.contains("/token") {
            return if may(asked) {
                Answer(200, vec![], b"{\"access_token\": \"t0ken\", \"expires_in\": 300}".to_vec())
            } else {
                Answer(401, vec![], vec![])
            };
        }
        if asked.authorization.as_deref() == Some("Bearer t0ken") {
            return manifest();
        }
        let challenge = format!(
            "Bearer realm=\"http://{host}/token\",service=\"the registry\",scope=\"repository:apis/payments:pull\""
        );
        Answer(401, vec![("WWW-Authenticate", challenge)], vec![])
    })
}

#[test]
fn a_token_is_had_without_credentials_and_with() {
    let server = with_tokens(|asked| asked.authorization.is_none());
    assert_eq!(ask(&server, &none()).unwrap(), digest());
    assert_eq!(
        server.lines(),
        [
            "HEAD /v2/apis/payments/manifests/v1",
            "GET /token?scope=repository%3Aapis%2Fpayments%3Apull&service=the%20registry",
            "HEAD /v2/apis/payments/manifests/v1",
        ]
    );
    let server = with_tokens(|asked| asked.authorization.as_deref() == Some(&format!("Basic {AUTH}")));
    assert_eq!(ask(&server, &password(&server)).unwrap(), digest());
    assert_eq!(failure(ask(&server, &none())).0, Kind::Usage);

    let server = with_tokens(|asked| {
        asked.line == "POST /token"
            && asked.authorization.is_none()
            && ["grant_type=refresh_token", "refresh_token=lasting", "client_id=onramp"]
                .iter()
                .all(|pair| asked.body.split('&').any(|given| given == *pair))
    });
    assert_eq!(ask(&server, &config(&server, "{\"identitytoken\": \"lasting\"}")).unwrap(), digest());
}

#[test]
fn tokens_are_had_where_it_is_safe() {
    let server = Server::start(|_, _| {
        let challenge = "Bearer realm=\"http://tokens.example/token\"".to_owned();
        Answer(401, vec![("WWW-Authenticate", challenge)], vec![])
    });
    let (kind, text) = failure(ask(&server, &password(&server)));
    assert_eq!(kind, Kind::System);
    assert!(text.contains("it has to be https"), "{text}");
}

#[test]
fn what_is_not_there_is_told() {
    let says = |code: &'static str| {
        Server::start(move |_, _| {
            Answer(
                404,
                vec![],
                format!("{{\"errors\": [{{\"code\": \"{code}\", \"message\": \"x\"}}]}}").into(),
            )
        })
    };
    for (server, words) in [
        (says("MANIFEST_UNKNOWN"), "has no tag `v1` in `apis/payments`"),
        (says("NAME_UNKNOWN"), "has no repository `apis/payments`"),
        (says("OTHER"), "has no `apis/payments:v1`"),
        (Server::start(|_, _| Answer(404, vec![], b"<html>".to_vec())), "has no `apis/payments:v1`"),
    ] {
        let (kind, text) = failure(ask(&server, &none()));
        assert_eq!(kind, Kind::Usage, "{text}");
        assert!(text.contains(words), "{text}");
    }
    for (status, kind) in [(403, Kind::Usage), (429, Kind::System), (500, Kind::System), (503, Kind::System)]
    {
        let server = Server::start(move |_, _| Answer(status, vec![], vec![]));
        assert_eq!(failure(ask(&server, &none())).0, kind, "{status}");
    }
}

#[test]
fn a_redirect_takes_no_credentials_to_another_host() {
    let other = Server::start(|_, asked| {
        if asked.line.contains("open") {
            manifest()
        } else {
            Answer(401, vec![("WWW-Authenticate", "Basic realm=\"x\"".to_owned())], vec![])
        }
    });
    for path in ["open", "closed"] {
        let to = format!("http://{}/{path}", other.host());
        let server = Server::start(move |_, asked| match &asked.authorization {
            Some(_) => Answer(307, vec![("Location", to.clone())], vec![]),
            None => Answer(401, vec![("WWW-Authenticate", "Basic realm=\"x\"".to_owned())], vec![]),
        });
        let result = ask(&server, &password(&server));
        match path {
            "open" => assert_eq!(result.unwrap(), digest()),
            _ => assert_eq!(failure(result).0, Kind::Usage),
        }
        assert_eq!(server.asked()[1].authorization, Some(format!("Basic {AUTH}")));
    }
    let asked = other.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|asked| asked.authorization.is_none()));
    // One that is led elsewhere before credentials were asked for has none for whoever asks there.
    let to = format!("http://{}/closed", other.host());
    let server = Server::start(move |_, _| Answer(302, vec![("Location", to.clone())], vec![]));
    assert_eq!(failure(ask(&server, &password(&server))).0, Kind::Usage);
    assert!(other.asked().iter().all(|asked| asked.authorization.is_none()));
}

#[test]
fn a_redirect_within_the_host_is_followed_and_not_without_end() {
    let server = Server::start(|_, asked| {
        if asked.line.contains("/moved") {
            manifest()
        } else {
            Answer(301, vec![("Location", "/moved".to_owned())], vec![])
        }
    });
    assert_eq!(ask(&server, &none()).unwrap(), digest());
    let server = Server::start(|_, _| Answer(302, vec![("Location", "/again".to_owned())], vec![]));
    let (kind, text) = failure(ask(&server, &none()));
    assert_eq!((kind, server.asked().len()), (Kind::System, 6));
    assert!(text.contains("more than 5 times"), "{text}");
    for location in ["http://far.example/x", "ftp://127.0.0.1/x", "x"] {
        let server = Server::start(move |_, _| Answer(302, vec![("Location", location.to_owned())], vec![]));
        let (_, text) = failure(ask(&server, &none()));
        assert!(text.contains("leads to an address that is not taken"), "{text}");
    }
}

#[test]
fn an_answer_has_an_end() {
    let server = Server::start(|_, asked| {
        if asked.line.starts_with("HEAD") {
            Answer(200, vec![], vec![])
        } else {
            Answer(200, vec![("Docker-Content-Digest", digest())], vec![b' '; (4 << 20) + 1])
        }
    });
    let (kind, text) = failure(ask(&server, &none()));
    assert_eq!(kind, Kind::System);
    assert!(text.contains("has more than 4194304 bytes"), "{text}");
}

#[test]
fn nobody_waits_without_end() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let server = Server::start(move |_, _| {
        // It answers when the test is over.
        _ = ended.recv();
        manifest()
    });
    let image = ImageRef::parse(&format!("{}/apis/payments:v1", server.host())).unwrap();
    let (kind, text) = failure(resolve(&image, &none(), Duration::from_millis(200)));
    assert_eq!(kind, Kind::System);
    assert!(text.contains("no answer in time"), "{text}");
    drop(end);
}

#[test]
fn nobody_there_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    let image = ImageRef::parse(&format!("{host}/apis/payments:v1")).unwrap();
    let (kind, text) = failure(resolve(&image, &none(), LIMIT));
    assert_eq!(kind, Kind::System);
    assert!(text.starts_with(&format!("error: `{host}` cannot be asked\ncaused by: ")), "{text}");
}

#[test]
fn a_config_that_is_none_is_told_without_its_words() {
    let server =
        Server::start(|_, _| Answer(401, vec![("WWW-Authenticate", "Basic realm=\"x\"".to_owned())], vec![]));
    let broken = config(&server, "\"s3cret\"");
    let (kind, text) = failure(ask(&server, &broken));
    assert_eq!(kind, Kind::Usage);
    assert!(text.contains("is no Docker config: line 1"), "{text}");
}
