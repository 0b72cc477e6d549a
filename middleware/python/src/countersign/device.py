"""Whose request it is."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Device:
    """The device, session and user of an allowed request, under the names of the HTTP API."""

    session_id: str
    user_id: str
    client_id: str
    device_id: str
    app_id: str
    trust: str
    compliance: str
    platform: str
    app_version: str | None
    amr: tuple[str, ...]
    key_bound: bool
    expires_at: str
    """When the token expires (RFC 3339)."""

    def as_dict(self) -> dict[str, Any]:
        """Gives it as JSON would have it."""
        return {**asdict(self), "amr": list(self.amr)}
