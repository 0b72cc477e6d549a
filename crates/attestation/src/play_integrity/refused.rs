//! Why a token or an answer is refused.

/// Why a token or an answer is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is said to be presented after it is judged.
    #[error("presented in the future")]
    PresentedLater,
    /// Longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES) or
    /// [`MAX_ANSWER_BYTES`](super::MAX_ANSWER_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not exactly five parts of unpadded, canonical base64url.
    #[error("the token is not a compact JWE")]
    NotCompact,
    /// A header is not a JSON object with each member once and of the right type.
    #[error("a header of the token is not a JSON object")]
    InvalidHeader,
    /// The key is not wrapped with `A256KW`.
    #[error("the token's key is not wrapped with A256KW")]
    WrongKeyWrapping,
    /// Not encrypted with `A256GCM`.
    #[error("the token is not encrypted with A256GCM")]
    WrongEncryption,
    /// A header demands extensions (`crit`, `zip`, `b64`).
    #[error("a header of the token demands an extension")]
    UnsupportedExtension,
    /// Not wrapped for any of our keys; a standard request's token is for none but Google's.
    #[error("the token is encrypted for another key")]
    UnknownKey,
    /// Header, ciphertext or tag are not as they were when it was encrypted.
    #[error("the token was changed")]
    BadCiphertext,
    /// What was encrypted is not a compact JWS.
    #[error("the token holds no compact JWS")]
    NotSigned,
    /// `alg` of what was encrypted is not `ES256`.
    #[error("what the token holds is not signed with ES256")]
    WrongAlgorithm,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// Not a JSON object with each member once and of the right type.
    #[error("the verdict is not a JSON object")]
    InvalidPayload,
    /// It does not say what was asked, or it was another app that asked.
    #[error("asked for by another app")]
    WrongRequestPackage,
    /// It does not carry what this flow's requests carry.
    #[error("not bound to any exchange")]
    NotBound,
    /// Made for another exchange.
    #[error("made for another exchange")]
    BindingMismatch,
    /// It does not say when it was asked for.
    #[error("no time of the request")]
    NoTime,
    /// Asked for too long ago.
    #[error("asked for too long ago")]
    TooOld,
    /// Asked for in the future.
    #[error("asked for in the future")]
    TooNew,
    /// Made up for testing.
    #[error("made up for testing")]
    TestAnswer,
    /// Google did not look at the app.
    #[error("the app was not evaluated")]
    AppUnevaluated,
    /// Google Play does not know the app, or says nothing of it.
    #[error("the app is not known to Google Play")]
    AppUnrecognized,
    /// Another app.
    #[error("another app")]
    WrongPackage,
    /// The app is signed by somebody else.
    #[error("the app is signed by somebody else")]
    WrongSigner,
    /// The app's version is not said.
    #[error("the app's version is not said")]
    NoVersion,
    /// The app is older than the policy allows.
    #[error("the app's version is too old")]
    OldVersion,
    /// The device does not meet what the policy demands.
    #[error("the device does not meet what is demanded")]
    DeviceIntegrity,
    /// Google did not look whether the user got the app from Google Play.
    #[error("the licence was not evaluated")]
    LicenseUnevaluated,
    /// The user did not get the app from Google Play, or nothing is said of it.
    #[error("the user did not get the app from Google Play")]
    Unlicensed,
    /// Play Protect says nothing, and the policy refuses that.
    #[error("nothing is said by play protect")]
    NoPlayProtect,
    /// Play Protect says something that the policy refuses.
    #[error("play protect says what the policy refuses")]
    PlayProtect,
    /// Nothing is said of other apps, and the policy refuses that.
    #[error("nothing is said of other apps")]
    NoAppAccess,
    /// Something is said of other apps that the policy refuses.
    #[error("other apps do what the policy refuses")]
    AppAccess,
}
