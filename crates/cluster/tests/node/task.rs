//! Futures polled by hand, and only when something woke them: a lost wake-up shows.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// A future and whether it asked to be polled.
pub(crate) struct Task<T> {
    future: Option<Pin<Box<dyn Future<Output = T>>>>,
    is_woken: Arc<Flag>,
    pub(crate) output: Option<T>,
}

struct Flag(AtomicBool);

impl<T> Task<T> {
    /// Not polled yet.
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Self {
        Self {
            future: Some(Box::pin(future)),
            is_woken: Arc::new(Flag(AtomicBool::new(true))),
            output: None,
        }
    }

    /// Polled once.
    pub(crate) fn started(future: impl Future<Output = T> + 'static) -> Self {
        let mut task = Self::new(future);
        task.run();
        task
    }

    /// Polls if woken; says whether it polled.
    pub(crate) fn run(&mut self) -> bool {
        let Some(future) = &mut self.future else {
            return false;
        };
        if !self.is_woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.is_woken));
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.future = None;
            self.output = Some(output);
        }
        true
    }

    /// Drops the future.
    pub(crate) fn cancel(&mut self) {
        self.future = None;
    }

    /// Neither finished nor cancelled.
    pub(crate) fn is_pending(&self) -> bool {
        self.future.is_some()
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls whatever is woken until nothing is.
pub(crate) fn run_all<T>(tasks: &mut [Task<T>]) {
    while tasks.iter_mut().fold(false, |any, task| task.run() | any) {}
}
