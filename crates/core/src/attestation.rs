//! What evidence of a platform can show of a device and its key.

pub mod play_integrity;
pub mod policy;

use crate::text::text_enum;

text_enum! {
    /// What vouches for a device's key, in rising order.
    #[derive(PartialOrd, Ord)]
    AttestationLevel {
        /// Nothing was presented.
        None = "none",
        /// The device says that it keeps the key in software.
        Software = "software",
        /// An attested authenticator vouches for a key in software.
        Authenticator = "authenticator",
        /// The platform vouches for the app, and the app for the key.
        App = "app",
        /// The platform vouches that secure hardware made the key and keeps it.
        Hardware = "hardware",
        /// As `hardware`, in an element of its own.
        StrongBox = "strongbox",
    }
}

text_enum! {
    /// What evidence is made for; evidence for one purpose never serves another.
    Purpose {
        /// A device comes for the first time, or again.
        Enroll = "enroll",
        /// A device replaces its key.
        Rotate = "rotate",
        /// A device shows anew what it is, for an action that asks for it.
        Assert = "assert",
    }
}

text_enum! {
    /// Which of a platform's worlds evidence comes from.
    AttestationEnvironment {
        /// Where the shops' apps run.
        Production = "production",
        /// Where developers' builds run.
        Development = "development",
    }
}
