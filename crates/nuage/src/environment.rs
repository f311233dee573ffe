//! What the process was given: variables, directories, the terminal. Read here and nowhere else.

use crate::cli::Global;
use crate::failure::{Failure, Result};
use std::path::PathBuf;

/// Where the cloud listens unless told otherwise.
pub const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4566";
/// The development key: the root user of account 000000000000, for programs of this machine.
pub const DEVELOPMENT_KEY: &str = "test";

/// A variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the owner of the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub fn home() -> Result<PathBuf> {
    variable("HOME").map(PathBuf::from).ok_or_else(|| {
        Failure::new("HOME is not set").hint("set HOME, or name a directory with --data-dir")
    })
}

/// `$XDG_DATA_HOME/nuage` or `~/.local/share/nuage`.
/// <https://specifications.freedesktop.org/basedir/latest/>
pub fn data_dir() -> Result<PathBuf> {
    match variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(path) => Ok(path.join("nuage")),
        None => Ok(home()?.join(".local/share/nuage")),
    }
}

pub fn endpoint(global: &Global) -> String {
    let given = global.endpoint.clone().or_else(|| variable("AWS_ENDPOINT_URL"));
    given.unwrap_or_else(|| DEFAULT_ENDPOINT.to_string())
}

pub fn region(global: &Global) -> String {
    let given = global.region.clone();
    given
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .unwrap_or_else(|| base::Region::DEFAULT.to_string())
}

/// Whether the person wants escape codes for colours where they are possible. <https://no-color.org>
pub fn colours_are_welcome() -> bool {
    variable("NO_COLOR").is_none() && variable("TERM").as_deref() != Some("dumb")
}
