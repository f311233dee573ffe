use super::*;
use std::os::unix::fs::PermissionsExt;

/// Of `abc`: FIPS 180-4, example of SHA-256.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(test)
}

/// Runs `test` on both kinds.
fn both(test: impl AsyncFn(Blobs)) {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        test(Blobs::in_memory()).await;
        test(Blobs::open(&dir.path().join("blobs")).unwrap()).await;
    });
}

#[test]
fn bodies_come_back_by_digest() {
    both(async |blobs| {
        let digest = blobs.put(Bytes::from_static(b"abc")).await.unwrap();
        assert_eq!(digest, Digest::parse(ABC).unwrap());
        assert_eq!(blobs.get(digest).await.unwrap().unwrap(), "abc");
        assert!(blobs.contains(digest).await.unwrap());
        assert!(blobs.verify(digest).await.unwrap());
        let mut reader = blobs.reader(digest).unwrap().unwrap();
        reader.seek(SeekFrom::Start(1)).unwrap();
        assert_eq!(blobs.put(Bytes::from_static(b"abc")).await.unwrap(), digest);
        assert!(blobs.remove(digest).await.unwrap());
        assert!(!blobs.remove(digest).await.unwrap());
        assert_eq!(io::read_to_string(reader).unwrap(), "bc");
        assert!(!blobs.contains(digest).await.unwrap());
        assert!(!blobs.verify(digest).await.unwrap());
        assert!(blobs.get(digest).await.unwrap().is_none());
        assert!(blobs.reader(digest).unwrap().is_none());
    });
}

#[test]
fn bodies_are_bounded() {
    both(async |blobs| {
        let bytes = 3 * CHUNK_BYTES as u64 + 1;
        let put = |bytes_max| blobs.put_from(io::repeat(7).take(bytes), bytes_max);
        assert!(matches!(put(bytes - 1).await, Err(Error::TooLarge { .. })));
        let (digest, kept) = put(bytes).await.unwrap();
        assert_eq!(kept, bytes);
        assert_eq!(blobs.get(digest).await.unwrap().unwrap(), vec![7; bytes as usize]);
        let (empty, none) = blobs.put_from(io::empty(), 0).await.unwrap();
        assert_eq!(none, 0);
        assert_eq!(blobs.get(empty).await.unwrap().unwrap(), "");
        blobs.clear().await.unwrap();
        assert!(!blobs.contains(digest).await.unwrap());
    });
}

/// Method: 16 tasks put the same body and others of their own at once.
#[test]
fn the_same_body_may_be_put_at_once() {
    both(async |blobs| {
        let mut puts = tokio::task::JoinSet::new();
        for task in 0..16u8 {
            let blobs = blobs.clone();
            puts.spawn(async move {
                let own = blobs.put(vec![task; 100].into()).await.unwrap();
                (blobs.put(Bytes::from_static(b"abc")).await.unwrap(), own)
            });
        }
        for (shared, own) in puts.join_all().await {
            assert!(blobs.verify(shared).await.unwrap());
            assert!(blobs.verify(own).await.unwrap());
        }
    });
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the connection ended"))
    }
}

#[test]
fn failures_leave_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    run(async {
        let half = b"half".chain(Failing);
        assert!(matches!(blobs.put_from(half, 100).await, Err(Error::Source(_))));
        assert!(matches!(blobs.put_from(&b"abc"[..], 2).await, Err(Error::TooLarge { .. })));
    });
    assert_eq!(files_in(&dir.path().join("incoming")), 0);
    assert_eq!(files_in(dir.path()), 0);
}

#[test]
fn opening_removes_what_was_half_written_and_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let digest = run(Blobs::open(dir.path()).unwrap().put(Bytes::from_static(b"abc"))).unwrap();
    std::fs::write(dir.path().join("incoming/0"), "half").unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    assert_eq!(files_in(&dir.path().join("incoming")), 0);
    assert_eq!(run(blobs.get(digest)).unwrap().unwrap(), "abc");
}

fn files_in(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_file()).count()
}

#[test]
fn damage_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    run(async {
        let digest = blobs.put(Bytes::from_static(b"abc")).await.unwrap();
        std::fs::write(dir.path().join(ABC), "abd").unwrap();
        assert!(matches!(blobs.verify(digest).await, Err(Error::Damaged { .. })));
    });
}

#[test]
fn only_the_owner_may_look() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&dir.path().join("blobs")).unwrap();
    run(blobs.put(Bytes::from_static(b"abc"))).unwrap();
    let mode =
        |path: &str| std::fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("blobs"), 0o700);
    assert_eq!(mode("blobs/incoming"), 0o700);
    assert_eq!(mode(&format!("blobs/{ABC}")), 0o600);
}

#[test]
fn digests_are_strict() {
    let digest = Digest::parse(ABC).unwrap();
    assert_eq!(digest.to_string(), ABC);
    assert_eq!(digest.as_bytes()[..2], [0xba, 0x78]);
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("\"{ABC}\""));
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    for bad in ["", "../../etc/passwd", &ABC[1..], &ABC.to_uppercase(), &format!("{ABC}00")] {
        assert!(Digest::parse(bad).is_none(), "{bad}");
        assert!(serde_json::from_str::<Digest>(&format!("{bad:?}")).is_err());
    }
}

#[test]
fn pieces_become_one_body() {
    both(async |blobs| {
        let mut writer = blobs.writer().unwrap();
        for piece in [&b"a"[..], b"", b"bc"] {
            writer.write(piece).unwrap();
        }
        assert_eq!(writer.bytes(), 3);
        let digest = Digest::parse(ABC).unwrap();
        assert!(!blobs.contains(digest).await.unwrap());
        assert_eq!(writer.finish().unwrap(), (digest, 3));
        assert_eq!(blobs.get(digest).await.unwrap().unwrap(), "abc");
    });
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("blobs");
    let blobs = Blobs::open(&path).unwrap();
    let mut writer = blobs.writer().unwrap();
    writer.write(b"abc").unwrap();
    assert_eq!(std::fs::read_dir(path.join("incoming")).unwrap().count(), 1);
    drop(writer);
    assert_eq!(std::fs::read_dir(path.join("incoming")).unwrap().count(), 0);
}
