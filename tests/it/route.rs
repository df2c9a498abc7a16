//! The routers' rules, and the commands that ask them.

mod commands;
mod entries;
mod facts;
mod judges;
pub(crate) mod rendered;
pub(crate) mod vectors;
