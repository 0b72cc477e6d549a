//! Trust levels: derived from evidence, never stored twice and never sent by a client.

use crate::text::text_enum;

text_enum! {
    /// How far a device is trusted for one of its users, in rising order.
    #[derive(PartialOrd, Ord)]
    TrustLevel {
        /// The device or the ownership is revoked.
        Revoked = "revoked",
        /// Nothing speaks for the device.
        Unknown = "unknown",
        /// The user confirmed the device.
        Trusted = "trusted",
        /// The device is managed and compliant.
        Corporate = "corporate",
    }
}
