#!/usr/bin/env python3
"""Holds docs/API.md against docs/openapi.json and the table of error codes, in both directions.

Every operation must be a heading, followed by its listener, its scope and an example; every error code
must be a row with its status; and nothing may be documented that does not exist.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
METHODS = {"get", "put", "post", "patch", "delete"}
# Served, and not part of the API's description.
UNDESCRIBED = {"GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.json"}

HEADING = re.compile(r"^### `([A-Z]+ /\S*)`\n\n((?:.+\n)+)([\s\S]*?)(?=^##|\Z)", re.M)
CODE_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$", re.M)
# A row of the macro in the source: `Name = "text", status, "title",`.
CODE_SOURCE = re.compile(r'^\s+\w+ = "(\w+)", (\d{3}), "', re.M)


def main() -> int:
    document = (ROOT / "docs/API.md").read_text()
    described = json.loads((ROOT / "docs/openapi.json").read_text())
    source = (ROOT / "crates/api-types/src/error_code.rs").read_text()
    operations = {
        f"{method.upper()} {path}": operation for path, method, operation in operations_of(described)
    }
    faults = [
        *operation_faults(document, operations),
        *scope_faults(document, described["components"]["schemas"]["Scope"]["enum"]),
        *code_faults(document, described["components"]["schemas"]["ErrorCode"]["enum"], source),
    ]
    for fault in faults:
        print(f"docs/API.md: {fault}", file=sys.stderr)
    if not faults:
        print(f"docs/API.md has all {len(operations)} operations and every error code, and no others")
    return 1 if faults else 0


def operations_of(described):
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def operation_faults(document, operations):
    headings = [
        (name, says, rest)
        for heading, says, rest in HEADING.findall(document)
        for name in names_of(heading)
    ]
    names = [name for name, _, _ in headings]
    yield from differences("operation", names, set(operations) | UNDESCRIBED)
    for name, says, rest in headings:
        if "```" not in rest:
            yield f"{name} has no example"
        if name in operations:
            yield from access_faults(name, says, operations[name])


def names_of(heading):
    """`ANY /path` stands for every method."""
    method, path = heading.split(" ", 1)
    return [f"{each.upper()} {path}" for each in METHODS] if method == "ANY" else [heading]


def access_faults(name, says, operation):
    """What the first paragraph must say of who may call."""
    schemes = {scheme for choice in operation.get("security", [{}]) for scheme in choice}
    is_open = {} in operation.get("security", [{}])
    # A proxy hands on what its client presented; who may ask is a matter of addresses.
    is_asked = "forward-auth" in operation["tags"]
    wanted = {
        "Internal, scope `": "api_key" in schemes and not is_open,
        "Internal, a trusted proxy": is_asked,
        "Public, access token": "access_token" in schemes and not is_asked,
        "Public, no ": not schemes,
    }
    for text, is_wanted in wanted.items():
        if says.startswith(text) != is_wanted:
            yield f"{name} {'does not begin' if is_wanted else 'begins'} with {text!r}"
    for status in operation["responses"]:
        if status.startswith("2") and not re.search(rf"\b{status}\b", says):
            yield f"{name} does not mention {status}"


def scope_faults(document, scopes):
    used = re.findall(r"scope `([^`]+)`", document)
    for scope in scopes:
        if scope not in used:
            yield f"no call is said to need the scope {scope}"
    for scope in set(used) - set(scopes):
        yield f"there is no scope {scope}"


def code_faults(document, codes, source):
    rows = CODE_ROW.findall(document)
    statuses = dict(CODE_SOURCE.findall(source))
    yield from differences("error code", [code for code, *_ in rows], set(codes))
    yield from (f"the source has no {code}" for code in codes if code not in statuses)
    for code, status, *_ in rows:
        if statuses.get(code, status) != status:
            yield f"{code} is answered with {statuses[code]}, not {status}"


def differences(kind, found, wanted):
    yield from (f"the {kind} {name} is missing" for name in sorted(wanted - set(found)))
    yield from (f"there is no {kind} {name}" for name in sorted(set(found) - wanted))
    yield from (
        f"the {kind} {name} is there twice" for name in sorted({n for n in found if found.count(n) > 1})
    )


if __name__ == "__main__":
    sys.exit(main())
