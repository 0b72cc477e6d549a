//! The shell lines of a first session: log in, be verified, see the device, log it out, be refused.

use countersign_core::{ClientId, token::PlainToken};
use std::fmt;
use uuid::Uuid;

/// What the lines need.
#[derive(Debug)]
pub(super) struct FirstSession {
    pub(super) public_url: String,
    pub(super) internal_url: String,
    pub(super) client_id: ClientId,
    pub(super) api_key: PlainToken,
    pub(super) installation_id: Uuid,
}

impl fmt::Display for FirstSession {
    /// Everything is a comment or runs in any POSIX shell, so that the whole may be pasted. Comments
    /// have no character that a shell which runs them would trip over.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            public_url,
            internal_url,
            client_id,
            installation_id,
            ..
        } = self;
        let api_key = self.api_key.reveal();
        write!(
            f,
            r#"
# Client {client_id} for web apps, and an API key with every scope, shown this once.
API_KEY={api_key}

# Your backend has checked the password of alice and registers her login.
SESSION=$(curl -sS '{internal_url}/v1/sessions' -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' -d '{{"event":"login","client_id":"{client_id}","user_id":"alice","amr":["pwd"],"device":{{"installation_id":"{installation_id}","name":"My browser"}}}}'); echo "$SESSION"
TOKEN=$(echo "$SESSION" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
DEVICE=$(echo "$SESSION" | sed 's/.*"device_id":"\([^"]*\)".*/\1/')

# A request of hers comes in and your backend asks whether it may go on.
curl -sS -w '\n' '{internal_url}/v1/verify' -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' -d '{{"token":"'"$TOKEN"'"}}'

# She looks at her devices.
curl -sS -w '\n' '{public_url}/v1/me/devices' -H "Authorization: Bearer $TOKEN"

# Somebody logs that device out from elsewhere.
curl -sS -w '\n' -X POST '{internal_url}/v1/users/alice/devices/'"$DEVICE"'/logout' -H "Authorization: Bearer $API_KEY"

# Its very next request is refused.
curl -sS -w '\n' '{internal_url}/v1/verify' -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' -d '{{"token":"'"$TOKEN"'"}}'

# That is all. Control-C ends the server.
"#
        )
    }
}
