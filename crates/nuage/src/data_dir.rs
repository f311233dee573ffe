//! The directory that the cloud lives in: one process at a time, nobody else's eyes.

use crate::failure::{Attempt, Failure, Result};
use base::Entropy;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What to do without the right root key.
pub const RESTORE: &str = "restore it from a backup: without it, nothing that this data directory keeps sealed can be read";

/// A data directory that this process holds until it ends.
pub struct DataDir {
    path: PathBuf,
    /// Its lock falls with the process, however that ends.
    _lock: File,
}

impl DataDir {
    /// Makes the directory where it is missing, mode 0700, and locks it.
    pub fn open(path: &Path) -> Result<Self> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(path);
        made.attempt(format!("the data directory {} can not be made", path.display()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .attempt(format!("the data directory {} can not be made private", path.display()))?;
        let lock_path = path.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .attempt(format!("{} can not be opened", lock_path.display()))?;
        if lock.try_lock().is_err() {
            let mut pid = String::new();
            let _ = lock.read_to_string(&mut pid);
            return Err(Failure::new(format!(
                "another cloud (process {}) uses the data directory {}",
                pid.trim(),
                path.display()
            ))
            .hint("use that one, end it, or name another directory with --data-dir"));
        }
        let written = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
        written.attempt(format!("{} can not be written", lock_path.display()))?;
        Ok(DataDir { path: path.to_path_buf(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where rows are.
    pub fn store_path(&self) -> PathBuf {
        self.path.join("store")
    }

    /// The key that seals secrets and session tokens: 32 random bytes, made once, before there is a store. Error: it is
    /// gone, and what it sealed is not.
    pub fn root_key(&self, entropy: &dyn Entropy) -> Result<[u8; 32]> {
        let path = self.path.join("root.key");
        if self.store_path().exists() && !path.exists() {
            return Err(Failure::new(format!(
                "{} is missing, the key that sealed the secrets of this data directory",
                path.display()
            ))
            .hint(RESTORE));
        }
        let bytes = self.private_file(&path, || {
            let mut key = [0; 32];
            entropy.fill(&mut key);
            key.to_vec()
        })?;
        bytes.try_into().map_err(|_| {
            Failure::new(format!("{} does not hold 32 bytes", path.display())).hint(RESTORE)
        })
    }

    /// The access key of the root user, made once: access key id and secret.
    pub fn root_credentials(&self, entropy: &dyn Entropy) -> Result<(String, String)> {
        const ID: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let path = self.root_credentials_path();
        self.private_file(&path, || {
            let value = serde_json::json!({
                "AccessKeyId": format!("AKIA{}", entropy.text(16, ID)),
                "SecretAccessKey": entropy.text(40, SECRET),
            });
            format!("{value:#}\n").into_bytes()
        })?;
        read_root_credentials(&path)
            .ok_or_else(|| Failure::new(format!("{} can not be understood", path.display())))
    }

    /// Whether [`DataDir::root_credentials`] were made before.
    pub fn has_root_credentials(&self) -> bool {
        self.root_credentials_path().exists()
    }

    /// Where [`DataDir::root_credentials`] are.
    pub fn root_credentials_path(&self) -> PathBuf {
        self.path.join("root-credentials.json")
    }

    /// What is in the file; `new` if there is none yet. Whole or not at all: it is linked to its name once it is complete.
    fn private_file(&self, path: &Path, new: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>> {
        match fs::read(path) {
            Ok(bytes) => return Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            error => return error.attempt(format!("{} can not be read", path.display())),
        }
        let bytes = new();
        let partial = path.with_extension("partial");
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&partial, path)?;
            File::open(&self.path)?.sync_all()
        };
        write().attempt(format!("{} can not be written", path.display()))?;
        Ok(bytes)
    }
}

/// The process that holds the data directory `path`, if one does.
pub fn holder(path: &Path) -> Option<i32> {
    let mut lock = File::open(path.join("lock")).ok()?;
    let mut pid = String::new();
    lock.read_to_string(&mut pid).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => pid.trim().parse().ok(),
        _ => None,
    }
}

/// What is in such a file.
pub fn read_root_credentials(path: &Path) -> Option<(String, String)> {
    let text = fs::read_to_string(path).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some((value["AccessKeyId"].as_str()?.into(), value["SecretAccessKey"].as_str()?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_lasting_and_for_one() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let entropy = base::SeededEntropy::new(1);
        let first = DataDir::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let key = first.root_key(&entropy).unwrap();
        assert_eq!(first.root_key(&entropy).unwrap(), key);
        let credentials = first.root_credentials(&entropy).unwrap();
        assert_eq!(first.root_credentials(&entropy).unwrap(), credentials);
        for file in ["root.key", "root-credentials.json"] {
            let mode = fs::metadata(path.join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        assert_eq!(holder(&path), Some(std::process::id() as i32));
        let refused = DataDir::open(&path).err().unwrap();
        assert!(refused.message.contains(&format!("process {}", std::process::id())));
        drop(first);
        assert_eq!(holder(&path), None);
        let again = DataDir::open(&path).unwrap();
        fs::create_dir(again.store_path()).unwrap();
        assert_eq!(again.root_key(&entropy).unwrap(), key);
        fs::remove_file(path.join("root.key")).unwrap();
        let missing = again.root_key(&entropy).err().unwrap();
        assert!(missing.message.contains("is missing"));
        assert!(!path.join("root.key").exists());
    }
}
