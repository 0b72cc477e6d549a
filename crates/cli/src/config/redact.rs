//! The configuration as it may be shown.

use super::{sections::Config, store_url::StoreUrl};

impl Config {
    /// The same without secrets.
    pub(crate) fn redacted(&self) -> Self {
        let mut config = self.clone();
        for url in [&mut config.store.url, &mut config.store.direct_url] {
            if !url.is_empty() {
                *url = StoreUrl::parse(url)
                    .map_or_else(|_| "redacted".to_owned(), |url| url.redacted());
            }
        }
        if !config.redis.url.is_empty() {
            "redacted".clone_into(&mut config.redis.url);
        }
        config
    }
}
