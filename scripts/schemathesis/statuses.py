"""Calls for the statuses of the document that generated data does not reach for certain."""

import requests

from calls import Call, Calls, with_unknown_ids
from database import Database
from document import Document
from record import Record
from standards import faults
from world import World

TOO_LARGE = "x" * (64 * 1024 + 1)
# RFC 6749 section 5.2: whatever is wrong with these forms has the one status 400.
OAUTH_FORMS = {"issue_token", "revoke"}
# PostgreSQL's Appendix A: internal_error, system_error, disk_full.
FAILURES = {500: "XX000", 503: "58000", 507: "53100"}


class Statuses:
    """Makes the calls, and holds each answer against the document."""

    def __init__(self, world: World, database: Database, document: Document, record: Record) -> None:
        self._world, self._database, self._document, self._record = world, database, document, record
        self._calls = Calls(world)
        self.faults: list[str] = []

    def run(self) -> None:
        for operation in self._document.operations:
            call = self._calls.good(operation)
            self._send(operation, call)
            self._without_permission(operation, call)
            self._malformed(operation, call)
        self._particular()
        self._too_many()
        for status, sqlstate in FAILURES.items():
            self._failing(status, sqlstate)

    def _documented(self, status: int) -> list[str]:
        statuses = self._document.statuses
        return [operation for operation in self._document.operations if status in statuses[operation]]

    def _without_permission(self, operation: str, call: Call) -> None:
        anonymous = call.but(device=None, api_key=None)
        self._send(operation, anonymous if call.form is None else anonymous.but(form={"token": "x"}))
        if call.api_key is not None:
            another = "verify" if operation in {"list_clients", "get_client"} else "clients:read"
            self._send(operation, call.but(api_key=self._world.add_api_key(another)["secret"]))
        if call.device is not None:
            fresh = self._calls.good(operation)
            self._database.suspend(fresh.device.answer["device_id"])
            self._send(operation, fresh)

    def _malformed(self, operation: str, call: Call) -> None:
        media_type, _ = call.content()
        if "{" in self._document.paths[operation]:
            self._send(operation, with_unknown_ids(self._calls.good(operation)))
        if self._document.takes_query(operation):
            self._send(operation, self._calls.good(operation).but(path=f"{call.path}?limit=many"))
        if media_type is not None:
            again = self._calls.good(operation)
            self._send(operation, again, content="{")
            self._send(operation, again, content=TOO_LARGE)
            self._send(operation, again, media_type="text/plain")

    def _particular(self) -> None:
        calls = self._calls
        self._send("register_session", calls.refresh())
        nobodys = {"grant_type": "refresh_token", "client_id": "cli_x"}
        self._send("issue_token", calls.issue_token().but(form=nobodys))
        disabled, unknown = self._world.disabled_client(), "cli_" + "0" * 26
        for client in (disabled, unknown):
            for operation in ("ask_challenge", "enroll_device", "rotate_key", "unenroll_device"):
                call = calls.good(operation)
                self._send(operation, call.but(body=call.body | {"client_id": client}))
        for operation in ("list_with_ticket", "remove_with_ticket"):
            call = calls.good(operation)
            self._world.disable_full_client()
            self._send(operation, call)
        gone = calls.remove_with_ticket()
        self._send("remove_with_ticket", gone.but(body=gone.body | {"device_id": "dev_" + "0" * 26}))
        own = calls.disown_device()
        path = own.path.split("/")
        path[4] = own.device.answer["device_id"]
        self._send("disown_device", own.but(path="/".join(path)))
        again = calls.check_in()
        for _ in range(2):
            self._send("check_in", again)
        self._send("check_in", calls.forged_report())
        dead = calls.check_in()
        self._database.revoke(self._world.reporter)
        self._send("check_in", dead)
        unknown = calls.apply_rules().but(body={"version": "0" * 64})
        self._send("apply_rules", unknown)
        self._send("apply_rules", calls.apply_rules().but(headers={"If-Match": '"999999"'}))
        self._send("update_client", calls.update_client().but(headers={"If-Match": '"999999"'}))
        self._decided_before()
        _, tokens = self._world.adopted()
        body = self._world.login_body(self._world.user()) | {"tokens": tokens}
        self._send("register_session", calls.register_session().but(body=body))
        self._send("replace_tokens", calls.replace_tokens().but(body=tokens))

    def _decided_before(self) -> None:
        """What can be done no more."""
        revoked = self._calls.revoke_device()
        self._send("revoke_device", revoked)
        for step in ("suspend", "resume"):
            path = revoked.path.replace("/revoke", f"/{step}")
            self._send(f"{step}_device", revoked.but(path=path))
        self._send("put_posture", self._calls.put_posture().but(path=f"{revoked.path[:-7]}/posture"))
        evidence = self._calls.add_trust_evidence()
        path = f"/v1/devices/{revoked.path.split('/')[3]}/evidence"
        self._send("add_trust_evidence", evidence.but(path=path))
        ban = self._calls.create_ban()
        self._send("create_ban", ban)
        path = f"/v1/devices/{ban.body['device_id']}/revoke"
        self._send("revoke_device", revoked.but(path=path))
        for first, second in (("approve", "reject"), ("reject", "approve")):
            call = getattr(self._calls, first)()
            self._send(first, call)
            self._send(second, call.but(path=call.path.replace(f"/{first}", f"/{second}")))

    def _too_many(self) -> None:
        """Sixty failed requests at once are one address's; then it waits (docs/API.md, "Errors")."""
        address = self._world.address()
        for operation in self._documented(429):
            call = self._calls.good(operation)
            form = None if call.form is None else call.form | {"grant_type": "none"}
            call = call.but(device=None, api_key=None, form=form, headers={})
            if operation == "check_in":
                call = self._calls.forged_report()
            # Two a second are forgiven meanwhile, so it takes more than sixty where calls take long.
            for _ in range(600):
                if self._send(operation, call, address=address) == 429:
                    break

    def _failing(self, status: int, sqlstate: str) -> None:
        """What the store answers is in the hands of this run: each statement ends with the SQLSTATE."""
        operations = self._documented(status)
        calls = {operation: self._ready(operation) for operation in operations}
        commands = "INSERT" if status == 507 else "ALL"
        with self._database.failing(sqlstate, commands):
            for operation, call in calls.items():
                self._send(operation, call)

    def _ready(self, operation: str) -> Call:
        call = self._calls.good(operation)
        if operation in {"verify", "introspect"}:
            # These are answered from memory, but for a key that was not seen before.
            return call.but(api_key=self._world.add_api_key("verify")["secret"])
        if operation in {"pull_feed", "read_feed_session", "report_seen"}:
            return call.but(api_key=self._world.add_api_key("feed:read")["secret"])
        if operation == "revoke":
            self._send("introspect", call.but(path="/oauth/introspect"))
        if call.device is not None and call.held is None:
            # The session is in memory from here on, so that what the call itself does fails.
            self._send("list_own_devices", Call("GET", "/v1/me/devices", device=call.device))
        if call.api_key is not None:
            self._send("list_clients", self._calls.list_clients())
        return call

    def _send(
        self,
        operation: str,
        call: Call,
        *,
        address: str = "",
        content: str | None = None,
        media_type: str | None = None,
    ) -> int:
        kind, body = call.content()
        headers = {**call.headers, **call.credentials(self._world.url)}
        headers["X-Forwarded-For"] = address or self._world.address()
        if kind is not None:
            headers["Content-Type"] = media_type or kind
        sent = {"json": body} if call.form is None else {"data": body}
        if content is not None:
            sent = {"data": content}
        url = self._world.url + call.path
        # Each on a connection of its own: what was refused unread may end the one it came on.
        answer = requests.request(call.method, url, headers=headers, timeout=30, **sent)
        self._record.note(operation, answer.status_code)
        found = [
            *faults(call.method, answer.status_code, answer.headers, answer.content),
            *self._document.faults(operation, answer),
        ]
        self.faults += [f"{operation} {answer.status_code}: {fault}" for fault in found]
        return answer.status_code
