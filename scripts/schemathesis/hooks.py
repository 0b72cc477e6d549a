"""Gives what schemathesis generates real credentials, and real things to work on.

Loaded by `schemathesis.toml`; the server and its API key come from the environment.
"""

import os
from pathlib import Path

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.transport.prepare import prepare_path

from case_data import fill, remember
from keys import Key
from proxies import held, is_judgement
from record import Record
from standards import faults
from world import Session, World

WORLD = World.load(os.environ["API_DOCUMENT_WORLD"])
RECORD = Record(Path(os.environ["API_DOCUMENT_RECORD"]))


def operation_id(case) -> str:
    return case.operation.definition.raw["operationId"]


@schemathesis.auth(refresh_interval=None).apply_to(func=lambda ctx: takes(ctx, "access_token"))
class User:
    """A login of its own for each case: some calls end it, and none may see another's."""

    def get(self, case, ctx) -> Session:
        return WORLD.login(WORLD.user(), Key())

    def set(self, case, session: Session, ctx) -> None:
        # The proof is signed when the URL stands: see `before_call`.
        case.headers["Authorization"] = f"DPoP {session.answer['access_token']}"
        case.headers["DPoP"] = "to be signed"
        SESSIONS[case.id] = session


@schemathesis.auth(refresh_interval=None).apply_to(func=lambda ctx: takes(ctx, "api_key"))
class Backend:
    """The API key that may do everything."""

    def get(self, case, ctx) -> dict[str, str]:
        return WORLD.backend()

    def set(self, case, headers: dict[str, str], ctx) -> None:
        case.headers.update(headers)


SESSIONS: dict[str, Session] = {}


def takes(ctx, scheme: str) -> bool:
    choices = ctx.operation.definition.raw.get("security", [])
    return any(scheme in choice for choice in choices)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    # Failed requests are limited by client address; here each is the first one of its own.
    case.headers["X-Forwarded-For"] = WORLD.address()
    session = SESSIONS.pop(case.id, None)
    fill(WORLD, operation_id(case), case, session)
    if session is not None and case.headers.get("DPoP") == "to be signed":
        case.headers.update(session.headers(*signed(case)))


def signed(case) -> tuple[str, str]:
    """The method and the URL that the proof has to name."""
    path = prepare_path(case.path, case.path_parameters)
    if not is_judgement(operation_id(case)):
        return case.method, WORLD.url + path
    about = held(operation_id(case), WORLD.url, case.method, path)
    return about.method, about.url


@schemathesis.hook
def after_call(context, case, response) -> None:
    if response.request.method == case.operation.method.upper():
        RECORD.note(operation_id(case), response.status_code)
    remember(WORLD, response.text)


@schemathesis.check
def answers_by_the_standards(ctx, response, case) -> None:
    headers = {name.title(): values[0] for name, values in response.headers.items()}
    method = response.request.method
    found = faults(method, response.status_code, Headers(headers), response.content)
    if found:
        raise Failure(operation=case.operation.label, title="Against a standard", message="\n".join(found))


class Headers(dict):
    """Finds a header whatever its case."""

    def get(self, name: str, default: str | None = None) -> str | None:
        return super().get(name.title(), default)
