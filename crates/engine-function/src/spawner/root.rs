//! The read-only root of sandboxes, prepared once per [`RootSpec`] in the spawner's private mount namespace.

use std::ffi::CString;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use rustix::mount::{MountAttrFlags, MountFlags};

use super::mounts;
use super::namespaces::{PROGRAM_GID, PROGRAM_UID};
use crate::RootSpec;

/// Files copied into one root, against a folder that was named by mistake.
const COPIED_FILES_MAX: usize = 20_000;
/// Bytes that the copies may take: they are kept in memory.
const ROOT_MIB: u32 = 64;
/// Links followed before a copy is taken to run in circles.
const COPY_DEPTH_MAX: usize = 12;

/// Device nodes: name, major and minor number.
const DEVICES: [(&str, u32, u32); 5] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9)];

/// Files of `/proc` that tell about the machine or act on it. Masked where they exist, though most of them only root
/// may open, which nobody inside is.
const MASKED: [&str; 10] = [
    "sysrq-trigger",
    "kcore",
    "keys",
    "key-users",
    "timer_list",
    "sched_debug",
    "latency_stats",
    "kallsyms",
    "modules",
    "kmsg",
];
/// Folders of `/proc` likewise.
const MASKED_FOLDERS: [&str; 7] = ["acpi", "asound", "bus", "driver", "fs", "irq", "scsi"];

/// A prepared root.
#[derive(Debug)]
pub struct Root {
    pub spec: RootSpec,
    pub folder: PathBuf,
}

/// Names below `/proc` that each sandbox covers: files and folders.
#[derive(Debug, Default)]
pub struct Masks {
    /// Paths in a root: `proc/…`.
    pub files: Vec<CString>,
    pub folders: Vec<CString>,
}

impl Masks {
    /// Those that this kernel has.
    pub fn detect() -> Self {
        let path = |name: &str| {
            let path = Path::new("proc").join(name);
            let exists = Path::new("/").join(&path).exists();
            CString::new(path.into_os_string().into_vec()).ok().filter(|_| exists)
        };
        Self {
            files: MASKED.into_iter().filter_map(path).collect(),
            folders: MASKED_FOLDERS.into_iter().filter_map(path).collect(),
        }
    }
}

impl Root {
    /// Builds the tree at `folder`, which must not exist. `devices`: make device nodes, which needs real root;
    /// otherwise the host's are mounted one by one.
    pub fn prepare(spec: &RootSpec, folder: &Path, devices: bool) -> Result<Self> {
        fs::create_dir(folder)?;
        let options = [("size", format!("{ROOT_MIB}m")), ("mode", "755".to_owned())];
        // Without `nodev`, for the device nodes; the program can make none, having no capability and no writable part.
        let tree = mounts::memory(&options, MountAttrFlags::MOUNT_ATTR_NOSUID)?;
        mounts::place(tree.as_fd(), folder)?;
        let root = Self { spec: spec.clone(), folder: folder.to_owned() };
        root.furnish(devices).inspect_err(|_| {
            // A half-made root is of no use and must not be found again.
            let _ = rustix::mount::unmount(folder, rustix::mount::UnmountFlags::DETACH);
            let _ = fs::remove_dir(folder);
        })?;
        mounts::set_attributes(
            tree.as_fd(),
            c"",
            libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
            false,
        )?;
        Ok(root)
    }

    fn furnish(&self, devices: bool) -> Result<()> {
        for folder in [
            "dev",
            "etc",
            "opt",
            "proc",
            "root",
            "sys",
            "tmp",
            "usr",
            "var/task",
            "var/runtime",
            "var/tmp",
        ] {
            fs::create_dir_all(self.folder.join(folder))?;
        }
        for mount in &self.spec.mounts {
            let place = self.inside(&mount.inside)?;
            let told = |error: Error| {
                Error::new(
                    error.kind(),
                    format!(
                        "mounting {} at {}: {error}",
                        mount.host.display(),
                        mount.inside.display()
                    ),
                )
            };
            self.make_place(&mount.host, &place).map_err(told)?;
            let tree = mounts::read_only_tree(&mount.host).map_err(|errno| told(errno.into()))?;
            mounts::place(tree.as_fd(), &place).map_err(|errno| told(errno.into()))?;
        }
        for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            let (own, target) = (self.folder.join(name), format!("usr/{name}"));
            if !own.exists() && self.folder.join(&target).is_dir() {
                symlink(target, own)?;
            }
        }
        self.write_etc()?;
        let mut budget = COPIED_FILES_MAX;
        for copy in &self.spec.copies {
            copy_readable(&copy.host, &self.inside(&copy.inside)?, 0, &mut budget)?;
        }
        self.make_devices(devices)
    }

    /// The place of an absolute path inside; `..` is refused.
    fn inside(&self, path: &Path) -> Result<PathBuf> {
        let mut place = self.folder.clone();
        for component in path.components() {
            match component {
                Component::RootDir => {}
                Component::Normal(name) => place.push(name),
                _ => {
                    return Err(Error::new(
                        ErrorKind::InvalidInput,
                        format!("{} is not a plain path", path.display()),
                    ));
                }
            }
        }
        if path.is_absolute() && place != self.folder {
            Ok(place)
        } else {
            Err(ErrorKind::InvalidInput.into())
        }
    }

    /// Something to mount `host` on.
    fn make_place(&self, host: &Path, place: &Path) -> Result<()> {
        if fs::metadata(host)?.is_dir() {
            return fs::create_dir_all(place);
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        if place.exists() { Ok(()) } else { fs::write(place, "") }
    }

    fn write_etc(&self) -> Result<()> {
        let etc = self.folder.join("etc");
        let mut hosts =
            String::from("127.0.0.1\tlocalhost\n127.0.0.1\tsandbox.localdomain sandbox\n");
        for (address, name) in &self.spec.hosts {
            writeln!(hosts, "{address}\t{name}").map_err(Error::other)?;
        }
        // AWS's own account name for the program's user.
        let accounts = format!(
            "root:x:0:0:root:/root:/sbin/nologin\n\
             sbx_user1051:x:{PROGRAM_UID}:{PROGRAM_GID}::/home/sbx_user1051:/sbin/nologin\n\
             nobody:x:65534:65534:Nobody:/:/sbin/nologin\n"
        );
        let groups = format!("root:x:0:\nsbx_user1051:x:{PROGRAM_GID}:\nnobody:x:65534:\n");
        let files = [
            ("passwd", accounts.as_str()),
            ("group", groups.as_str()),
            ("hosts", hosts.as_str()),
            ("resolv.conf", ""),
            ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        ];
        for (name, content) in files {
            fs::write(etc.join(name), content)?;
        }
        Ok(())
    }

    fn make_devices(&self, own: bool) -> Result<()> {
        let dev = self.folder.join("dev");
        for (name, major, minor) in DEVICES {
            let path = dev.join(name);
            if own {
                mknodat(
                    CWD,
                    &path,
                    FileType::CharacterDevice,
                    Mode::from_raw_mode(0o666),
                    makedev(major, minor),
                )?;
                // The umask took part of the mode.
                fs::set_permissions(&path, Permissions::from_mode(0o666))?;
            } else {
                fs::write(&path, "")?;
                rustix::mount::mount_bind(Path::new("/dev").join(name), &path)?;
            }
        }
        let links =
            [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")];
        links.into_iter().try_for_each(|(name, target)| symlink(target, dev.join(name)))
    }
}

/// Copies what everyone may read: folders, regular files and what links lead to; links between alternatives stay links
/// when they lead nowhere from here. Private keys, sockets and devices are left out.
fn copy_readable(from: &Path, to: &Path, depth: usize, budget: &mut usize) -> Result<()> {
    let Ok(meta) = fs::metadata(from) else { return Ok(()) };
    let for_everyone = meta.permissions().mode() & 0o004 != 0;
    if *budget == 0 || depth > COPY_DEPTH_MAX || !for_everyone || to.exists() {
        return Ok(());
    }
    *budget -= 1;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    if meta.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy_entry(&from.join(&name), &to.join(&name), depth + 1, budget)?;
        }
    } else if meta.is_file() {
        fs::copy(from, to)?;
        fs::set_permissions(to, Permissions::from_mode(0o444 | meta.permissions().mode() & 0o111))?;
    }
    Ok(())
}

/// Copies an entry of a folder. A link into a tree that sandboxes have anyway stays a link: copying
/// `/etc/alternatives` must not copy the programs behind it.
fn copy_entry(from: &Path, to: &Path, depth: usize, budget: &mut usize) -> Result<()> {
    match fs::read_link(from) {
        Ok(target) if target.starts_with("/usr") && !to.exists() => symlink(target, to),
        _ => copy_readable(from, to, depth, budget),
    }
}

/// Makes this process's mounts its own, and puts memory over `state_dir` for roots to stand in.
pub fn enter_private_mounts(state_dir: &Path) -> Result<()> {
    // What the host mounts later is still seen here (packages may lie on it), nothing of ours is seen there.
    rustix::mount::mount_change(
        "/",
        rustix::mount::MountPropagationFlags::DOWNSTREAM
            | rustix::mount::MountPropagationFlags::REC,
    )?;
    fs::create_dir_all(state_dir)?;
    rustix::mount::mount(
        "tmpfs",
        state_dir,
        "tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        c"mode=755,size=1m",
    )?;
    // Its mount must not propagate either.
    rustix::mount::mount_change(state_dir, rustix::mount::MountPropagationFlags::PRIVATE)?;
    Ok(())
}
