//! From an uploaded zip archive, which is hostile, to a directory that sandboxes mount read-only.
//!
//! What is refused: archives that do not parse, encrypted entries, two entries of one path, paths that are absolute or
//! climb, links that point out of the package, devices, pipes and sockets, more entries or bytes than
//! [`crate::limits`] allows. Bytes are counted while they are inflated; what the archive says of itself is not believed.
//!
//! Links are made after everything else, so nothing is ever written through one.

use crate::limits::{PACKAGE_ENTRIES_MAX, PACKAGE_PATH_BYTES_MAX, UNZIPPED_BYTES_MAX};
use bytes::Bytes;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Why a package was not unpacked.
#[derive(Debug)]
pub enum Rejected {
    /// Not a zip archive, or one of a form that is refused; with what is wrong, for the log.
    Invalid(String),
    /// An archive without a file.
    Empty,
    /// More bytes than [`UNZIPPED_BYTES_MAX`].
    TooLarge,
    /// The file system failed.
    Io(io::Error),
}

impl From<io::Error> for Rejected {
    fn from(error: io::Error) -> Self {
        Rejected::Io(error)
    }
}

fn invalid(what: impl ToString) -> Rejected {
    Rejected::Invalid(what.to_string())
}

// The bits of a Unix mode that tell what a file is.
const FILE_TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// Fills the directory `to`, which exists and is empty, with the files of `archive`; their bytes together.
pub fn unpack(archive: Bytes, to: &Path) -> Result<u64, Rejected> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(invalid)?;
    if archive.is_empty() {
        return Err(Rejected::Empty);
    }
    if archive.len() > PACKAGE_ENTRIES_MAX {
        return Err(invalid(format!("{} entries", archive.len())));
    }
    if archive.has_duplicate_names() {
        return Err(invalid("two entries of one name"));
    }
    let mut tree = Tree { root: to, left: UNZIPPED_BYTES_MAX - 1, made: HashSet::new() };
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(invalid)?;
        let path = relative_path(entry.name_raw())?;
        let mode = entry.unix_mode().unwrap_or(0);
        let directory = entry.is_dir();
        match mode & FILE_TYPE {
            _ if entry.encrypted() => return Err(invalid("an encrypted entry")),
            0 | DIRECTORY if directory => tree.directory(&path)?,
            0 | REGULAR if !directory => {
                tree.file(&path, mode & 0o111 != 0, &mut entry)?;
            }
            LINK if !directory => {
                let mut target = Vec::new();
                (&mut entry)
                    .take(PACKAGE_PATH_BYTES_MAX as u64 + 1)
                    .read_to_end(&mut target)
                    .map_err(invalid)?;
                links.push((path, target));
            }
            other => return Err(invalid(format!("an entry of type {other:o}"))),
        }
    }
    for (path, target) in links {
        tree.link(&path, &target)?;
    }
    Ok(UNZIPPED_BYTES_MAX - 1 - tree.left)
}

/// The bytes of all files in a directory that [`unpack`] has filled. Links and directories count nothing.
pub fn measure(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            bytes += measure(&entry.path())?;
        } else if kind.is_file() {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

struct Tree<'t> {
    root: &'t Path,
    /// Bytes that may still be written.
    left: u64,
    /// Directories that exist.
    made: HashSet<PathBuf>,
}

impl Tree<'_> {
    fn directory(&mut self, path: &Path) -> Result<(), Rejected> {
        if path.as_os_str().is_empty() || self.made.contains(path) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.directory(parent)?;
        }
        if self.made.len() >= PACKAGE_ENTRIES_MAX {
            return Err(invalid("too many directories"));
        }
        DirBuilder::new().mode(0o755).create(self.root.join(path)).map_err(collision)?;
        self.made.insert(path.to_path_buf());
        Ok(())
    }

    /// Permissions are those of a package that everybody may read, whatever the archive says: functions do not run as
    /// the user who zipped it.
    fn file(
        &mut self,
        path: &Path,
        executable: bool,
        content: &mut impl Read,
    ) -> Result<(), Rejected> {
        let mut file = self.create(path, if executable { 0o755 } else { 0o644 })?;
        let mut limited = content.take(self.left + 1);
        let mut buffer = [0; 32 * 1024];
        loop {
            // An error of the reader is one of the archive; one of the writer is this host's.
            let read = match limited.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) => return Err(invalid(error)),
            };
            self.left = self.left.checked_sub(read as u64).ok_or(Rejected::TooLarge)?;
            io::Write::write_all(&mut file, &buffer[..read])?;
        }
    }

    fn create(&mut self, path: &Path, mode: u32) -> Result<File, Rejected> {
        self.parent(path)?;
        let path = self.root.join(path);
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(collision)
    }

    fn link(&mut self, path: &Path, target: &[u8]) -> Result<(), Rejected> {
        let target = std::str::from_utf8(target).map_err(invalid)?;
        if target.is_empty() || target.len() > PACKAGE_PATH_BYTES_MAX || target.contains('\0') {
            return Err(invalid("a link without a usable target"));
        }
        let mut depth = path.components().count() as i64 - 1;
        let climbs = target.split('/').any(|part| {
            depth += match part {
                "" | "." => 0,
                ".." => -1,
                _ => 1,
            };
            depth < 0
        });
        if target.starts_with('/') || climbs {
            return Err(invalid(format!("a link to {target}")));
        }
        self.parent(path)?;
        std::os::unix::fs::symlink(target, self.root.join(path)).map_err(collision)
    }

    fn parent(&mut self, path: &Path) -> Result<(), Rejected> {
        match path.parent() {
            Some(parent) => self.directory(parent),
            None => Err(invalid("a file without a name")),
        }
    }
}

/// What is in the way was put there by another entry of the archive.
fn collision(error: io::Error) -> Rejected {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => invalid(error),
        _ => Rejected::Io(error),
    }
}

fn relative_path(name: &[u8]) -> Result<PathBuf, Rejected> {
    let name = std::str::from_utf8(name).map_err(invalid)?;
    if name.len() > PACKAGE_PATH_BYTES_MAX || name.contains('\0') || name.starts_with('/') {
        return Err(invalid("a path that is absolute, too long or no text"));
    }
    let mut path = PathBuf::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(invalid("a path that climbs")),
            _ if part.len() > 255 => return Err(invalid("a name that is too long")),
            _ => path.push(part),
        }
    }
    if path.as_os_str().is_empty() && !name.ends_with('/') && name != "." {
        return Err(invalid("an entry without a name"));
    }
    Ok(path)
}

/// Removes a tree that was only half made.
pub fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a directory could not be removed");
    }
}

#[cfg(test)]
mod tests;
