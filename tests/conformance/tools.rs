//! The outside tools.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use onramp::diagnostic::Sink;
use onramp::snapshot::Snapshot;
use onramp::yaml::{self, Source, SourceId};
use serde_json::Value as Json;

use crate::kustomize::compare::{self, Finding};

/// All versions of kustomize to test against.
pub(crate) fn kustomizes() -> Vec<PathBuf> {
    let paths = std::env::var("ONRAMP_KUSTOMIZE")
        .expect("ONRAMP_KUSTOMIZE names kustomize binaries, joined by `:`; `.ci/run` sets it");
    paths.split(':').map(PathBuf::from).collect()
}

/// Builds an overlay with every version and natively, insists that none warns and that all print the same, and
/// returns what they print.
pub(crate) fn build(overlay: &Path) -> String {
    let mut built: Option<String> = None;
    for kustomize in kustomizes() {
        let what = format!("{} build {}", kustomize.display(), overlay.display());
        let (stdout, stderr) = try_build(&kustomize, overlay).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(stderr, "", "{what} warns");
        match &built {
            None => built = Some(stdout),
            Some(first) => assert_eq!(first, &stdout, "{what} differs from the first version"),
        }
    }
    let built = built.expect("at least one kustomize is named");
    assert_same(&native(overlay), &built, &overlay.display().to_string());
    built
}

/// Builds a directory of a config repo natively.
pub(crate) fn native(directory: &Path) -> Result<String, Vec<Finding>> {
    let root = directory.ancestors().find(|ancestor| ancestor.join("platform.yaml").is_file());
    let root = root.expect("the directory is in a config repo");
    let snapshot = Snapshot::work_tree(root).expect("the repo can be read");
    let below =
        directory.strip_prefix(root).expect("it is below the root").to_str().expect("paths are UTF-8");
    compare::native(&snapshot, below)
}

/// Insists that what is built natively is what kustomize prints.
pub(crate) fn assert_same(native: &Result<String, Vec<Finding>>, printed: &str, what: &str) {
    match native {
        Ok(native) => assert!(native == printed, "{what}: {}", compare::difference(printed, native)),
        Err(findings) => panic!("{what} is not built natively: {findings:?}"),
    }
}

/// Builds an overlay with one version, and returns what it prints and what it complains of.
///
/// # Errors
/// Returns its complaint where it fails.
pub(crate) fn try_build(kustomize: &Path, overlay: &Path) -> Result<(String, String), String> {
    let output = Command::new(kustomize).arg("build").arg(overlay).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", kustomize.display()));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8(output.stdout).expect("kustomize prints UTF-8");
    if output.status.success() { Ok((stdout, stderr)) } else { Err(stderr) }
}

/// Reads what kustomize printed.
pub(crate) fn documents(text: &str) -> Vec<Json> {
    text.split("\n---\n")
        .filter(|document| !document.trim().is_empty())
        .map(|document| {
            // A file of ours may not hold NUL bytes and the like, but its texts may be ambiguous to
            // some readers; the tree has them as text, which is what kustomize wrote.
            let source = Source { id: SourceId(0), path: "built.yaml".into(), text: format!("{document}\n") };
            let tree = yaml::parse(&source, &mut Sink::default());
            tree.unwrap_or_else(|| panic!("not readable:\n{document}")).to_json()
        })
        .collect()
}

/// Holds objects against the strict schemas of a Kubernetes version, all of which must be valid.
pub(crate) fn validate(version: &str, objects: &[Json]) {
    let printed = run_validator(&[version], objects);
    assert_eq!(printed.trim(), format!("{} valid", objects.len()), "the validator looked at all objects");
}

/// Says of each object what the strict schemas of a Kubernetes version have against it, if anything.
pub(crate) fn verdicts(version: &str, objects: &[Json]) -> Vec<Option<String>> {
    let printed = run_validator(&[version, "--each"], objects);
    let verdicts: Vec<Option<String>> = serde_json::from_str(&printed).expect("the validator prints JSON");
    assert_eq!(verdicts.len(), objects.len());
    verdicts
}

/// The Python that has the validator.
pub(crate) fn python() -> PathBuf {
    std::env::var_os("ONRAMP_VALIDATE")
        .expect("ONRAMP_VALIDATE is a Python with kubernetes-validate; `.ci/run` sets it")
        .into()
}

/// The Python that has pygls, with pre-commit and prek beside it.
pub(crate) fn client_python() -> PathBuf {
    std::env::var_os("ONRAMP_CLIENTS")
        .expect("ONRAMP_CLIENTS is a Python with pygls, pre-commit and prek; `.ci/run` sets it")
        .into()
}

fn run_validator(args: &[&str], objects: &[Json]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/validate.py");
    let mut child = Command::new(python())
        .arg(script)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the validator starts");
    let input = serde_json::to_vec(objects).expect("objects are JSON");
    child.stdin.take().expect("standard input is piped").write_all(&input).expect("the validator reads");
    let output = child.wait_with_output().expect("the validator ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}{stderr}");
    stdout.into_owned()
}
