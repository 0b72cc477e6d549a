"""A tiny app in each framework: every route of the table answers with its device."""

import socket
import threading
import time
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any

import uvicorn
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from django.test import override_settings
from django.urls import clear_url_caches
from fastapi import Depends, FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from countersign import Countersign
from countersign.starlette import DeviceMiddleware, demand, login_response, refresh_response

Routes = dict[str, dict[str, Any]]


def starlette_app(options: dict[str, Any], routes: Routes, client_id: str) -> Any:
    """Each route with a middleware of its own, which sends the demands to the service."""
    gate = Countersign(**options)

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        found = scope["state"]["device"]
        await JSONResponse({"device": found and found.as_dict()})(scope, receive, send)

    async def login(request: Request) -> Response:
        email = (await request.json())["email"]
        return await login_response(request, gate, client_id=client_id, user_id=email, amr=["pwd"])

    async def refresh(request: Request) -> Response:
        return await refresh_response(request, gate, client_id=client_id)

    guarded: list[BaseRoute] = []
    for path, demands in routes.items():
        app = DeviceMiddleware(echo, gate, **demands)
        guarded += [Route(path, app), Mount(path, app)]
    posts = [Route("/login", login, methods=["POST"]), Route("/refresh", refresh, methods=["POST"])]
    return Starlette(routes=[*guarded, *posts])


def fastapi_app(options: dict[str, Any], routes: Routes, client_id: str) -> Any:
    """One middleware for all, demands as dependencies."""
    gate = Countersign(**options)
    app = FastAPI()
    app.add_middleware(DeviceMiddleware, countersign=gate, required=False)

    def echo(request: Request) -> dict[str, Any]:
        found = request.state.device
        return {"device": found and found.as_dict()}

    for path, demands in routes.items():
        depends = [] if demands.get("required") is False else [Depends(demand(**demands))]
        for at in (path, path + "/{rest:path}"):
            app.add_api_route(at, echo, methods=["GET", "POST"], dependencies=depends)

    @app.post("/login")
    async def login(request: Request, body: dict[str, Any]) -> Response:
        return await login_response(request, gate, client_id=client_id, user_id=body["email"], amr=["pwd"])

    @app.post("/refresh")
    async def refresh(request: Request) -> Response:
        return await refresh_response(request, gate, client_id=client_id)

    return app


def configure_django(client_id: str, routes: Routes) -> None:
    """Says what all Django apps of this process share."""
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            APPEND_SLASH=False,
            MIDDLEWARE=["countersign.django.DeviceMiddleware"],
            LOGGING_CONFIG=None,
        )
    settings.CLIENT_ID = client_id
    settings.ROUTES = routes


def django_wsgi_app(options: dict[str, Any], routes: Routes, client_id: str) -> Any:
    return _django(WSGIHandler, "support.django_urls", options, routes, client_id)


def django_asgi_app(options: dict[str, Any], routes: Routes, client_id: str) -> Any:
    return _django(ASGIHandler, "support.django_async_urls", options, routes, client_id)


def _django(
    handler: Callable[[], Any], urls: str, options: dict[str, Any], routes: Routes, client_id: str
) -> Any:
    configure_django(client_id, routes)
    settings.ROOT_URLCONF = urls
    clear_url_caches()
    # The middleware reads this one as the handler is made.
    with override_settings(COUNTERSIGN=options):
        return handler()


class Running:
    """An app that listens on a free loopback port."""

    def __init__(self, app: Any) -> None:
        if isinstance(app, WSGIHandler):
            self._server: Any = _Threaded(("127.0.0.1", 0), _Quiet)
            self._server.set_app(app)
            self.port = self._server.server_address[1]
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
            self._thread.start()
            return
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)

    def stop(self) -> None:
        if isinstance(self._server, uvicorn.Server):
            self._server.should_exit = True
        else:
            self._server.shutdown()
            self._server.server_close()
        self._thread.join(5)


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


FRAMEWORKS = {
    "Starlette": starlette_app,
    "FastAPI": fastapi_app,
    "Django WSGI": django_wsgi_app,
    "Django ASGI": django_asgi_app,
}
