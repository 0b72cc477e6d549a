//! What must be there for an act to have something to do, made before the meeting begins.

use crate::{acts::Act, evidence::Presented, link::Reply, place::Place};
use countersign_core::{ApprovalId, ClientId, DeviceId};
use countersign_server::Job;
use countersign_test_support::Phone;
use serde_json::json;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// An act that only has to be played.
pub(crate) struct Ready {
    pub(crate) act: Act,
    /// What the tablet presents.
    pub(crate) presented: Option<Presented>,
    /// The tablet with the key that it comes back with.
    pub(crate) returning: Option<Arc<Phone>>,
    /// Whether there are requests to write down.
    was_used: bool,
    trace: Option<Trace>,
}

/// A query whose number grows when an act that has no answer was committed.
struct Trace {
    sql: String,
    before: i64,
}

/// Long ago on the service's clock.
const PAST: &str = "to_timestamp(1700000000)";

impl Place {
    /// Makes the act ready. What its preparation takes from other acts is part of the meeting.
    pub(crate) async fn prepare(&self, act: Act) -> Ready {
        let mut ready = Ready {
            act,
            presented: None,
            returning: None,
            was_used: false,
            trace: None,
        };
        let round = self.round.load(Ordering::Relaxed);
        match act {
            Act::ComeBackWithNewKey => ready.returning = Some(self.lose_key(round).await),
            Act::FlushActivity => ready.was_used = self.use_tablet().await,
            Act::Sweep => self.expire(round).await,
            Act::MakeRoom => self.limit_devices().await,
            Act::AskToBeLetIn => self.change_client(&Self::policy(), "approval").await,
            Act::Approve | Act::Reject => self.ask_admins("to_timestamp(1900000000)").await,
            Act::Enroll | Act::Reinstall | Act::Rotate => {
                ready.presented = Some(self.present(act).await);
            }
            Act::JudgeAgain => self.change_policy(round).await,
            Act::Resume if round % 2 == 1 => {
                self.by_admin(Act::Suspend).await;
            }
            Act::Admit => self.let_time_pass().await,
            Act::LiftBan => self.ban_first(round).await,
            _ => {}
        }
        if let Some(sql) = self.trace(act) {
            let before = self.side.lock().await.number(&sql).await;
            ready.trace = Some(Trace { sql, before });
        }
        ready
    }

    /// Whether the act was committed. Where two are the same and leave only a trace, one was.
    pub(crate) async fn was_committed(&self, ready: &Ready, answer: Option<&Reply>) -> bool {
        match (&ready.trace, answer) {
            (Some(trace), _) => self.side.lock().await.number(&trace.sql).await > trace.before,
            (None, Some(answer)) if ready.act == Act::AskToBeLetIn => {
                answer.code() == "approval_pending"
            }
            (None, Some(answer)) => answer.is_success(),
            (None, None) => ready.was_used,
        }
    }

    /// Only this act grows the number.
    fn trace(&self, act: Act) -> Option<String> {
        let device = self.device();
        let told = |what: &str| {
            format!("SELECT COUNT(*) FROM activity WHERE device_id = '{device}' AND {what}")
        };
        Some(match act {
            Act::Sweep => {
                told("action = 'session.ended' AND reason = 'expired' AND actor_kind = 'system'")
            }
            Act::JudgeAgain => told("action IN ('device.upgraded', 'device.downgraded')"),
            Act::Admit => told("action = 'approval.refused' AND reason = 'expired'"),
            Act::ProveBadly => {
                format!("SELECT bad_proofs FROM devices WHERE id = '{device}'")
            }
            _ => return None,
        })
    }

    /// The tablet's record, as the database names it.
    fn device(&self) -> uuid::Uuid {
        let device: DeviceId = self.now(0).1.device.parse().expect("a device's id");
        device.as_uuid()
    }

    /// A new key: of a tablet that another user has too, of one that is the first user's alone, or of
    /// one that enrolled with it before.
    async fn lose_key(&self, round: u64) -> Arc<Phone> {
        let (tablet, tokens) = self.now(0);
        let returning = Arc::new(tablet.with_new_key());
        if !round.is_multiple_of(3) {
            let removed = self.world.remove_device(&self.users[1], &tokens.device);
            removed.await.expect("an answer").expect_no_fault();
        }
        if round % 3 == 2 {
            self.enroll_apart(&returning).await;
        }
        returning
    }

    /// Requests that are newer than the rows.
    async fn use_tablet(&self) -> bool {
        self.world.app().clock.advance(Duration::from_millis(1));
        let mut was_used = false;
        for index in 0..2 {
            let (tablet, tokens) = self.now(index);
            was_used |= self.world.is_allowed(&tablet, &tokens.access).await;
        }
        was_used
    }

    /// The session of one user on the tablet is past its time, and one of the first elsewhere.
    async fn expire(&self, round: u64) {
        let user = &self.users[usize::from(round % 2 == 1)];
        let (device, first) = (self.device(), &self.users[0]);
        let adopted = "refresh_hash IS NULL";
        let those = format!(
            "(device_id = '{device}' AND user_id IN (SELECT id FROM users WHERE external_id = '{user}')) \
             OR ({adopted} AND user_id IN (SELECT id FROM users WHERE external_id = '{first}'))"
        );
        let sql = format!(
            "UPDATE sessions SET created_at = {PAST}, last_active_at = {PAST}, absolute_expires_at = {PAST} \
             WHERE ended_at IS NULL AND ({those})"
        );
        self.side.lock().await.run(&sql).await;
    }

    async fn change_client(&self, policy: &serde_json::Value, activation: &str) {
        self.set_client(policy, activation).await;
        self.left.lock().expect("no panic").is_client_changed = true;
    }

    /// The first user may have one device.
    async fn limit_devices(&self) {
        let path = format!("/v1/clients/{}", self.world.client);
        let users = json!([{ "user_id": self.users[0], "max": 1 }]);
        let limits = json!({ "overflow": "replace_oldest_inactive", "users": users });
        let changed = self
            .call("PATCH", &path, &json!({ "limits": limits }))
            .await;
        changed.expect_status(200);
        self.left.lock().expect("no panic").is_client_changed = true;
    }

    /// Nobody has decided yet about the tablet, which is in use all the same.
    async fn ask_admins(&self, until: &str) {
        if self.left.lock().expect("no panic").approval.is_some() {
            return;
        }
        let id = ApprovalId::generate(self.world.clock.now(), &*self.world.rng);
        let client: ClientId = self.world.client.parse().expect("a client's id");
        let sql = format!(
            "INSERT INTO approvals (id, client_id, device_id, cause, asked_at, expires_at) \
             VALUES ('{}', '{}', '{}', 'activation', {PAST}, {until})",
            id.as_uuid(),
            client.as_uuid(),
            self.device(),
        );
        self.side.lock().await.run(&sql).await;
        self.left.lock().expect("no panic").approval = Some(id.to_string());
    }

    /// Nobody decided in time, and in every other round a suspension is over.
    async fn let_time_pass(&self) {
        self.ask_admins(PAST).await;
        let device = self.device();
        let sql = format!(
            "UPDATE approvals SET expires_at = {PAST} WHERE decision IS NULL; \
             UPDATE devices SET state = 'suspended', suspended_until = {PAST} \
             WHERE id = '{device}' AND state = 'active'"
        );
        self.side.lock().await.run(&sql).await;
    }

    /// The client wants another app than the tablet showed, and refreshes none but that one's; or it
    /// wants that one again.
    async fn change_policy(&self, round: u64) {
        self.show().await.expect_no_fault();
        let mut other = Self::policy();
        other["android"]["apps"][0]["package"] = json!("com.example.other");
        if round.is_multiple_of(2) {
            other["refresh"] = json!({ "mode": "enforce", "level": "app" });
            return self.change_client(&other, "automatic").await;
        }
        self.change_client(&other, "automatic").await;
        let judged = Box::pin(self.world.app().app.run_job(Job::JudgeAgain)).await;
        judged.expect("the job");
        self.change_client(&Self::policy(), "automatic").await;
    }

    /// Of one user on the tablet, the tablet, or its key.
    async fn ban_first(&self, round: u64) {
        if self.left.lock().expect("no panic").lifting.is_some() {
            return;
        }
        let act = match round % 3 {
            0 => Act::BanUser,
            1 => Act::BanDevice,
            _ => Act::BanKey,
        };
        let banned = self.ban(act).await.expect_status(201).text("ban_id");
        self.left.lock().expect("no panic").lifting = Some(banned);
    }
}
