use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    scan(path, text).into_iter().map(|hit| text[hit.span].to_owned()).collect()
}

/// A text that no scanner of this file's own repository takes for a secret: put together when the test runs.
fn joined(parts: &[&str]) -> String {
    parts.concat()
}

/// A secret of every form, with the word that its finding has.
fn samples() -> Vec<(&'static str, String)> {
    let letters = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7L8m9N0o1P2q3R4s5T6u7V8w9X0";
    let hex = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
    vec![
        ("AWS", joined(&["AKI", "AQ2WERTYU3IOPASDF"])),
        ("Google API", joined(&["AIz", "a", &letters[..35]])),
        ("Google OAuth", joined(&["GOC", "SPX-", &letters[..28]])),
        ("Google access", joined(&["ya", "29.", &letters[..60]])),
        ("GitHub", joined(&["gh", "p_", &letters[..36]])),
        ("GitHub", joined(&["github", "_pat_", &letters[..60]])),
        ("GitLab", joined(&["gl", "pat-", &letters[..20]])),
        ("Slack", joined(&["xo", "xb-", &hex[..40]])),
        ("Slack webhook", joined(&["https://hooks.slack", ".com/services/", &letters[..40]])),
        ("Stripe", joined(&["sk_", "live_", &letters[..24]])),
        ("npm", joined(&["np", "m_", &letters[..36]])),
        ("PyPI", joined(&["pypi", "-AgEIcHlwaS5vcmc", &letters[..60]])),
        ("SendGrid", joined(&["S", "G.", &letters[..22], ".", &letters[..43]])),
        ("Twilio", joined(&["S", "K", &hex[..32]])),
        ("Telegram", joined(&["123456789", ":A", "A", &letters[..33]])),
        ("Anthropic", joined(&["sk-", "ant-api03-", &letters[..95]])),
        ("DigitalOcean", joined(&["dop", "_v1_", hex])),
        ("Vault", joined(&["hv", "s.", &letters[..40]])),
        ("Azure account", joined(&["Account", "Key=", &letters[..86], "=="])),
        ("Docker Hub", joined(&["dckr", "_pat_", &letters[..27]])),
        (
            "web token",
            joined(&["ey", "JhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".", &letters[..43]]),
        ),
        ("header", joined(&["Authorization: Ba", "sic ", "dXNlcjpodW50ZXIyaHVudGVyMg=="])),
        (
            "private key",
            joined(&["-----BEGIN RSA ", "PRIVATE KEY-----\n", letters, "\n-----END RSA PRIVATE KEY-----"]),
        ),
        ("URL", joined(&["postgres://user:", "hunter2", "@db/x"])),
    ]
}

#[test]
fn every_form_is_found_and_hidden_under_a_harmless_key() {
    for (name, secret) in samples() {
        for path in ["config/app.yaml", "config/app.properties", "metadata.yaml", "README.md"] {
            let text = if secret.contains('\n') {
                format!("level: |\n  {}\n", secret.replace('\n', "\n  "))
            } else {
                format!("level: \"{secret}\"\n")
            };
            let hits = scan(path, &text);
            assert_eq!(hits.len(), 1, "{name} in {path}: {hits:?}");
            assert!(matches!(&hits[0].found, Found::Form(form) if form.contains(name)), "{name}: {hits:?}");
        }
        let shown = redacted(&format!("`{secret}` is wrong"));
        assert!(shown.contains(HIDDEN) && shown.len() < secret.len() + 14, "{name}: {shown}");
    }
}

#[test]
fn keys_and_values_are_found_in_yaml() {
    let text = "env:\n  DB_PASSWORD: hunter2\n  API_TOKEN: 'abc123def456'\n  OTHER: { secret: db, key: password }\n\
                sidecars:\n  - name: ADMIN_PASSWORD\n    value: \"hunter3\"\nargs: [--db-password, hunter4, --token=abc123def457]\n\
                notes: |\n  level=info\n  db.password=hunter5\n";
    let expected = ["hunter2", "abc123def456", "hunter3", "hunter4", "abc123def457", "hunter5"];
    assert_eq!(found("onboarding/a/metadata.yaml", text), expected);
    let json = "{\"a\": {\"password\": \"hunter2\"}, \"list\": [{\"name\": \"API_KEY\", \"value\": \"abc123def456\"}]}";
    assert_eq!(found("config/a.json", json), ["hunter2", "abc123def456"]);
}

#[test]
fn secrets_of_several_lines_are_found_whole() {
    let text = "env:\n  D_PASSWORD: |\n    hunter2-Zq81xx\n    second-Zq82\n  OTHER: a\n";
    assert_eq!(found("metadata.yaml", text), ["hunter2-Zq81xx\n    second-Zq82"]);
    let text = "SMTP_PASS: |\n  Xk7pQ2mN9rT4\n  9f86d081884c7d659a\n";
    assert_eq!(found("config/a.yaml", text), ["Xk7pQ2mN9rT4\n  9f86d081884c7d659a"]);
    for text in [
        "forgot_password: |\n  Please enter\n  your password here\n",
        "config: |\n  hunter2-Zq81xx\n  second\n",
        "token: |\n  level: info\n  db: payments\n",
    ] {
        assert_eq!(found("config/a.yaml", text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(found("config/i18n/de.yaml", "password: |\n  Kennwort1\n  Wort2\n"), Vec::<String>::new());
}

#[test]
fn what_is_no_secret_is_left_alone() {
    for text in [
        "password_reset_enabled: true\ntokenTtl: 3600\nTOKEN_URL: https://auth.acme.example/token\n",
        "env:\n  DB_PASSWORD: { secret: payments-db, key: password }\n  DB_PASSWORD_FILE: /run/secrets/db\n",
        "env:\n  DB_URL: postgres://payments:$(DB_PASSWORD)@db/payments\n  SMTP: smtp://user:${SMTP_PASSWORD}@mail\n",
        "forgot_password: \"Forgot password?\"\npassword_label: Password\n",
        "envFrom: [{ secret: payments-7f8a9b2c3d4e }]\nimagePullSecrets: [regcred-a1b2c3d4e5]\n",
        "externalSecrets: { payments-db: { keys: { DB_PASSWORD: { key: db-9f8e7d6c5b4a, property: password } } } }\n",
        "image: registry.example/a@sha256:9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015\n",
        "password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]\nsops: { mac: x }\n",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: a }\nspec: { encryptedData: { password: AgBy8hCF8a1b2c3 } }\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: { data: [{ secretKey: password, remoteRef: { key: a1b2c3d4e5f6 } }] }\n",
        "cert: |\n  -----BEGIN CERTIFICATE-----\n  MIIBszCCAVmgAwIBAgIUQ2hhbmdlbWU\n  -----END CERTIFICATE-----\n",
        "key: |\n  -----BEGIN PUBLIC KEY-----\n  MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n  -----END PUBLIC KEY-----\n",
        "token: ${TOKEN}\nsecret: {{ .Values.secret }}\n",
        "password: \"\"\nsecret: ~\ntoken: null\n",
    ] {
        assert_eq!(found("onboarding/a/metadata.yaml", text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(found("config/i18n/messages_de.properties", "password=Kennwort123"), Vec::<String>::new());
}

#[test]
fn a_message_loses_the_value_and_its_first_part() {
    assert_eq!(without("`hunter2-hunter2-hun…` is wrong", &["hunter2-hunter2-hunter2"]), "`***…` is wrong");
    assert_eq!(without("`abc` is wrong, abcd is not", &["abc"]), "`***` is wrong, abcd is not");
}

#[test]
fn overlapping_hits_are_one() {
    let text = format!("GITHUB_TOKEN: {}\n", samples()[4].1);
    let hits = scan("metadata.yaml", &text);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].found, Found::Form("a GitHub token"));
}

#[test]
fn any_text_is_looked_through() {
    use proptest::prelude::*;
    proptest!(|(text in "(?s)[ -~\\n\\t\u{e9}\u{2028}]{0,120}", path in "(a.yaml|a.txt|a.properties)")| {
        let text = format!("password: {text}\ntoken={text} postgres://a:{text}@b");
        for hit in scan(&path, &text) {
            prop_assert!(text.get(hit.span).is_some());
        }
        let _ = redacted(&text);
    });
}

#[test]
fn a_hostile_file_is_looked_through_in_time() {
    // Each of these would take hours if every mark were held against all of the rest.
    for part in [
        "token= ",
        "password='",
        "-----BEGIN PRIVATE KEY-----\n",
        "a://b:c",
        "eyJaaaaaaaaaaaa.",
        "- password: |\n",
    ] {
        let text = part.repeat((1 << 20) / part.len());
        for path in ["a.properties", "a.yaml"] {
            assert!(scan(path, &text).len() <= MOST);
        }
    }
}
