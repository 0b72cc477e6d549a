//! How values are stored: the one codec of times, and rows that several aggregates read.

use countersign_core::Timestamp;
use sqlx::{
    Decode, Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};
use uuid::Uuid;

/// The type `timestamptz`, as PostgreSQL's `pg_type.dat` numbers it.
const TIMESTAMPTZ: PgTypeInfo = PgTypeInfo::with_oid(Oid(1184));

/// 2000-01-01T00:00:00Z, where PostgreSQL's times start, in Unix microseconds.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// PostgreSQL's earliest time, 4714-11-24 BC, in Unix microseconds (`datatype/timestamp.h`).
const EARLIEST: i64 = -210_866_803_200_000_000;

/// A time as stored: INTEGER microseconds on SQLite, `timestamptz` on PostgreSQL.
///
/// Both engines refuse what the narrower one cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) Timestamp);

impl Time {
    fn micros(self) -> Result<i64, BoxDynError> {
        let micros = self.0.as_micros();
        if micros < EARLIEST {
            return Err("a time before 4714 BC cannot be stored".into());
        }
        Ok(micros)
    }
}

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl Type<Sqlite> for Time {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(found: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(found)
    }
}

impl Encode<'_, Sqlite> for Time {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Sqlite>>::encode(self.micros()?, buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Time {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Sqlite>>::decode(value)?;
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        TIMESTAMPTZ
    }
}

impl Encode<'_, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let since_2000 = self.micros()? - POSTGRES_EPOCH;
        <i64 as Encode<Postgres>>::encode(since_2000, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Err("times are read in binary form only".into());
        }
        let since_2000 = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        // PostgreSQL writes its infinities as the ends of the range.
        if since_2000 == i64::MIN {
            return Err("an infinite time".into());
        }
        let micros = since_2000
            .checked_add(POSTGRES_EPOCH)
            .ok_or("a time out of range")?;
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

/// The bytes as an array, if there are exactly as many.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// A row that is only an id.
#[derive(sqlx::FromRow)]
pub(crate) struct IdRow {
    pub(crate) id: Uuid,
}

/// A row that is only a count.
#[derive(sqlx::FromRow)]
pub(crate) struct CountRow {
    pub(crate) count: i64,
}
