//! Clients.

use crate::{Conn, StoreError, Time, Tx, execute, fetch_all, fetch_optional, statements};
use countersign_core::{
    ClientId,
    admission::Admission,
    attestation::policy::AttestationPolicy,
    client::{Client, Origin},
    lifetime::Lifetimes,
    limit::DeviceLimits,
    trust::TrustPolicy,
    trusted_issuer::TrustedIssuer,
};
use sqlx::types::Json;
use std::time::Duration;
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, name, platform, proof_of_possession, nonce_policy, origins, issuers, audience, access_secs, \
        idle_secs, absolute_secs, epoch, created_at, version, disabled_at, attestation, admission, limits, trust"
    };
}

statements! {
    FIND_CLIENT = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1");
    LOCK_CLIENT = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1") for share;
    LOCK_CLIENT_TO_CHANGE = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1") for update;
    LIST_CLIENTS = concat!("SELECT ", columns!(), " FROM clients ORDER BY id LIMIT $1 OFFSET $2");
    LIST_ORIGINS = "SELECT id, origins FROM clients ORDER BY id";
    COUNT_ANDROID_CLIENTS = {
        sqlite: "SELECT COUNT(*) AS count FROM clients WHERE attestation ->> '$.android' IS NOT NULL",
        postgres: "SELECT COUNT(*) AS count FROM clients WHERE attestation ->> 'android' IS NOT NULL",
    };
    SUM_CLIENT_VERSIONS = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS count FROM clients";
    COUNT_CLIENTS = "SELECT COUNT(*) AS count FROM clients";
    INSERT_CLIENT = "INSERT INTO clients (id, name, platform, proof_of_possession, nonce_policy, origins, issuers, \
        audience, access_secs, idle_secs, absolute_secs, epoch, created_at, version, disabled_at, attestation, admission, limits, trust) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    UPDATE_CLIENT = "UPDATE clients SET name = $2, proof_of_possession = $3, nonce_policy = $4, origins = $5, \
        issuers = $6, audience = $7, access_secs = $8, idle_secs = $9, absolute_secs = $10, epoch = $11, \
        version = $12, disabled_at = $13, attestation = $14, admission = $15, limits = $16, trust = $17 WHERE id = $1";
}

impl Conn {
    /// The client, if there is one.
    pub async fn find_client(&mut self, id: ClientId) -> Result<Option<Client>, StoreError> {
        let row: Option<ClientRow> = fetch_optional!(self, FIND_CLIENT, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// One page of clients, oldest first.
    pub async fn list_clients(
        &mut self,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Client>, StoreError> {
        let rows: Vec<ClientRow> = fetch_all!(self, LIST_CLIENTS, limit, offset)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The origins of every client that lists some.
    pub async fn list_origins(&mut self) -> Result<Vec<(ClientId, Vec<Origin>)>, StoreError> {
        let rows: Vec<OriginsRow> = fetch_all!(self, LIST_ORIGINS)?;
        let listed = rows.into_iter().filter(|row| !row.origins.is_empty());
        Ok(listed
            .map(|row| (ClientId::from_uuid(row.id), row.origins.0))
            .collect())
    }

    /// Whether a client takes evidence of Android's hardware.
    pub async fn has_android_clients(&mut self) -> Result<bool, StoreError> {
        Ok(self.count(COUNT_ANDROID_CLIENTS).await? > 0)
    }

    /// A number that grows with every change of any client.
    pub async fn sum_client_versions(&mut self) -> Result<i64, StoreError> {
        self.count(SUM_CLIENT_VERSIONS).await
    }

    /// How many clients there are.
    pub async fn count_clients(&mut self) -> Result<i64, StoreError> {
        self.count(COUNT_CLIENTS).await
    }
}

impl Tx {
    /// The client, kept from changing until the end of the transaction.
    pub async fn lock_client(&mut self, id: ClientId) -> Result<Option<Client>, StoreError> {
        let row: Option<ClientRow> = fetch_optional!(self, LOCK_CLIENT, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The client, to be changed by this transaction alone.
    pub async fn lock_client_to_change(
        &mut self,
        id: ClientId,
    ) -> Result<Option<Client>, StoreError> {
        let row: Option<ClientRow> = fetch_optional!(self, LOCK_CLIENT_TO_CHANGE, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Adds a client.
    pub async fn insert_client(&mut self, client: &Client) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_CLIENT,
            client.id.as_uuid(),
            &client.name,
            client.platform.as_str(),
            client.proof_of_possession.as_str(),
            client.nonce_policy.as_str(),
            Json(&client.origins),
            Json(&client.issuers),
            &client.audience,
            secs(client.lifetimes.access),
            secs(client.lifetimes.idle),
            secs(client.lifetimes.absolute),
            client.epoch,
            Time(client.created_at),
            client.version,
            client.disabled_at.map(Time),
            Json(&client.attestation),
            Json(&client.admission),
            Json(&client.limits),
            Json(&client.trust)
        )?;
        Ok(())
    }

    /// Writes all settings of a client that may change.
    pub async fn update_client(&mut self, client: &Client) -> Result<(), StoreError> {
        execute!(
            self,
            UPDATE_CLIENT,
            client.id.as_uuid(),
            &client.name,
            client.proof_of_possession.as_str(),
            client.nonce_policy.as_str(),
            Json(&client.origins),
            Json(&client.issuers),
            &client.audience,
            secs(client.lifetimes.access),
            secs(client.lifetimes.idle),
            secs(client.lifetimes.absolute),
            client.epoch,
            client.version,
            client.disabled_at.map(Time),
            Json(&client.attestation),
            Json(&client.admission),
            Json(&client.limits),
            Json(&client.trust)
        )?;
        Ok(())
    }
}

/// Whole seconds of a lifetime, as the store keeps them.
pub(crate) fn secs(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// Lifetimes from the store's three columns.
pub(crate) fn lifetimes(access: i64, idle: i64, absolute: i64) -> Lifetimes {
    let duration = |secs: i64| Duration::from_secs(u64::try_from(secs).unwrap_or(0));
    Lifetimes {
        access: duration(access),
        idle: duration(idle),
        absolute: duration(absolute),
    }
}

#[derive(sqlx::FromRow)]
struct OriginsRow {
    id: Uuid,
    origins: Json<Vec<Origin>>,
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: Uuid,
    name: String,
    platform: String,
    proof_of_possession: String,
    nonce_policy: String,
    origins: Json<Vec<Origin>>,
    issuers: Json<Vec<TrustedIssuer>>,
    audience: String,
    access_secs: i64,
    idle_secs: i64,
    absolute_secs: i64,
    epoch: i64,
    created_at: Time,
    version: i64,
    disabled_at: Option<Time>,
    attestation: Json<AttestationPolicy>,
    admission: Json<Admission>,
    limits: Json<DeviceLimits>,
    trust: Json<TrustPolicy>,
}

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("clients", column, row.id);
        Ok(Self {
            id: ClientId::from_uuid(row.id),
            platform: row.platform.parse().map_err(|_| wrong("platform"))?,
            proof_of_possession: row
                .proof_of_possession
                .parse()
                .map_err(|_| wrong("proof_of_possession"))?,
            nonce_policy: row
                .nonce_policy
                .parse()
                .map_err(|_| wrong("nonce_policy"))?,
            lifetimes: lifetimes(row.access_secs, row.idle_secs, row.absolute_secs),
            name: row.name,
            origins: row.origins.0,
            issuers: row.issuers.0,
            attestation: row.attestation.0,
            admission: row.admission.0,
            limits: row.limits.0,
            trust: row.trust.0,
            audience: row.audience,
            epoch: row.epoch,
            created_at: row.created_at.into(),
            version: row.version,
            disabled_at: row.disabled_at.map(Into::into),
        })
    }
}
