use super::*;
use store::backend::Batch;

#[test]
fn sqlite_conforms() {
    let dir = tempfile::tempdir().unwrap();
    store::conformance::run(&mut || open(dir.path()).unwrap());
    store::conformance::run_durable(&mut || open(dir.path()).unwrap());
}

#[test]
fn a_second_opening_is_refused_until_the_first_ends() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(Error::Locked { .. })));
    drop(first);
    open(dir.path()).unwrap();
}

#[test]
fn other_formats_and_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("rows.sqlite");
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    assert!(matches!(open(dir.path()), Err(Error::Format { found: 7, .. })));

    std::fs::write(&database, "no database, but longer than the header of one is: ".repeat(9))
        .unwrap();
    assert!(matches!(open(dir.path()), Err(Error::Database { .. })));

    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(open(&file), Err(Error::File { .. })));
}

/// Method: the log of an open database is copied as a power failure might leave it, with its end cut or overwritten.
#[test]
fn a_torn_log_loses_the_torn_batch_only() {
    let dir = tempfile::tempdir().unwrap();
    let backend = open(dir.path()).unwrap();
    let row = |number: u8| Batch::from([(vec![number], Some(vec![number; 100]))]);
    backend.apply(row(1)).unwrap();
    let whole = std::fs::metadata(dir.path().join("rows.sqlite-wal")).unwrap().len() as usize;
    backend.apply(row(2)).unwrap();
    let log = std::fs::read(dir.path().join("rows.sqlite-wal")).unwrap();
    assert!(log.len() > whole);
    for damage in [whole + 1, whole + 100, log.len() - 1] {
        for cut in [true, false] {
            let mut torn = log.clone();
            match cut {
                true => torn.truncate(damage),
                false => torn[damage] ^= 0xff,
            }
            let copy = tempfile::tempdir().unwrap();
            std::fs::copy(dir.path().join("rows.sqlite"), copy.path().join("rows.sqlite")).unwrap();
            std::fs::write(copy.path().join("rows.sqlite-wal"), torn).unwrap();
            let survivor = open(copy.path()).unwrap();
            let snapshot = survivor.snapshot().unwrap();
            assert_eq!(snapshot.get(&[1]).unwrap(), Some(vec![1; 100]));
            assert_eq!(snapshot.get(&[2]).unwrap(), None, "damage at {damage}, cut: {cut}");
        }
    }
}
