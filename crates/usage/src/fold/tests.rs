use super::*;
use crate::usage_types::{LAMBDA_GB_SECOND, LAMBDA_REQUEST};
use crate::{Bill, By, Query, Resource, add, bill};
use std::sync::Arc;
use std::time::Duration;

const DAY_S: u64 = 86_400;
/// 2026-11-15, at noon.
const NOW: Time = Time::from_unix_s(1_794_744_000);

fn before(days: u64, hours: u64) -> Time {
    NOW - Duration::from_secs(days * DAY_S + hours * 3_600)
}

async fn used(store: &Store, account: &str, at: Time, name: &str, quantity: u64) {
    let account = AccountId::parse(account).unwrap();
    let resource = Arc::new(Resource { account, region: Region::default(), arn: name.to_string() });
    let add = move |tx: &mut Tx<'_>| add(tx, at, &resource, &LAMBDA_REQUEST, quantity);
    store.transact(add).await.unwrap();
}

fn all(store: &Store) -> Vec<(Key, HourRecord)> {
    store
        .read(|view| view.scan::<_, _>(&HOURS, Prefix::all(), 10_000))
        .unwrap_or_else(|error: store::Error| panic!("{error}"))
}

fn bill_of(store: &Store, account: &str, by: By, since: Time) -> Bill {
    let account = AccountId::parse(account).unwrap();
    bill(store, &Query { account, since, by, resource: None, free_tier: true }).unwrap()
}

const ACCOUNTS: [&str; 3] = ["000000000000", "111111111111", "999999999999"];

/// Three accounts, 500 days with two functions in three hours each.
async fn years(store: &Store) {
    for account in ACCOUNTS {
        for days in (0..500).step_by(5) {
            for (hours, name) in [(0, "f"), (0, "g"), (1, "f"), (15, "f")] {
                used(store, account, before(days, hours), name, 1 + days).await;
            }
        }
    }
}

#[tokio::test]
async fn a_bill_is_the_same_after_folding() {
    let store = Store::in_memory();
    years(&store).await;
    let bills = |store: &Store| -> Vec<Bill> {
        let months = ACCOUNTS.map(|account| bill_of(store, account, By::Month, Time::default()));
        let resources =
            ACCOUNTS.map(|account| bill_of(store, account, By::Resource, before(10, 0)));
        months.into_iter().chain(resources).collect()
    };
    let (unfolded, rows) = (bills(&store), all(&store).len());
    fold(&store, NOW).await.unwrap();
    assert_eq!(bills(&store), unfolded);
    let folded = all(&store);
    assert!(folded.len() < rows * 3 / 4, "{} of {rows}", folded.len());
    for ((_, at, ..), record) in &folded {
        let span = match *at {
            at if at < Span::Month.begin(NOW - DAYS_KEPT) => Span::Month,
            at if at < Span::Day.begin(NOW - HOURS_KEPT) => Span::Day,
            _ => Span::Hour,
        };
        assert_eq!((record.span, span.begin(*at)), (span, *at));
    }
    // Nothing is left to do, and what comes late counts.
    fold(&store, NOW).await.unwrap();
    assert_eq!(all(&store), folded);
    used(&store, ACCOUNTS[0], Span::Day.begin(before(20, 0)), "f", 1).await;
    let sum = |bill: &Bill| bill.lines.iter().map(|line| line.quantity).sum::<u64>();
    let later = bill_of(&store, ACCOUNTS[0], By::Month, Time::default());
    assert_eq!(sum(&later), sum(&unfolded[0]) + 1);
    // Years go by.
    fold(&store, NOW + Duration::from_secs(600 * DAY_S)).await.unwrap();
    assert_eq!(sum(&bill_of(&store, ACCOUNTS[0], By::Month, Time::default())), sum(&later));
    assert!(all(&store).iter().all(|(_, record)| record.span == Span::Month));
    fold(&store, NOW + Duration::from_secs(2_000 * DAY_S)).await.unwrap();
    assert_eq!(all(&store), []);
}

/// The process ends after each of the transactions in turn: what it leaves has the same sums, and folding goes on.
#[tokio::test]
async fn folding_can_be_interrupted_anywhere() {
    let store = Store::in_memory();
    let day = Span::Day.begin(before(30, 0));
    for hour in 0..24 {
        let rows = move |tx: &mut Tx<'_>| {
            (0..200).try_for_each(|n| {
                let account = AccountId::DEFAULT;
                let (region, arn) = (Region::default(), format!("f{n}"));
                let resource = Arc::new(Resource { account, region, arn });
                let at = day + Duration::from_secs(hour * 3_600);
                add(tx, at, &resource, &LAMBDA_GB_SECOND, 1)
            })
        };
        store.transact::<_, store::Error>(rows).await.unwrap();
    }
    let next = day + Duration::from_secs(DAY_S);
    let mut last: Option<Key> = None;
    for steps in 1.. {
        // As a process that starts: from the beginning, and not as far as the one before.
        let mut after = None;
        for _ in 0..steps {
            let from = std::mem::take(&mut after);
            let some = move |tx: &mut Tx<'_>| {
                fold_some(tx, AccountId::DEFAULT, Span::Day, (day, next), &from)
            };
            after = store.transact::<_, store::Error>(some).await.unwrap();
            let sums: u64 = all(&store).iter().map(|(_, record)| record.quantity).sum();
            assert_eq!(sums, 200 * 24);
            if after.is_none() {
                break;
            }
        }
        if after.is_none() {
            last = None;
            break;
        }
        last = after;
    }
    assert_eq!(last, None);
    let rows = all(&store);
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|(_, record)| *record == HourRecord { quantity: 24, span: Span::Day }));
}
