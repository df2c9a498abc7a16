//! The language server, spoken to by a client that others wrote: the one of pygls.

use std::process::Command;

use serde_json::{Value as Json, json};

use crate::env::{Env, METADATA};
use crate::tools::client_python;

#[test]
fn a_real_client_is_served() {
    let env = Env::with_api(METADATA);
    env.run(&["render"]).success();
    let before = env.files();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/editor.py");
    let output = Command::new(client_python())
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_onramp"))
        .arg(env.root())
        .output()
        .expect("the client starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let said: Json =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    assert_eq!(said["encoding"], "utf-16");
    assert_eq!(said["opened"], json!({ "version": 1, "found": [] }));
    assert_eq!(said["changed"], json!({ "version": 2, "found": [["unknown-tier", 3, 6]] }));
    let hover = said["hover"].as_str().unwrap_or_default();
    assert!(hover.contains("Size class") && hover.contains("`tier: huge`"), "{hover}");
    let offered = said["completion"].as_array().expect("a list");
    assert!(offered.contains(&json!("standard")), "{offered:?}");
    assert_eq!(said["actions"], json!(["Explain unknown-tier"]));
    assert_eq!(said["definition"], json!(["base/deployment.yaml"]));
    assert_eq!(said["symbols"][0], "apiVersion");
    assert_eq!(said["code"], 0);
    assert!(env.files() == before, "nothing is written");
}
