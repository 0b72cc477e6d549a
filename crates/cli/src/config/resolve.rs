//! From what is configured to what the server is started with.

use super::{fault::Misconfigured, layers::Loaded, store_url::StoreUrl};
use crate::key_file;
use anyhow::Context as _;
use countersign_core::Rng;
use countersign_server::{
    Anchors, Cluster, GoogleApi, KeyEncryptionKey, Listeners, RedisUrl, ServerConfig,
    http::{Network, TrustedProxies},
};
use countersign_storage::{Backend, StoreConfig};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Whether what is made once may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstStart {
    /// The data directory and the key are made when there is no database yet.
    Allowed,
    /// Nothing is made.
    Forbidden,
}

impl Loaded {
    /// Everything that the server needs.
    pub(crate) fn server_config(
        &self,
        first: FirstStart,
        rng: &Arc<dyn Rng>,
    ) -> anyhow::Result<ServerConfig> {
        let store = self.store_config(rng)?;
        if first == FirstStart::Allowed {
            self.make_data_dir()?;
        }
        let key_encryption_key = self.key_encryption_key(&store.backend, first, &**rng)?;
        let server = &self.config.server;
        Ok(ServerConfig {
            public_url: self.public_url(),
            listeners: Listeners {
                public: server.public_listen,
                internal: server.internal_listen,
                metrics: server.metrics_listen,
            },
            store,
            key_encryption_key,
            trusted_proxies: self.trusted_proxies()?,
            forward_auth_origins: self.config.forward_auth.origins.clone(),
            geoip: self.geoip(),
            anchors: Anchors::shipped(),
            android_status_url: self.android_status_url(),
            google: self.google(),
            cluster: Cluster {
                redis: self.redis()?,
                ..Cluster::default()
            },
            memory: (&self.config.memory).into(),
            retention: (&self.config.retention).into(),
        })
    }

    /// The database and how much of it.
    pub(crate) fn store_config(&self, rng: &Arc<dyn Rng>) -> Result<StoreConfig, Misconfigured> {
        let section = &self.config.store;
        Ok(StoreConfig {
            readers: section.readers,
            writers: section.writers,
            ..StoreConfig::new(self.backend()?, Arc::clone(rng))
        })
    }

    /// The database.
    pub(crate) fn backend(&self) -> Result<Backend, Misconfigured> {
        let section = &self.config.store;
        let url = self.text_or_file("store.url", &section.url, &section.url_file)?;
        let direct = self.text_or_file(
            "store.direct_url",
            &section.direct_url,
            &section.direct_url_file,
        )?;
        let password = match section.password_file.as_str() {
            "" => None,
            file => Some(self.read_secret("store.password_file", file)?),
        };
        let parse = |key: &str, text: &str| {
            StoreUrl::parse(text).map_err(|problem| Misconfigured::new(format!("{key} {problem}")))
        };
        let direct = match direct.as_str() {
            "" => None,
            text => Some(parse("store.direct_url", text)?),
        };
        parse("store.url", &url)?
            .backend(direct, password.as_deref(), &self.data_dir)
            .map_err(Misconfigured::new)
    }

    /// Where nodes leave for each other what they loaded.
    pub(crate) fn redis(&self) -> Result<Option<RedisUrl>, Misconfigured> {
        let section = &self.config.redis;
        match self
            .text_or_file("redis.url", &section.url, &section.url_file)?
            .as_str()
        {
            "" => Ok(None),
            text => RedisUrl::parse(text)
                .map(Some)
                .map_err(|error| Misconfigured::new(format!("redis.url is {error}"))),
        }
    }

    /// The key that secrets are sealed under.
    pub(crate) fn key_encryption_key(
        &self,
        backend: &Backend,
        first: FirstStart,
        rng: &dyn Rng,
    ) -> anyhow::Result<KeyEncryptionKey> {
        if let Some(text) = key_file::from_environment() {
            return Ok(key_file::parse(&text?).map_err(|error| {
                Misconfigured::new(format!("{} is {error}", key_file::VARIABLE))
            })?);
        }
        let is_named = !self.config.security.key_encryption_key_file.is_empty();
        let may_make = match backend {
            Backend::Postgres { .. } if !is_named => {
                return Err(key_file::unnamed().into());
            }
            // Another node's database would be sealed under another key.
            Backend::Postgres { .. } => false,
            Backend::Sqlite { path } => !path.exists(),
        };
        key_file::read_or_make(
            &self.key_file(),
            may_make && first == FirstStart::Allowed,
            rng,
        )
    }

    /// Where the server is reached; port 0 stands for the one it comes to listen on.
    pub(crate) fn public_url(&self) -> String {
        match self.config.server.public_url.as_str() {
            "" => format!("http://{}", self.config.server.public_listen),
            url => url.to_owned(),
        }
    }

    /// Where the key is unless a variable holds it.
    pub(crate) fn key_file(&self) -> PathBuf {
        match self.config.security.key_encryption_key_file.as_str() {
            "" => self.data_dir.join("kek"),
            named => self.data_dir.join(named),
        }
    }

    fn android_status_url(&self) -> Option<String> {
        let url = &self.config.attestation.android_status_url;
        (!url.is_empty()).then(|| url.clone())
    }

    fn google(&self) -> GoogleApi {
        let section = &self.config.attestation;
        GoogleApi {
            play_integrity_url: section.play_integrity_url.clone(),
            token_url: section.google_token_url.clone(),
            timeout: Duration::from_millis(section.play_integrity_timeout_ms),
        }
    }

    pub(crate) fn geoip(&self) -> Option<PathBuf> {
        let path = self.config.geoip.path.as_str();
        (!path.is_empty()).then(|| self.data_dir.join(path))
    }

    fn trusted_proxies(&self) -> Result<TrustedProxies, Misconfigured> {
        let networks = self
            .config
            .server
            .trusted_proxies
            .iter()
            .map(|text| text.parse::<Network>());
        networks
            .collect::<Result<_, _>>()
            .map_err(|error| Misconfigured::new(error.to_string()))
    }

    fn make_data_dir(&self) -> anyhow::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        if self.data_dir.is_dir() {
            return Ok(());
        }
        // Database and key are in it: nobody else's business.
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.data_dir);
        made.with_context(|| format!("cannot make the data directory {}", self.data_dir.display()))
    }

    fn text_or_file(
        &self,
        key: &'static str,
        text: &str,
        file: &str,
    ) -> Result<String, Misconfigured> {
        if file.is_empty() {
            Ok(text.to_owned())
        } else {
            self.read_secret(key, file)
        }
    }

    fn read_secret(&self, key: &'static str, file: &str) -> Result<String, Misconfigured> {
        let path: &Path = &self.data_dir.join(file);
        let text = fs::read_to_string(path).map_err(|error| {
            Misconfigured::new(format!("{key}: cannot read {}: {error}", path.display()))
        })?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}
