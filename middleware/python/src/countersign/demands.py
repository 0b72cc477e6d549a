"""What a route demands beyond a live session."""

from dataclasses import dataclass
from typing import Any, Literal

from .device import Device

Trust = Literal["unknown", "trusted", "corporate"]

_TRUST = ("unknown", "trusted", "corporate")


@dataclass(frozen=True, slots=True)
class Demands:
    """What a request must meet; checked where it is written down."""

    required: bool = True
    """`False` lets requests without `Authorization` through, without a device."""
    min_trust: Trust | None = None
    require_compliant: bool = False
    require_key: bool = False

    def __post_init__(self) -> None:
        if self.min_trust is not None and self.min_trust not in _TRUST:
            raise ValueError(f"min_trust is one of {', '.join(_TRUST)}")
        for name in ("required", "require_compliant", "require_key"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} is True or False")

    def on_the_wire(self) -> dict[str, Any]:
        """Gives what the service reads."""
        wire: dict[str, Any] = {}
        if self.min_trust is not None:
            wire["min_trust"] = self.min_trust
        if self.require_compliant:
            wire["require_compliant"] = True
        if self.require_key:
            wire["require_key"] = True
        return wire

    def unmet(self, device: Device) -> str | None:
        """Names the first demand that an allowed request does not meet, in the service's order.

        For a request that was judged already: its proof cannot be presented a second time.
        """
        if self.min_trust is not None and _rank(device.trust) < _rank(self.min_trust):
            return "insufficient_trust"
        if self.require_compliant and device.compliance != "compliant":
            return "not_compliant"
        if self.require_key and not device.key_bound:
            return "key_required"
        return None


def _rank(trust: str) -> int:
    return _TRUST.index(trust) if trust in _TRUST else -1
