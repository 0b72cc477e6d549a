//! Requests for approval, and what came of them.

use crate::{
    Conn, CountRow, IdRow, StoreError, Time, Tx, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};
use countersign_core::{
    ApprovalId, ClientId, DeviceId, Timestamp, UserId,
    admission::{Approval, ApprovalCause, ApprovalDecision},
};
use uuid::Uuid;

macro_rules! approvals {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.client_id, a.device_id, d.state, a.user_id, u.external_id, a.cause, a.asked_at, \
             a.expires_at, a.decision, a.decided_at FROM approvals a JOIN devices d ON d.id = a.device_id \
             LEFT JOIN users u ON u.id = a.user_id ",
            $rest
        )
    };
}

statements! {
    INSERT_APPROVAL = "INSERT INTO approvals (id, client_id, device_id, user_id, cause, asked_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DECIDE_APPROVAL = "UPDATE approvals SET decision = $2, decided_at = $3 WHERE id = $1 AND decision IS NULL";
    FIND_APPROVAL = approvals!("WHERE a.id = $1");
    // What was asked last counts.
    FIND_APPROVAL_OF_DEVICE = approvals!("WHERE a.device_id = $1 AND a.cause = 'activation' ORDER BY a.id DESC LIMIT 1");
    FIND_APPROVAL_OF_USER = approvals!("WHERE a.device_id = $1 AND a.user_id = $2 \
        AND a.cause = $3 ORDER BY a.id DESC LIMIT 1");
    COUNT_OPEN_APPROVALS = "SELECT COUNT(*) AS count FROM approvals WHERE user_id = $1 AND decision IS NULL";
    FIND_OVERDUE_APPROVALS = "SELECT id FROM approvals WHERE decision IS NULL AND expires_at <= $1 \
        ORDER BY expires_at LIMIT $2";
    SEARCH_APPROVALS = approvals!("WHERE (CAST($1 AS TEXT) = 'all' OR COALESCE(a.decision, 'pending') = $1) \
        ORDER BY a.id DESC LIMIT $2 OFFSET $3");
    COUNT_APPROVALS = "SELECT COUNT(*) AS count FROM approvals a \
        WHERE (CAST($1 AS TEXT) = 'all' OR COALESCE(a.decision, 'pending') = $1)";
}

impl Conn {
    /// One request.
    pub async fn find_approval(&mut self, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        let row: Option<ApprovalRow> = fetch_optional!(self, FIND_APPROVAL, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The last request about a device, whoever uses it.
    pub async fn find_approval_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<Option<Approval>, StoreError> {
        let row: Option<ApprovalRow> =
            fetch_optional!(self, FIND_APPROVAL_OF_DEVICE, device.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The last request about a user on a device, for this cause.
    pub async fn find_approval_of_user(
        &mut self,
        device: DeviceId,
        user: UserId,
        cause: ApprovalCause,
    ) -> Result<Option<Approval>, StoreError> {
        let (device, user) = (device.as_uuid(), user.as_uuid());
        let row: Option<ApprovalRow> =
            fetch_optional!(self, FIND_APPROVAL_OF_USER, device, user, cause.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// How many requests of a user wait.
    pub async fn count_open_approvals(&mut self, user: UserId) -> Result<i64, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_OPEN_APPROVALS, user.as_uuid())?;
        Ok(row.count)
    }

    /// Requests that nobody decided in time.
    pub async fn find_overdue_approvals(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<ApprovalId>, StoreError> {
        let rows: Vec<IdRow> = fetch_all!(self, FIND_OVERDUE_APPROVALS, Time(now), limit)?;
        Ok(rows
            .into_iter()
            .map(|row| ApprovalId::from_uuid(row.id))
            .collect())
    }

    /// One page of requests, newest first: `pending`, a decision, or `all`.
    pub async fn search_approvals(
        &mut self,
        state: &str,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Approval>, StoreError> {
        let rows: Vec<ApprovalRow> = fetch_all!(self, SEARCH_APPROVALS, state, limit, offset)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many requests the filter finds in all.
    pub async fn count_approvals(&mut self, state: &str) -> Result<i64, StoreError> {
        let row: CountRow = fetch_one!(self, COUNT_APPROVALS, state)?;
        Ok(row.count)
    }
}

impl Tx {
    /// Adds a request.
    pub async fn insert_approval(&mut self, approval: &Approval) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_APPROVAL,
            approval.id.as_uuid(),
            approval.client_id.as_uuid(),
            approval.device_id.as_uuid(),
            approval.user.as_ref().map(|(id, _)| id.as_uuid()),
            approval.cause.as_str(),
            Time(approval.asked_at),
            Time(approval.expires_at)
        )?;
        Ok(())
    }

    /// Decides a request; `false` when it was decided before.
    pub async fn decide_approval(
        &mut self,
        id: ApprovalId,
        decision: ApprovalDecision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = execute!(
            self,
            DECIDE_APPROVAL,
            id.as_uuid(),
            decision.as_str(),
            Time(now)
        )?;
        Ok(rows == 1)
    }
}

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    id: Uuid,
    client_id: Uuid,
    device_id: Uuid,
    state: String,
    user_id: Option<Uuid>,
    external_id: Option<String>,
    cause: String,
    asked_at: Time,
    expires_at: Time,
    decision: Option<String>,
    decided_at: Option<Time>,
}

impl TryFrom<ApprovalRow> for Approval {
    type Error = StoreError;

    fn try_from(row: ApprovalRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("approvals", column, row.id);
        let user = match (row.user_id, row.external_id) {
            (Some(id), Some(text)) => {
                let external = text.parse().map_err(|_| wrong("user_id"))?;
                Some((UserId::from_uuid(id), external))
            }
            _ => None,
        };
        let decided = match (row.decision, row.decided_at) {
            (Some(decision), Some(at)) => {
                let decision = decision.parse().map_err(|_| wrong("decision"))?;
                Some((decision, at.into()))
            }
            _ => None,
        };
        Ok(Self {
            id: ApprovalId::from_uuid(row.id),
            client_id: ClientId::from_uuid(row.client_id),
            device_id: DeviceId::from_uuid(row.device_id),
            device_state: row.state.parse().map_err(|_| wrong("device.state"))?,
            user,
            cause: row.cause.parse().map_err(|_| wrong("cause"))?,
            asked_at: row.asked_at.into(),
            expires_at: row.expires_at.into(),
            decided,
        })
    }
}
