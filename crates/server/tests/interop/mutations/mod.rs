//! One change to a proof that would be accepted, and the code that it is refused with.

mod claims;
mod header;
mod text;

use crate::library::Library;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// A change and its outcome.
#[derive(Debug)]
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    /// The documented code.
    pub(crate) code: &'static str,
    /// Whether a login is refused for it too, which is bound to no token or key yet.
    pub(crate) at_login: bool,
    change: Change,
}

/// What a change may borrow from elsewhere.
#[derive(Debug)]
pub(crate) struct Context {
    /// The public half of the key `other`.
    pub(crate) foreign_jwk: Value,
    /// `ath` of another token.
    pub(crate) foreign_ath: String,
    /// A proof by the same key for the same request, with another id.
    pub(crate) second_proof: String,
}

#[derive(Debug)]
enum Change {
    /// Of header, claims or signer; signed afterwards.
    Signed(fn(&mut Parts, &Context)),
    /// Of the finished proof.
    Text(fn(&str, &Context) -> String),
}

/// A proof about to be signed: JSON texts, so that they may also be wrong as JSON.
#[derive(Debug)]
struct Parts {
    header: String,
    claims: String,
    signer: &'static str,
}

/// Every change.
pub(crate) fn all() -> Vec<Mutation> {
    [header::mutations(), claims::mutations(), text::mutations()]
        .into_iter()
        .flatten()
        .collect()
}

impl Mutation {
    /// The proof with the change, signed by the library's keys.
    pub(crate) fn apply(&self, proof: &str, device: &mut Library, context: &Context) -> String {
        let change = match self.change {
            Change::Text(change) => return change(proof, context),
            Change::Signed(change) => change,
        };
        let [header, claims, _] = split(proof);
        let mut parts = Parts {
            header: decode(header),
            claims: decode(claims),
            signer: "device",
        };
        change(&mut parts, context);
        let input = format!("{}.{}", encode(&parts.header), encode(&parts.claims));
        let signature = device.sign(parts.signer, &input);
        format!("{input}.{signature}")
    }

    fn only_with_token(self) -> Self {
        Self {
            at_login: false,
            ..self
        }
    }
}

/// Signed again, with nothing changed: what tells a refused change from a failed signature.
pub(crate) fn unchanged() -> Mutation {
    signed("nothing", "", |_, _| {})
}

fn signed(name: &'static str, code: &'static str, change: fn(&mut Parts, &Context)) -> Mutation {
    Mutation {
        name,
        code,
        at_login: true,
        change: Change::Signed(change),
    }
}

fn text(name: &'static str, code: &'static str, change: fn(&str, &Context) -> String) -> Mutation {
    Mutation {
        name,
        code,
        at_login: true,
        change: Change::Text(change),
    }
}

/// Changes a JSON text through its value.
fn edit(json: &mut String, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(json).expect("JSON");
    change(&mut value);
    *json = value.to_string();
}

/// Sets a member.
fn set(json: &mut String, member: &str, to: impl Into<Value>) {
    edit(json, |value| value[member] = to.into());
}

/// Takes a member away.
fn remove(json: &mut String, member: &str) {
    edit(json, |value| {
        let members = value.as_object_mut().expect("an object");
        members.remove(member).expect("the member was there");
    });
}

/// Puts a member in front of the others, one of its name included.
fn prepend(json: &mut String, member: &str) {
    json.replace_range(..1, &format!("{{{member},"));
}

fn split(proof: &str) -> [&str; 3] {
    let parts: Vec<&str> = proof.split('.').collect();
    parts.try_into().expect("three parts")
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(part: &str) -> String {
    String::from_utf8(decode_bytes(part)).expect("UTF-8")
}

fn decode_bytes(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}
