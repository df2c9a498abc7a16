//! All integration tests in one binary: linking is what costs.

mod architecture;
mod bad_input;
mod cli;
mod env;
mod generated;
mod golden;
mod revision;
mod rule_pages;
mod schema;
mod strings;
