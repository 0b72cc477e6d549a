//! What may happen next.

use crate::{
    process::{Asking, Flight, Memory, Phase},
    rules::{Bug, Rules, TOKEN_EXPIRY},
    store::NodeId,
    world::{Ending, HOME, Other, PEER, SUCCESSOR, World},
};
use countersign_barrier::{Extent, Moment};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Tick,
    Begin(NodeId),
    Read(NodeId),
    Commit(NodeId),
    LoseReply(NodeId),
    Apply(NodeId),
    Hint(NodeId),
    Acknowledge(NodeId),
    Check(NodeId),
    Load(NodeId),
    LoadReads(NodeId),
    Land(NodeId),
    Crash,
    Leave,
    DeleteOwnRow,
    Join,
    BeginEnding,
    CommitEnding,
    EndingCommitted,
    ReadRows,
    Hear(NodeId),
    Return,
    BeginOther,
    CommitOther,
    Watch,
    DeleteDead(NodeId),
    Replicate,
    FailOver,
    Prune,
    Ask,
    Answer(NodeId),
    LoseAnswer,
    TakeAnswer,
}

impl World {
    pub(crate) fn actions(&self, rules: &Rules, actions: &mut Vec<Action>) {
        let scenario = rules.scenario;
        let mut may = |condition: bool, action: Action| {
            if condition {
                actions.push(action);
            }
        };
        may(self.now < scenario.end, Action::Tick);
        for id in [HOME, PEER, SUCCESSOR] {
            self.actions_of(id, rules, &mut may);
        }
        self.actions_of_ending(rules, &mut may);
        may(
            scenario.has_other_writer && self.other == Other::NotBegun,
            Action::BeginOther,
        );
        may(matches!(self.other, Other::Open(_)), Action::CommitOther);
        let can_fail = scenario.may_fail_over && !self.has_failed_over;
        may(can_fail && scenario.is_asynchronous, Action::Replicate);
        may(can_fail, Action::FailOver);
        let is_time = self.now >= TOKEN_EXPIRY || rules.has(Bug::PrunedEarly);
        may(
            scenario.may_prune && self.store.can_prune() && is_time,
            Action::Prune,
        );
        let peer = self.node(PEER);
        may(
            scenario.has_successor && !scenario.joins_beside && peer.is_running(),
            Action::Crash,
        );
        may(
            scenario.may_leave && peer.phase == Phase::Idle,
            Action::Leave,
        );
        if let Phase::Leaving(from) = peer.phase {
            may(self.clock(rules, PEER) >= from, Action::DeleteOwnRow);
        }
        let is_free = self.node(SUCCESSOR).phase == Phase::Absent;
        may(
            scenario.has_successor && is_free && (self.has_died(PEER) || scenario.joins_beside),
            Action::Join,
        );
        self.actions_of_verifier(rules, &mut may);
    }

    fn actions_of(&self, id: NodeId, rules: &Rules, may: &mut impl FnMut(bool, Action)) {
        let node = self.node(id);
        let row = self.store.rows.get(&id);
        let is_idle = node.phase == Phase::Idle;
        // The ending's node learns of it by its commit; its own renewals would add nothing.
        let reads = id != HOME;
        // Where one joins beside another, one way for each to learn of the ending is enough.
        let (renews, hints) = match id {
            _ if !rules.scenario.joins_beside => (reads, reads),
            PEER => (false, true),
            _ => (reads, false),
        };
        let can_renew = renews && node.renewals < rules.scenario.renewals;
        let can_hint = hints && node.hints < rules.scenario.hints;
        may(is_idle && can_renew, Action::Begin(id));
        may(matches!(node.phase, Phase::Began(_)), Action::Read(id));
        may(matches!(node.phase, Phase::Open(..)), Action::Commit(id));
        may(
            matches!(node.phase, Phase::Committed(..)),
            Action::LoseReply(id),
        );
        may(
            matches!(node.phase, Phase::Committed(..) | Phase::Hinted(_)),
            Action::Apply(id),
        );
        may(
            is_idle && can_hint && row.is_some() && self.has_news(),
            Action::Hint(id),
        );
        may(
            id != HOME && self.new_acknowledgement(id, rules).is_some(),
            Action::Acknowledge(id),
        );
        let can_check = rules.has(Bug::OldCheck) && node.is_running() && !node.checked;
        may(
            can_check && self.clock(rules, id) < node.member.lease_until(),
            Action::Check(id),
        );
        if rules.scenario.lowers || id == SUCCESSOR {
            let Memory { cached, flight, .. } = node.memory;
            let can_load = node.is_running() && node.loads == 0 && id != HOME;
            may(
                can_load && cached.is_none() && flight == Flight::None,
                Action::Load(id),
            );
            may(flight == Flight::Began, Action::LoadReads(id));
            may(
                matches!(flight, Flight::Carries(_) | Flight::Overtaken),
                Action::Land(id),
            );
        }
    }

    fn actions_of_ending(&self, rules: &Rules, may: &mut impl FnMut(bool, Action)) {
        let now = self.clock(rules, HOME);
        match &self.ending {
            Ending::NotBegun => {
                let is_time = !rules.scenario.is_asynchronous || self.has_failed_over;
                may(is_time, Action::BeginEnding);
            }
            Ending::Open(_) => may(true, Action::CommitEnding),
            Ending::Committed(_) => may(true, Action::EndingCommitted),
            Ending::Waiting(barrier) => {
                may(true, Action::ReadRows);
                for (node, extent) in &self.acknowledgements {
                    let mut heard = barrier.clone();
                    heard.acknowledged(*node, extent);
                    may(heard != *barrier, Action::Hear(*node));
                }
                may(barrier.outcome(now).is_some(), Action::Return);
            }
            Ending::Returned { .. } => {}
        }
        if !rules.scenario.watches {
            return;
        }
        let tokens: Vec<_> = self
            .store
            .rows
            .iter()
            .map(|(id, row)| (*id, row.renewal))
            .collect();
        let mut watched = self.watch.clone();
        watched.observe(&tokens, now);
        may(watched != self.watch, Action::Watch);
        for (id, row) in &self.store.rows {
            let is_dead = if rules.has(Bug::DeadByTimestamp) {
                let timing = rules.timing();
                now >= Moment::from_nanos(row.renewed_at).plus(timing.outlast(timing.lease))
            } else {
                self.watch
                    .dead(now, &rules.timing())
                    .contains(&(*id, row.renewal))
            };
            // A renewal under way holds the row.
            let is_held = matches!(self.node(*id).phase, Phase::Open(..));
            may(*id != HOME && is_dead && !is_held, Action::DeleteDead(*id));
        }
    }

    fn actions_of_verifier(&self, rules: &Rules, may: &mut impl FnMut(bool, Action)) {
        let Some(verifier) = &self.verifier else {
            return;
        };
        match &verifier.asking {
            Asking::Nothing => may(verifier.questions < rules.scenario.questions, Action::Ask),
            Asking::Asked(_) => {
                may(self.node(PEER).is_running(), Action::Answer(PEER));
                may(self.node(SUCCESSOR).is_running(), Action::Answer(SUCCESSOR));
                may(true, Action::LoseAnswer);
            }
            Asking::Answered { .. } => {
                may(true, Action::TakeAnswer);
                may(true, Action::LoseAnswer);
            }
        }
    }

    /// What the node would say to the ending that it has not said.
    pub(crate) fn new_acknowledgement(&self, id: NodeId, rules: &Rules) -> Option<Extent> {
        let node = self.node(id);
        let read = match &node.phase {
            Phase::Hinted(found) | Phase::Committed(_, found)
                if rules.has(Bug::AcknowledgedBeforeApplied) =>
            {
                Some(found.read.extent.clone())
            }
            _ => None,
        };
        let mut member = node.member.clone();
        let said = member.acknowledged(self.clock(rules, id)).cloned();
        let extent = read.or(said).filter(|_| node.is_running() && node.speaks)?;
        let Ending::Waiting(barrier) = &self.ending else {
            return None;
        };
        let mut heard = barrier.clone();
        heard.acknowledged(id, &extent);
        let is_news = heard != *barrier && !self.acknowledgements.contains_key(&id);
        is_news.then_some(extent)
    }

    /// Whether there is something to send a hint about.
    fn has_news(&self) -> bool {
        let is_written = matches!(self.ending, Ending::Committed(_) | Ending::Waiting(_));
        is_written || self.other == Other::Done
    }
}
