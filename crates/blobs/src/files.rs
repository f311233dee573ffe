//! Bodies in files.

use crate::{CHUNK_BYTES, Digest, Error, Hashing};
use bytes::Bytes;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Files {
    dir: PathBuf,
    /// Where bodies are written before they have a name.
    incoming: PathBuf,
    /// Names the next file in `incoming`.
    next: AtomicU64,
}

impl Files {
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let incoming = dir.join("incoming");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&incoming);
        made.map_err(at(&incoming))?;
        remove_files(&incoming)?;
        let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_directory(parent.unwrap_or(Path::new(".")))?;
        sync_directory(dir)?;
        Ok(Files { dir: dir.to_owned(), incoming, next: AtomicU64::new(0) })
    }

    /// A file without a name that others know, to be written.
    pub(crate) fn begin(&self) -> Result<(PathBuf, File), Error> {
        let incoming = self.incoming.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&incoming);
        Ok((incoming.clone(), file.map_err(at(&incoming))?))
    }

    /// Makes what was written durable under its digest.
    pub(crate) fn end(&self, incoming: &Path, file: &File, digest: Digest) -> Result<(), Error> {
        file.sync_all().map_err(at(incoming))?;
        // Over the same body if there is one.
        fs::rename(incoming, self.path(digest)).map_err(at(incoming))?;
        sync_directory(&self.dir)
    }

    pub(crate) fn put<S: Read>(&self, source: Hashing<S>) -> Result<(Digest, u64), Error> {
        let (incoming, file) = self.begin()?;
        let result = self.put_through(&incoming, file, source);
        if result.is_err() {
            // The first error is the one to tell; what is left is removed at the next start.
            drop(fs::remove_file(&incoming));
        }
        result
    }

    fn put_through<S: Read>(
        &self,
        incoming: &Path,
        mut file: File,
        mut source: Hashing<S>,
    ) -> Result<(Digest, u64), Error> {
        let mut buffer = vec![0; CHUNK_BYTES];
        while let Some(chunk) = source.next(&mut buffer)? {
            file.write_all(chunk).map_err(at(incoming))?;
        }
        let (digest, bytes) = source.finish();
        self.end(incoming, &file, digest)?;
        Ok((digest, bytes))
    }

    pub(crate) fn file(&self, digest: Digest) -> Result<Option<File>, Error> {
        let path = self.path(digest);
        found(File::open(&path)).map_err(at(&path))
    }

    pub(crate) fn read(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        let path = self.path(digest);
        Ok(found(fs::read(&path)).map_err(at(&path))?.map(Bytes::from))
    }

    pub(crate) fn remove(&self, digest: Digest) -> Result<bool, Error> {
        let path = self.path(digest);
        Ok(found(fs::remove_file(&path)).map_err(at(&path))?.is_some())
    }

    pub(crate) fn clear(&self) -> Result<(), Error> {
        remove_files(&self.dir)
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.dir.join(digest.to_string())
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::File { path: path.to_owned(), source }
}

/// `None` for what is not there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Removes the files, not the directories, in `dir`.
fn remove_files(dir: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        if entry.file_type().map_err(at(dir))?.is_file() {
            fs::remove_file(entry.path()).map_err(at(dir))?;
        }
    }
    Ok(())
}

/// A rename or a new name is durable once its directory is.
fn sync_directory(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|directory| directory.sync_all()).map_err(at(dir))
}
