//! What each action does.

use crate::{
    actions::Action,
    process::{Asking, Flight, Found, Node, Phase, Version},
    rules::{Bug, LEASE, Rules},
    store::{Entry, NodeId, Row},
    world::{Ending, HOME, Other, PEER, SUCCESSOR, World, verifier_clock},
};
use countersign_barrier::{Barrier, Extent, Follower, Mark, Renewal};

impl World {
    pub(crate) fn take(&mut self, rules: &Rules, action: Action) {
        match action {
            Action::Tick => self.now += 1,
            Action::Begin(id) => self.begin(rules, id),
            Action::Read(id) => self.read(rules, id),
            Action::Commit(id) => self.commit(rules, id),
            Action::LoseReply(id) => self.node_mut(id).phase = Phase::Idle,
            Action::Apply(id) => self.apply(rules, id),
            Action::Hint(id) => self.hint(rules, id),
            Action::Acknowledge(id) => self.acknowledge(rules, id),
            Action::Check(id) => self.node_mut(id).checked = true,
            Action::Load(id) => {
                let node = self.node_mut(id);
                node.loads += 1;
                node.memory.flight = Flight::Began;
            }
            Action::LoadReads(id) => {
                let version = if self.store.is_changed {
                    Version::After
                } else {
                    Version::Before
                };
                self.node_mut(id).memory.flight = Flight::Carries(version);
            }
            Action::Land(id) => self.node_mut(id).memory.land(),
            Action::Crash => self.node_mut(PEER).stop(),
            Action::Leave => {
                let node = self.node_mut(PEER);
                node.phase = Phase::Leaving(node.member.leave());
            }
            Action::DeleteOwnRow => {
                self.store.rows.remove(&PEER);
                self.node_mut(PEER).stop();
            }
            Action::Join => self.join(rules),
            Action::Watch => {
                let rows = self.store.rows.iter();
                let rows: Vec<_> = rows.map(|(id, row)| (*id, row.renewal)).collect();
                self.watch.observe(&rows, self.clock(rules, HOME));
            }
            Action::DeleteDead(id) => drop(self.store.rows.remove(&id)),
            Action::Replicate => self.standby = Some(Box::new(self.store.clone())),
            Action::FailOver => self.fail_over(),
            Action::Prune => self.store.prune(),
            Action::BeginOther => self.other = Other::Open(self.store.begin()),
            Action::CommitOther => {
                if let Other::Open(position) = self.other {
                    self.store.commit(position, Entry::OfAnother);
                    self.other = Other::Done;
                }
            }
            Action::Ask | Action::Answer(_) | Action::LoseAnswer | Action::TakeAnswer => {
                self.take_of_verifier(rules, action);
            }
            _ => self.take_of_ending(rules, action),
        }
    }

    fn begin(&mut self, rules: &Rules, id: NodeId) {
        let renewal = Renewal::begin(self.clock(rules, id));
        let node = self.node_mut(id);
        node.renewals += 1;
        node.phase = Phase::Began(renewal);
    }

    /// The renewal's transaction: its own row, then the feed.
    fn read(&mut self, rules: &Rules, id: NodeId) {
        let Phase::Began(renewal) = self.node(id).phase else {
            return;
        };
        let known = self.node(id).left_in_row;
        let row = self.store.rows.get(&id).map(|row| row.renewal);
        let joins_now = known.is_none() && rules.has(Bug::JoinedWithRenewal);
        let is_ours = row.is_some() && (row == known || rules.has(Bug::HistoryNotChecked));
        let is_intact = self.is_intact(rules, id);
        if !(joins_now || is_ours && is_intact) {
            return self.node_mut(id).stop();
        }
        let found = self.found(rules, id);
        self.node_mut(id).phase = Phase::Open(renewal, found);
        if !(rules.scenario.may_fail_over || rules.scenario.has_successor) {
            // Nothing else can tell the two steps apart.
            self.commit(rules, id);
        }
    }

    fn found(&mut self, rules: &Rules, id: NodeId) -> Found {
        let known = &self.node(id).known;
        let read = if *known == Extent::default() {
            self.store.read_all()
        } else if rules.has(Bug::PlainSequence) {
            self.store.read_sequence(known)
        } else {
            self.store.read(known)
        };
        let row = self.store.rows.get(&id).map_or(0, |row| row.renewal);
        Found {
            read,
            token: Some(row + 1),
        }
    }

    fn commit(&mut self, rules: &Rules, id: NodeId) {
        let (now, node) = (self.clock(rules, id), self.node_mut(id));
        let Phase::Open(renewal, found) = node.phase.clone() else {
            return;
        };
        let acknowledged = node.member.acknowledged(now).cloned();
        node.phase = Phase::Committed(renewal, found.clone());
        if let Some(renewal) = found.token {
            let renewed_at = stamp(rules, now);
            self.store.rows.insert(
                id,
                Row {
                    renewal,
                    acknowledged,
                    renewed_at,
                },
            );
        }
    }

    fn apply(&mut self, rules: &Rules, id: NodeId) {
        let (now, node) = (self.clock(rules, id), self.node_mut(id));
        match std::mem::replace(&mut node.phase, Phase::Idle) {
            Phase::Committed(renewal, found) => {
                node.apply(rules, &found);
                let late = Renewal::begin(now);
                let is_late = rules.has(Bug::ClockNotedAfterRead);
                let renewal = if is_late { late } else { renewal };
                node.member.renewed(renewal, found.read.extent);
                // Forgets the reads that everybody has, so that equal states are equal.
                let _ = node.member.acknowledged(now);
            }
            Phase::Hinted(found) => {
                node.apply(rules, &found);
                node.member.read(found.read.extent);
                let _ = node.member.acknowledged(now);
            }
            _ => {}
        }
    }

    /// Whether what the node read last is still there.
    fn is_intact(&self, rules: &Rules, id: NodeId) -> bool {
        let last = self.node(id).last;
        rules.has(Bug::HistoryNotChecked) || last.is_none_or(|last| self.store.has(last))
    }

    fn hint(&mut self, rules: &Rules, id: NodeId) {
        if !self.is_intact(rules, id) {
            return self.node_mut(id).stop();
        }
        let found = Found {
            token: None,
            ..self.found(rules, id)
        };
        let node = self.node_mut(id);
        node.hints += 1;
        node.phase = Phase::Hinted(found);
    }

    /// Sends it. What was acknowledged stays true, so delay matters only where it may not.
    fn acknowledge(&mut self, rules: &Rules, id: NodeId) {
        let extent = self.new_acknowledgement(id, rules);
        self.acknowledgements
            .extend(extent.map(|extent| (id, extent)));
        if !(rules.scenario.has_successor || rules.scenario.may_fail_over) {
            self.take_of_ending(rules, Action::Hear(id));
        }
    }

    fn join(&mut self, rules: &Rules) {
        let id = if rules.has(Bug::SameId) {
            PEER
        } else {
            SUCCESSOR
        };
        let mut node = Node {
            phase: Phase::Idle,
            ..Node::absent(rules)
        };
        if !rules.has(Bug::JoinedWithRenewal) {
            let renewal = 0;
            let renewed_at = stamp(rules, self.clock(rules, id));
            self.store.rows.insert(
                id,
                Row {
                    renewal,
                    acknowledged: None,
                    renewed_at,
                },
            );
            node.left_in_row = Some(renewal);
        }
        *self.node_mut(id) = node;
    }

    fn fail_over(&mut self) {
        self.has_failed_over = true;
        let is_lossy = self.standby.is_some();
        let kept = self
            .standby
            .take()
            .map_or_else(|| self.store.clone(), |kept| *kept);
        self.store.fail_over(kept);
        self.acknowledgements.clear();
        // Connections break: what was open is rolled back, and its caller gets an error. A node
        // speaks only after a read, so it has to read again.
        for node in &mut self.nodes {
            node.speaks = false;
            // What a primary said that did not wait for its standby is worth nothing after it;
            // an answer that comes even later than this is outside of what is promised then.
            let is_said = matches!(node.phase, Phase::Hinted(_) | Phase::Committed(..));
            if matches!(node.phase, Phase::Open(..) | Phase::Began(_)) || is_said && is_lossy {
                node.phase = Phase::Idle;
            }
        }
        if matches!(self.ending, Ending::Open(_)) {
            self.ending = Ending::NotBegun;
        }
        if matches!(self.other, Other::Open(_)) {
            self.other = Other::NotBegun;
        }
    }

    fn take_of_ending(&mut self, rules: &Rules, action: Action) {
        let now = self.clock(rules, HOME);
        let ending = std::mem::replace(&mut self.ending, Ending::NotBegun);
        self.ending = match (ending, action) {
            (_, Action::BeginEnding) => self.begin_ending(rules),
            (Ending::Open(position), Action::CommitEnding) => {
                self.store.commit(position, Entry::OfTheEnding);
                Ending::Committed(position)
            }
            (Ending::Committed(position), _) => {
                let node = self.node_mut(HOME);
                node.memory.apply(rules);
                node.ending_in = Some(node.member.applied());
                let mark = Mark::At(position);
                let mut barrier = Barrier::committed(mark, now, &rules.timing());
                barrier.reached(HOME);
                Ending::Waiting(barrier)
            }
            (Ending::Waiting(mut barrier), Action::ReadRows) => {
                let rows = self.store.rows.iter();
                barrier.rows(rows.map(|(id, row)| (*id, row.acknowledged.as_ref())));
                Ending::Waiting(barrier)
            }
            (Ending::Waiting(mut barrier), Action::Hear(id)) => {
                if let Some(extent) = self.acknowledgements.remove(&id) {
                    barrier.acknowledged(id, &extent);
                }
                Ending::Waiting(barrier)
            }
            (Ending::Waiting(barrier), Action::Return) => Ending::Returned {
                was_quick: barrier.is_through() && now < barrier.deadline(),
                was_waited_out: !barrier.is_through(),
            },
            (ending, _) => ending,
        };
    }

    fn begin_ending(&mut self, rules: &Rules) -> Ending {
        let position = self.store.begin();
        let scenario = rules.scenario;
        if scenario.has_other_writer || scenario.may_fail_over {
            return Ending::Open(position);
        }
        // Nothing else can tell the two steps apart.
        self.store.commit(position, Entry::OfTheEnding);
        Ending::Committed(position)
    }

    fn take_of_verifier(&mut self, rules: &Rules, action: Action) {
        let own = verifier_clock(self.now);
        let Some(mut verifier) = self.verifier.take() else {
            return;
        };
        match action {
            Action::Ask => {
                verifier.questions += 1;
                verifier.asking = Asking::Asked(verifier.follower.ask(own));
            }
            Action::Answer(id) => {
                let now = self.clock(rules, id);
                if let Asking::Asked(question) = verifier.asking {
                    verifier.asking = self.answer(rules, id, question, now);
                }
            }
            Action::LoseAnswer => verifier.asking = Asking::Nothing,
            _ => verifier.take(rules),
        }
        self.verifier = Some(verifier);
    }

    fn answer(
        &mut self,
        rules: &Rules,
        id: NodeId,
        question: countersign_barrier::Question<NodeId>,
        now: countersign_barrier::Moment,
    ) -> Asking {
        let node = self.node_mut(id);
        let has = question
            .at()
            .filter(|(of, _)| *of == id)
            .map(|(_, has)| has);
        let Some(mut grant) = node.member.asked(0, has, now) else {
            return Asking::Nothing;
        };
        if rules.has(Bug::LongerVerifierLease) && has.is_some() {
            grant.remains = LEASE;
        }
        let is_new =
            |batch| !Follower::continues(&question, id) || has.is_none_or(|has| has < batch);
        let brings_ending = node.ending_in.is_some_and(is_new);
        Asking::Answered {
            question,
            node: id,
            grant,
            brings_ending,
        }
    }
}

/// What a node writes into its row that is judged by its own clock.
fn stamp(rules: &Rules, now: countersign_barrier::Moment) -> u64 {
    if rules.has(Bug::DeadByTimestamp) {
        now.as_nanos()
    } else {
        0
    }
}
