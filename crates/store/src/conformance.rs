//! What every backend must do: a suite that its tests run.
//!
//! Not for the product. It panics at the first difference, as tests do.

use crate::backend::{Backend, Batch, KeyRange, Snapshot};
use base::{Entropy, SeededEntropy};
use std::collections::BTreeMap;

/// Opens a backend on the rows of the last one this opened, which is closed; there may be rows at first.
pub type Open<'o> = dyn FnMut() -> Box<dyn Backend> + 'o;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// All checks of what a backend keeps while it is open.
pub fn run(open: &mut Open<'_>) {
    let backend = open();
    snapshots_stand_still(&*backend);
    readers_see_whole_batches(&*backend);
    for seed in 0..20 {
        backend.clear().expect("clears");
        random_batches(&*backend, seed);
    }
}

/// Rows survive closing and opening; only for backends that claim so.
pub fn run_durable(open: &mut Open<'_>) {
    open().clear().expect("clears");
    let mut model = Rows::new();
    let entropy = SeededEntropy::new(1);
    for _ in 0..10 {
        let backend = open();
        assert_same(&*backend, &model);
        for _ in 0..5 {
            apply(&*backend, &mut model, random_batch(&entropy));
        }
    }
    let backend = open();
    assert_same(&*backend, &model);
    backend.clear().expect("clears");
    drop(backend);
    assert_same(&*open(), &Rows::new());
}

fn snapshots_stand_still(backend: &dyn Backend) {
    let entropy = SeededEntropy::new(0);
    let mut model = Rows::new();
    backend.clear().expect("clears");
    apply(backend, &mut model, random_batch(&entropy));
    let before = model.clone();
    // On a thread of its own, because a backend may let a writer wait for snapshots.
    std::thread::scope(|scope| {
        let snapshot = backend.snapshot().expect("a snapshot");
        // A snapshot may begin to stand still with its first read.
        snapshot.get(b"a").expect("gets");
        let batch = random_batch(&entropy);
        change(&mut model, &batch);
        let writer = scope.spawn(move || backend.apply(batch));
        for range in [all(false), all(true)] {
            assert_eq!(collect(&*snapshot, &range), expected(&before, &range));
        }
        drop(snapshot);
        writer.join().expect("the writer does not panic").expect("applies");
    });
    assert_same(backend, &model);
}

/// Every batch writes one number under two keys; readers on other threads find them equal and never going back.
fn readers_see_whole_batches(backend: &dyn Backend) {
    let keys = [b"first".to_vec(), b"second".to_vec()];
    backend.clear().expect("clears");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = None;
                for _ in 0..2_000 {
                    let snapshot = backend.snapshot().expect("a snapshot");
                    let [first, second] = [0, 1].map(|key| snapshot.get(&keys[key]).expect("gets"));
                    assert_eq!(first, second);
                    assert!(first >= seen, "{first:?} after {seen:?}");
                    seen = first;
                }
            });
        }
        for number in 1..=200 {
            let batch = keys.iter().map(|key| (key.clone(), Some(vec![number]))).collect();
            backend.apply(batch).expect("applies");
            let snapshot = backend.snapshot().expect("a snapshot");
            assert_eq!(snapshot.get(&keys[1]).expect("gets"), Some(vec![number]), "not visible");
        }
    });
}

fn random_batches(backend: &dyn Backend, seed: u64) {
    let entropy = SeededEntropy::new(seed);
    let mut model = Rows::new();
    for _ in 0..20 {
        apply(backend, &mut model, random_batch(&entropy));
        let snapshot = backend.snapshot().expect("a snapshot");
        let key = random_key(&entropy);
        let found = snapshot.get(&key).expect("gets");
        assert!(found.as_ref() == model.get(&key), "another value under {key:?}");
        let (a, b) = (random_key(&entropy), random_key(&entropy));
        let (lower, upper) = (a.clone().min(b.clone()), a.max(b));
        let range = KeyRange { lower, upper, reverse: entropy.next_u64().is_multiple_of(2) };
        assert_eq!(collect(&*snapshot, &range), expected(&model, &range), "{range:?}");
        let mut first = None;
        snapshot
            .scan(&range, &mut |key, _| {
                assert!(first.replace(key.to_vec()).is_none(), "goes on after being stopped");
                Ok(false)
            })
            .expect("scans");
        assert_eq!(first, expected(&model, &range).first().map(|row| row.0.clone()));
    }
    assert_same(backend, &model);
}

fn apply(backend: &dyn Backend, model: &mut Rows, batch: Batch) {
    change(model, &batch);
    backend.apply(batch).expect("applies");
}

fn change(model: &mut Rows, batch: &Batch) {
    for (key, value) in batch {
        match value {
            Some(value) => model.insert(key.clone(), value.clone()),
            None => model.remove(key),
        };
    }
}

fn assert_same(backend: &dyn Backend, model: &Rows) {
    let snapshot = backend.snapshot().expect("a snapshot");
    for range in [all(false), all(true)] {
        assert_eq!(collect(&*snapshot, &range), expected(model, &range));
    }
}

/// A row, shortened to what a failed assertion can print: the value's length and first byte.
type Shown = (Vec<u8>, usize, Option<u8>);

fn show(key: &[u8], value: &[u8]) -> Shown {
    // Values repeat one byte, so this is all of it.
    assert!(value.windows(2).all(|pair| pair[0] == pair[1]), "a mixed value under {key:?}");
    (key.to_vec(), value.len(), value.first().copied())
}

fn collect(snapshot: &dyn Snapshot, range: &KeyRange) -> Vec<Shown> {
    let mut rows = Vec::new();
    snapshot
        .scan(range, &mut |key, value| {
            rows.push(show(key, value));
            Ok(true)
        })
        .expect("scans");
    rows
}

fn expected(model: &Rows, range: &KeyRange) -> Vec<Shown> {
    let rows = model.range::<[u8], _>(range.bounds());
    let mut rows: Vec<_> = rows.map(|(key, value)| show(key, value)).collect();
    if range.reverse {
        rows.reverse();
    }
    rows
}

fn all(reverse: bool) -> KeyRange {
    KeyRange { lower: Vec::new(), upper: vec![0xff; 40], reverse }
}

/// Few enough keys that batches meet the same ones; values from none to more than an engine's page or block.
fn random_batch(entropy: &dyn Entropy) -> Batch {
    let writes = 1 + entropy.next_u64() % 40;
    (0..writes).map(|_| (random_key(entropy), random_value(entropy))).collect()
}

fn random_key(entropy: &dyn Entropy) -> Vec<u8> {
    entropy.text(1 + (entropy.next_u64() % 3) as usize, b"\x00\x01aN\x7f").into_bytes()
}

fn random_value(entropy: &dyn Entropy) -> Option<Vec<u8>> {
    let bytes = match entropy.next_u64() % 10 {
        0..3 => return None,
        3 => 0,
        4 => 20_000,
        _ => entropy.next_u64() % 200,
    };
    Some(vec![entropy.next_u64() as u8; bytes as usize])
}
