//! What was done and answered, and whether I1 held: after an ending of a session returned success,
//! no call for it that began later is accepted, by whichever process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A login, by its number in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Login(pub(crate) usize);

/// How a call for a session was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    Refused,
    /// The process says that it cannot judge now; for a caller that is a refusal.
    Unable,
    /// No whole answer came back in time.
    Silent,
}

/// One thing that happened; all times are of one clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// An ending was asked for, and answered in one way or another.
    Ending {
        login: Login,
        began: Duration,
        returned: Duration,
        is_success: bool,
    },
    /// A process was asked about the session.
    Call {
        login: Login,
        process: String,
        began: Duration,
        returned: Duration,
        answer: Answer,
    },
}

/// An accepted call that began after an ending had returned success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) login: Login,
    pub(crate) process: String,
    pub(crate) ended: Duration,
    pub(crate) began: Duration,
    pub(crate) returned: Duration,
}

/// What a history shows beside that nothing was wrong.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Endings that returned success.
    pub(crate) endings: usize,
    /// Endings that did not.
    pub(crate) failed_endings: usize,
    pub(crate) calls: usize,
    /// Accepted calls of sessions that no ending had returned for.
    pub(crate) accepted_before: usize,
    /// Calls that began after an ending had returned success, and were answered with no.
    pub(crate) refused_after: usize,
    /// The same, where the process could not judge or did not answer.
    pub(crate) unjudged_after: usize,
    pub(crate) longest_ending: Duration,
}

/// Holds a history against the rule.
///
/// # Errors
/// With every call that breaks it, in the order in which they began.
pub(crate) fn check(history: &[Event]) -> Result<Counts, Vec<Violation>> {
    let ended = first_successes(history);
    let mut counts = Counts::default();
    let mut violations = Vec::new();
    for event in history {
        match event {
            Event::Ending {
                began,
                returned,
                is_success: true,
                ..
            } => {
                counts.endings += 1;
                counts.longest_ending = counts.longest_ending.max(returned.saturating_sub(*began));
            }
            Event::Ending { .. } => counts.failed_endings += 1,
            Event::Call {
                login,
                process,
                began,
                returned,
                answer,
            } => {
                counts.calls += 1;
                // Noted after the answer and before the question: equal times are in order.
                let after = ended.get(login).filter(|ended| began >= ended);
                match (answer, after) {
                    (Answer::Accepted, Some(ended)) => violations.push(Violation {
                        login: *login,
                        process: process.clone(),
                        ended: *ended,
                        began: *began,
                        returned: *returned,
                    }),
                    (Answer::Accepted, None) => counts.accepted_before += 1,
                    (Answer::Refused, Some(_)) => counts.refused_after += 1,
                    (_, Some(_)) => counts.unjudged_after += 1,
                    (_, None) => {}
                }
            }
        }
    }
    violations.sort_by_key(|violation| violation.began);
    if violations.is_empty() {
        Ok(counts)
    } else {
        Err(violations)
    }
}

/// When an ending of each session first returned success.
fn first_successes(history: &[Event]) -> BTreeMap<Login, Duration> {
    let mut ended = BTreeMap::new();
    for event in history {
        if let Event::Ending {
            login,
            returned,
            is_success: true,
            ..
        } = event
        {
            let first = ended.entry(*login).or_insert(*returned);
            *first = (*first).min(*returned);
        }
    }
    ended
}

/// A history that many tasks write.
#[derive(Debug)]
pub(crate) struct Journal {
    start: Instant,
    events: Mutex<Vec<Event>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            events: Mutex::default(),
        }
    }

    /// The time, as events have it.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// How long ago that was.
    pub(crate) fn since(&self, moment: Duration) -> Duration {
        self.now().saturating_sub(moment)
    }

    pub(crate) fn write(&self, event: Event) {
        self.events().push(event);
    }

    pub(crate) fn read(&self) -> Vec<Event> {
        self.events().clone()
    }

    /// How many events so far are as wanted.
    pub(crate) fn count(&self, is_wanted: impl Fn(&Event) -> bool) -> usize {
        self.events()
            .iter()
            .filter(|event| is_wanted(event))
            .count()
    }

    /// Endings that began at a time or later, and returned success.
    pub(crate) fn endings_since(&self, start: Duration) -> usize {
        self.count(|event| {
            matches!(event, Event::Ending { began, is_success: true, .. } if *began >= start)
        })
    }

    /// Endings that began and returned success between two moments.
    pub(crate) fn endings_between(&self, start: Duration, end: Duration) -> usize {
        self.count(|event| {
            matches!(event, Event::Ending { began, returned, is_success: true, .. }
                if *began >= start && *returned <= end)
        })
    }

    /// Accepted calls of a process that began at a time or later.
    pub(crate) fn accepted_since(&self, start: Duration, name: &str) -> usize {
        self.count(|event| {
            matches!(event, Event::Call { process, began, answer: Answer::Accepted, .. }
                if process == name && *began >= start)
        })
    }

    fn events(&self) -> std::sync::MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Login = Login(1);

    fn at(nanos: u64) -> Duration {
        Duration::from_nanos(nanos)
    }

    fn ending(login: Login, began: u64, returned: u64, is_success: bool) -> Event {
        Event::Ending {
            login,
            began: at(began),
            returned: at(returned),
            is_success,
        }
    }

    fn call(process: &str, began: u64, returned: u64, answer: Answer) -> Event {
        Event::Call {
            login: SESSION,
            process: process.to_owned(),
            began: at(began),
            returned: at(returned),
            answer,
        }
    }

    fn violators(history: &[Event]) -> Vec<String> {
        let found = check(history).err().unwrap_or_default();
        found.into_iter().map(|found| found.process).collect()
    }

    #[test]
    fn a_good_history_is_counted() {
        let counts = check(&[
            call("node-1", 10, 20, Answer::Accepted),
            call("node-2", 11, 21, Answer::Unable),
            ending(SESSION, 30, 90, true),
            ending(Login(2), 30, 40, false),
            call("node-1", 100, 110, Answer::Refused),
            call("node-2", 100, 120, Answer::Unable),
            call("sidecar-1", 100, 130, Answer::Silent),
        ]);
        let expected = Counts {
            endings: 1,
            failed_endings: 1,
            calls: 5,
            accepted_before: 1,
            refused_after: 1,
            unjudged_after: 2,
            longest_ending: at(60),
        };
        assert_eq!(counts, Ok(expected));
        assert_eq!(check(&[]), Ok(Counts::default()));
    }

    #[test]
    fn a_call_a_nanosecond_after_the_ending_must_not_be_accepted() {
        let history = [
            ending(SESSION, 30, 90, true),
            call("node-1", 91, 95, Answer::Accepted),
        ];
        let found = check(&history).unwrap_err();
        let expected = Violation {
            login: SESSION,
            process: "node-1".to_owned(),
            ended: at(90),
            began: at(91),
            returned: at(95),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn the_same_moment_is_after() {
        let history = [
            ending(SESSION, 30, 90, true),
            call("node-1", 90, 95, Answer::Accepted),
        ];
        assert_eq!(violators(&history), ["node-1"]);
    }

    #[test]
    fn every_process_counts_and_every_call() {
        let history = [
            ending(SESSION, 30, 90, true),
            call("node-1", 100, 110, Answer::Refused),
            call("backend", 9_000_000_000, 9_000_000_001, Answer::Accepted),
            call("sidecar-2", 100, 110, Answer::Accepted),
            call("sidecar-2", 200, 210, Answer::Refused),
        ];
        assert_eq!(violators(&history), ["sidecar-2", "backend"]);
    }

    #[test]
    fn a_call_that_began_before_the_ending_returned_may_be_accepted() {
        let history = [
            call("node-1", 10, 500, Answer::Accepted),
            ending(SESSION, 30, 90, true),
            call("node-2", 89, 500, Answer::Accepted),
        ];
        let counts = check(&history).unwrap();
        assert_eq!((counts.accepted_before, counts.refused_after), (2, 0));
    }

    #[test]
    fn an_ending_without_success_promises_nothing() {
        let history = [
            ending(SESSION, 30, 90, false),
            call("node-1", 100, 110, Answer::Accepted),
        ];
        assert_eq!(violators(&history), Vec::<String>::new());
    }

    #[test]
    fn a_second_ending_takes_nothing_back() {
        for is_success in [false, true] {
            let history = [
                ending(SESSION, 30, 90, true),
                call("node-1", 100, 110, Answer::Accepted),
                ending(SESSION, 120, 190, is_success),
            ];
            assert_eq!(violators(&history), ["node-1"], "{is_success}");
        }
        let failed_first = [
            ending(SESSION, 30, 90, false),
            ending(SESSION, 100, 190, true),
            call("node-1", 150, 160, Answer::Accepted),
            call("node-1", 200, 210, Answer::Accepted),
        ];
        let found = check(&failed_first).unwrap_err();
        assert_eq!((found.len(), found[0].began), (1, at(200)));
    }

    #[test]
    fn the_order_of_writing_does_not_matter() {
        let history = [
            call("node-1", 100, 110, Answer::Accepted),
            ending(SESSION, 200, 300, true),
            ending(SESSION, 30, 90, true),
        ];
        assert_eq!(violators(&history), ["node-1"]);
    }

    #[test]
    fn another_session_is_another_matter() {
        let history = [
            ending(Login(2), 30, 90, true),
            call("node-1", 100, 110, Answer::Accepted),
        ];
        assert_eq!(violators(&history), Vec::<String>::new());
    }
}
