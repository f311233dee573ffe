//! `nuage configure`.

use super::key_of;
use crate::aws_files::with_section;
use crate::cli::{Configure, Global};
use crate::environment::{self, variable};
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub fn run(global: &Global, configure: Configure, printer: Printer) -> Result<ExitCode> {
    let profile = &configure.profile;
    let valid = !profile.is_empty()
        && profile.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !valid {
        return Err(Failure::new(format!("'{profile}' is no name for a profile")));
    }
    let endpoint = environment::endpoint(global);
    let region = environment::region(global);
    let (access_key_id, secret_access_key) = key_of(configure.account.as_deref())?;
    let section = match profile.as_str() {
        "default" => "default".to_string(),
        name => format!("profile {name}"),
    };
    let config = file("AWS_CONFIG_FILE", "config")?;
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    put(&config, &section, &[("region", &region), ("endpoint_url", &endpoint)])?;
    put(
        &credentials,
        profile,
        &[("aws_access_key_id", &access_key_id), ("aws_secret_access_key", &secret_access_key)],
    )?;
    let (config, credentials) = (config.display().to_string(), credentials.display().to_string());
    printer.result(
        &format!(
            "Profile {} stands in {config} and {credentials}.\nTry: aws --profile {profile} sts get-caller-identity",
            printer.bold(profile)
        ),
        &serde_json::json!({ "profile": profile, "config": config, "credentials": credentials }),
    );
    Ok(ExitCode::SUCCESS)
}

fn file(name: &str, usual: &str) -> Result<PathBuf> {
    match variable(name) {
        Some(path) => Ok(PathBuf::from(path)),
        None => Ok(environment::home()?.join(".aws").join(usual)),
    }
}

fn put(path: &Path, section: &str, settings: &[(&str, &str)]) -> Result<()> {
    // A link to the file is followed, not replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        error => error.attempt(format!("{} can not be read", path.display()))?,
    };
    let after = with_section(&before, section, settings);
    if after == before {
        return Ok(());
    }
    let write = || -> std::io::Result<()> {
        if let Some(directory) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        // Complete before it takes the place of the old one, with the old one's permissions.
        let partial = path.with_extension("nuage-partial");
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(after.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().attempt(format!("{} can not be written", path.display()))
}
