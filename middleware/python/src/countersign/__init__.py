"""Which device is this request from? A client of Countersign for an app's backend."""

from .core import Countersign
from .demands import Demands
from .device import Device
from .incoming import Incoming
from .refusal import Refused
from .relay import Relayed, RelayError
from .verdict import Allowed, Verdict

__all__ = [
    "Allowed",
    "Countersign",
    "Demands",
    "Device",
    "Incoming",
    "Refused",
    "RelayError",
    "Relayed",
    "Verdict",
]
