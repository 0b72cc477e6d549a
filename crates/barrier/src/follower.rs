//! A verifier: a reader of one node's batches, with what remains of that node's lease.

use crate::{Batch, Grant, Moment};

/// A verifier's standing. `E` names the node's process, whose batch numbers mean nothing elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Follower<E> {
    lease_until: Moment,
    at: Option<(E, Batch)>,
}

/// A question under way: it knows when it was asked, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question<E> {
    noted: Moment,
    at: Option<(E, Batch)>,
}

impl<E: Copy> Question<E> {
    /// Whose batches the verifier has, and up to which.
    pub const fn at(&self) -> Option<(E, Batch)> {
        self.at
    }
}

impl<E: Copy + PartialEq> Follower<E> {
    /// A verifier that has asked nobody and may not answer.
    pub const fn new() -> Self {
        Self {
            lease_until: Moment::from_nanos(0),
            at: None,
        }
    }

    /// Until when it may answer; the clock is to be read for every request.
    pub const fn lease_until(&self) -> Moment {
        self.lease_until
    }

    /// Whose batches it has, and up to which.
    pub const fn at(&self) -> Option<(E, Batch)> {
        self.at
    }

    /// Asks: `now` must be read before the question is sent.
    pub const fn ask(&self, now: Moment) -> Question<E> {
        Question {
            noted: now,
            at: self.at,
        }
    }

    /// Whether an answer of this node goes on from where the question stood; otherwise everything
    /// must be forgotten before it is applied.
    pub fn continues(question: &Question<E>, node: E) -> bool {
        question.at.is_some_and(|(asked, _)| asked == node)
    }

    /// The answer is applied whole.
    pub fn answered(&mut self, question: Question<E>, node: E, grant: Grant) {
        self.at = Some((node, grant.upto));
        let until = question.noted.plus(grant.remains);
        self.lease_until = self.lease_until.max(until);
    }

    /// Forgets where it stood, and stops answering.
    pub const fn lost(&mut self) {
        *self = Self::new();
    }
}

impl<E: Copy + PartialEq> Default for Follower<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn i1_the_lease_runs_from_before_the_question() {
        let mut follower = Follower::<u8>::new();
        let question = follower.ask(Moment::from_nanos(10));
        assert!(!Follower::continues(&question, 7));
        let grant = Grant {
            upto: Batch::new(3),
            remains: Duration::from_nanos(5),
        };
        follower.answered(question, 7, grant);
        assert_eq!(follower.lease_until(), Moment::from_nanos(15));
        let next = follower.ask(Moment::from_nanos(12));
        assert_eq!(next.at(), Some((7, Batch::new(3))));
        assert!(Follower::continues(&next, 7) && !Follower::continues(&next, 8));
        follower.lost();
        assert_eq!(follower, Follower::new());
    }
}
