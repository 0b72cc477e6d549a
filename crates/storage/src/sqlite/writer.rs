//! The group-commit writer: what is waiting runs in one transaction, is committed once, and is
//! acknowledged after the sync.

use crate::{
    CommitObserver, Conn, Statement, StoreError, Tx,
    conn::Harm,
    execute,
    job::{Job, Verdict},
    observer::{tell_committed, tell_outcome_unknown},
    store::Counters,
};
use countersign_core::feed::FeedEntry;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The most writes in one commit: bounds how long the first of them waits for the last.
const GROUP_LIMIT: usize = 256;

const BEGIN: Statement = Statement::portable("BEGIN IMMEDIATE");
const COMMIT: Statement = Statement::portable("COMMIT");
const SET_SAVEPOINT: Statement = Statement::portable("SAVEPOINT write");
const KEEP: Statement = Statement::portable("RELEASE write");
const DISCARD: Statement = Statement::portable("ROLLBACK TO write; RELEASE write");

pub(crate) struct Writer {
    options: SqliteConnectOptions,
    /// The only writing connection; opened again after it failed.
    tx: Option<Tx>,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    /// Taken from the channel and not run yet.
    waiting: VecDeque<Box<dyn Job>>,
    observer: Arc<dyn CommitObserver>,
    counters: Arc<Counters>,
    closing: CancellationToken,
}

/// The writes that share a transaction.
#[derive(Default)]
struct Group {
    ran: Vec<Box<dyn Job>>,
    kept: usize,
    feed: Vec<FeedEntry>,
}

impl Writer {
    pub(super) async fn open(
        options: SqliteConnectOptions,
        jobs: mpsc::Receiver<Box<dyn Job>>,
        observer: Arc<dyn CommitObserver>,
        counters: Arc<Counters>,
        closing: CancellationToken,
    ) -> Result<Self, StoreError> {
        let tx = Some(connect(&options).await?);
        let waiting = VecDeque::new();
        Ok(Self {
            options,
            tx,
            jobs,
            waiting,
            observer,
            counters,
            closing,
        })
    }

    /// Runs writes until the store is closed or dropped.
    pub(crate) async fn run(mut self) {
        while self.wait().await {
            if let Err(error) = self.run_group().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "write group refused"
                );
                self.refuse_waiting(&error);
            }
        }
        if let Some(tx) = self.tx {
            tx.into_conn().discard().await;
        }
    }

    /// Waits until there is something to write; `false` when there never will be.
    async fn wait(&mut self) -> bool {
        if !self.waiting.is_empty() {
            return true;
        }
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            _ = self.jobs.recv_many(&mut batch, GROUP_LIMIT) => {}
            () = self.closing.cancelled(), if !self.jobs.is_closed() => {
                // What was accepted before is still received.
                self.jobs.close();
                self.jobs.recv_many(&mut batch, GROUP_LIMIT).await;
            }
        }
        self.waiting.extend(batch);
        !self.waiting.is_empty()
    }

    /// Runs the waiting writes up to the first that breaks the transaction.
    ///
    /// # Errors
    /// When the transaction could not be begun: nothing was run.
    async fn run_group(&mut self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let mut group = Group::default();
        while let Some(mut job) = self.waiting.pop_front() {
            match run_in_savepoint(&mut tx, &mut *job).await {
                Step::Kept => {
                    group.kept += 1;
                    group.feed.append(&mut tx.take_feed());
                    group.ran.push(job);
                }
                Step::Discarded => group.ran.push(job),
                Step::Swallowed => job.fail(StoreError::Swallowed),
                Step::Broken(fault) => {
                    // Closing the connection rolls back: nothing was committed.
                    tx.into_conn().discard().await;
                    group.abandon(&fault);
                    fault.answer(job);
                    return Ok(());
                }
            }
        }
        self.commit(tx, group).await;
        Ok(())
    }

    async fn begin(&mut self) -> Result<Tx, StoreError> {
        let mut tx = match self.tx.take() {
            Some(tx) => tx,
            None => connect(&self.options).await?,
        };
        tx.start();
        if let Err(error) = execute!(tx, BEGIN) {
            tx.into_conn().discard().await;
            return Err(error);
        }
        Ok(tx)
    }

    async fn commit(&mut self, mut tx: Tx, group: Group) {
        match execute!(tx, COMMIT) {
            Ok(_) => {
                self.tx = Some(tx);
                self.counters.committed(group.kept);
                if tell_committed(&*self.observer, &group.feed) {
                    group.acknowledge();
                } else {
                    group.fail(|| StoreError::OutcomeUnknown);
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "commit failed");
                tx.into_conn().discard().await;
                tell_outcome_unknown(&*self.observer, &group.feed);
                // SQLITE_FULL means that a frame of the log was not written whole, so recovery
                // cannot find the commit. After any other failure, such as of the sync, it may.
                if matches!(error, StoreError::Full) {
                    group.fail(|| StoreError::Full);
                } else {
                    group.fail(|| StoreError::OutcomeUnknown);
                }
            }
        }
    }

    fn refuse_waiting(&mut self, error: &StoreError) {
        for job in self.waiting.drain(..) {
            job.fail(same_for_another(error));
        }
    }
}

impl Group {
    fn acknowledge(self) {
        for job in self.ran {
            job.acknowledge();
        }
    }

    fn fail(self, error: impl Fn() -> StoreError) {
        for job in self.ran {
            job.fail(error());
        }
    }

    /// Answers those that ran before the one that broke the transaction. Also the refused ones:
    /// they may have been refused because of a write that is gone now.
    fn abandon(self, fault: &Fault) {
        self.fail(|| match fault {
            Fault::Own(Harm::Full) | Fault::Savepoint(StoreError::Full) => StoreError::Full,
            _ => {
                StoreError::unavailable("another write ended the transaction that this one shared")
            }
        });
    }
}

/// What became of one closure.
enum Step {
    Kept,
    Discarded,
    Swallowed,
    Broken(Fault),
}

/// Why the transaction is over.
enum Fault {
    /// A statement failed and the closure returned an error that says so.
    Own(Harm),
    /// A statement failed and the closure went on.
    Swallowed,
    /// The closure panicked.
    Panicked,
    /// A savepoint could not be set, released or rolled back.
    Savepoint(StoreError),
}

impl Fault {
    fn answer(self, job: Box<dyn Job>) {
        match self {
            Self::Own(_) => job.acknowledge(),
            Self::Swallowed => job.fail(StoreError::Swallowed),
            Self::Panicked => job.fail(StoreError::Panicked),
            Self::Savepoint(error) => job.fail(error),
        }
    }
}

async fn run_in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Step {
    tx.start();
    if let Err(error) = execute!(tx, SET_SAVEPOINT) {
        return Step::Broken(Fault::Savepoint(error));
    }
    let verdict = job.run(tx).await;
    let (command, step) = match (verdict, tx.harm()) {
        (Verdict::Panicked, _) => return Step::Broken(Fault::Panicked),
        (Verdict::Discard, harm @ (Harm::Full | Harm::Broken)) => {
            return Step::Broken(Fault::Own(harm));
        }
        (Verdict::Keep, Harm::Full | Harm::Broken) => return Step::Broken(Fault::Swallowed),
        (Verdict::Keep, Harm::None) => (KEEP, Step::Kept),
        (Verdict::Keep, Harm::Closure | Harm::Conflict) => (DISCARD, Step::Swallowed),
        (Verdict::Discard, Harm::None | Harm::Closure | Harm::Conflict) => {
            (DISCARD, Step::Discarded)
        }
    };
    match execute!(tx, command) {
        Ok(_) => step,
        Err(error) => Step::Broken(Fault::Savepoint(error)),
    }
}

async fn connect(options: &SqliteConnectOptions) -> Result<Tx, StoreError> {
    let connection = options.connect().await.map_err(StoreError::of_statement)?;
    Ok(Tx::new(Conn::sqlite_writer(connection)))
}

/// The error of one write, for the others that met the same.
fn same_for_another(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        other => StoreError::unavailable(other.to_string()),
    }
}
