//! Golden trees: `fixtures/render/<case>/in` rendered is `fixtures/render/<case>/out`, file for file
//! and byte for byte. `UPDATE=1 cargo test` rewrites `out`; the diff is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::env::Env;

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    let mut cases: Vec<PathBuf> = fs::read_dir(directory)
        .expect("there are render fixtures")
        .map(|entry| entry.expect("entries can be read").path())
        .collect();
    cases.sort();
    cases
}

fn tree(root: &Path, directory: &Path, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries {
        let path = entry.expect("entries can be read").path();
        if path.is_dir() {
            tree(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("files lie below").to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&path).expect("fixtures are text"));
        }
    }
}

fn read(directory: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    tree(directory, directory, &mut files);
    files
}

/// The generated files of a rendered repo, without the schemas, which have tests of their own.
fn generated(env: &Env, input: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    env.files()
        .into_iter()
        .filter(|(path, _)| !input.contains_key(path) && !path.starts_with("schemas/"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("generated files are text")))
        .collect()
}

#[test]
fn every_case_renders_to_its_golden_tree() {
    let update = std::env::var_os("UPDATE").is_some();
    for case in cases() {
        let input = read(&case.join("in"));
        let env = Env::new();
        for (path, text) in &input {
            env.write(path, text);
        }
        let printed = env.run(&["render"]).success();
        // Some cases have warnings, which keep nothing from being rendered.
        let rendered = printed.lines().any(|line| line.starts_with("Rendered "));
        assert!(rendered, "{}: {printed}", case.display());
        let actual = generated(&env, &input);
        let golden = case.join("out");
        if update {
            // What is no longer rendered must not stay.
            if golden.exists() {
                fs::remove_dir_all(&golden).expect("golden trees can be removed");
            }
            for (path, text) in &actual {
                let path = golden.join(path);
                fs::create_dir_all(path.parent().expect("a parent")).expect("directories can be made");
                fs::write(path, text).expect("files can be written");
            }
        }
        let expected = read(&golden);
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&actual), names(&expected), "{}", case.display());
        for (path, text) in &actual {
            assert_eq!(text, &expected[path], "{}: {path}", case.display());
        }
        // The second run changes nothing, and nothing was written that the first did not say.
        assert!(env.run(&["render"]).success().ends_with("Nothing changed.\n"));
        assert!(env.run(&["render", "--check"]).success().ends_with("Nothing changed.\n"));
        assert_eq!(generated(&env, &input), actual);
    }
}
