use super::*;
use crate::usage_types::{LAMBDA_GB_SECOND, LAMBDA_REQUEST};
use crate::{Bill, By, Query, bill};

const HOUR_S: u64 = 1_790_000_000 / 3_600 * 3_600;

fn at(seconds: u64) -> Time {
    Time::from_unix_s(HOUR_S + seconds)
}

fn resource(name: &str) -> Arc<Resource> {
    let arn = format!("arn:aws:lambda:us-east-1:{}:function:{name}", AccountId::DEFAULT);
    Arc::new(Resource { account: AccountId::DEFAULT, region: Region::default(), arn })
}

fn billed(store: &Store, by: By, free_tier: bool) -> Bill {
    let query = Query { account: AccountId::DEFAULT, since: at(0), by, resource: None, free_tier };
    bill(store, &query).unwrap()
}

fn quantities(bill: &Bill) -> Vec<(String, &'static str, u64)> {
    bill.lines.iter().map(|l| (l.group.clone(), l.usage_type.name, l.quantity)).collect()
}

#[tokio::test]
async fn uses_become_hourly_rows() {
    let store = Store::in_memory();
    let meter = Meter::open(store.clone(), None).await.unwrap();
    for second in [0, 3_599, 3_600] {
        meter.record(at(second), &resource("f"), &[(&LAMBDA_REQUEST, 1), (&LAMBDA_GB_SECOND, 0)]);
    }
    meter.flush().await.unwrap();
    meter.record(at(5), &resource("f"), &[(&LAMBDA_REQUEST, 40)]);
    meter.flush().await.unwrap();
    let hours = quantities(&billed(&store, By::Hour, false));
    let expected = [(at(0).to_string(), "Request", 42), (at(3_600).to_string(), "Request", 1)];
    assert_eq!(hours, expected);
    assert_eq!(quantities(&billed(&store, By::UsageType, false)), [(String::new(), "Request", 43)]);
}

/// The directory is copied at several moments, as a crash would leave it.
#[tokio::test]
async fn a_crash_neither_loses_nor_doubles() {
    let (store, directory) = (Store::in_memory(), tempfile::tempdir().unwrap());
    let meter = Meter::open(store.clone(), Some(directory.path())).await.unwrap();
    meter.record(at(0), &resource("f"), &[(&LAMBDA_REQUEST, 1)]);
    meter.flush().await.unwrap();
    meter.record(at(1), &resource("f"), &[(&LAMBDA_REQUEST, 2)]);
    // Not flushed: the process dies here.
    drop(meter);
    let left = journal::left(directory.path()).unwrap();
    assert_eq!(left.len(), 1);
    let again = std::fs::read(&left[0].1).unwrap();

    let meter = Meter::open(store.clone(), Some(directory.path())).await.unwrap();
    assert_eq!(quantities(&billed(&store, By::UsageType, false))[0].2, 3);
    // The process dies between the transaction and the removal of the file.
    drop(meter);
    std::fs::write(&left[0].1, &again).unwrap();
    let meter = Meter::open(store.clone(), Some(directory.path())).await.unwrap();
    assert_eq!(quantities(&billed(&store, By::UsageType, false))[0].2, 3);
    meter.record(at(2), &resource("g"), &[(&LAMBDA_REQUEST, 4)]);
    meter.flush().await.unwrap();
    assert_eq!(quantities(&billed(&store, By::UsageType, false))[0].2, 7);
    // A line that is not whole does not count, those before it do.
    meter.record(at(3), &resource("g"), &[(&LAMBDA_REQUEST, 8)]);
    drop(meter);
    let torn = journal::left(directory.path()).unwrap().pop().unwrap().1;
    let mut text = std::fs::read_to_string(&torn).unwrap();
    text.push_str("0 99\n0 1");
    std::fs::write(&torn, text).unwrap();
    drop(Meter::open(store.clone(), Some(directory.path())).await.unwrap());
    assert_eq!(quantities(&billed(&store, By::UsageType, false))[0].2, 7 + 8 + 99);
}

#[tokio::test]
async fn a_large_batch_has_parts_that_are_written_once() {
    let store = Store::in_memory();
    let pending: Pending = (0..2_500)
        .map(|n| (Row::new(at(0), &LAMBDA_REQUEST, resource(&format!("f{n}"))), 1))
        .collect();
    let meter = Meter::open(store.clone(), None).await.unwrap();
    let batch = Batch::new(0, pending, None);
    // An earlier process has written the first part.
    let (rows, first) = (batch.rows.clone(), AppliedRecord { journal: 0, parts: 1 });
    let add = move |tx: &mut Tx<'_>| {
        rows[..FLUSH_ROWS_MAX].iter().try_for_each(|(row, quantity)| row.add(tx, *quantity))?;
        tx.put(&APPLIED, &(), &first)
    };
    store.transact::<_, store::Error>(add).await.unwrap();
    meter.write(&batch).await.unwrap();
    assert_eq!(quantities(&billed(&store, By::UsageType, false))[0].2, 2_500);
    assert_eq!(meter.applied().unwrap(), AppliedRecord { journal: 1, parts: 0 });
    assert_eq!(billed(&store, By::Resource, false).lines.len(), 2_500);
}

/// AWS's own example: 3 million requests of 120 ms with 1,536 MB cost 0.60 and, before the free tier, 9.00 US dollars;
/// with it 0.40 and 2.33. <https://aws.amazon.com/lambda/pricing/>
#[tokio::test]
async fn prices_and_the_free_tier() {
    let store = Store::in_memory();
    let meter = Meter::open(store.clone(), None).await.unwrap();
    for hour in [0, 1, 2] {
        let used = [(&LAMBDA_REQUEST, 1_000_000), (&LAMBDA_GB_SECOND, 1_000_000 * 120 * 1_536)];
        meter.record(at(hour * 3_600), &resource("f"), &used);
    }
    meter.flush().await.unwrap();
    let usd = |free_tier| -> Vec<String> {
        let bill = billed(&store, By::UsageType, free_tier);
        let lines =
            bill.lines.iter().map(|line| format!("{} {:.2}", line.usage_type.name, line.usd));
        lines.chain([format!("{:.2}", bill.usd)]).collect()
    };
    assert_eq!(usd(false), ["Lambda-GB-Second 9.00", "Request 0.60", "9.60"]);
    assert_eq!(usd(true), ["Lambda-GB-Second 2.33", "Request 0.40", "2.73"]);
}
