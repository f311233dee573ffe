//! What runs without a request.

pub mod async_dispatch;
pub mod code_sweep;
pub mod deliveries;
pub mod durable_purge;
pub mod durable_timers;
pub mod durable_work;
pub mod event_source_mappings;
pub mod function_reconcile;
pub mod idle_evict;
pub mod log_write;
pub mod managed_reconcile;
pub mod provisioned_reconcile;
pub mod runtimes_expect;
pub mod snapshots_bill;

use crate::Lambda;
use rt::Tasks;
use std::sync::Arc;
use std::time::Duration;

/// After an activation that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Starts all loops; they end when `tasks` stops.
pub(crate) fn start(lambda: &Arc<Lambda>, tasks: &Tasks) {
    tasks.spawn("lambda.runtimes_expect", runtimes_expect::run(lambda.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.function_reconcile", PAUSE, move || {
        function_reconcile::activate(each.clone())
    });
    let each = lambda.clone();
    tasks
        .spawn_loop("lambda.async_dispatch", PAUSE, move || async_dispatch::activate(each.clone()));
    let each = lambda.clone();
    tasks
        .spawn_loop("lambda.durable_timers", PAUSE, move || durable_timers::activate(each.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.durable_purge", PAUSE, move || durable_purge::activate(each.clone()));
    let worker = Arc::new(durable_work::Worker::new(lambda.clone()));
    tasks.spawn_loop("lambda.durable_work", PAUSE, move || worker.clone().activate());
    let each = lambda.clone();
    tasks.spawn_loop("lambda.log_write", PAUSE, move || log_write::activate(each.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.provisioned_reconcile", PAUSE, move || {
        provisioned_reconcile::activate(each.clone())
    });
    let each = lambda.clone();
    tasks
        .spawn_loop("lambda.snapshots_bill", PAUSE, move || snapshots_bill::activate(each.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.managed_reconcile", PAUSE, move || {
        managed_reconcile::activate(each.clone())
    });
    let each = lambda.clone();
    tasks.spawn_loop("lambda.idle_evict", PAUSE, move || idle_evict::activate(each.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.code_sweep", PAUSE, move || code_sweep::activate(each.clone()));
    let each = lambda.clone();
    tasks.spawn_loop("lambda.deliveries", PAUSE, move || deliveries::activate(each.clone()));
    let readers = Arc::new(event_source_mappings::Readers::new(lambda.clone()));
    tasks.spawn_loop("lambda.event_source_mappings", PAUSE, move || readers.clone().activate());
}
