"""A device's key and its DPoP proofs (RFC 9449 section 4.2)."""

import json
import time
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


class Key:
    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    def proof(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        nonce: str | None = None,
        age_seconds: int = 0,
    ) -> str:
        claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time()) - age_seconds}
        if token:
            claims["ath"] = encoded(sha256(token.encode()).digest())
        if nonce:
            claims["nonce"] = nonce
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._jwk()}
        text = f"{_json(header)}.{_json(claims)}"
        r, s = decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def _jwk(self) -> dict[str, str]:
        numbers = self._private.public_key().public_numbers()
        x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _json(value: Any) -> str:
    return encoded(json.dumps(value).encode())
