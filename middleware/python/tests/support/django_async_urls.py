"""The Django app's async views."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import re_path

from countersign.django import alogin_response, arefresh_response, demand, exempt


def _echo(**demands: Any) -> Any:
    @demand(**demands)
    async def echo(request: HttpRequest) -> HttpResponse:
        return JsonResponse({"device": request.device and request.device.as_dict()})

    return echo


@exempt
async def _login(request: HttpRequest) -> HttpResponse:
    email = json.loads(request.body)["email"]
    return await alogin_response(request, client_id=settings.CLIENT_ID, user_id=email, amr=["pwd"])


@exempt
async def _refresh(request: HttpRequest) -> HttpResponse:
    return await arefresh_response(request, client_id=settings.CLIENT_ID)


urlpatterns = [
    *(re_path(rf"^{path[1:]}(?:/.*)?$", _echo(**demands)) for path, demands in settings.ROUTES.items()),
    re_path("^login$", _login),
    re_path("^refresh$", _refresh),
]
