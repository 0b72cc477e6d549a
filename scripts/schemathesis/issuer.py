"""An OpenID Connect issuer on loopback, whose ID tokens log users in at the token endpoint."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from keys import Key

AUDIENCE = "the-app"
# In place of a login page: gives an ID token of the user that the rest of the path names.
LOGIN = "/login/"


class Issuer:
    """Publishes its key, and issues ID tokens that are signed with it."""

    def __init__(self) -> None:
        self._key = Key()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def id_token(self, user: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": user, "aud": AUDIENCE, "iat": now, "exp": now + 300}
        return self._key.jws({"kid": "one"}, {**claims, "jti": str(uuid.uuid4())})

    def _handler(self):
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers = {
                    "/.well-known/openid-configuration": {
                        "issuer": issuer.url,
                        "jwks_uri": f"{issuer.url}/keys",
                    },
                    "/keys": {"keys": [{**issuer._key.jwk, "kid": "one", "alg": "ES256", "use": "sig"}]},
                }
                user = self.path.removeprefix(LOGIN)
                if user != self.path:
                    answers[self.path] = issuer.id_token(user)
                body = json.dumps(answers[self.path]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
