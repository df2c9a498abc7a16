//! The commands as people and pipelines call them.

mod ask;
mod fix;
mod git_hook;
mod help;
mod index;
mod init;
mod lint;
mod new;
mod output;
mod render;
mod stdin;
mod upgrade;
