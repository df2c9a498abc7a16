//! The routers' rules, and the commands that ask them.

mod commands;
mod entries;
mod facts;
pub(crate) mod vectors;
