//! Everything there is, and what must hold of it.

use crate::{
    process::{Memory, Node, Phase, Verifier},
    rules::{Rules, TICK, TOKEN_EXPIRY},
    store::{NodeId, Row, Store, Token},
};
use countersign_barrier::{Barrier, Extent, Moment, Position, Watch};
use std::collections::BTreeMap;

/// The node that the ending is asked of.
pub(crate) const HOME: NodeId = 0;
/// The other node; the verifier's, if there is one.
pub(crate) const PEER: NodeId = 1;
/// The node that joins when the other one has died.
pub(crate) const SUCCESSOR: NodeId = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: u8,
    pub(crate) store: Store,
    /// What the standby has, where it is not waited for.
    pub(crate) standby: Option<Box<Store>>,
    pub(crate) has_failed_over: bool,
    pub(crate) nodes: [Node; 3],
    pub(crate) verifier: Option<Verifier>,
    pub(crate) ending: Ending,
    pub(crate) other: Other,
    /// Acknowledgements that include the ending: once sent, they may arrive at any time.
    pub(crate) acknowledgements: BTreeMap<NodeId, Extent>,
    pub(crate) watch: Watch<NodeId, Token>,
}

/// The ending's way, on its node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Ending {
    NotBegun,
    Open(Position),
    Committed(Position),
    Waiting(Barrier<NodeId>),
    Returned {
        was_quick: bool,
        was_waited_out: bool,
    },
}

/// A transaction about something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Other {
    NotBegun,
    Open(Position),
    Done,
}

impl World {
    pub(crate) fn new(rules: &Rules) -> Self {
        let mut store = Store::new();
        let extent = store.extent();
        let mut settle = |id| {
            let (renewal, renewed_at) = (0, 0);
            let acknowledged = Some(extent.clone());
            store.rows.insert(
                id,
                Row {
                    renewal,
                    acknowledged,
                    renewed_at,
                },
            );
            Node::settled(rules, clock(rules, id, 0), extent.clone(), renewal)
        };
        let (home, mut peer) = (settle(HOME), settle(PEER));
        let verifier = rules.scenario.has_verifier.then(|| {
            let (now, own) = (clock(rules, PEER, 0), verifier_clock(0));
            Verifier::following(PEER, &mut peer, now, own)
        });
        Self {
            now: 0,
            standby: rules
                .scenario
                .is_asynchronous
                .then(|| Box::new(store.clone())),
            store,
            has_failed_over: false,
            nodes: [home, peer, Node::absent(rules)],
            verifier,
            ending: Ending::NotBegun,
            other: Other::NotBegun,
            acknowledgements: BTreeMap::new(),
            watch: Watch::new(),
        }
    }

    /// The same, where the other node has not served the session yet.
    pub(crate) fn cold(rules: &Rules) -> Self {
        let mut world = Self::new(rules);
        world.node_mut(PEER).memory = Memory::default();
        world
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[usize::from(id)]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[usize::from(id)]
    }

    pub(crate) fn clock(&self, rules: &Rules, id: NodeId) -> Moment {
        clock(rules, id, self.now)
    }

    /// No request that starts after the ending returned is let through, wherever it arrives.
    pub(crate) fn is_safe(rules: &Rules, world: &Self) -> bool {
        let has_expired = rules.scenario.may_prune && world.now >= TOKEN_EXPIRY;
        if !matches!(world.ending, Ending::Returned { .. }) || has_expired {
            return true;
        }
        let accepts = |id| world.node(id).accepts(rules, world.clock(rules, id));
        let verifier = world.verifier.as_ref();
        let verifier_accepts =
            verifier.is_some_and(|one| one.accepts(rules, verifier_clock(world.now)));
        !([HOME, PEER, SUCCESSOR].into_iter().any(accepts) || verifier_accepts)
    }

    pub(crate) fn serves_on(rules: &Rules, world: &Self) -> bool {
        let holds = |id| {
            let node = world.node(id);
            node.is_running() && world.clock(rules, id) < node.member.lease_until()
        };
        matches!(world.ending, Ending::Returned { .. }) && [PEER, SUCCESSOR].into_iter().any(holds)
    }

    pub(crate) fn was_quick(_: &Rules, world: &Self) -> bool {
        matches!(
            world.ending,
            Ending::Returned {
                was_quick: true,
                ..
            }
        )
    }

    pub(crate) fn was_waited_out(_: &Rules, world: &Self) -> bool {
        matches!(
            world.ending,
            Ending::Returned {
                was_waited_out: true,
                ..
            }
        )
    }

    /// Whether a process with this id is there that could still be running on an old lease.
    pub(crate) fn has_died(&self, id: NodeId) -> bool {
        self.node(id).phase == Phase::Gone
    }
}

/// Each process has its own beginning of time. The other node's clock is slow; where there is a
/// verifier, the verifier's is.
fn clock(rules: &Rules, id: NodeId, now: u8) -> Moment {
    let ticks = u64::from(now) * TICK;
    Moment::from_nanos(match id {
        HOME => 50 + ticks,
        _ if rules.scenario.has_verifier => ticks,
        _ => slow(ticks),
    })
}

pub(crate) fn verifier_clock(now: u8) -> Moment {
    Moment::from_nanos(3 + slow(u64::from(now) * TICK))
}

fn slow(ticks: u64) -> u64 {
    ticks * 2 / 3
}
