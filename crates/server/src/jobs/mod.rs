//! Periodic work. Each job is idempotent, bounded, and one function that a test may call.
//!
//! | job | every | does |
//! |---|---|---|
//! | `flush_activity` | 15 s | writes last-seen times that were coalesced in memory |
//! | `sweep` | 60 s | ends sessions past their absolute limit, forgets what is over |
//! | `admit` | 15 s | lifts suspensions whose time is over, rejects what nobody approved in time, writes down what speaks for a device no longer |
//! | `judge_again` | 60 s | judges evidence again that was judged by older settings or an older list |
//! | `comply` | 15 s | judges devices by the rules in force, where there is news of either or their time has come |
//! | `retain` | 1 h | deletes what is past its retention |
//! | `renew_status_list` | 60 s | fetches the list of Android certificates taken back when it is a day old, and takes over what another node wrote |
//! | `rotate_keys` | 1 h | makes the next signing key when it is due |

mod activity;
mod retention;
mod sweep;

use crate::app::App;
use std::{error::Error, sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Starts every job; each stops when the token is cancelled.
pub(crate) fn spawn(app: &Arc<App>, tracker: &TaskTracker, stop: &CancellationToken) {
    let start = |name, every, job| {
        tracker.spawn(run(Arc::clone(app), name, every, job, stop.clone()));
    };
    start(
        "flush_activity",
        Duration::from_secs(15),
        Job::FlushActivity,
    );
    start("sweep", Duration::from_mins(1), Job::Sweep);
    start(
        "renew_status_list",
        Duration::from_mins(1),
        Job::RenewStatusList,
    );
    start("admit", Duration::from_secs(15), Job::Admit);
    start("judge_again", Duration::from_mins(1), Job::JudgeAgain);
    start("comply", Duration::from_secs(15), Job::Comply);
    start("retain", Duration::from_hours(1), Job::Retain);
    start("rotate_keys", Duration::from_hours(1), Job::RotateKeys);
}

/// A kind of periodic work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Renews the lease and applies what other processes wrote; `App::take_part` does it by itself.
    FollowFeed,
    /// Writes coalesced last-seen times.
    FlushActivity,
    /// Ends expired sessions and forgets what is over.
    Sweep,
    /// Deletes what is past its retention.
    Retain,
    /// Fetches the list of Android certificates taken back, and takes over what is kept.
    RenewStatusList,
    /// Lifts suspensions whose time is over, rejects what nobody approved in time, and writes down what
    /// speaks for a device no longer.
    Admit,
    /// Judges evidence again that was judged by older settings or an older list.
    JudgeAgain,
    /// Judges devices by the rules in force, where there is news of either, and where the clock says so.
    Comply,
    /// Makes the next signing key when it is due.
    RotateKeys,
}

type JobError = Box<dyn Error + Send + Sync>;

impl App {
    /// Runs one job once.
    ///
    /// # Errors
    /// Whatever stopped it; the next run goes on.
    pub async fn run_job(&self, job: Job) -> Result<(), JobError> {
        match job {
            Job::FollowFeed => self.follow_feed().await,
            Job::FlushActivity => activity::flush(self).await,
            Job::Sweep => sweep::sweep(self).await,
            Job::Retain => retention::retain(self).await,
            Job::RenewStatusList => Ok(self.enrollments.renew_status_list().await?),
            Job::Admit => {
                self.devices.lift_suspensions().await?;
                self.trust.lapse().await?;
                Ok(self.approvals.expire().await?)
            }
            Job::JudgeAgain => Ok(self.enrollments.judge_again().await?),
            Job::Comply => Ok(self.compliance.judge_due().await?),
            Job::RotateKeys => self.rotate_keys().await,
        }
    }
}

async fn run(
    app: Arc<App>,
    name: &'static str,
    every: Duration,
    job: Job,
    stop: CancellationToken,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = app.run_job(job).await {
            tracing::warn!(job.name = name, error = &*error as &dyn Error, "job failed");
        }
    }
}
