//! Places of addresses, from an operator's MaxMind database.

use countersign_core::device::Origin;
use std::{net::IpAddr, path::Path};

/// Looks addresses up; without a database every place is unknown.
#[derive(Debug, Default)]
pub struct GeoIp(Option<maxminddb::Reader<Vec<u8>>>);

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the GeoIP database could not be opened")]
pub struct GeoIpError(#[source] maxminddb::MaxMindDbError);

impl GeoIp {
    /// Reads the whole database into memory.
    ///
    /// # Errors
    /// When the file is missing or no MaxMind database.
    pub fn open(path: &Path) -> Result<Self, GeoIpError> {
        maxminddb::Reader::open_readfile(path)
            .map(|reader| Self(Some(reader)))
            .map_err(GeoIpError)
    }

    /// Where a request came from, as far as it is known.
    pub fn locate(&self, ip: Option<IpAddr>, user_agent: Option<String>) -> Origin {
        let (city, country) = ip.and_then(|ip| self.place(ip)).unwrap_or_default();
        Origin {
            ip,
            user_agent,
            city,
            country,
        }
    }

    fn place(&self, ip: IpAddr) -> Option<(Option<String>, Option<String>)> {
        let found = self.0.as_ref()?.lookup(ip).ok()?;
        let place: maxminddb::geoip2::City<'_> = found.decode().ok()??;
        let city = place.city.names.english.map(str::to_owned);
        Some((city, place.country.iso_code.map(str::to_owned)))
    }
}
