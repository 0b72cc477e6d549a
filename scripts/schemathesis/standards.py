"""What every answer must have, whatever the document says of it."""

PROBLEM = "application/problem+json"


def faults(method: str, status: int, headers, body: bytes) -> list[str]:
    """What is wrong with an answer to this method; `headers` finds names in any case."""
    found = []
    demanded = {
        # RFC 9110 sections 15.5.2 and 15.5.6, RFC 6585 section 4.
        401: "WWW-Authenticate",
        405: "Allow",
        429: "Retry-After",
    }
    name = demanded.get(status)
    if name is not None and not headers.get(name):
        found.append(f"{status} without {name}")
    if status == 503 and b'"unavailable"' in body and headers.get("Retry-After") != "1":
        found.append("503 unavailable without Retry-After: 1")
    if not headers.get("X-Request-Id"):
        found.append("no X-Request-Id")
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("no X-Content-Type-Options: nosniff")
    if status >= 400:
        found.extend(problem_faults(method, status, headers, body))
    return found


def problem_faults(method: str, status: int, headers, body: bytes) -> list[str]:
    found = []
    if headers.get("Cache-Control") != "no-store":
        found.append("an error that may be stored")
    # The answer to a HEAD has the headers of one with a body (RFC 9110 section 9.3.2).
    has_body = method != "HEAD"
    if has_body and headers.get("Content-Type") == PROBLEM and f'"status":{status},'.encode() not in body:
        found.append(f"a problem that does not say status {status} (RFC 9457 section 3.1.2)")
    return found
