//! Values that the service makes once and keeps: sealed keys and checks.

use crate::{Conn, StoreError, Tx, execute, fetch_one, fetch_optional, statements};

statements! {
    FIND_SETTING = "SELECT value FROM settings WHERE name = $1";
    INSERT_SETTING = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    PUT_SETTING = "INSERT INTO settings (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value";
    // A row that every node locks before it makes something that must exist once.
    LOCK_SETTING = "INSERT INTO settings (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value";
}

impl Conn {
    /// The value of a setting.
    pub async fn find_setting(&mut self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<ValueRow> = fetch_optional!(self, FIND_SETTING, name)?;
        Ok(row.map(|row| row.value))
    }
}

impl Tx {
    /// Inserts the value unless there is one, and answers the one that stands.
    pub async fn insert_or_read_setting(
        &mut self,
        name: &str,
        value: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        execute!(self, INSERT_SETTING, name, value)?;
        let row: ValueRow = fetch_one!(self, FIND_SETTING, name)?;
        Ok(row.value)
    }

    /// Gives a setting another value.
    pub async fn put_setting(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        execute!(self, PUT_SETTING, name, value)?;
        Ok(())
    }

    /// Takes the row lock of a setting for the rest of the transaction.
    pub async fn lock_setting(&mut self, name: &str) -> Result<(), StoreError> {
        let _: ValueRow = fetch_one!(self, LOCK_SETTING, name, [0u8].as_slice())?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct ValueRow {
    value: Vec<u8>,
}
