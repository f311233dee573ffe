//! Packages: kept as uploaded in `blobs`, and unpacked once into directories that never change.
//!
//! A directory is named after the SHA-256 of its archive as it is stored, so functions with the same package share it,
//! unless it is under a key of a customer ([`customer_key`]). It appears whole
//! or not at all: it is filled under another name and renamed. The host's crash may leave a renamed directory with files
//! whose content never reached the disk; therefore the directories of an earlier boot are thrown away and made again
//! from the archives when they are needed.

pub mod customer_key;
pub mod fetch;
pub mod location;
pub mod unpack;

use crate::tables::CodeRecord;
use crate::{Error, errors, limits};
use base::{Entropy, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blobs::{Blobs, Digest};
use bytes::Bytes;
use customer_key::ArchiveKey;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use unpack::Rejected;

/// A package that is stored and can be run.
#[derive(Clone, Debug)]
pub struct Package {
    /// Where `blobs` keeps the archive.
    pub digest: Digest,
    /// As functions show it: Base64 of the archive's SHA-256.
    pub sha256: String,
    /// Bytes of the archive.
    pub size: u64,
    /// Bytes of its files, unpacked.
    pub unpacked_bytes: u64,
}

impl From<Package> for CodeRecord {
    fn from(package: Package) -> Self {
        CodeRecord {
            digest: package.digest.to_string(),
            sha256: package.sha256,
            size: package.size,
            unpacked_bytes: package.unpacked_bytes,
            key: None,
        }
    }
}

/// The packages of all functions.
pub struct Packages {
    blobs: Blobs,
    /// Where the unpacked ones are.
    trees: PathBuf,
    entropy: Arc<dyn Entropy>,
    unpacking: tokio::sync::Semaphore,
    /// Archives from buckets that are in memory.
    fetching: Arc<tokio::sync::Semaphore>,
    /// Held for writing while packages are removed, so that none is removed while it is added again.
    sweeping: tokio::sync::RwLock<()>,
    /// Since when no function has named a package that is still here.
    unnamed: Mutex<HashMap<String, Time>>,
}

impl Packages {
    /// Packages whose archives are in `blobs` and that are unpacked below `directory`, which is made if it is missing.
    ///
    /// `boot` names the host's current run; what was unpacked in an earlier one is removed. What is here already is used by
    /// no environment: without a function it goes at the first sweep.
    pub fn open(
        blobs: Blobs,
        directory: &Path,
        boot: &str,
        entropy: Arc<dyn Entropy>,
    ) -> std::io::Result<Self> {
        let trees = directory.to_path_buf();
        let marker = trees.join("boot");
        let here = names(&trees).unwrap_or_default();
        let unnamed = here.into_iter().map(|name| (name, Time::default())).collect();
        if std::fs::read_to_string(&marker).ok().as_deref() != Some(boot) {
            unpack::remove(&trees);
            std::fs::create_dir_all(&trees)?;
            std::fs::write(&marker, boot)?;
        }
        let unpacking = tokio::sync::Semaphore::new(limits::UNPACKING_MAX);
        let fetching = Arc::new(tokio::sync::Semaphore::new(limits::FETCHING_MAX));
        let (sweeping, unnamed) = (tokio::sync::RwLock::default(), Mutex::new(unnamed));
        Ok(Packages { blobs, trees, entropy, unpacking, fetching, sweeping, unnamed })
    }

    /// Room for one more archive from a bucket.
    async fn fetching(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Error> {
        self.fetching.clone().acquire_owned().await.map_err(errors::internal)
    }

    /// Checks, stores and unpacks an archive, which is stored under `key` if there is one.
    ///
    /// Errors: what AWS answers to archives that are empty, damaged or too large.
    pub async fn add(
        self: &Arc<Self>,
        archive: Bytes,
        key: Option<ArchiveKey>,
    ) -> Result<Package, Error> {
        let size = archive.len() as u64;
        if size == 0 {
            return Err(errors::package_empty());
        }
        let _adding = self.sweeping.read().await;
        let stored = match &key {
            Some(key) => self.seal(archive.clone(), key.clone()).await?,
            None => archive.clone(),
        };
        let digest = self.blobs.put(stored).await.map_err(errors::internal)?;
        let sha256 = match key {
            Some(_) => sha256_of(archive.clone()).await?,
            None => *digest.as_bytes(),
        };
        // The function that will name it is not stored yet: its time begins anew.
        self.unnamed.lock().remove(&digest.to_string());
        let unpacked_bytes = self.unpack(&digest, archive).await?;
        Ok(Package { sha256: STANDARD.encode(sha256), size, digest, unpacked_bytes })
    }

    async fn seal(&self, archive: Bytes, key: ArchiveKey) -> Result<Bytes, Error> {
        let entropy = self.entropy.clone();
        let work = tokio::task::spawn_blocking(move || key.seal(&*entropy, &archive));
        work.await.map_err(errors::internal)
    }

    /// Checks an uploaded archive as [`Packages::add`] does and keeps nothing; the bytes of its files.
    pub async fn check(self: &Arc<Self>, archive: Bytes) -> Result<u64, Error> {
        if archive.is_empty() {
            return Err(errors::package_empty());
        }
        let directory = self.new_directory();
        let result = self.fill(archive, directory.clone()).await;
        let _ = tokio::task::spawn_blocking(move || unpack::remove(&directory)).await;
        result
    }

    /// The archive as it was uploaded; `key` is what it was stored under.
    pub async fn archive(&self, digest: &Digest, key: Option<ArchiveKey>) -> Result<Bytes, Error> {
        let archive = self.blobs.get(*digest).await.map_err(errors::internal)?;
        let missing = || errors::internal(format!("the package {digest} is missing"));
        let archive = archive.ok_or_else(missing)?;
        let Some(key) = key else { return Ok(archive) };
        let work = tokio::task::spawn_blocking(move || key.open(&archive));
        let opened = work.await.map_err(errors::internal)?;
        opened.ok_or_else(|| errors::internal(format!("the package {digest} does not open")))
    }

    /// The directory of a package; unpacked again if it is missing.
    pub async fn tree(
        self: &Arc<Self>,
        digest: &Digest,
        key: Option<ArchiveKey>,
    ) -> Result<PathBuf, Error> {
        let path = self.trees.join(digest.to_string());
        if !path.is_dir() {
            let archive = self.archive(digest, key).await?;
            self.unpack(digest, archive).await?;
        }
        Ok(path)
    }

    /// The bytes of its files.
    async fn unpack(self: &Arc<Self>, digest: &Digest, archive: Bytes) -> Result<u64, Error> {
        let path = self.trees.join(digest.to_string());
        if path.is_dir() {
            return measure(path).await;
        }
        let directory = self.new_directory();
        let filled = self.fill(archive, directory.clone()).await;
        let (source, target) = (directory.clone(), path.clone());
        let renamed = match filled {
            Ok(bytes) => std::fs::rename(source, target).map(|()| bytes).map_err(errors::internal),
            Err(error) => Err(error),
        };
        match renamed {
            Ok(bytes) => Ok(bytes),
            // Somebody else was quicker with the same archive, or it was refused.
            Err(error) => {
                let _ = tokio::task::spawn_blocking(move || unpack::remove(&directory)).await;
                if path.is_dir() { measure(path).await } else { Err(error) }
            }
        }
    }

    fn new_directory(&self) -> PathBuf {
        let random = self.entropy.text(16, b"0123456789abcdefghijklmnopqrstuvwxyz");
        self.trees.join(format!("new-{random}"))
    }

    async fn fill(self: &Arc<Self>, archive: Bytes, directory: PathBuf) -> Result<u64, Error> {
        let _permit = self.unpacking.acquire().await.map_err(errors::internal)?;
        let work = tokio::task::spawn_blocking(move || {
            std::fs::create_dir(&directory)?;
            unpack::unpack(archive, &directory)
        });
        match work.await.map_err(errors::internal)? {
            Ok(bytes) => Ok(bytes),
            Err(Rejected::Empty) => Err(errors::package_empty()),
            Err(Rejected::TooLarge) => Err(errors::package_unzipped_too_large()),
            Err(Rejected::Invalid(reason)) => {
                tracing::debug!(reason, "a package was refused");
                Err(errors::package_invalid())
            }
            Err(Rejected::Io(error)) => Err(errors::internal(error)),
        }
    }

    /// Removes the directories that are not in `named` and have not been for [`limits::CODE_SWEEP_GRACE`], and what an
    /// interrupted unpacking left. Their archives go with them.
    pub async fn sweep(self: &Arc<Self>, named: HashSet<String>, now: Time) {
        let _sweeping = self.sweeping.write().await;
        let here = match names(&self.trees) {
            Ok(here) => here,
            Err(error) => {
                tracing::warn!(%error, "unpacked packages could not be listed");
                return;
            }
        };
        let due: Vec<String> = {
            let mut unnamed = self.unnamed.lock();
            for name in here {
                unnamed.entry(name).or_insert(now);
            }
            unnamed.retain(|name, _| !named.contains(name));
            let old = |since: &Time| now.since(*since) >= limits::CODE_SWEEP_GRACE;
            unnamed.extract_if(|_, since| old(since)).map(|(name, _)| name).collect()
        };
        for name in due {
            if let Some(digest) = Digest::parse(&name)
                && let Err(error) = self.blobs.remove(digest).await
            {
                tracing::warn!(name, %error, "a package without a function could not be removed");
            }
            let path = self.trees.join(name);
            let _ = tokio::task::spawn_blocking(move || unpack::remove(&path)).await;
        }
    }

    /// Removes every package; for the reset of an ephemeral cloud.
    pub fn clear(&self) {
        self.unnamed.lock().clear();
        let Ok(entries) = std::fs::read_dir(&self.trees) else { return };
        let here = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != "boot");
        here.for_each(|entry| unpack::remove(&entry.path()));
    }
}

/// What is in the directory of packages.
fn names(trees: &Path) -> std::io::Result<Vec<String>> {
    let names =
        std::fs::read_dir(trees)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name != "boot").collect())
}

async fn sha256_of(archive: Bytes) -> Result<[u8; 32], Error> {
    let work = tokio::task::spawn_blocking(move || Sha256::digest(&archive).into());
    work.await.map_err(errors::internal)
}

/// The bytes of all files below `directory`.
async fn measure(directory: PathBuf) -> Result<u64, Error> {
    let work = tokio::task::spawn_blocking(move || unpack::measure(&directory));
    work.await.map_err(errors::internal)?.map_err(errors::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    fn open(blobs: &Blobs, directory: &Path) -> Arc<Packages> {
        let entropy = Arc::new(SeededEntropy::new(1));
        Arc::new(Packages::open(blobs.clone(), directory, "boot", entropy).unwrap())
    }

    /// What an earlier process left goes at once, what this one has may still be in use.
    #[tokio::test]
    async fn leftovers_are_swept_first() {
        let directory = tempfile::tempdir().unwrap();
        let (blobs, now) = (Blobs::in_memory(), Time::from_unix_s(1_000_000));
        let mut digests = Vec::new();
        for text in [b"named".as_slice(), b"left", b"new"] {
            digests.push(blobs.put(Bytes::from_static(text)).await.unwrap());
        }
        let [named, left, new] = digests[..] else { unreachable!("there are three") };
        drop(open(&blobs, directory.path()));
        let make = |digest: Digest| {
            std::fs::create_dir(directory.path().join(digest.to_string())).unwrap();
        };
        [named, left].into_iter().for_each(make);
        let packages = open(&blobs, directory.path());
        make(new);
        let all = HashSet::from([named.to_string()]);
        packages.sweep(all.clone(), now).await;
        let is_here = |digest: Digest| directory.path().join(digest.to_string()).is_dir();
        assert_eq!([named, left, new].map(is_here), [true, false, true]);
        assert!(blobs.get(left).await.unwrap().is_none());
        assert!(blobs.get(new).await.unwrap().is_some());
        packages.sweep(all, now + limits::CODE_SWEEP_GRACE).await;
        assert_eq!([named, left, new].map(is_here), [true, false, false]);
    }
}
