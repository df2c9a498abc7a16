//! The commands as people and pipelines call them.

mod ask;
mod fix;
mod help;
mod init;
mod lint;
mod new;
mod output;
mod render;
mod upgrade;
