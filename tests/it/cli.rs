//! The commands as people and pipelines call them.

mod adopt;
mod ask;
mod baseline;
mod fix;
mod git_hook;
mod help;
mod index;
mod init;
mod lint;
mod new;
mod output;
mod render;
mod select;
mod stdin;
mod upgrade;
