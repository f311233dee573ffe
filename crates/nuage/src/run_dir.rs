//! Where the running cloud keeps what ends with it: mount points of sandboxes, interface clients.
//!
//! Not inside the data directory: sandboxes are made by another user, who cannot pass through private directories such as
//! a home. The same data directory has the same run directory, so that what a killed cloud left is found and swept.

use crate::failure::{Attempt, Failure, Result};
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// May be passed through by all, listed and changed by its owner alone.
const MODE: u32 = 0o711;

/// A directory that is removed when this is dropped.
pub struct RunDir(PathBuf);

impl RunDir {
    /// The run directory of the cloud whose state is in `state`: below `/run/nuage` for root, else below a directory of
    /// this user's own in the directory for temporary files.
    pub fn open(state: &Path) -> Result<Self> {
        let user = rustix::process::geteuid();
        let parent = match user.is_root() && Path::new("/run").is_dir() {
            true => PathBuf::from("/run/nuage"),
            false => std::env::temp_dir().join(format!("nuage-{}", user.as_raw())),
        };
        own(&parent)?;
        let about = fs::metadata(state).attempt(format!("{} can not be found", state.display()))?;
        let path = parent.join(format!("{:x}-{:x}", about.dev(), about.ino()));
        own(&path)?;
        Ok(RunDir(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "the run directory could not be removed");
        }
    }
}

/// Makes the directory, or makes sure that nobody else made it: temporary files are a place for traps.
fn own(path: &Path) -> Result<()> {
    let shown = path.display();
    match DirBuilder::new().mode(MODE).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made.attempt(format!("{shown} can not be made"))?,
    }
    let about = fs::symlink_metadata(path).attempt(format!("{shown} can not be found"))?;
    if !about.is_dir() || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(Failure::new(format!("{shown} is not a directory of this user"))
            .hint(format!("find out who made it, then remove {shown}")));
    }
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(MODE))
        .attempt(format!("{shown} can not be made passable"))
}
