//! What one process knows: a node, or a verifier.

use crate::{
    rules::{Bug, Rules},
    store::{Entry, NodeId, Read, Token},
};
use countersign_barrier::{Batch, Extent, Follower, Grant, Member, Moment, Question, Renewal};

/// What a process remembers of the one session: the caches and the denylist, as small as they get.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Memory {
    pub(crate) is_denied: bool,
    pub(crate) cached: Option<Version>,
    pub(crate) flight: Flight,
}

/// The session before the ending, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Version {
    Before,
    After,
}

/// A load of the session from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Flight {
    #[default]
    None,
    Began,
    Carries(Version),
    /// Something about the session was applied since it began.
    Overtaken,
}

impl Memory {
    /// A process that has served the session before.
    pub(crate) fn warm() -> Self {
        Self {
            cached: Some(Version::Before),
            ..Self::default()
        }
    }

    /// An ending is only denied; a lowering is only forgotten. The service does both for an
    /// ending, so each of them is shown to be enough.
    pub(crate) fn apply(&mut self, rules: &Rules) {
        if rules.scenario.lowers {
            self.cached = None;
            if self.flight != Flight::None && !rules.has(Bug::LateLoadCached) {
                self.flight = Flight::Overtaken;
            }
        } else {
            self.is_denied = true;
        }
    }

    pub(crate) fn forget_all(&mut self) {
        self.cached = None;
        if self.flight != Flight::None {
            self.flight = Flight::Overtaken;
        }
    }

    pub(crate) fn land(&mut self) {
        if let Flight::Carries(version) = self.flight {
            self.cached = Some(version);
        }
        self.flight = Flight::None;
    }

    /// Whether a request that passed the lease's check is let through as if nothing had ended.
    pub(crate) fn accepts(&self, rules: &Rules) -> bool {
        let is_cached = self.cached == Some(Version::Before);
        if is_cached && rules.has(Bug::CacheFirst) {
            return true;
        }
        // A request may board a load under way. One that begins now reads what is committed.
        let boards = self.cached.is_none() && self.flight == Flight::Carries(Version::Before);
        !self.is_denied && (is_cached || boards)
    }
}

/// A node's process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) phase: Phase,
    pub(crate) member: Member<u8>,
    pub(crate) known: Extent,
    /// The last entry that it read: if it is gone, history is another's.
    pub(crate) last: Option<(u64, Entry)>,
    pub(crate) left_in_row: Option<Token>,
    pub(crate) memory: Memory,
    /// The batch that brought the ending.
    pub(crate) ending_in: Option<Batch>,
    /// Whether it has read since its connection was made.
    pub(crate) speaks: bool,
    pub(crate) renewals: u8,
    pub(crate) hints: u8,
    pub(crate) loads: u8,
    /// A check of the lease that a wrong process would still rely on.
    pub(crate) checked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Absent,
    Idle,
    Began(Renewal),
    /// Its transaction has updated the row and read the feed, and is not committed.
    Open(Renewal, Found),
    Committed(Renewal, Found),
    /// A read without a renewal.
    Hinted(Found),
    Leaving(Moment),
    Gone,
}

/// What a node's read brought.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    pub(crate) read: Read,
    pub(crate) token: Option<Token>,
}

impl Node {
    /// A node that renewed at the beginning.
    pub(crate) fn settled(rules: &Rules, noted: Moment, extent: Extent, token: Token) -> Self {
        let mut node = Self::absent(rules);
        node.phase = Phase::Idle;
        node.memory = Memory::warm();
        node.left_in_row = Some(token);
        node.known = extent.clone();
        node.member.applied();
        node.member.renewed(Renewal::begin(noted), extent);
        node
    }

    pub(crate) fn absent(rules: &Rules) -> Self {
        Self {
            phase: Phase::Absent,
            member: Member::new(rules.timing()),
            known: Extent::default(),
            last: None,
            left_in_row: None,
            memory: Memory::default(),
            ending_in: None,
            speaks: true,
            renewals: 0,
            hints: 0,
            loads: 0,
            checked: false,
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Absent | Phase::Leaving(_) | Phase::Gone)
    }

    /// Puts what was read into memory and says so, in this order.
    pub(crate) fn apply(&mut self, rules: &Rules, found: &Found) {
        if found.read.finds_ending && self.ending_in.is_none() {
            self.memory.apply(rules);
            self.ending_in = Some(self.member.applied());
        }
        self.known = found.read.extent.clone();
        self.speaks = true;
        self.last = found.read.last.or(self.last);
        if found.token.is_some() {
            self.left_in_row = found.token;
        }
    }

    pub(crate) fn stop(&mut self) {
        self.phase = Phase::Gone;
        self.member.lost();
        self.checked = false;
    }

    pub(crate) fn accepts(&self, rules: &Rules, now: Moment) -> bool {
        let holds = if rules.has(Bug::OldCheck) {
            self.checked
        } else {
            now < self.member.lease_until()
        };
        self.is_running() && holds && self.memory.accepts(rules)
    }
}

/// A verifier's process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Verifier {
    pub(crate) follower: Follower<NodeId>,
    pub(crate) memory: Memory,
    pub(crate) asking: Asking,
    pub(crate) questions: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    Nothing,
    Asked(Question<NodeId>),
    Answered {
        question: Question<NodeId>,
        node: NodeId,
        grant: Grant,
        brings_ending: bool,
    },
}

impl Verifier {
    /// One that has followed the node from the beginning.
    pub(crate) fn following(node: NodeId, leader: &mut Node, now: Moment, own: Moment) -> Self {
        let mut follower = Follower::new();
        let question = follower.ask(own);
        if let Some(grant) = leader.member.asked(0, Some(leader.member.newest()), now) {
            follower.answered(question, node, grant);
        }
        Self {
            follower,
            memory: Memory::warm(),
            asking: Asking::Nothing,
            questions: 0,
        }
    }

    pub(crate) fn take(&mut self, rules: &Rules) {
        let asking = std::mem::replace(&mut self.asking, Asking::Nothing);
        if let Asking::Answered {
            question,
            node,
            grant,
            brings_ending,
        } = asking
        {
            if !Follower::continues(&question, node) {
                self.memory.forget_all();
            }
            if brings_ending {
                self.memory.apply(rules);
            }
            self.follower.answered(question, node, grant);
        }
    }

    pub(crate) fn accepts(&self, rules: &Rules, now: Moment) -> bool {
        now < self.follower.lease_until() && self.memory.accepts(rules)
    }
}
