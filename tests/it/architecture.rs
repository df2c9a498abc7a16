//! What the code promises about its own shape: who may use whom, who touches the world, that lists
//! are complete, and that the documents name what exists.

#![expect(clippy::disallowed_methods, reason = "tests read the project itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use onramp::platform::{Engine, Extent, RouterKind};
use onramp::policy::RULES;
use onramp::render::{BUILT_IN_TEMPLATES, ROUTERS};
use onramp::schema::{METADATA, PLATFORM};

/// The modules of `src/lib.rs` from the ground up, and which of the modules above it in this table
/// each may use. The table says what is used, no more: an edge that is used no longer has to go.
const MODULES: &[(&str, &[&str])] = &[
    ("lines", &[]),
    ("ordered", &[]),
    ("image", &[]),
    ("moment", &[]),
    ("outcome", &[]),
    ("quantity", &[]),
    ("diagnostic", &[]),
    ("git", &[]),
    ("cel", &["diagnostic", "ordered"]),
    ("yaml", &["diagnostic"]),
    ("secrets", &["yaml"]),
    ("edit", &["diagnostic", "yaml"]),
    ("snapshot", &["diagnostic", "git", "yaml"]),
    ("index", &["snapshot"]),
    ("land", &["git", "snapshot"]),
    ("record", &["diagnostic", "ordered", "snapshot", "yaml"]),
    ("registry", &["image", "outcome"]),
    ("schema", &["diagnostic", "image", "moment", "snapshot", "yaml"]),
    ("exceptions", &["diagnostic", "moment", "schema", "snapshot", "yaml"]),
    ("kubernetes", &["diagnostic", "schema", "yaml"]),
    ("kustomize", &["diagnostic", "ordered", "snapshot", "yaml"]),
    ("platform", &["cel", "diagnostic", "ordered", "schema", "snapshot", "yaml"]),
    ("metadata", &["diagnostic", "image", "kubernetes", "ordered", "platform", "schema", "yaml"]),
    ("render", &["diagnostic", "kustomize", "metadata", "ordered", "platform", "quantity", "schema", "yaml"]),
    (
        "effective",
        &["diagnostic", "kustomize", "lines", "metadata", "ordered", "render", "secrets", "snapshot"],
    ),
    ("admission", &["diagnostic", "effective", "image", "kubernetes", "ordered", "quantity", "schema"]),
    (
        "policy",
        &[
            "admission",
            "cel",
            "diagnostic",
            "effective",
            "exceptions",
            "image",
            "kubernetes",
            "kustomize",
            "metadata",
            "moment",
            "ordered",
            "platform",
            "quantity",
            "record",
            "render",
            "schema",
            "secrets",
            "snapshot",
            "yaml",
        ],
    ),
    ("legacy", &["diagnostic", "git", "kubernetes", "kustomize", "ordered", "snapshot", "yaml"]),
    ("change", &["lines", "render"]),
    ("apply", &["change"]),
    ("report", &["diagnostic", "effective", "kustomize", "lines", "secrets", "snapshot"]),
    ("route", &["diagnostic", "platform", "policy", "render", "report"]),
    (
        "fleet",
        &[
            "change",
            "diagnostic",
            "edit",
            "exceptions",
            "index",
            "metadata",
            "platform",
            "policy",
            "record",
            "render",
            "snapshot",
            "yaml",
        ],
    ),
    (
        "migrate",
        &[
            "change",
            "diagnostic",
            "edit",
            "effective",
            "exceptions",
            "fleet",
            "git",
            "image",
            "kubernetes",
            "kustomize",
            "legacy",
            "metadata",
            "ordered",
            "outcome",
            "platform",
            "render",
            "report",
            "schema",
            "secrets",
            "snapshot",
            "yaml",
        ],
    ),
    (
        "release",
        &[
            "diagnostic",
            "edit",
            "effective",
            "exceptions",
            "fleet",
            // For what differs between a commit and its parent.
            "git",
            "image",
            "metadata",
            "moment",
            "outcome",
            "platform",
            "policy",
            "record",
            "render",
            "report",
            "schema",
            "snapshot",
            "yaml",
        ],
    ),
    ("fix", &["change", "diagnostic", "fleet", "policy", "snapshot", "yaml"]),
    (
        "check",
        &[
            "change",
            "diagnostic",
            "effective",
            "exceptions",
            "fleet",
            "git",
            "metadata",
            "moment",
            "platform",
            "policy",
            "record",
            "release",
            "render",
            "snapshot",
            "yaml",
        ],
    ),
    (
        "lsp",
        &[
            "diagnostic",
            "exceptions",
            "fleet",
            "metadata",
            "platform",
            "policy",
            "render",
            "report",
            "schema",
            "secrets",
            "snapshot",
            "yaml",
        ],
    ),
    (
        "history",
        &["diagnostic", "effective", "git", "kustomize", "moment", "record", "release", "report", "snapshot"],
    ),
    (
        "cli",
        &[
            "apply",
            "change",
            "check",
            "diagnostic",
            // For the one line that `adopt` takes out.
            "edit",
            "effective",
            "exceptions",
            "fix",
            "fleet",
            // For the kind of a failure, which the error of `snapshot` could say, and for the place of the
            // config repo in its git repository.
            "git",
            "history",
            "image",
            "index",
            "kustomize",
            "land",
            "lsp",
            "metadata",
            "migrate",
            "moment",
            "outcome",
            "platform",
            "policy",
            "registry",
            "release",
            // For the codes of templates, which decide the exit code, and for their version.
            "render",
            "report",
            "route",
            "schema",
            "snapshot",
            "yaml",
        ],
    ),
];

/// Words that touch the world or name a library, and the files that may contain them. A directory
/// ends with `/`.
const OWNERS: &[(&str, &[&str])] = &[
    // Disk.
    (
        "fs::",
        &[
            "src/apply.rs",
            "src/apply/",
            "src/cli/repo.rs",
            "src/git/",
            "src/index.rs",
            "src/land/queue.rs",
            "src/snapshot/work_tree.rs",
        ],
    ),
    (".canonicalize()", &["src/git.rs", "src/git/", "src/snapshot/work_tree.rs"]),
    (".exists()", &["src/cli/init.rs", "src/git.rs", "src/git/", "src/land/queue.rs"]),
    (
        ".is_file()",
        &[
            "src/apply.rs",
            "src/apply/",
            "src/cli/repo.rs",
            "src/git/",
            "src/index.rs",
            "src/snapshot/work_tree.rs",
        ],
    ),
    (".is_dir()", &["src/apply.rs", "src/git/", "src/land/queue.rs", "src/snapshot/work_tree.rs"]),
    (
        ".symlink_metadata()",
        &[
            "src/apply.rs",
            "src/apply/",
            "src/cli/init.rs",
            "src/git/",
            "src/land/queue.rs",
            "src/snapshot/work_tree.rs",
        ],
    ),
    ("tempfile::", &["src/apply.rs", "src/apply/", "src/git/"]),
    // Other processes, the environment, the clock, the terminal.
    ("Command::new(", &["src/git/command.rs", "src/registry/helper.rs"]),
    // A CI says in variables what it runs; and they say as whom git acts.
    ("env::var", &["src/cli/release/ci.rs", "src/cli/release/land.rs", "src/cli/terminal.rs"]),
    ("env::current_dir", &["src/cli/release/land.rs", "src/cli/repo.rs"]),
    ("SystemTime", &["src/cli/clock.rs", "src/land/queue.rs"]),
    // How long others may take is for whoever waits for them.
    (
        "Instant::",
        &[
            // A line of progress comes now and then.
            "src/cli/progress.rs",
            "src/cli/release/land.rs",
            "src/git/remote.rs",
            "src/git/remote/",
            "src/land/",
            "src/registry.rs",
            "src/registry/helper.rs",
            "src/registry/http.rs",
        ],
    ),
    ("thread::sleep(", &["src/git/remote.rs", "src/git/remote/", "src/land/", "src/registry/helper.rs"]),
    ("thread::spawn(", &["src/cli/terminal.rs", "src/git/remote/process.rs", "src/registry/helper.rs"]),
    ("stdin()", &["src/cli/terminal.rs"]),
    ("stdout()", &["src/cli/terminal.rs"]),
    ("stderr()", &["src/cli/terminal.rs"]),
    ("println!", &[]),
    ("print!(", &[]),
    ("inquire::", &["src/cli/new.rs"]),
    ("clap", &["src/cli.rs", "src/cli/"]),
    // Libraries that one place hides from the rest.
    ("git2", &["src/git.rs", "src/git/"]),
    ("granit_parser", &["src/yaml/parse.rs", "src/yaml/parse/"]),
    ("indicatif", &["src/cli/progress.rs"]),
    ("jsonschema", &["src/schema.rs", "src/schema/"]),
    ("lsp_server", &["src/cli/terminal.rs", "src/lsp.rs"]),
    ("lsp_types", &["src/lsp.rs", "src/lsp/"]),
    ("miette", &["src/report/human.rs"]),
    ("minijinja", &["src/render/data.rs", "src/render/skeleton.rs", "src/render/template.rs"]),
    (
        "rayon",
        &[
            "src/cli.rs",
            "src/effective/build.rs",
            "src/effective/compare.rs",
            "src/fleet.rs",
            "src/fleet/gather.rs",
            "src/fleet/since.rs",
            "src/migrate/again.rs",
            "src/migrate/run.rs",
            "src/release/catalog.rs",
            "src/report.rs",
        ],
    ),
    ("rustls", &["src/registry/http.rs"]),
    ("ureq", &["src/registry/http.rs"]),
    ("rustix", &["src/git/remote/process.rs", "src/land/queue.rs"]),
    ("similar::", &["src/lines.rs"]),
];

/// Cargo.lock may hold this many packages. It held 211 when this was written, tests included; most
/// come with `jsonschema`, `clap`, `miette` and `inquire`. Each package is code that runs on every
/// laptop and in every pipeline with a token beside it, so a new one is a decision: say in Cargo.toml
/// what it is for, and raise this number in the same commit where it must be.
const MOST_PACKAGES: usize = 260;

/// A file that is longer is split along what it does.
const MOST_LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a directory, by path from the root of the project.
fn files(directory: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(directory)).expect("directories can be listed") {
        let entry = entry.expect("entries can be read");
        let path = format!("{directory}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// The sources by path, without tests and without comments.
fn sources() -> BTreeMap<String, String> {
    let texts: BTreeMap<String, String> = files("src")
        .into_iter()
        .filter(|path| is_rust(path))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    let mut code = BTreeMap::new();
    let mut unit_tests = BTreeSet::new();
    for (path, text) in &texts {
        let mut kept = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line == "#[cfg(test)]" {
                let module = lines.next().unwrap_or_default();
                match module.rsplit_once("mod ").map(|(_, name)| name) {
                    Some(name) if name.ends_with(';') => {
                        let directory = path.trim_end_matches(".rs");
                        unit_tests.insert(format!("{directory}/{}.rs", name.trim_end_matches(';')));
                    }
                    // An inline module, which ends where its brace stands in the first column.
                    _ => drop(lines.by_ref().find(|line| *line == "}")),
                }
            } else if !line.trim_start().starts_with("//") {
                kept.push_str(line.split(" // ").next().unwrap_or_default());
                kept.push('\n');
            }
        }
        code.insert(path.clone(), kept);
    }
    code.retain(|path, _| !unit_tests.contains(path));
    code
}

/// The module of `src/lib.rs` that a file belongs to.
fn module_of(path: &str) -> &str {
    let below = path.trim_start_matches("src/");
    below.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// Modules that a text names behind `crate::`.
fn used(text: &str) -> BTreeSet<&str> {
    let word = |text| -> Option<&str> {
        let text: &str = text;
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|word| !word.is_empty())
    };
    let mut names = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{').and_then(|list| list.split_once('}')) {
            Some((list, _)) => names.extend(list.split(',').filter_map(word)),
            None => names.extend(word(after)),
        }
    }
    names
}

#[test]
fn modules_use_what_the_table_says() {
    let declared: BTreeSet<String> = read("src/lib.rs")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    let listed: BTreeSet<String> = MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(declared, listed, "the table has the modules of src/lib.rs");

    let mut actual: BTreeMap<&str, BTreeSet<&str>> =
        MODULES.iter().map(|(name, _)| (*name, BTreeSet::new())).collect();
    let sources = sources();
    for (path, text) in &sources {
        let module = module_of(path);
        if matches!(module, "lib" | "main") {
            continue;
        }
        assert!(
            path.matches('/').count() > 1 || !text.contains("super::"),
            "{path} names the crate by `super`"
        );
        for name in used(text).into_iter().filter(|name| *name != module) {
            actual.entry(module).or_default().insert(name);
        }
    }
    for (index, (module, allowed)) in MODULES.iter().enumerate() {
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(actual[module], allowed, "what `{module}` uses (left) and may use (right)");
        let below: BTreeSet<&str> = MODULES[..index].iter().map(|(name, _)| *name).collect();
        assert!(allowed.is_subset(&below), "`{module}` may only use what stands above it in the table");
    }
}

#[test]
fn only_the_ends_touch_the_world() {
    let sources = sources();
    let mut wrong = Vec::new();
    for (word, owners) in OWNERS {
        let owns =
            |path: &str, owner: &&str| path == *owner || (owner.ends_with('/') && path.starts_with(owner));
        for (path, text) in &sources {
            // A word is one from its start: `work_tree::fs::` is, `offs::` is not.
            let starts = |at: usize| {
                word.starts_with('.')
                    || !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            };
            let named = text.match_indices(word).any(|(at, _)| starts(at));
            if named && !owners.iter().any(|owner| owns(path, owner)) {
                wrong.push(format!("{path} names `{word}`"));
            }
        }
        for owner in *owners {
            let used = sources.iter().any(|(path, text)| owns(path, owner) && text.contains(word));
            // `src/x/` and `src/x.rs` are one owner.
            let twin = owner.trim_end_matches('/').trim_end_matches(".rs");
            let twins =
                owners.iter().filter(|other| other.trim_end_matches('/').trim_end_matches(".rs") == twin);
            if !used && twins.count() == 1 {
                wrong.push(format!("{owner} does not name `{word}` and need not be listed"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_unique_and_kebab_case() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.code.name).collect();
    names.sort_unstable();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), unique.len(), "every code is there once");
    for name in &names {
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        assert!(name.split('-').all(is_word), "{name} is kebab-case");
    }
    // Codes stand in platform.yaml files and in pipelines: renaming one breaks them.
    insta::assert_snapshot!(names.join("\n"), @"
        added-capability
        alias-expansion
        ambiguous-scalar
        autoscaler-without-request
        blast-radius-exceeded
        blocked-drain
        broken-value
        capacity-exceeded
        cluster-scoped-resource
        committed-secret
        deep-nesting
        deletion-budget-exceeded
        directory-name-mismatch
        duplicate-autoscaler
        duplicate-code
        duplicate-config-key
        duplicate-ingress-path
        duplicate-key
        duplicate-name
        duplicate-object
        duplicate-port
        empty-document
        empty-external-secret
        empty-value
        encrypted-file
        environment-not-allowed
        exclusive-keys
        expensive-rule
        expired-waiver
        explicit-tag
        file-too-large
        fixed-baseline-entry
        forbidden-image-tag
        foreign-file
        foreign-namespace
        frozen-environment
        host-access
        host-handed-over
        ignore-without-reason
        image-left-behind
        image-not-pinned
        image-registry-not-allowed
        image-without-tag
        immutable-field-changed
        incomplete-route
        incomplete-route-stage
        ineffective-patch
        invalid-encoding
        invalid-expression
        invalid-image
        invalid-kustomization
        invalid-patch
        invalid-record
        invalid-resource
        invalid-value
        inverted-period
        inverted-range
        legacy-host-on-new-api
        level-exceeded
        lifecycle-notice
        lifecycle-step-skipped
        literal-secret
        merge-key
        misplaced-file
        misplaced-key
        missing-backend
        missing-config-key
        missing-file
        missing-gateway
        missing-health-check
        missing-image
        missing-key
        missing-lifecycle-key
        missing-limit
        missing-metadata
        missing-network-source
        missing-patch-path
        missing-platform
        missing-probe
        missing-request
        missing-scale-target
        missing-schedule
        missing-service-name
        missing-unified-host
        misspelt-name
        name-too-long
        namespace-moved
        namespace-not-allowed
        non-finite-number
        non-string-key
        non-utf8-path
        nothing-to-remove
        older-image
        onramp-bug
        overlapping-budget
        overruled-image
        passthrough-not-allowed
        patched-identity
        path-outside-repo
        privilege-escalation
        privileged-container
        probe-without-handler
        refused-object
        removed-api
        removed-api-version
        removed-config-key
        removed-environment
        removed-service-port
        replicas-handed-over
        replicas-under-autoscaler
        request-above-limit
        reserved-label
        resource-behind-service
        resource-kind-not-allowed
        resources-above-tier
        root-user
        route-claimed-twice
        route-stage-skipped
        route-without-service
        rule-failure
        selector-changed
        selector-mismatch
        selector-overlap
        selector-without-pods
        server-warning
        several-documents
        shadowed-route
        shared-selector
        spread-without-pods
        stale-render
        strategy-not-available
        stuck-rollout
        sunset-past
        symlink
        tab-indentation
        template-failure
        template-leftover
        too-few-replicas
        too-many-replicas
        unbuildable-overlay
        unbuildable-text
        undeclared-target-port
        unfulfillable-request
        unknown-alias
        unknown-api
        unknown-backend-port
        unknown-code
        unknown-environment
        unknown-key
        unknown-lifecycle
        unknown-metric-container
        unknown-patch-target
        unknown-placeholder
        unknown-port
        unknown-required-key
        unknown-rule
        unknown-secret-key
        unknown-secret-store
        unknown-target-port
        unknown-template
        unknown-template-version
        unknown-tier
        unknown-volume
        unknown-workload
        unmatched-freeze
        unquoted-text
        unreachable-lifecycle
        unreadable-file
        unresolved-variable
        unsafe-template
        unshareable-volume
        unsupported-kustomization-field
        unsupported-route-feature
        unused-file
        unused-ignore
        unused-template-version
        unused-waiver
        unwaivable-code
        workload-recreated
        wrong-type
        yaml-syntax
        ");
}

#[test]
fn every_rule_file_is_in_the_list() {
    let list = read("src/policy/rules.rs");
    for path in files("src/policy/rules") {
        let module = path.trim_start_matches("src/policy/rules/").trim_end_matches(".rs");
        let name = module.replace('_', "-");
        assert!(list.contains(&format!("\n    {module}::RULE,\n")), "{path} is in RULES");
        assert!(RULES.iter().any(|rule| rule.code.name == name), "{path} holds the rule `{name}`");
    }
}

#[test]
fn built_in_templates_are_the_files() {
    let files = files("templates");
    let scaffold = read("src/cli/init.rs");
    let mut listed: BTreeSet<&str> = BUILT_IN_TEMPLATES.iter().map(|(name, _)| *name).collect();
    for path in &files {
        let name = path.trim_start_matches("templates/");
        match name.strip_prefix("init/") {
            Some(_) => assert!(scaffold.contains(&format!("\"../../{path}\"")), "{path} is written by init"),
            None => assert!(listed.remove(name), "{path} is in BUILT_IN"),
        }
    }
    assert_eq!(listed, BTreeSet::new(), "every built-in template is a file");
}

#[test]
fn no_fixture_is_forgotten() {
    /// Directories of fixtures, `*` standing for any name, and the test that reads them.
    const READ: &[(&str, &str)] = &[
        ("fixtures/admission/", "tests/it/admission/table.rs"),
        ("fixtures/cel/", "tests/it/cel.rs"),
        ("fixtures/formats/", "tests/it/formats.rs"),
        ("fixtures/kubernetes/", "tests/it/kubernetes.rs"),
        ("fixtures/kustomize/", "tests/it/kustomize.rs"),
        ("fixtures/kustomize-old/", "tests/it/kustomize.rs"),
        ("fixtures/kustomize-output/", "src/kustomize/print/tests.rs"),
        ("fixtures/migration/", "tests/it/migration_report.rs"),
        ("fixtures/planted/", "tests/it/planted.rs"),
        ("fixtures/render/*/in/", "tests/it/golden.rs"),
        ("fixtures/render/*/out/", "tests/it/golden.rs"),
        ("fixtures/route/", "tests/it/route/vectors.rs"),
        ("fixtures/roundtrip/", "tests/conformance/roundtrip.rs"),
        ("fixtures/rules/", "tests/it/rule_pages.rs"),
        ("fixtures/schema/decisions/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/decisions/invalid/", "tests/it/schema.rs"),
        ("fixtures/schema/freezes/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/freezes/invalid/", "tests/it/schema.rs"),
        ("fixtures/schema/metadata/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/metadata/invalid/", "tests/it/schema.rs"),
        ("fixtures/schema/platform/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/platform/invalid/", "tests/it/schema.rs"),
        ("fixtures/schema/request/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/request/invalid/", "tests/it/schema.rs"),
        ("fixtures/schema/waivers/valid/", "tests/it/schema.rs"),
        ("fixtures/schema/waivers/invalid/", "tests/it/schema.rs"),
    ];
    let lies_in = |path: &str, directory: &str| {
        let mut parts = path.split('/');
        directory
            .trim_end_matches('/')
            .split('/')
            .all(|step| parts.next().is_some_and(|part| step == "*" || step == part))
    };
    for path in files("fixtures") {
        assert!(READ.iter().any(|(directory, _)| lies_in(&path, directory)), "no test reads {path}");
    }
    for (directory, test) in READ {
        assert!(files("fixtures").iter().any(|path| lies_in(path, directory)), "{directory} is empty");
        let text = read(test);
        let family = directory.split('/').take(2).collect::<Vec<_>>().join("/");
        assert!(text.contains(&family), "{test} names {family}");
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifest = read("Cargo.toml");
    let mut section = "";
    let mut before = "";
    let mut dependencies = 0;
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") && line.contains('=') {
            assert!(before.starts_with("# ") && before.ends_with('.'), "no comment above `{line}`");
            dependencies += 1;
        }
        before = line;
    }
    assert!(dependencies > 15, "{dependencies} dependencies were looked at");
}

#[test]
fn the_lock_file_stays_small() {
    let packages = read("Cargo.lock").lines().filter(|line| *line == "[[package]]").count();
    assert!(packages <= MOST_PACKAGES, "Cargo.lock has {packages} packages, more than {MOST_PACKAGES}");
}

#[test]
fn no_source_file_is_too_long() {
    for path in files("src") {
        let lines = read(&path).lines().count();
        assert!(lines <= MOST_LINES, "{path} has {lines} lines, more than {MOST_LINES}");
    }
}

/// The variants of an enum, as serde knows them.
fn variants<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> BTreeSet<String> {
    let error = serde_json::from_value::<T>("no-such-variant".into()).expect_err("there is no such variant");
    let error = error.to_string();
    let (_, expected) = error.split_once("expected").expect("serde lists the variants");
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The values of an enumeration in the schema of platform.yaml.
fn enumeration(pointer: &str) -> BTreeSet<String> {
    let values = PLATFORM.json.pointer(pointer).and_then(|values| values.as_array());
    let values = values.unwrap_or_else(|| panic!("{pointer} is an enumeration"));
    values.iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
}

#[test]
fn the_schema_offers_the_routers_and_engines_that_exist() {
    let router = "/$defs/router/enum";
    assert_eq!(enumeration(router), variants::<RouterKind>(), "schema and type");
    let annotated =
        METADATA.json.pointer("/$defs/routerAnnotations/properties").and_then(|all| all.as_object());
    let annotated: BTreeSet<String> = annotated.expect("annotations are by router").keys().cloned().collect();
    assert_eq!(enumeration(router), annotated, "both schemas");
    for name in enumeration(router) {
        let kind: RouterKind = serde_json::from_value(name.clone().into()).expect("the type knows it");
        let rendered = ROUTERS.iter().filter(|router| router.kind() == kind).count();
        assert_eq!(rendered, 1, "`{name}` is once in ROUTERS");
        assert_eq!(kind.name(), name);
    }
    assert_eq!(ROUTERS.len(), enumeration(router).len());
    for router in ROUTERS {
        let known = BUILT_IN_TEMPLATES.iter().any(|(name, _)| *name == router.template());
        assert!(known, "`{}` is a built-in template", router.template());
    }
    assert_eq!(enumeration("/properties/gitops/properties/engine/enum"), variants::<Engine>());
    let render = "/properties/lifecycles/additionalProperties/properties/render/enum";
    assert_eq!(enumeration(render), variants::<Extent>());
}

#[test]
fn every_test_that_the_documents_name_exists() {
    let mut known = BTreeSet::new();
    for path in ["src", "tests"].into_iter().flat_map(files).filter(|path| is_rust(path)) {
        let text = read(&path);
        let functions = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn "));
        known.extend(functions.filter_map(|rest| Some(format!("{path}::{}", rest.split_once('(')?.0))));
    }
    let document = read("docs/architecture.md");
    let mut named = 0;
    for word in document.split('`').skip(1).step_by(2).filter(|word| word.contains(".rs::")) {
        assert!(known.contains(word), "docs/architecture.md names `{word}`, which does not exist");
        named += 1;
    }
    assert!(named > 10, "{named} tests are named");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned(), "CHANGELOG.md".to_owned()];
    documents.extend(files("docs"));
    for document in documents {
        let text = read(&document);
        let directory = document.rsplit_once('/').map_or("", |(directory, _)| directory);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") {
                assert!(root().join(directory).join(path).exists(), "{document} links to {link}");
            }
        }
    }
}
