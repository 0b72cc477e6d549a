"""What devices and issuers sign: proofs of possession (RFC 9449) and ID tokens."""

import base64
import hashlib
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A P-256 key of a device or an issuer."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        x, y = (encoded(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def spki(self) -> str:
        """The public half in base64 (RFC 5480 section 2)."""
        public = self._private.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def jws(self, header: dict, claims: dict) -> str:
        """A compact JWS with ES256 (RFC 7515)."""
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "ES256", **header}, claims)]
        text = ".".join(parts)
        r, s = decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def thumbprint(self) -> str:
        """RFC 7638."""
        members = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return encoded(hashlib.sha256(members.encode()).digest())

    def assertion(self, client: str, challenge: str, action: str) -> str:
        """What a device signs for one action of its app (docs/API.md, "Enroll a device")."""
        transcript = b"countersign/evidence/v1"
        for field in ("assert", challenge, client, action, self.thumbprint()):
            transcript += len(field.encode()).to_bytes(4, "big") + field.encode()
        claims = {"transcript": encoded(hashlib.sha256(transcript).digest())}
        return self.jws({"typ": "countersign-assertion+jwt", "jwk": self.jwk}, claims)

    def report(self, device: str, counter: int) -> str:
        """What a device says of itself (docs/API.md, "POST /v1/check-in")."""
        claims = {
            "device_id": device,
            "generation": 1,
            "counter": counter,
            "collected_at": "2026-01-31T12:00:00Z",
            "posture": {"os_family": "ios", "os_version": "18.1"},
        }
        return self.jws({"typ": "countersign-posture+jws", "jwk": self.jwk}, claims)

    def proof(self, method: str, url: str, access_token: str | None = None, nonce: str | None = None) -> str:
        """A fresh proof for one request (RFC 9449 section 4.2)."""
        claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if access_token is not None:
            claims["ath"] = encoded(hashlib.sha256(access_token.encode()).digest())
        if nonce is not None:
            claims["nonce"] = nonce
        return self.jws({"typ": "dpop+jwt", "jwk": self.jwk}, claims)
