//! The one thread that writes.
//!
//! It takes every transaction that waits, runs their closures one after another against the committed state and what
//! the earlier ones wrote, makes all of it durable in one write, and only then answers. So transactions are
//! serializable, an answer means durable, and the cost of a durable write is shared by all that waited meanwhile.

use crate::Error;
use crate::backend::Backend;
use crate::generations::Generations;
use crate::limits;
use crate::view::{Tx, View, now};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What callers ask of the writer.
pub(crate) enum Request {
    Transact(Box<dyn Transaction>),
    Clear(oneshot::Sender<Result<(), Error>>),
}

/// A closure that waits for its turn, then for the durable write.
pub(crate) trait Transaction: Send {
    /// Runs the closure; says whether its writes are to be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Answers the caller: with the closure's result if the batch is durable.
    fn answer(self: Box<Self>, durable: Result<(), Error>);
}

pub(crate) struct Pending<F, T, E> {
    pub(crate) closure: F,
    pub(crate) result: Option<Result<T, E>>,
    pub(crate) caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Transaction for Pending<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // The closure is not used after a panic, and its writes are rolled back.
        let result = catch_unwind(AssertUnwindSafe(|| (self.closure)(tx)))
            .unwrap_or_else(|panic| Err(Error::Panicked { message: panic_message(&*panic) }.into()))
            .and_then(|value| tx.check_deadline().map(|()| value).map_err(E::from));
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, durable: Result<(), Error>) {
        // A failed closure, too, may have read what did not become durable.
        let result = match (durable, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(Error::Stopped.into()),
            (Err(error), _) => Err(error.into()),
        };
        // A caller that went away does not want the answer.
        drop(self.caller.send(result));
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// Runs until every sender is gone.
pub(crate) struct Writer {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) generations: Arc<Generations>,
    pub(crate) transaction_time_max: Duration,
    pub(crate) last: LastBatch,
}

/// What the next batch may expect.
#[derive(Default)]
pub(crate) struct LastBatch {
    transactions: usize,
    write_time: Duration,
}

impl Writer {
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut next = requests.blocking_recv();
        while let Some(request) = next {
            next = match request {
                Request::Transact(first) => self.transact(first, &mut requests),
                Request::Clear(caller) => {
                    let result = self.backend.clear();
                    self.generations.advance_all();
                    drop(caller.send(result));
                    None
                }
            };
            next = next.or_else(|| requests.blocking_recv());
        }
    }

    /// Runs `first` and those that wait behind it; hands back the request that is no transaction.
    fn transact(
        &mut self,
        first: Box<dyn Transaction>,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Option<Request> {
        let (mut batch, mut other) = (vec![first], None);
        // Those who were just answered ask again at once, but later than the first of them. Without a moment's wait
        // batches would be large and small by turns, and each costs a durable write.
        let (expected, deadline) = (self.last.transactions, now() + self.last.write_time / 10);
        let durable = self.run_batch(&mut batch, |have| {
            loop {
                match requests.try_recv() {
                    Ok(Request::Transact(transaction)) => return Some(transaction),
                    Err(_) if have < expected && now() < deadline => thread::yield_now(),
                    request => {
                        other = request.ok();
                        return None;
                    }
                }
            }
        });
        self.last.transactions = batch.len();
        batch.into_iter().for_each(|transaction| transaction.answer(durable.clone()));
        other
    }

    /// Runs the transactions of `batch`, which grows by `next`, given its size, until there is none or it is large
    /// enough.
    fn run_batch(
        &mut self,
        batch: &mut Vec<Box<dyn Transaction>>,
        mut next: impl FnMut(usize) -> Option<Box<dyn Transaction>>,
    ) -> Result<(), Error> {
        let mut tx = Tx::new(View::new(self.backend.snapshot()?));
        let (mut touched, mut bytes, mut ran) = (Vec::new(), 0, 0);
        while let Some(transaction) = batch.get_mut(ran) {
            tx.begin(self.transaction_time_max);
            if transaction.run(&mut tx) {
                let (slots, size) = tx.keep();
                touched.extend(slots);
                bytes += size;
            } else {
                tx.roll_back();
            }
            ran += 1;
            if ran < limits::BATCH_TRANSACTIONS_MAX && bytes < limits::BATCH_BYTES {
                batch.extend(next(ran));
            }
        }
        let changes = tx.into_batch();
        if !changes.is_empty() {
            let begun = now();
            self.backend.apply(changes)?;
            self.last.write_time = begun.elapsed();
            self.generations.advance(touched);
        }
        Ok(())
    }
}
