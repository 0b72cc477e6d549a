//! Device limits: which of a user's devices are too many, and the tickets of those who were refused.

use crate::{
    Conn, IdRow, StoreError, Time, Tx, array, execute, fetch_all, fetch_optional, ownership,
    ownership::OwnershipRow, statements,
};
use countersign_core::{
    ClientId, OwnershipId, Thumbprint, Timestamp, UserId, device::Ownership, limit::LimitTicket,
    token::HashedToken,
};
use uuid::Uuid;

/// Whoever was active last comes first; those beyond the ones that may stay were not for longest.
macro_rules! beyond {
    ($columns:expr, $limit:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ownerships WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL AND id <> $3 \
             ORDER BY last_active_at DESC, created_at DESC, id DESC LIMIT ",
            $limit,
            " OFFSET $4"
        )
    };
}

statements! {
    HAS_DEVICES_BEYOND = beyond!("id", "1");
    LOCK_DEVICES_BEYOND = concat!("SELECT ", ownership::columns!(),
        " FROM ownerships WHERE ended_at IS NULL AND id IN (", beyond!("id", "100000"), ") ORDER BY id") for update;
    INSERT_LIMIT_TICKET = "INSERT INTO limit_tickets (hash, client_id, user_id, jkt, expires_at) VALUES ($1, $2, $3, $4, $5)";
    FIND_LIMIT_TICKET = "SELECT hash, client_id, user_id, jkt, expires_at FROM limit_tickets WHERE hash = $1 AND expires_at > $2";
    REMOVE_EARLIER_TICKETS = "DELETE FROM limit_tickets WHERE user_id = $1 AND client_id = $2 AND jkt IS NOT DISTINCT FROM $3";
    TAKE_LIMIT_TICKET = "DELETE FROM limit_tickets WHERE hash = $1";
}

/// A user's devices at a client, but for one, beyond so many that may stay.
#[derive(Debug, Clone, Copy)]
pub struct Beyond {
    /// The user.
    pub user: UserId,
    /// The client.
    pub client: ClientId,
    /// The device that is not counted: the one that comes.
    pub except: OwnershipId,
    /// How many of the others may stay.
    pub keep: u32,
}

impl Conn {
    /// Whether the user has more devices than may stay.
    pub async fn has_devices_beyond(&mut self, beyond: &Beyond) -> Result<bool, StoreError> {
        let row: Option<IdRow> = fetch_optional!(
            self,
            HAS_DEVICES_BEYOND,
            beyond.user.as_uuid(),
            beyond.client.as_uuid(),
            beyond.except.as_uuid(),
            i64::from(beyond.keep)
        )?;
        Ok(row.is_some())
    }

    /// The ticket with this text, while it serves.
    pub async fn find_limit_ticket(
        &mut self,
        hash: &HashedToken,
        now: Timestamp,
    ) -> Result<Option<LimitTicket>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let row: Option<TicketRow> = fetch_optional!(self, FIND_LIMIT_TICKET, hash, Time(now))?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Tx {
    /// Locks the devices that are too many, in the order of all who lock several.
    pub async fn lock_devices_beyond(
        &mut self,
        beyond: &Beyond,
    ) -> Result<Vec<Ownership>, StoreError> {
        let rows: Vec<OwnershipRow> = fetch_all!(
            self,
            LOCK_DEVICES_BEYOND,
            beyond.user.as_uuid(),
            beyond.client.as_uuid(),
            beyond.except.as_uuid(),
            i64::from(beyond.keep)
        )?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Keeps a ticket, in place of the one that the same device of the user was given before.
    pub async fn replace_limit_ticket(&mut self, ticket: &LimitTicket) -> Result<(), StoreError> {
        let jkt = ticket.jkt.as_ref().map(|jkt| jkt.as_bytes().as_slice());
        let (user, client) = (ticket.user_id.as_uuid(), ticket.client_id.as_uuid());
        execute!(self, REMOVE_EARLIER_TICKETS, user, client, jkt)?;
        execute!(
            self,
            INSERT_LIMIT_TICKET,
            ticket.hash.as_bytes().as_slice(),
            client,
            user,
            jkt,
            Time(ticket.expires_at)
        )?;
        Ok(())
    }

    /// Uses a ticket up; `false` when somebody did before.
    pub async fn take_limit_ticket(&mut self, hash: &HashedToken) -> Result<bool, StoreError> {
        let rows = execute!(self, TAKE_LIMIT_TICKET, hash.as_bytes().as_slice())?;
        Ok(rows == 1)
    }
}

#[derive(sqlx::FromRow)]
struct TicketRow {
    hash: Vec<u8>,
    client_id: Uuid,
    user_id: Uuid,
    jkt: Option<Vec<u8>>,
    expires_at: Time,
}

impl TryFrom<TicketRow> for LimitTicket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("limit_tickets", column, row.user_id);
        let hash = array(&row.hash).ok_or_else(|| wrong("hash"))?;
        let jkt = match &row.jkt {
            Some(bytes) => Some(array(bytes).ok_or_else(|| wrong("jkt"))?),
            None => None,
        };
        Ok(Self {
            hash: HashedToken::from_bytes(hash),
            client_id: ClientId::from_uuid(row.client_id),
            user_id: UserId::from_uuid(row.user_id),
            jkt: jkt.map(Thumbprint::from_bytes),
            expires_at: row.expires_at.into(),
        })
    }
}
