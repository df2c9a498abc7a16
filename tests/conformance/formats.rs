//! What is written for other programs, held against their schemas by a validator that is not ours.

use std::path::Path;
use std::process::Command;

use crate::env::{Env, METADATA};

/// Validates a file against a schema; what is wrong goes to standard error.
const VALIDATE: &str = "\
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.assertValid(etree.parse(sys.argv[2]))
";

#[test]
fn junit_reports_fit_the_schema_of_jenkins() {
    let python = std::env::var("ONRAMP_VALIDATE").expect("ONRAMP_VALIDATE names a Python; `.ci/run` sets it");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/junit-10.xsd");
    let hostile = METADATA.replace("tier: standard", "tier: \"]]>&<a b='c'>\\u0001\\ufffe\"");
    for metadata in [METADATA.to_owned(), METADATA.replace("payments:v2.0.0", "payments:latest"), hostile] {
        let env = Env::with_api(&metadata);
        let _ = env.run(&["lint", "--format", "junit=report.xml"]);
        let validated =
            Command::new(&python).args(["-c", VALIDATE]).arg(&schema).arg(env.path("report.xml")).output();
        let validated = validated.expect("Python runs");
        let why = String::from_utf8_lossy(&validated.stderr);
        assert!(validated.status.success(), "{why}\n{}", env.read("report.xml"));
    }
}
