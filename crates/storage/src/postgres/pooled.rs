//! A pooled connection whose other side may have gone without a word.

use super::Suspicion;
use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    time::{error::Elapsed, timeout},
};

/// How long a connection may take to be ready for its next user.
const RETURNED_WITHIN: Duration = Duration::from_secs(5);

/// Given back when dropped, unless a statement was given up half-way: then it is closed, since
/// nobody knows what its next answer belongs to, or whether there will be one.
pub(crate) struct Pooled {
    connection: Option<PoolConnection<Postgres>>,
    suspicion: Arc<Suspicion>,
    limit: Duration,
    is_busy: bool,
}

impl Pooled {
    pub(crate) const fn new(
        connection: PoolConnection<Postgres>,
        suspicion: Arc<Suspicion>,
        limit: Duration,
    ) -> Self {
        Self {
            connection: Some(connection),
            suspicion,
            limit,
            is_busy: false,
        }
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is taken only when this is dropped"),
        }
    }

    /// A statement begins; answers how long it may take.
    pub(crate) const fn begin(&mut self) -> Duration {
        self.is_busy = true;
        self.limit
    }

    /// The statement is over.
    pub(crate) const fn end(&mut self) {
        self.is_busy = false;
    }

    /// What is next in the pool may be no better.
    pub(crate) fn suspect(&self) {
        self.suspicion.raise();
    }

    /// Closes the connection without a word to the other side; a polite goodbye could hang.
    pub(crate) fn close(&mut self) {
        drop(self.connection.take().map(PoolConnection::detach));
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if self.is_busy {
            return self.close();
        }
        // The pool tries it first, and would wait for ever for the answer.
        if let (Some(mut connection), Ok(runtime)) = (self.connection.take(), Handle::try_current())
        {
            let returned = connection.return_to_pool();
            drop(runtime.spawn(timeout(RETURNED_WITHIN, returned)));
        }
    }
}

/// What a statement that took too long is answered with.
pub(crate) fn too_late<T>(elapsed: Elapsed) -> Result<T, sqlx::Error> {
    Err(io::Error::new(io::ErrorKind::TimedOut, elapsed).into())
}
