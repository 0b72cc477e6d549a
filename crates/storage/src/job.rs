//! A write that waits for its turn: a closure, its input, and who wants its result.

use crate::{StoreError, Tx};
use countersign_barrier::Position;
use futures_util::{FutureExt as _, future::BoxFuture};
use std::panic::AssertUnwindSafe;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A write of any type, as the engines run it.
pub(crate) trait Job: Send {
    /// Runs the closure and keeps its result. May be called again.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Verdict>;

    /// Gives the caller the result that was kept.
    fn acknowledge(self: Box<Self>);

    /// Gives the caller an error instead.
    fn fail(self: Box<Self>, error: StoreError);
}

/// What a closure wants done with its writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It returned `Ok`.
    Keep,
    /// It returned `Err`.
    Discard,
    /// It panicked.
    Panicked,
}

/// What the caller gets, and where the write's entries stand in the feed.
pub(crate) type Answer<T, E> = (Result<T, E>, Option<Position>);

/// The one implementation of [`Job`].
pub(crate) struct Write<F, I, T, E> {
    pub(crate) closure: F,
    pub(crate) input: I,
    pub(crate) result: Option<Answer<T, E>>,
    pub(crate) caller: oneshot::Sender<Answer<T, E>>,
    /// Counts the write as waiting until it is answered.
    pub(crate) _permit: OwnedSemaphorePermit,
}

impl<F, I, T, E> Job for Write<F, I, T, E>
where
    F: for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
    I: Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Verdict> {
        async move {
            let run = async {
                let value = (self.closure)(tx, &self.input).await?;
                tx.write_appended().await?;
                Ok::<T, E>(value)
            };
            let Ok(result) = AssertUnwindSafe(run).catch_unwind().await else {
                tracing::error!("a write panicked");
                return Verdict::Panicked;
            };
            let verdict = if result.is_ok() {
                Verdict::Keep
            } else {
                Verdict::Discard
            };
            self.result = Some((result, tx.position()));
            verdict
        }
        .boxed()
    }

    fn acknowledge(self: Box<Self>) {
        let this = *self;
        // A caller that has gone does not want the answer.
        if let Some(result) = this.result {
            let _ = this.caller.send(result);
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.caller.send((Err(error.into()), None));
    }
}
