//! Why an attestation is refused.

use super::status::Status;

/// Why an attestation is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is said to be presented after it is judged.
    #[error("presented in the future")]
    PresentedLater,
    /// Fewer than three certificates or more than
    /// [`MAX_CHAIN_CERTIFICATES`](super::MAX_CHAIN_CERTIFICATES).
    #[error("the chain has too few or too many certificates")]
    ChainLength,
    /// Longer than [`MAX_CHAIN_BYTES`](super::MAX_CHAIN_BYTES), or one certificate is.
    #[error("the chain is too long")]
    TooLong,
    /// Something in the chain is no certificate.
    #[error("the chain holds something that is no certificate")]
    InvalidCertificate,
    /// The last certificate is not about its issuer.
    #[error("the chain does not end with a root")]
    NotSelfIssued,
    /// Another certificate than the last is about its issuer too.
    #[error("the chain holds more than one root")]
    SecondRoot,
    /// The last key is one that everybody has, whatever the roots are.
    #[error("the chain ends with a public root for keys in software")]
    SoftwareRoot,
    /// The last key is not among the roots.
    #[error("the chain ends with an unknown root")]
    UnknownRoot,
    /// A certificate was not issued by the one above it, by its own account.
    #[error("a certificate of the chain names another issuer")]
    WrongIssuer,
    /// A certificate is not signed with the key of the one above it.
    #[error("a signature of the chain is wrong")]
    BadSignature,
    /// A date that matters cannot be read.
    #[error("a date of the chain cannot be read")]
    UnreadableDate,
    /// An intermediate certificate is not valid yet.
    #[error("a certificate of the chain is not valid yet")]
    NotYetValid,
    /// An intermediate certificate expired, and was not put in at a factory.
    #[error("a certificate of the chain expired")]
    Expired,
    /// The policy asks for the status list, and there is none.
    #[error("there is no status list")]
    NoStatusList,
    /// The status list is older than the policy allows.
    #[error("the status list is too old")]
    StaleStatusList,
    /// A certificate was taken back.
    #[error("certificate {serial} is listed as {status}")]
    Revoked {
        /// Its serial number, as the list has it.
        serial: String,
        /// Why it is listed.
        status: Status,
    },
    /// The leaf attests nothing.
    #[error("the first certificate attests nothing")]
    NoAttestation,
    /// Another certificate than the leaf attests: the leaf is by an attested key.
    #[error("a certificate above the first one attests")]
    AttestationAboveLeaf,
    /// The leaf is not signed by a key of the hardware's own.
    #[error("the first certificate is not signed by secure hardware")]
    NotAnAttester,
    /// The attestation is not written as it should be, or says something twice.
    #[error("the attestation cannot be read")]
    InvalidDescription,
    /// Made for another challenge.
    #[error("made for another challenge")]
    ChallengeMismatch,
    /// Attestation and key are not in the same place.
    #[error("attested from another place than the key is kept in")]
    LevelsDiffer,
    /// The key is kept in software.
    #[error("the key is not in secure hardware")]
    SoftwareKey,
    /// The policy asks for an element of its own, and chain and attestation do not both say so.
    #[error("the key is not in an element of its own")]
    NoStrongBox,
    /// The hardware does not say which system was started.
    #[error("the hardware does not say what was started")]
    NoRootOfTrust,
    /// The boot loader takes any system.
    #[error("the device is unlocked")]
    Unlocked,
    /// The system is the owner's own, and not one that the policy lists.
    #[error("the device started a system that is not listed")]
    UnlistedBootKey,
    /// The system is not verified.
    #[error("the device started a system that is not verified")]
    UnverifiedBoot,
    /// The system's patch level is older than the policy allows, or unknown.
    #[error("the system's patch level is too old")]
    OldPatchLevel,
    /// The key was not made by the hardware.
    #[error("the key was not made by the hardware")]
    NotGenerated,
    /// The key does not sign, or does more than that.
    #[error("the key is for another purpose")]
    WrongPurpose,
    /// The policy asks for the user's presence, and the key works without.
    #[error("the key works without its user")]
    NoUserAuthentication,
    /// The key is not an EC key on P-256, by the hardware's account or the certificate's.
    #[error("not a P-256 key")]
    UnsupportedKey,
    /// The system does not say which app asked, or not in a way that can be read.
    #[error("the system does not say which app asked")]
    NoApplication,
    /// The system could not find out which app asked, through a fault of its own.
    #[error("the system does not know which app asked")]
    UnknownApplication,
    /// Another app asked.
    #[error("another app asked for the key")]
    WrongPackage,
    /// The app is signed by somebody else.
    #[error("the app is signed by somebody else")]
    WrongSigner,
    /// The app is older than the policy allows.
    #[error("the app's version is too old")]
    OldVersion,
}
