//! Unpacks container images: archives as `docker save` writes them, or tars of an OCI layout.
//! <https://github.com/opencontainers/image-spec>
//!
//! Only what a sandbox's root is made of is unpacked. Archives are taken from the operator, but they are written by
//! others: nothing is written outside of the folder, through links either, and sizes are bounded.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;
use tar::{Archive, EntryType};

use super::install::{InstallError, read_all, system};

/// The parts of an image that are unpacked.
const WANTED: [&str; 4] = ["usr", "var/lang", "var/runtime", "etc"];

/// Bytes of all files: AWS's own limit of an image, and of what is in it when it is unpacked.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const UNPACKED_BYTES_MAX: u64 = 10 * 1024 * 1024 * 1024;
const ENTRIES_MAX: u64 = 1_000_000;
/// Bytes of a manifest or index.
const DOCUMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;
const LAYERS_MAX: usize = 128;

/// Says that a name of the layer below is gone; alone, that all names in the folder are.
const WHITEOUT: &str = ".wh.";
const WHITEOUT_ALL: &str = ".wh..wh..opq";

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Unpacks the layers of the image in `archive` over each other into `root`, an empty folder.
pub(super) fn unpack(
    archive: &Path,
    root: &Path,
    progress: &dyn Fn(&str),
) -> Result<(), InstallError> {
    let image = Image::open(archive)?;
    let layers = image.layers()?;
    if layers.len() > LAYERS_MAX {
        return Err(InstallError(format!("The image has more than {LAYERS_MAX} layers.")));
    }
    let mut budget = Budget { bytes: UNPACKED_BYTES_MAX, entries: ENTRIES_MAX };
    for (number, layer) in layers.iter().enumerate() {
        progress(&format!("Layer {} of {}.", number + 1, layers.len()));
        let told = |error| InstallError(format!("Layer {layer}: {error}"));
        unpack_layer(image.decompressed(layer)?, root, &mut budget).map_err(told)?;
    }
    if !root.join("usr").is_dir() {
        return Err(InstallError("The image has no /usr, so nothing could run in it.".to_owned()));
    }
    Ok(())
}

/// An archive and where its members are.
struct Image {
    path: PathBuf,
    members: HashMap<String, (u64, u64)>,
}

impl Image {
    fn open(path: &Path) -> Result<Self, InstallError> {
        let mut file = File::open(path).map_err(system(path))?;
        let magic = read_all(&mut file, 2).map_err(system(path))?;
        if magic == GZIP {
            let text = format!("{0} is compressed; unpack it first: gunzip {0}", path.display());
            return Err(InstallError(text));
        }
        file.seek(SeekFrom::Start(0)).map_err(system(path))?;
        let mut members = HashMap::new();
        let mut links = Vec::new();
        let mut archive = Archive::new(BufReader::new(file));
        for entry in archive.entries().map_err(system(path))? {
            let entry = entry.map_err(system(path))?;
            let name = entry.path().map_err(system(path))?.to_string_lossy().into_owned();
            let name = name.trim_start_matches("./").to_owned();
            if let Some(target) = entry.link_name().map_err(system(path))? {
                // Old versions of Docker store a layer that occurs twice as a link to the first.
                links.push((name, target.to_string_lossy().into_owned()));
            } else {
                members.insert(name, (entry.raw_file_position(), entry.size()));
            }
            if members.len() as u64 > ENTRIES_MAX {
                return Err(InstallError(format!("{} has too many members.", path.display())));
            }
        }
        for (name, target) in links {
            let beside = Path::new(&name).with_file_name("").join(&target);
            let found =
                members.get(&target).or_else(|| members.get(&*normal(&beside).to_string_lossy()));
            if let Some(found) = found.copied() {
                members.insert(name, found);
            }
        }
        Ok(Self { path: path.to_owned(), members })
    }

    fn read(&self, name: &str) -> Result<Option<impl Read + use<>>, InstallError> {
        let Some((position, size)) = self.members.get(name) else { return Ok(None) };
        let mut file = File::open(&self.path).map_err(system(&self.path))?;
        file.seek(SeekFrom::Start(*position)).map_err(system(&self.path))?;
        Ok(Some(file.take(*size)))
    }

    fn json(&self, name: &str) -> Result<Option<Value>, InstallError> {
        let Some(reader) = self.read(name)? else { return Ok(None) };
        let bytes = read_all(reader, DOCUMENT_BYTES_MAX).map_err(system(&self.path))?;
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Some).map_err(|error| InstallError(format!("{name} in the archive: {error}")))
    }

    /// The names of the layers, the lowest first.
    fn layers(&self) -> Result<Vec<String>, InstallError> {
        let texts = |value: &Value, key: &str| -> Vec<String> {
            let list = value[key].as_array().into_iter().flatten();
            list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        if let Some(manifest) = self.json("manifest.json")? {
            return Ok(texts(&manifest[0], "Layers"));
        }
        let Some(mut document) = self.json("index.json")? else {
            let text = format!(
                "{} is no image archive: it has neither manifest.json nor index.json.",
                self.path.display()
            );
            return Err(InstallError(text));
        };
        // An index may name an index: one image for several machines.
        for _ in 0..4 {
            if let Some(layers) = document["layers"].as_array() {
                let digests = layers.iter().filter_map(|layer| layer["digest"].as_str());
                return Ok(digests.map(blob).collect());
            }
            let manifests = document["manifests"].as_array().cloned().unwrap_or_default();
            let fits = |manifest: &&Value| {
                let platform = &manifest["platform"];
                platform.is_null()
                    || platform["os"] == "linux" && platform["architecture"] == machine()
            };
            let digest =
                manifests.iter().find(fits).and_then(|manifest| manifest["digest"].as_str());
            let Some(digest) = digest else {
                let text = format!("The archive has no image for linux/{}.", machine());
                return Err(InstallError(text));
            };
            let missing = || InstallError(format!("The archive lacks {digest}, which it names."));
            document = self.json(&blob(digest))?.ok_or_else(missing)?;
        }
        Err(InstallError("The archive's indexes name each other.".to_owned()))
    }

    /// A layer's tar.
    fn decompressed(&self, name: &str) -> Result<Box<dyn Read>, InstallError> {
        let missing = || InstallError(format!("The archive lacks {name}, which it names."));
        let mut start = self.read(name)?.ok_or_else(missing)?;
        let magic = read_all(&mut start, 4).map_err(system(&self.path))?;
        let reader = BufReader::new(self.read(name)?.ok_or_else(missing)?);
        if magic.starts_with(&GZIP) {
            Ok(Box::new(flate2::read::MultiGzDecoder::new(reader)))
        } else if magic == ZSTD {
            let text = format!(
                "{name} is compressed with zstd, which is not built; save the image with gzip."
            );
            Err(InstallError(text))
        } else {
            Ok(Box::new(reader))
        }
    }
}

/// Where an OCI layout keeps what has this digest.
fn blob(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

/// This machine as images name it.
fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        "x86_64" => "amd64",
        other => other,
    }
}

struct Budget {
    bytes: u64,
    entries: u64,
}

impl Budget {
    fn spend(&mut self, bytes: u64) -> std::io::Result<()> {
        let rest = (self.bytes.checked_sub(bytes), self.entries.checked_sub(1));
        let (Some(bytes), Some(entries)) = rest else {
            return Err(std::io::Error::other(
                "it is larger than 10 GiB or has more than a million files",
            ));
        };
        *self = Self { bytes, entries };
        Ok(())
    }
}

fn unpack_layer(layer: impl Read, root: &Path, budget: &mut Budget) -> std::io::Result<()> {
    let mut archive = Archive::new(layer);
    archive.set_preserve_permissions(true);
    archive.set_preserve_mtime(true);
    for entry in archive.entries()? {
        let mut entry = entry?;
        budget.spend(entry.size())?;
        let path = normal(&entry.path()?);
        let wanted =
            WANTED.iter().any(|part| path.starts_with(part) || Path::new(part).starts_with(&path));
        let file = matches!(
            entry.header().entry_type(),
            EntryType::Regular
                | EntryType::Continuous
                | EntryType::Directory
                | EntryType::Symlink
                | EntryType::Link
        );
        let (Some(name), true) = (path.file_name(), wanted && file) else { continue };
        // Nothing goes through a link: it might lead out of the root.
        let Some(parent) = plain_parent(root, &path) else { continue };
        let name = name.to_string_lossy().into_owned();
        if name == WHITEOUT_ALL {
            for entry in std::fs::read_dir(&parent).into_iter().flatten() {
                remove(&entry?.path())?;
            }
            continue;
        }
        if let Some(gone) = name.strip_prefix(WHITEOUT) {
            if !gone.is_empty() && gone != "." && gone != ".." {
                remove(&parent.join(gone))?;
            }
            continue;
        }
        let target = parent.join(&name);
        let directory = entry.header().entry_type() == EntryType::Directory;
        let there = std::fs::symlink_metadata(&target);
        if there.is_ok_and(|there| !(there.is_dir() && directory)) {
            remove(&target)?;
        }
        if entry.header().entry_type() == EntryType::Link {
            link(&entry.link_name()?.unwrap_or_default(), root, &target)?;
        } else {
            std::fs::create_dir_all(&parent)?;
            entry.unpack(&target)?;
        }
    }
    Ok(())
}

/// A second name of a file of the image.
fn link(named: &Path, root: &Path, target: &Path) -> std::io::Result<()> {
    let named = normal(named);
    let Some(parent) = plain_parent(root, &named) else { return Ok(()) };
    let source = parent.join(named.file_name().unwrap_or_default());
    match std::fs::symlink_metadata(&source) {
        Ok(there) if there.is_file() => std::fs::hard_link(source, target),
        // It names something that was not wanted.
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// A path within an image: without a root, `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                plain.pop();
            }
            _ => {}
        }
    }
    plain
}

/// The folder of `path` below `root`, unless a link or a file is on the way.
fn plain_parent(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut place = root.to_owned();
    for component in path.parent()?.components() {
        place.push(component);
        match std::fs::symlink_metadata(&place) {
            Ok(there) if !there.is_dir() => return None,
            _ => {}
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    enum File<'a> {
        Text(&'a str),
        Folder,
        Symlink(&'a str),
        Link(&'a str),
    }

    fn tar(files: &[(&str, File<'_>)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, file) in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o755);
            // The builder refuses names that lead out, which are just what is to be tried.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            let (kind, target, text) = match file {
                File::Text(text) => (EntryType::Regular, None, *text),
                File::Folder => (EntryType::Directory, None, ""),
                File::Symlink(target) => (EntryType::Symlink, Some(target), ""),
                File::Link(target) => (EntryType::Link, Some(target), ""),
            };
            header.set_entry_type(kind);
            if let Some(target) = target {
                header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
            }
            header.set_size(text.len() as u64);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn archive(folder: &Path, members: &[(&str, Vec<u8>)]) -> PathBuf {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
        let path = folder.join("image.tar");
        std::fs::write(&path, builder.into_inner().unwrap()).unwrap();
        path
    }

    fn unpacked(archive: &Path, root: &Path) -> Result<(), InstallError> {
        std::fs::create_dir(root).unwrap();
        unpack(archive, root, &|_| {})
    }

    #[test]
    fn layers_lie_over_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let first = tar(&[
            ("./usr/bin/a", File::Text("1")),
            ("usr/bin/b", File::Text("1")),
            ("usr/bin/c", File::Link("usr/bin/b")),
            ("usr/gone/x", File::Text("1")),
            ("usr/turned/x", File::Text("1")),
            ("home/unwanted", File::Text("1")),
            ("bin", File::Symlink("usr/bin")),
            ("usr/lib64", File::Folder),
        ]);
        let second = tar(&[
            ("usr/bin/a", File::Text("2")),
            ("usr/bin/.wh.b", File::Text("")),
            ("usr/gone/.wh..wh..opq", File::Text("")),
            ("usr/gone/y", File::Text("2")),
            ("usr/turned", File::Symlink("bin")),
            ("var/runtime/boto3/__init__.py", File::Text("")),
        ]);
        let saved = br#"[{"Layers":["a/layer.tar","b/layer.tar"]}]"#.to_vec();
        let members = [
            ("manifest.json", saved),
            ("a/layer.tar", first.clone()),
            ("b/layer.tar", gzip(&second)),
        ];
        let root = folder.path().join("saved");
        unpacked(&archive(folder.path(), &members), &root).unwrap();
        let index = format!(
            r#"{{"manifests":[{{"platform":{{"os":"linux","architecture":"none"}},"digest":"sha256:no"}},
               {{"platform":{{"os":"linux","architecture":"{}"}},"digest":"sha256:m"}}]}}"#,
            machine()
        );
        let manifest = br#"{"layers":[{"digest":"sha256:a"},{"digest":"sha256:b"}]}"#.to_vec();
        let members = [
            ("index.json", index.into_bytes()),
            ("blobs/sha256/m", manifest),
            ("blobs/sha256/a", gzip(&first)),
            ("blobs/sha256/b", second),
        ];
        let layout = folder.path().join("layout");
        unpacked(&archive(folder.path(), &members), &layout).unwrap();
        for root in [root, layout] {
            let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
            assert_eq!(read("usr/bin/a").as_deref(), Some("2"));
            assert_eq!((read("usr/bin/b"), read("usr/bin/c").as_deref()), (None, Some("1")));
            assert_eq!((read("usr/gone/x"), read("usr/gone/y").as_deref()), (None, Some("2")));
            assert_eq!(read("usr/turned/a").as_deref(), Some("2"));
            assert_eq!(read("home/unwanted"), None);
            assert!(read("var/runtime/boto3/__init__.py").is_some());
        }
    }

    #[test]
    fn nothing_is_written_outside() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("kept"), "kept").unwrap();
        // A header holds names of 100 bytes only, and the folder's may be longer.
        let way = "../../outside";
        let layer = tar(&[
            ("usr/bin/a", File::Text("1")),
            ("../../usr/../../outside/up", File::Text("bad")),
            ("usr/way", File::Symlink(way)),
            ("usr/way/through", File::Text("bad")),
            ("usr/way/.wh.kept", File::Text("")),
            ("usr/way/.wh..wh..opq", File::Text("")),
            ("usr/hard", File::Link("usr/way/kept")),
            ("usr/.wh...", File::Text("")),
        ]);
        let members = [("manifest.json", br#"[{"Layers":["l"]}]"#.to_vec()), ("l", layer)];
        let root = folder.path().join("root");
        unpacked(&archive(folder.path(), &members), &root).unwrap();
        let left: Vec<_> =
            std::fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
        assert!(!root.join("usr/hard").exists() && !folder.path().join("up").exists());
        assert!(root.join("usr/bin/a").exists());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        let mut reason = |members: &[(&str, Vec<u8>)]| {
            number += 1;
            let root = folder.path().join(number.to_string());
            unpacked(&archive(folder.path(), members), &root).unwrap_err().to_string()
        };
        assert!(reason(&[("x", Vec::new())]).contains("neither manifest.json nor index.json"));
        assert!(
            reason(&[("manifest.json", b"{".to_vec())])
                .starts_with("manifest.json in the archive: ")
        );
        let named = ("manifest.json", br#"[{"Layers":["l"]}]"#.to_vec());
        assert_eq!(reason(std::slice::from_ref(&named)), "The archive lacks l, which it names.");
        assert!(reason(&[named.clone(), ("l", ZSTD.to_vec())]).contains("zstd"));
        assert!(
            reason(&[named.clone(), ("l", tar(&[("etc/x", File::Text("1"))]))]).contains("no /usr")
        );
        assert!(reason(&[named, ("l", vec![1; 1024])]).starts_with("Layer l: "));
    }
}
