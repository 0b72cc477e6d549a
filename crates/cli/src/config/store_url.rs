//! The address of a database.

use super::fault::Misconfigured;
use countersign_storage::Backend;
use std::path::Path;
use url::Url;

/// The database at an address, a relative file inside the folder.
pub(crate) fn backend_of(url: &str, folder: &Path) -> Result<Backend, Misconfigured> {
    let url = StoreUrl::parse(url).and_then(|url| url.backend(None, None, folder));
    url.map_err(|problem| Misconfigured::new(format!("the address of the database {problem}")))
}

/// `sqlite:FILE` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum StoreUrl {
    Sqlite(String),
    Postgres(Url),
}

const WANTED: &str = "must be sqlite:FILE or postgres://user@host:port/database";

impl StoreUrl {
    /// Reads an address; an error says what is wanted and nothing of the text, which may be secret.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // sqlite:///var/lib/x.db, as other programs write it, is /var/lib/x.db.
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_path = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return if is_path {
                Ok(Self::Sqlite(path.to_owned()))
            } else {
                Err(WANTED)
            };
        }
        let url = Url::parse(text).map_err(|_| WANTED)?;
        let is_postgres = matches!(url.scheme(), "postgres" | "postgresql");
        // A socket's folder stands in the query.
        let has_host = url.has_host() || url.query_pairs().any(|(name, _)| name == "host");
        if is_postgres && has_host {
            Ok(Self::Postgres(url))
        } else {
            Err(WANTED)
        }
    }

    /// The address with the password hidden.
    pub(super) fn redacted(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{path}"),
            Self::Postgres(url) => {
                let mut url = url.clone();
                if url.password().is_some() {
                    // A URL with a host takes a password.
                    let _ = url.set_password(Some("redacted"));
                }
                let is_secret = |name: &str| name.eq_ignore_ascii_case("password");
                if url.query_pairs().any(|(name, _)| is_secret(&name)) {
                    url.set_query(Some("redacted"));
                }
                url.to_string()
            }
        }
    }

    /// The database, a relative file inside the data directory.
    pub(super) fn backend(
        self,
        direct: Option<Self>,
        password: Option<&str>,
        data_dir: &Path,
    ) -> Result<Backend, &'static str> {
        match (self, direct) {
            (Self::Sqlite(_), Some(_)) => Err("store.direct_url is for PostgreSQL"),
            (Self::Sqlite(_), _) if password.is_some() => {
                Err("store.password_file is for PostgreSQL")
            }
            (Self::Sqlite(path), None) => Ok(Backend::Sqlite {
                path: data_dir.join(path),
            }),
            (Self::Postgres(_), Some(Self::Sqlite(_))) => {
                Err("store.direct_url must be PostgreSQL's")
            }
            (Self::Postgres(url), direct) => {
                let direct = match direct {
                    Some(Self::Postgres(direct)) => Some(with_password(direct, password)?),
                    _ => None,
                };
                Ok(Backend::Postgres {
                    url: with_password(url, password)?,
                    direct_url: direct,
                })
            }
        }
    }
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.redacted())
    }
}

fn with_password(mut url: Url, password: Option<&str>) -> Result<String, &'static str> {
    if let Some(password) = password {
        url.set_password(Some(password)).map_err(|()| WANTED)?;
    }
    Ok(url.into())
}
