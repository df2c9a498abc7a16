//! Secrets that are known by their form, wherever they stand.
//!
//! The forms are those that the issuers document, as gitleaks and GitHub's secret scanning list them. Each names a text
//! that it cannot do without, so that a file without any of those is passed over at the speed of one search.

use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexBuilder};

use super::{Found, Hit, values};

/// A form.
struct Form {
    /// What it is, with its article.
    name: &'static str,
    /// Texts of which one is always in it.
    needs: &'static [&'static str],
    /// The form; its first group is the secret where there is one, all of it otherwise.
    pattern: &'static str,
}

const fn form(name: &'static str, needs: &'static [&'static str], pattern: &'static str) -> Form {
    Form { name, needs, pattern }
}

/// All forms but those that [`find`] looks for itself: private keys, and passwords in URLs.
static FORMS: &[Form] = &[
    form("an AWS access key", &["AKIA", "ASIA", "ABIA", "ACCA"], r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    form("a Google API key", &["AIza"], r"\bAIza[0-9A-Za-z_-]{35}"),
    form("a Google OAuth secret", &["GOCSPX-"], r"\bGOCSPX-[0-9A-Za-z_-]{28}"),
    form("a Google access token", &["ya29."], r"\bya29\.[0-9A-Za-z_-]{20,}"),
    form("a GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\bgh[pousr]_[0-9A-Za-z]{36,}"),
    form("a GitHub token", &["github_pat_"], r"\bgithub_pat_[0-9A-Za-z_]{22,}"),
    form(
        "a GitLab token",
        &["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glsoat-", "glagent-", "gloas-"],
        r"\bgl(?:pat|ptt|dt|rt|cbt|soat|agent|oas)-[0-9A-Za-z_.-]{20,}",
    ),
    form("a Slack token", &["xox"], r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}"),
    form("a Slack token", &["xapp-"], r"\bxapp-[0-9]-[0-9A-Za-z-]{20,}"),
    form(
        "the address of a Slack webhook",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([0-9A-Za-z/+]{20,})",
    ),
    form(
        "the address of a Discord webhook",
        &["/api/webhooks/"],
        r"discord(?:app)?\.com/api/webhooks/([0-9]{10,25}/[0-9A-Za-z_-]{30,})",
    ),
    form(
        "the address of a Teams webhook",
        &[".webhook.office.com/"],
        r"\.webhook\.office\.com/webhookb2/([0-9A-Za-z@/-]{40,})",
    ),
    form(
        "a Stripe key",
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
        r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}",
    ),
    form("the secret of a Stripe webhook", &["whsec_"], r"\bwhsec_[0-9A-Za-z+/=]{24,}"),
    form("an npm token", &["npm_"], r"\bnpm_[0-9A-Za-z]{36}\b"),
    form("an npm token", &["_authToken"], r#"_authToken\s*=\s*"?([0-9A-Za-z_.=-]{16,})"#),
    form("a PyPI token", &["pypi-AgE"], r"\bpypi-AgE[0-9A-Za-z_-]{50,}"),
    form("a RubyGems key", &["rubygems_"], r"\brubygems_[0-9a-f]{48}\b"),
    form("a SendGrid key", &["SG."], r"\bSG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{32,}"),
    form("a Mailgun key", &["key-"], r"\bkey-[0-9a-f]{32}\b"),
    form("a Mailchimp key", &["-us"], r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    form("a Twilio key", &["SK"], r"\bSK[0-9a-f]{32}\b"),
    form("a Telegram token", &[":AA"], r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b"),
    form("an OpenAI key", &["T3BlbkFJ"], r"\bsk-[0-9A-Za-z_-]{20,}"),
    form("an OpenAI key", &["sk-proj-", "sk-svcacct-"], r"\bsk-(?:proj|svcacct)-[0-9A-Za-z_-]{40,}"),
    form("an Anthropic key", &["sk-ant-"], r"\bsk-ant-[0-9a-z]{3,10}-[0-9A-Za-z_-]{80,}"),
    form("a Hugging Face token", &["hf_"], r"\bhf_[A-Za-z]{34}\b"),
    form("a Databricks token", &["dapi"], r"\bdapi[0-9a-h]{32}(?:-[0-9])?\b"),
    form("a DigitalOcean token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    form(
        "a Doppler token",
        &["dp.pt.", "dp.st."],
        r"\bdp\.(?:pt|st(?:\.[a-z0-9_-]{2,35})?)\.[0-9A-Za-z]{40,44}",
    ),
    form(
        "a Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    ),
    form("a Square token", &["sq0atp-", "sq0csp-"], r"\bsq0(?:atp|csp)-[0-9A-Za-z_-]{22,43}"),
    form("a New Relic key", &["NRAK-", "NRII-", "NRJS-"], r"\bNR(?:AK|II|JS)-[0-9A-Za-z_-]{19,42}"),
    form(
        "a Grafana token",
        &["glsa_", "glc_"],
        r"\bgl(?:sa_[0-9A-Za-z]{32}_[0-9a-f]{8}|c_[0-9A-Za-z+/=]{32,})",
    ),
    form("a Sentry token", &["sntrys_", "sntryu_"], r"\bsntry[su]_[0-9A-Za-z+/=_-]{40,}"),
    form("a Vault token", &["hvs.", "hvb."], r"\bhv[sb]\.[0-9A-Za-z_-]{24,}"),
    form("a Terraform token", &[".atlasv1."], r"\b[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,}"),
    form("an Azure account key", &["AccountKey="], r"AccountKey=([0-9A-Za-z+/]{40,}={0,2})"),
    form("an Azure access key", &["SharedAccessKey="], r"SharedAccessKey=([0-9A-Za-z+/]{40,}={0,2})"),
    form("the signature of an Azure SAS", &["sig="], r"[?&;]sig=([0-9A-Za-z%+/]{40,}(?:%3D|=)?)"),
    form("an Azure client secret", &["8Q~", "7Q~"], r"\b[0-9A-Za-z_~.-]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}"),
    form("an Atlassian token", &["ATATT3", "ATCTT3"], r"\bAT[AC]TT3[0-9A-Za-z_=-]{60,}"),
    form("a Docker Hub token", &["dckr_pat_", "dckr_oat_"], r"\bdckr_(?:pat|oat)_[0-9A-Za-z_-]{24,}"),
    form("a PlanetScale password", &["pscale_"], r"\bpscale_(?:tkn|pw|oauth)_[0-9A-Za-z_.=-]{32,}"),
    form("a Postman key", &["PMAK-"], r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b"),
    form("a Linear key", &["lin_api_"], r"\blin_api_[0-9A-Za-z]{40}\b"),
    form("a Pulumi token", &["pul-"], r"\bpul-[0-9a-f]{40}\b"),
    form("a Heroku key", &["HRKU-"], r"\bHRKU-[0-9A-Za-z_-]{30,}"),
    form("a Fly.io token", &["fo1_", "fm2_"], r"\b(?:fo1_[0-9A-Za-z_-]{43}|fm2_[0-9A-Za-z+/=]{100,})"),
    form("an age key", &["AGE-SECRET-KEY-1"], r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    form("a JSON web token", &["eyJ"], r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}"),
    form(
        "a header with a password or token",
        &["uthorization", "UTHORIZATION"],
        r#"(?i)authorization["']?\s*[:=]\s*["']?(?:basic|bearer|token)\s+([0-9A-Za-z+/=._~-]{12,})"#,
    ),
    form("the login of a container registry", &["\"auth\""], r#""auth"\s*:\s*"([0-9A-Za-z+/]{16,}={0,2})""#),
];

/// Says in one search whether any form can be there.
static GATE: LazyLock<Regex> = LazyLock::new(|| {
    let needs = FORMS.iter().flat_map(|form| form.needs).map(|text| regex::escape(text));
    compile(&needs.collect::<Vec<_>>().join("|"))
});

/// The patterns, each compiled when a text first has what it needs.
static PATTERNS: [OnceLock<Regex>; FORMS.len()] = [const { OnceLock::new() }; FORMS.len()];

static PRIVATE_KEY: LazyLock<Regex> =
    LazyLock::new(|| compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"));

fn compile(pattern: &str) -> Regex {
    // Keys are ASCII, and a search for bytes is faster.
    RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .expect("the patterns are fixed, and a test compiles all of them")
}

/// Finds all that has the form of a secret.
pub(super) fn find(text: &str) -> Vec<Hit> {
    let mut hits = in_urls(text);
    if text.contains("PRIVATE KEY") {
        hits.extend(private_keys(text));
    }
    if !GATE.is_match(text) {
        return hits;
    }
    for (form, pattern) in FORMS.iter().zip(PATTERNS.iter()) {
        if !form.needs.iter().any(|need| text.contains(need)) {
            continue;
        }
        let pattern = pattern.get_or_init(|| compile(form.pattern));
        for found in pattern.captures_iter(text) {
            let Some(secret) = found.get(1).or_else(|| found.get(0)) else { continue };
            if !values::is_sample(secret.as_str()) {
                hits.push(Hit { span: secret.range(), found: Found::Form(form.name) });
            }
        }
    }
    hits
}

/// Finds private keys between their marks, or up to the end where there is no second one.
fn private_keys(text: &str) -> Vec<Hit> {
    /// How much of a key has to be there: the smallest is longer, what documentation leaves of one is shorter.
    const LEAST: usize = 40;
    /// How far the second mark may be away.
    const MOST: usize = 32 << 10;
    let mut hits: Vec<Hit> = Vec::new();
    for begin in PRIVATE_KEY.find_iter(text) {
        if hits.last().is_some_and(|last| begin.start() < last.span.end) {
            continue;
        }
        let window = &text[begin.end()..text.floor_char_boundary(begin.end().saturating_add(MOST))];
        let end = begin.end() + window.find("-----END ").unwrap_or(window.len());
        let body = &text[begin.end()..end];
        let is_of_key = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if body.chars().filter(is_of_key).count() < LEAST || values::is_sample(body) {
            continue;
        }
        hits.push(Hit { span: begin.start()..end, found: Found::Form("a private key") });
    }
    hits
}

/// Finds passwords in URLs, such as that of `postgres://user:password@host`.
fn in_urls(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, _) in text.match_indices("://") {
        if !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        let start = at + "://".len();
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '<' | '>' | '?' | '#');
        let end = text[start..].find(ends).map_or(text.len(), |length| start + length);
        let authority = &text[start..end];
        // A password may have an `@` itself, and the last one ends it.
        let Some(user) = authority.rfind('@').map(|at| &authority[..at]) else { continue };
        let Some(colon) = user.find(':') else { continue };
        let password = &user[colon + 1..];
        // One list of hosts is no login: `amqp://a:1,b:2@...` has none that could be read.
        if values::is_literal(password) && !values::is_sample(password) && !is_word_for_one(password) {
            let from = start + colon + 1;
            hits.push(Hit {
                span: from..from + password.len(),
                found: Found::Form("a URL with its password"),
            });
        }
    }
    hits
}

/// Tells whether a text of documentation stands where a password would.
fn is_word_for_one(text: &str) -> bool {
    ["PASSWORD", "PASS", "PWD", "SECRET", "TOKEN"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_needs_what_it_says() {
        for form in FORMS {
            compile(form.pattern);
        }
        assert!(GATE.is_match("AKIA"));
        for form in FORMS {
            assert!(form.needs.iter().all(|need| need.len() > 1), "{}", form.name);
        }
    }
}
