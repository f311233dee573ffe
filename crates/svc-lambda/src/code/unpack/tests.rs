use super::*;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(fill: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Bytes {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut writer);
    writer.finish().unwrap().into_inner().into()
}

fn file(name: &str, mode: u32) -> Bytes {
    archive(|zip| {
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
        zip.write_all(b"content").unwrap();
    })
}

fn unpacked(archive: Bytes) -> (tempfile::TempDir, Result<u64, Rejected>) {
    let directory = tempfile::tempdir().unwrap();
    let result = unpack(archive, directory.path());
    (directory, result)
}

#[track_caller]
fn refused(archive: Bytes) {
    let (_directory, result) = unpacked(archive);
    assert!(matches!(result, Err(Rejected::Invalid(_))), "{result:?}");
}

/// Rewrites the name of the only entry, in its local header and in the central directory.
fn renamed(from: &str, to: &str) -> Bytes {
    assert_eq!(from.len(), to.len());
    let mut bytes = file(from, 0o644).to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes.into()
}

#[test]
fn files_are_readable_by_everybody_and_stay_executable() {
    for (mode, expected) in [(0o600, 0o644), (0o000, 0o644), (0o700, 0o755), (0o4755, 0o755)] {
        let (directory, result) = unpacked(file("bin/tool", mode));
        assert_eq!(result.unwrap(), 7);
        assert_eq!(measure(directory.path()).unwrap(), 7);
        let tool = directory.path().join("bin/tool");
        assert_eq!(fs::metadata(&tool).unwrap().permissions().mode() & 0o7777, expected);
        assert_eq!(fs::read(&tool).unwrap(), b"content");
    }
}

#[test]
fn directories_links_and_repeated_parents() {
    let (directory, result) = unpacked(archive(|zip| {
        let options = SimpleFileOptions::default();
        zip.add_directory("lib/", options).unwrap();
        zip.start_file("lib/./a/b.txt", options).unwrap();
        zip.add_symlink("lib/link", "a/b.txt", options).unwrap();
        zip.add_symlink("up", "lib/../lib/a", options).unwrap();
    }));
    result.unwrap();
    assert_eq!(fs::read_link(directory.path().join("lib/link")).unwrap(), Path::new("a/b.txt"));
    assert!(directory.path().join("up/b.txt").is_file());
}

#[test]
fn not_an_archive() {
    refused(Bytes::from_static(b""));
    refused(Bytes::from_static(b"not a zip"));
    let whole = file("f.py", 0o644);
    refused(whole.slice(..whole.len() / 2));
}

#[test]
fn empty_archive() {
    let (_directory, result) = unpacked(archive(|_| {}));
    assert!(matches!(result, Err(Rejected::Empty)));
}

#[test]
fn damaged_content() {
    let mut bytes = file("f.py", 0o644).to_vec();
    // The content begins behind the local header of 30 bytes and the name of 4.
    bytes[30 + 4] ^= 0xff;
    refused(bytes.into());
}

#[test]
fn paths_that_leave_the_package() {
    refused(renamed("aa/b.py", "../b.py"));
    refused(renamed("aaaaaa/b", "x/../../"));
    refused(renamed("a/etc/p", "//etc/p"));
    refused(renamed("a.b", "a\0b"));
    refused(renamed("ab", ".."));
}

#[test]
fn links_that_leave_the_package() {
    for target in ["/etc/passwd", "../x", "a/../../x", "..", "a/../b/../../x"] {
        refused(archive(|zip| {
            zip.add_symlink("link", target, SimpleFileOptions::default()).unwrap();
        }));
    }
}

/// The link is refused or made after the file: nothing is written where it points.
#[test]
fn nothing_is_written_through_links() {
    let outside = tempfile::tempdir().unwrap();
    refused(archive(|zip| {
        let target = outside.path().to_str().unwrap();
        zip.add_symlink("d", target, SimpleFileOptions::default()).unwrap();
        zip.start_file("d/f", SimpleFileOptions::default()).unwrap();
    }));
    refused(archive(|zip| {
        zip.add_symlink("d", "e", SimpleFileOptions::default()).unwrap();
        zip.start_file("d/f", SimpleFileOptions::default()).unwrap();
    }));
    assert!(fs::read_dir(outside.path()).unwrap().next().is_none());
}

#[test]
fn one_path_twice() {
    refused(archive(|zip| {
        zip.start_file("a/f", SimpleFileOptions::default()).unwrap();
        zip.start_file("a/./f", SimpleFileOptions::default()).unwrap();
    }));
    refused(archive(|zip| {
        zip.start_file("a", SimpleFileOptions::default()).unwrap();
        zip.start_file("a/f", SimpleFileOptions::default()).unwrap();
    }));
    let mut twice = archive(|zip| {
        zip.start_file("first.py", SimpleFileOptions::default()).unwrap();
        zip.start_file("other.py", SimpleFileOptions::default()).unwrap();
    })
    .to_vec();
    for at in 0..twice.len() - 8 {
        if twice[at..].starts_with(b"other.py") {
            twice[at..at + 8].copy_from_slice(b"first.py");
        }
    }
    refused(twice.into());
}

#[test]
fn devices() {
    // The external attributes of the entry stand 38 bytes into its record of the central directory.
    let mut bytes = file("null", 0o644).to_vec();
    let record = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bytes[record + 38..record + 42].copy_from_slice(&(0o020_666_u32 << 16).to_le_bytes());
    refused(bytes.into());
}

#[test]
fn bombs_are_stopped_while_they_are_inflated() {
    let bomb = archive(|zip| {
        zip.start_file("zeros", SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..(UNZIPPED_BYTES_MAX >> 20) + 1 {
            zip.write_all(&zeros).unwrap();
        }
    });
    assert!(bomb.len() < 1 << 20);
    let (_directory, result) = unpacked(bomb);
    assert!(matches!(result, Err(Rejected::TooLarge)), "{result:?}");
}
