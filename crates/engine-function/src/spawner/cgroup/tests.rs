//! Against a tree of plain files in a temporary folder: which paths are chosen and what is written where.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Group, Hierarchies, MemoryWatch, Place, Verdict, Version};

struct Tree {
    root: tempfile::TempDir,
    mountinfo: String,
    own: String,
}

impl Tree {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        Self {
            root,
            mountinfo: "22 1 0:21 / /proc rw shared:5 - proc proc rw\n".to_owned(),
            own: String::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Mounts a hierarchy at `name`; this process is in `own`, and the mount shows the part below `below`.
    fn mount(mut self, name: &str, kind: &str, options: &str, below: &str, own: &str) -> Self {
        let point = self.path(name);
        let inside = Path::new(own).strip_prefix(below).unwrap_or(Path::new(""));
        fs::create_dir_all(point.join(inside)).expect("a folder");
        let point = point.display();
        self.mountinfo += &format!(
            "30 25 0:27 {below} {point} rw,relatime shared:9 - {kind} cgroup rw,{options}\n"
        );
        self.own += &match kind {
            "cgroup2" => format!("0::{own}\n"),
            _ => format!("4:{options}:{own}\n"),
        };
        self
    }

    fn prepare(&self) -> Hierarchies {
        Hierarchies::prepare_from("nuage-test", &self.mountinfo, &self.own)
    }
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A group's folder as the kernel would fill it: the files that are written must exist.
fn fill(folder: &Path, files: &[&str]) {
    for file in files {
        fs::write(folder.join(file), "").expect("a file");
    }
}

#[test]
fn version_two_alone_passes_its_controllers_on() {
    let tree =
        Tree::new().mount("unified", "cgroup2", "nsdelegate", "/", "/system.slice/nuage.service");
    let own = tree.path("unified/system.slice/nuage.service");
    fs::write(own.join("cgroup.controllers"), "cpuset cpu io memory pids\n").expect("a file");
    let found = tree.prepare();
    assert_eq!((found.kind(), found.missing.as_slice()), ("version 2", &[][..]));
    let place = Some(Place { version: Version::Two, folder: own.join("nuage-test") });
    assert_eq!(
        [&found.memory, &found.cpu, &found.accounts, &found.pids, &found.freezer],
        [&place; 5]
    );
    assert_eq!(read(own.join("cgroup.subtree_control")), "+memory +cpu +pids");
    assert_eq!(read(own.join("nuage-test/cgroup.subtree_control")), "+memory +cpu +pids");

    let group = Group::create(&found, "s1", false).expect("created");
    let folder = own.join("nuage-test/s1");
    fill(&folder, &["memory.max", "memory.high", "memory.swap.max", "cpu.max", "pids.max"]);
    group.limit_memory(128 << 20, 640 << 20).expect("written");
    group.limit_cpu(1_769).expect("written");
    group.limit_pids(1_024).expect("written");
    assert_eq!(read(folder.join("memory.max")), "671088640");
    assert_eq!(read(folder.join("memory.high")), "134217728");
    assert_eq!(read(folder.join("memory.swap.max")), "0");
    assert_eq!(read(folder.join("cpu.max")), "100000 100000");
    assert_eq!(read(folder.join("pids.max")), "1024");
    assert!(group.birth_place().expect("a folder").is_some());
    assert!(group.doors(false).expect("none").is_empty(), "nobody walks into version 2");
    assert!(!group.out_of_memory());
    fs::write(folder.join("memory.events"), "low 0\nhigh 3\nmax 9\noom 1\noom_kill 1\n")
        .expect("a file");
    assert!(group.out_of_memory());
}

#[test]
fn a_hybrid_host_limits_by_version_one_and_freezes_by_version_two() {
    let tree = Tree::new()
        .mount("memory", "cgroup", "memory", "/", "/a/b")
        .mount("cpu,cpuacct", "cgroup", "cpu,cpuacct", "/", "/")
        .mount("pids", "cgroup", "pids", "/", "/")
        .mount("freezer", "cgroup", "freezer", "/", "/")
        .mount("unified", "cgroup2", "nsdelegate", "/", "/");
    fs::write(tree.path("unified/cgroup.controllers"), "\n").expect("a file");
    let found = tree.prepare();
    assert_eq!((found.kind(), found.missing.as_slice()), ("hybrid", &[][..]));
    let one = |name: &str| Some(Place { version: Version::One, folder: tree.path(name) });
    assert_eq!(found.memory, one("memory/a/b/nuage-test"));
    assert_eq!(found.cpu, one("cpu,cpuacct/nuage-test"));
    assert_eq!(found.accounts, found.cpu);
    assert_eq!(
        found.freezer,
        Some(Place { version: Version::Two, folder: tree.path("unified/nuage-test") })
    );
    assert_eq!(
        found.slow_freezer,
        Some(Place { version: Version::One, folder: tree.path("freezer/nuage-test") })
    );

    let group = Group::create(&found, "s1", false).expect("created");
    let memory = tree.path("memory/a/b/nuage-test/s1");
    fill(
        &memory,
        &["memory.limit_in_bytes", "memory.swappiness", "memory.memsw.limit_in_bytes", "tasks"],
    );
    fill(
        &tree.path("cpu,cpuacct/nuage-test/s1"),
        &["cpu.cfs_period_us", "cpu.cfs_quota_us", "tasks"],
    );
    fill(&tree.path("pids/nuage-test/s1"), &["pids.max", "tasks"]);
    group.limit_memory(128 << 20, 640 << 20).expect("written");
    group.limit_cpu(128).expect("written");
    assert_eq!(read(memory.join("memory.limit_in_bytes")), "671088640");
    assert_eq!(read(memory.join("memory.memsw.limit_in_bytes")), "671088640");
    assert_eq!(read(tree.path("cpu,cpuacct/nuage-test/s1/cpu.cfs_quota_us")), "7235");
    assert_eq!(
        group.doors(false).expect("open").len(),
        3,
        "one per hierarchy, though two controllers share one"
    );
    assert!(group.birth_place().expect("a folder").is_some());
    fs::write(memory.join("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
        .expect("a file");
    assert!(group.out_of_memory());
}

#[test]
fn version_one_alone_freezes_by_its_own_freezer() {
    let tree = Tree::new()
        .mount("freezer", "cgroup", "freezer", "/", "/")
        .mount("memory", "cgroup", "memory", "/", "/");
    let found = tree.prepare();
    assert_eq!(found.kind(), "version 1");
    assert_eq!(
        found.freezer,
        Some(Place { version: Version::One, folder: tree.path("freezer/nuage-test") })
    );
    assert_eq!(found.missing.len(), 2, "{:?}", found.missing);
    assert!(
        found.missing[0].starts_with("No usable control group for cpu: "),
        "{:?}",
        found.missing
    );
    assert!(
        found.missing[1].starts_with("No usable control group for pids: "),
        "{:?}",
        found.missing
    );
}

#[test]
fn a_container_sees_a_part_of_the_hierarchy() {
    let tree = Tree::new().mount("memory", "cgroup", "memory", "/docker/abc", "/docker/abc/inner");
    assert_eq!(
        tree.prepare().memory.map(|place| place.folder),
        Some(tree.path("memory/inner/nuage-test"))
    );
    // A group that the mount does not show: the mount's top is the nearest.
    let tree = Tree::new().mount("memory", "cgroup", "memory", "/docker/abc", "/elsewhere");
    assert_eq!(
        tree.prepare().memory.map(|place| place.folder),
        Some(tree.path("memory/nuage-test"))
    );
}

#[test]
fn a_host_without_groups_says_what_follows() {
    let found = Tree::new().prepare();
    assert_eq!((found.kind(), found.missing.len()), ("none", 4));
    let group = Group::create(&found, "s1", false).expect("nothing to create");
    group
        .limit_memory(1, 2)
        .and_then(|()| group.limit_cpu(128))
        .and_then(|()| group.limit_pids(9))
        .expect("no-ops");
    assert!(group.files_for_host().expect("none").is_empty());
}

#[test]
fn leftovers_of_an_earlier_run_are_swept() {
    let tree = Tree::new().mount("memory", "cgroup", "memory", "/", "/");
    fs::create_dir_all(tree.path("memory/nuage-test/s7")).expect("a folder");
    fs::create_dir_all(tree.path("memory/nuage-other/s7")).expect("a folder");
    tree.prepare();
    assert!(!tree.path("memory/nuage-test/s7").exists());
    assert!(tree.path("memory/nuage-other/s7").exists(), "another instance's");
}

/// A look at a group that uses `used` bytes, of which the program holds `anonymous` and `shared`. `/tmp` is empty.
fn look(version: Version, used: u64, anonymous: u64, shared: u64) -> Verdict {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: String| fs::write(folder.path().join(name), text).expect("a file");
    let (usage, key) = match version {
        Version::One => ("memory.usage_in_bytes", "rss"),
        Version::Two => ("memory.current", "anon"),
    };
    write(usage, format!("{used}\n"));
    write(
        "memory.stat",
        format!(
            "cache 77\nrss_huge 5\n{key} {anonymous}\nanon_thp 9\nshmem {shared}\nshmem_thp 9\n"
        ),
    );
    write("memory.events", "high 1\n".to_owned());
    write("memory.high", String::new());
    // A file system that holds no blocks stands for an empty /tmp.
    let tmp = fs::File::open("/proc").expect("/proc").into();
    let place = Place { version, folder: folder.path().to_owned() };
    MemoryWatch::start(place, 1_000, tmp).and_then(|mut watch| watch.look()).expect("a look")
}

#[test]
fn only_the_programs_own_memory_counts() {
    for version in [Version::One, Version::Two] {
        assert_eq!(look(version, 900, 900, 0), Verdict::Within);
        assert_eq!(
            look(version, 9_000, 900, 0),
            Verdict::Within,
            "caches are the kernel's to drop"
        );
        assert_eq!(look(version, 9_000, 1_001, 0), Verdict::Exceeded);
        assert_eq!(
            look(version, 9_000, 600, 401),
            Verdict::Exceeded,
            "shared memory outside /tmp counts"
        );
    }
}

/// The real thing, where version 2 has the controllers.
#[test]
fn version_two_of_this_host() {
    let controllers = fs::read_to_string("/sys/fs/cgroup/cgroup.controllers").unwrap_or_default();
    if !controllers.contains("memory") {
        return println!(
            "skipped: version_two_of_this_host: version 2 has no memory controller here"
        );
    }
    let found = Hierarchies::prepare(&format!("nuage-unit-{}", std::process::id()));
    if found.memory.is_none() {
        return println!("skipped: version_two_of_this_host: {:?}", found.missing);
    }
    let mut group = Group::create(&found, "s1", false).expect("created");
    group.limit_memory(128 << 20, 640 << 20).and_then(|()| group.limit_cpu(128)).expect("limits");
    assert_eq!(group.files_for_host().expect("files").len(), 3);
    assert!(group.remove());
    found.remove();
}
