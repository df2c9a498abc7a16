//! All integration tests in one binary: linking is what costs.

#![expect(
    clippy::disallowed_methods,
    reason = "tests make and read files, and are told by the environment what to do"
)]

mod admission;
mod architecture;
mod around;
mod bad_input;
mod bump;
mod cel;
mod check;
mod cli;
mod custom_rules;
mod diff;
mod effective;
mod env;
mod exceptions;
mod formats;
mod full_disk;
mod generated;
mod golden;
mod hatch;
mod history;
mod ignores;
mod inventory;
mod kubernetes;
mod kustomize;
mod land;
mod levels;
mod lifecycle;
mod messages;
mod migrate;
mod migration;
mod migration_report;
mod planted;
mod release;
mod revision;
mod route;
mod routes;
mod rule_pages;
mod schema;
mod secrets;
mod seen;
mod strings;
mod workloads;
