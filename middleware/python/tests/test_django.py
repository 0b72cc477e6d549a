"""What is Django's own: the settings' demands, marked views, and where the sent path stands."""

from typing import Any

import pytest
from django.test import RequestFactory, override_settings
from support.apps import configure_django

from countersign.django import DeviceMiddleware, demand, exempt, incoming

configure_django("cli_x", {})

OPTIONS = {"url": "http://127.0.0.1:1", "api_key": "csak_x", "public_url": "https://api.example"}


def view(_request: Any) -> None:
    pass


@exempt
def open_view(_request: Any) -> None:
    pass


@demand(required=False)
def optional_view(_request: Any) -> None:
    pass


@demand()
def guarded_view(_request: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, {view: 401, open_view: None, optional_view: None, guarded_view: 401}),
        ({"required": False}, {view: None, open_view: None, optional_view: None, guarded_view: 401}),
    ],
)
def test_a_view_has_its_own_demands_or_those_of_the_settings(
    own: dict[str, bool], expected: dict[Any, int | None]
) -> None:
    with override_settings(COUNTERSIGN={**OPTIONS, **own}):
        middleware = DeviceMiddleware(lambda request: None)
    for one, status in expected.items():
        answer: Any = middleware.process_view(RequestFactory().get("/"), one, [], {})
        assert (answer and answer.status_code) == status, one.__name__


def test_settings_that_cannot_be_right_are_refused() -> None:
    for wrong in ({"min_trust": "high"}, {"public_url": "x"}, {"require_keys": True}):
        options = {**OPTIONS, **wrong}
        with override_settings(COUNTERSIGN=options), pytest.raises((TypeError, ValueError)):
            DeviceMiddleware(lambda request: None)


@pytest.mark.parametrize(
    ("meta", "target"),
    [
        ({}, "/a/b%20c"),
        ({"RAW_URI": "/a%2Fb%20c?d"}, "/a%2Fb%20c?d"),
        ({"REQUEST_URI": "/a/b+c"}, "/a/b+c"),
        # As a header it is the client's writing.
        ({"HTTP_RAW_URI": "/evil", "HTTP_X_ORIGINAL_URL": "/evil"}, "/a/b%20c"),
    ],
)
def test_the_path_is_as_it_was_sent_where_the_server_keeps_it(meta: dict[str, str], target: str) -> None:
    assert incoming(RequestFactory().get("/a/b c", **meta)).target == target
