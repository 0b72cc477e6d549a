//! Many who are cut off, without pause but at an even pace.

use crate::{
    history::Journal,
    lane::{Lane, Patience},
    scene::{CAST, Stage},
};
use countersign_test_support::below;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

/// Most give up soon, so that they go on while a process stands still.
const SHORT: Patience = Patience {
    call: Duration::from_secs(1),
    ending: Duration::from_secs(4),
};

/// Every fifth waits until it hears something: these calls are there when the process goes on.
pub(crate) const LONG: Patience = Patience {
    call: Duration::from_secs(20),
    ending: Duration::from_secs(40),
};

/// The longest that a state is waited for.
const LIMIT: Duration = Duration::from_mins(3);

/// Loops that run until they are told to stop.
pub(crate) struct Load {
    stage: Arc<Stage>,
    stop: Arc<AtomicBool>,
    lanes: JoinSet<Lane>,
}

impl Load {
    /// Starts so many loops, each with one round in so much time.
    pub(crate) fn start(stage: &Arc<Stage>, count: usize, pace: Duration) -> Self {
        Self::start_with(stage, count, pace, |lane| lane)
    }

    /// The same, with loops that ask about everything in the end that they ever ended.
    pub(crate) fn start_remembering(stage: &Arc<Stage>, count: usize, pace: Duration) -> Self {
        Self::start_with(stage, count, pace, Lane::remember_all)
    }

    fn start_with(
        stage: &Arc<Stage>,
        count: usize,
        pace: Duration,
        prepare: impl Fn(Lane) -> Lane,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut lanes = JoinSet::new();
        for number in 0..count {
            let patience = if number % 5 == 4 { LONG } else { SHORT };
            let lane = prepare(Lane::new(stage, patience));
            let first = pace.mul_f64(part(below(&*stage.rng, 1000)));
            lanes.spawn(go_round(lane, Arc::clone(&stop), first, pace));
        }
        let stage = Arc::clone(stage);
        Self { stage, stop, lanes }
    }

    /// Waits until the history shows something, and that nobody panicked.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Journal) -> bool) {
        let start = Instant::now();
        while !is_so(&self.stage.journal) {
            assert!(start.elapsed() < LIMIT, "waited too long for {what}");
            if let Some(ended) = self.lanes.try_join_next() {
                ended.map(drop).expect("a loop that goes on");
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until so many endings that began after a moment have returned success.
    pub(crate) async fn until_endings(&mut self, what: &str, since: Duration, count: usize) {
        self.until(what, |journal| journal.endings_since(since) >= count)
            .await;
    }

    /// Waits until every process has accepted a call that began after a moment.
    pub(crate) async fn until_all_accept(&mut self, what: &str, since: Duration) {
        let accepts = |journal: &Journal, name| journal.accepted_since(since, name) > 0;
        self.until(what, |journal| {
            CAST.iter().all(|(name, ..)| accepts(journal, name))
        })
        .await;
    }

    /// Lets every loop finish its round, then asks about all that ended last once more.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        let lanes = self.lanes.join_all().await;
        let asking = lanes.into_iter().map(|mut lane| async move {
            lane.ask_about_ended().await;
        });
        asking.collect::<JoinSet<()>>().join_all().await;
    }
}

async fn go_round(mut lane: Lane, stop: Arc<AtomicBool>, first: Duration, pace: Duration) -> Lane {
    let mut next = Instant::now() + first;
    while !stop.load(Ordering::SeqCst) {
        sleep_until(next).await;
        next = Instant::now().max(next + pace);
        if let Some(session) = lane.log_in().await {
            lane.ask_all(&session).await;
            lane.end_and_ask(session).await;
        }
    }
    lane
}

fn part(of_a_thousand: usize) -> f64 {
    f64::from(u32::try_from(of_a_thousand).expect("few")) / 1000.0
}
