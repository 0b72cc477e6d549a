"""The Django app's sync views."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import re_path

from countersign.django import demand, exempt, login_response, refresh_response


def _echo(**demands: Any) -> Any:
    @demand(**demands)
    def echo(request: HttpRequest) -> HttpResponse:
        return JsonResponse({"device": request.device and request.device.as_dict()})

    return echo


@exempt
def _login(request: HttpRequest) -> HttpResponse:
    email = json.loads(request.body)["email"]
    return login_response(request, client_id=settings.CLIENT_ID, user_id=email, amr=["pwd"])


@exempt
def _refresh(request: HttpRequest) -> HttpResponse:
    return refresh_response(request, client_id=settings.CLIENT_ID)


urlpatterns = [
    *(re_path(rf"^{path[1:]}(?:/.*)?$", _echo(**demands)) for path, demands in settings.ROUTES.items()),
    re_path("^login$", _login),
    re_path("^refresh$", _refresh),
]
