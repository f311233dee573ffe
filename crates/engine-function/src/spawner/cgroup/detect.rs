//! Which hierarchies this host has and where in them this instance may work.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::sweep;

/// The two kinds of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    One,
    Two,
}

/// A folder in a hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub version: Version,
    pub folder: PathBuf,
}

/// Where this instance keeps its groups, per concern. `None`: the host does not offer it.
#[derive(Debug, Default)]
pub struct Hierarchies {
    pub memory: Option<Place>,
    pub cpu: Option<Place>,
    /// Processor time used.
    pub accounts: Option<Place>,
    pub pids: Option<Place>,
    pub freezer: Option<Place>,
    /// Version 1's freezer, where both are there.
    pub slow_freezer: Option<Place>,
    pub has_version_one: bool,
    pub has_version_two: bool,
    /// Why something is not offered.
    pub missing: Vec<String>,
}

/// One mounted hierarchy.
#[derive(Debug, PartialEq, Eq)]
struct Mounted {
    version: Version,
    controllers: Vec<String>,
    mount_point: PathBuf,
    /// The folder of the group that this process is in.
    own: PathBuf,
}

impl Hierarchies {
    /// Reads `/proc/self/mountinfo` and `/proc/self/cgroup`, sweeps what an earlier run left, and makes the folders
    /// called `instance`.
    pub fn prepare(instance: &str) -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        Self::prepare_from(instance, &text("/proc/self/mountinfo"), &text("/proc/self/cgroup"))
    }

    pub(super) fn prepare_from(instance: &str, mountinfo: &str, own_groups: &str) -> Self {
        let mut found = Self::default();
        let mut all = mounted(mountinfo, own_groups);
        // Version 2 first: what it offers is not looked for in version 1.
        all.sort_by_key(|mounted| mounted.version == Version::One);
        for mounted in all {
            match mounted.version {
                Version::One => found.add_version_one(&mounted, instance),
                Version::Two => found.add_version_two(&mounted, instance),
            }
        }
        let offered = [
            (
                &found.memory,
                "memory",
                "functions are not held to their memory size and one of them may starve the host",
            ),
            (&found.cpu, "cpu", "functions are not held to their share of CPU"),
            (&found.pids, "pids", "processes are limited per user id only"),
            (&found.freezer, "freezer", "idle functions keep running between invocations"),
        ];
        let missing = offered.into_iter().filter(|(place, ..)| place.is_none());
        let missing: Vec<_> = missing
            .map(|(_, controller, consequence)| {
                format!("No usable control group for {controller}: {consequence}.")
            })
            .collect();
        found.missing.extend(missing);
        found
    }

    /// `"version 2"`, `"hybrid"`, `"version 1"` or `"none"`: what is mounted.
    pub fn kind(&self) -> &'static str {
        match (self.has_version_one, self.has_version_two) {
            (true, true) => "hybrid",
            (true, false) => "version 1",
            (false, true) => "version 2",
            (false, false) => "none",
        }
    }

    /// Removes this instance's folders, with what is still in them.
    pub fn remove(&self) {
        for place in
            [&self.memory, &self.cpu, &self.accounts, &self.pids, &self.freezer, &self.slow_freezer]
                .into_iter()
                .flatten()
        {
            sweep(&place.folder);
            // One folder may serve several concerns, and be gone by now.
            let _ = fs::remove_dir(&place.folder);
        }
    }

    fn add_version_one(&mut self, mounted: &Mounted, instance: &str) {
        self.has_version_one = true;
        let wanted = |name: &str| mounted.controllers.iter().any(|controller| controller == name);
        let freezer = match self.freezer {
            None => &mut self.freezer,
            Some(_) => &mut self.slow_freezer,
        };
        let slots: [(&str, &mut Option<Place>); 5] = [
            ("memory", &mut self.memory),
            ("cpu", &mut self.cpu),
            ("cpuacct", &mut self.accounts),
            ("pids", &mut self.pids),
            ("freezer", freezer),
        ];
        let mut slots: Vec<_> =
            slots.into_iter().filter(|(name, slot)| wanted(name) && slot.is_none()).collect();
        if slots.is_empty() {
            return;
        }
        match instance_folder(&[&mounted.own, &mounted.mount_point], instance, |_| Ok(())) {
            Ok(folder) => {
                let place = Place { version: Version::One, folder };
                if wanted("memory") {
                    // Groups below have what this one has when they are made.
                    let _ = place.write_if_present("memory.swappiness", 0);
                }
                for (_, slot) in &mut slots {
                    **slot = Some(place.clone());
                }
            }
            Err(error) => self.missing.push(not_writable(mounted, &error)),
        }
    }

    fn add_version_two(&mut self, mounted: &Mounted, instance: &str) {
        self.has_version_two = true;
        let offered =
            fs::read_to_string(mounted.own.join("cgroup.controllers")).unwrap_or_default();
        let wanted: Vec<_> = ["memory", "cpu", "pids"]
            .into_iter()
            .filter(|name| offered.split_whitespace().any(|it| it == *name))
            .collect();
        let enable = |folder: &Path| enable_controllers(folder, &wanted);
        match instance_folder(&[&mounted.own, &mounted.mount_point], instance, enable) {
            Ok(folder) => {
                if let Err(error) = enable_controllers(&folder, &wanted) {
                    self.missing.push(not_writable(mounted, &error));
                }
                let place = Place { version: Version::Two, folder };
                let slots = [
                    ("memory", &mut self.memory),
                    ("cpu", &mut self.cpu),
                    ("pids", &mut self.pids),
                ];
                for (name, slot) in slots {
                    if wanted.contains(&name) {
                        *slot = Some(place.clone());
                    }
                }
                if wanted.contains(&"cpu") {
                    self.accounts = Some(place.clone());
                }
                // Freezing is the core's and needs no controller; version 1's costs five times as much.
                self.freezer = Some(place);
            }
            Err(error) => self.missing.push(not_writable(mounted, &error)),
        }
    }
}

fn not_writable(mounted: &Mounted, error: &Error) -> String {
    let version = if mounted.version == Version::One { 1 } else { 2 };
    let folder = mounted.own.display();
    format!(
        "The control group (version {version}) at {folder} cannot be divided ({error}); run as root or delegate it."
    )
}

/// The first of `parents` in which the folder `instance` can be made, once `prepare` has agreed.
fn instance_folder(
    parents: &[&PathBuf],
    instance: &str,
    prepare: impl Fn(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut last = Error::from(ErrorKind::NotFound);
    for parent in parents {
        let folder = parent.join(instance);
        let made = prepare(parent).and_then(|()| {
            sweep(&folder);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
                _ => Ok(()),
            }
        });
        match made {
            Ok(()) => return Ok(folder),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Passes `controllers` on to the groups below `folder`.
fn enable_controllers(folder: &Path, controllers: &[&str]) -> Result<()> {
    if controllers.is_empty() {
        return Ok(());
    }
    let file = folder.join("cgroup.subtree_control");
    let words: Vec<_> = controllers.iter().map(|name| format!("+{name}")).collect();
    let enable = || fs::write(&file, words.join(" "));
    match enable() {
        // A group with processes of its own cannot pass controllers on. When they are only this program's (a service
        // with delegation), they go into a group of their own.
        Err(error) if error.raw_os_error() == Some(libc::EBUSY) && leave_to_own_group(folder)? => {
            enable()
        }
        result => result,
    }
}

/// Moves this process and its parent out of `folder` when nobody else is in it.
fn leave_to_own_group(folder: &Path) -> Result<bool> {
    let ours = [Some(rustix::process::getpid()), rustix::process::getppid()];
    let ours: Vec<_> =
        ours.into_iter().flatten().map(|pid| pid.as_raw_nonzero().to_string()).collect();
    let inside = fs::read_to_string(folder.join("cgroup.procs"))?;
    if inside.lines().any(|pid| !ours.iter().any(|our| our == pid)) {
        return Ok(false);
    }
    let own = folder.join("nuage-host");
    match fs::create_dir(&own) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for pid in inside.lines() {
        fs::write(own.join("cgroup.procs"), pid)?;
    }
    Ok(true)
}

/// The hierarchies that `mountinfo` lists, each with the folder that `own_groups` (`/proc/self/cgroup`) names.
fn mounted(mountinfo: &str, own_groups: &str) -> Vec<Mounted> {
    // proc_pid_mountinfo(5): "... root mount_point options [optional...] - type source super_options".
    let parse = |line: &str| {
        let (mount, file_system) = line.split_once(" - ")?;
        let mount: Vec<_> = mount.split(' ').collect();
        let (root, mount_point) = (mount.get(3)?, PathBuf::from(unescape(mount.get(4)?)));
        let file_system: Vec<_> = file_system.split(' ').collect();
        let (version, controllers) = match *file_system.first()? {
            "cgroup" => (Version::One, file_system.get(2)?.split(',').map(str::to_owned).collect()),
            "cgroup2" => (Version::Two, Vec::new()),
            _ => return None,
        };
        let own = own_groups.lines().find_map(|line| {
            // cgroups(7): "id:controllers:path", and "0::path" for version 2.
            let mut fields = line.splitn(3, ':').skip(1);
            let (names, path) = (fields.next()?, fields.next()?);
            let this = match version {
                Version::One => names
                    .split(',')
                    .any(|name| controllers.iter().any(|controller| controller == name)),
                Version::Two => names.is_empty(),
            };
            this.then(|| Path::new(path))
        });
        let below = own.and_then(|path| path.strip_prefix(root).ok()).unwrap_or(Path::new(""));
        Some(Mounted { version, controllers, own: mount_point.join(below), mount_point })
    };
    mountinfo.lines().filter_map(parse).collect()
}

/// mountinfo writes space, tab, newline and backslash as three octal digits.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}
