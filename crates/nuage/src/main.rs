//! `nuage`: the cloud, and the commands that go with it.

use std::process::ExitCode;

mod audit_report;
mod aws_files;
mod cli;
mod client;
mod cloud;
mod commands;
mod config_file;
mod data_dir;
mod environment;
mod failure;
mod key_check;
mod output;
mod run_dir;
mod usage_report;

/// A request allocates some hundred times, mostly little, on whichever thread has it just then.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The spawner of functions is this program again; it must come up before any thread does.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "__spawner") {
        engine_function::spawner_main();
    }
    commands::run(cli::parse())
}
