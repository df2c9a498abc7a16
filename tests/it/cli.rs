//! The commands as people and pipelines call them.

mod ask;
mod baseline;
mod help;
mod init;
mod lint;
mod new;
mod output;
mod render;
mod select;
mod upgrade;
