//! What a model run explores, and which mistake it is told to make.

use crate::{actions::Action, world::World};
use countersign_barrier::Timing;
use stateright::{Model, Property};
use std::time::Duration;

/// The model: a scenario, and perhaps a mistake.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) scenario: Scenario,
    pub(crate) bug: Option<Bug>,
}

/// What may happen in a run beside pauses, losses, repetitions and drift, which always may.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each adds one kind of event")]
pub(crate) struct Scenario {
    pub(crate) lowers: bool,
    pub(crate) has_other_writer: bool,
    pub(crate) has_verifier: bool,
    pub(crate) has_successor: bool,
    /// Whether it joins while the other one still runs.
    pub(crate) joins_beside: bool,
    pub(crate) may_leave: bool,
    pub(crate) may_fail_over: bool,
    pub(crate) is_asynchronous: bool,
    pub(crate) may_prune: bool,
    /// Whether rows that stand still are deleted.
    pub(crate) watches: bool,
    /// Renewals of each process but the ending's.
    pub(crate) renewals: u8,
    /// Reads without a renewal, of each.
    pub(crate) hints: u8,
    /// Questions of the verifier.
    pub(crate) questions: u8,
    /// The last tick.
    pub(crate) end: u8,
}

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    ClockNotedAfterRead,
    AcknowledgedBeforeApplied,
    PlainSequence,
    LongerVerifierLease,
    PrunedEarly,
    CacheFirst,
    JoinedWithRenewal,
    DeadByTimestamp,
    OldCheck,
    LateLoadCached,
    SameId,
    NoDriftMargin,
    HistoryNotChecked,
}

/// Two ticks of a lease; a clock may run a third slower than another, so three ticks outlast it.
pub(crate) const LEASE: Duration = Duration::from_nanos(2 * TICK);

/// Nanoseconds of a tick.
pub(crate) const TICK: u64 = 10;

/// When the last token of the session expires, where denials may be pruned.
pub(crate) const TOKEN_EXPIRY: u8 = 6;

impl Default for Scenario {
    fn default() -> Self {
        Self {
            lowers: false,
            has_other_writer: false,
            has_verifier: false,
            has_successor: false,
            joins_beside: false,
            may_leave: false,
            may_fail_over: false,
            is_asynchronous: false,
            may_prune: false,
            watches: false,
            renewals: 2,
            hints: 1,
            questions: 3,
            end: 7,
        }
    }
}

impl Scenario {
    pub(crate) fn lowering(self) -> Self {
        Self {
            lowers: true,
            ..self
        }
    }

    pub(crate) fn other_writer(self) -> Self {
        Self {
            has_other_writer: true,
            renewals: 1,
            ..self
        }
    }

    pub(crate) fn verifier(self) -> Self {
        Self {
            has_verifier: true,
            renewals: 1,
            end: 5,
            ..self
        }
    }

    pub(crate) fn successor(self) -> Self {
        Self {
            has_successor: true,
            renewals: 1,
            hints: 0,
            end: 6,
            ..self
        }
    }

    pub(crate) fn joining(self) -> Self {
        Self {
            joins_beside: true,
            hints: 1,
            end: 5,
            ..self.successor()
        }
    }

    pub(crate) fn leaving(self) -> Self {
        Self {
            may_leave: true,
            end: 5,
            ..self
        }
    }

    pub(crate) fn failover(self) -> Self {
        Self {
            may_fail_over: true,
            ..self
        }
    }

    /// A primary that does not wait for its standby, so that acknowledged commits are lost.
    pub(crate) fn asynchronous(self) -> Self {
        Self {
            is_asynchronous: true,
            has_other_writer: true,
            renewals: 1,
            ..self.failover()
        }
    }

    pub(crate) fn pruning(self) -> Self {
        Self {
            may_prune: true,
            end: 8,
            ..self
        }
    }

    pub(crate) fn watching(self) -> Self {
        Self {
            watches: true,
            renewals: 1,
            end: 6,
            ..self
        }
    }

    pub(crate) fn larger(self) -> Self {
        // With a verifier a renewal more is some hundred million states more.
        let more = u8::from(!self.has_verifier);
        Self {
            renewals: self.renewals + more,
            end: self.end + 1,
            ..self
        }
    }
}

impl Rules {
    pub(crate) fn right(scenario: Scenario) -> Self {
        Self {
            scenario,
            bug: None,
        }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub(crate) fn timing(&self) -> Timing {
        Timing {
            lease: LEASE,
            drift_percent: if self.has(Bug::NoDriftMargin) { 0 } else { 50 },
            slack: Duration::ZERO,
        }
    }
}

impl Model for Rules {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let mut worlds = vec![World::new(self)];
        if self.scenario.lowers {
            worlds.push(World::cold(self));
        }
        worlds
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.actions(self, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        next.take(self, action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![Property::always(crate::PROPERTY, World::is_safe)];
        if self.bug.is_none() {
            properties.extend([
                Property::sometimes("a node serves after the ending", World::serves_on),
                Property::sometimes("everybody acknowledged in time", World::was_quick),
                Property::sometimes("a silent node was waited out", World::was_waited_out),
            ]);
        }
        properties
    }
}
