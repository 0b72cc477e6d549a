"""The backend of the notes example, on FastAPI. A demo: users, passwords and notes live in memory."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from countersign import Countersign, Device
from countersign.starlette import DeviceMiddleware, demand, login_response, refresh_response
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

APP_URL = os.environ.get("APP_URL", "http://localhost:3000")  # what browsers call
ISSUER = os.environ.get("COUNTERSIGN_ISSUER", "http://127.0.0.1:8080")  # Countersign's public address
INTERNAL_URL = os.environ.get("COUNTERSIGN_INTERNAL_URL", "http://127.0.0.1:8081")
CLIENT_ID = os.environ["COUNTERSIGN_CLIENT_ID"]
API_KEY = os.environ["COUNTERSIGN_API_KEY"]
DEMO_USERS = os.environ.get("DEMO_USERS", "alice:rabbit,bob:builder")  # never do this with real passwords

users = dict(user.split(":", 1) for user in DEMO_USERS.split(","))
notes: dict[str, list[dict[str, str]]] = {user: [] for user in users}

gate = Countersign(url=INTERNAL_URL, api_key=API_KEY, public_url=APP_URL)
app = FastAPI()
app.add_middleware(DeviceMiddleware, countersign=gate, required=False)


class Login(BaseModel):
    user: str
    password: str


class NewNote(BaseModel):
    text: str


# You check the password. Countersign binds the session to the device.
@app.post("/login")
async def login(request: Request, given: Login) -> Response:
    if given.user not in users or users[given.user] != given.password:
        return JSONResponse({"error": "wrong user or password"}, 401)
    return await login_response(request, gate, client_id=CLIENT_ID, user_id=given.user, amr=["pwd"])


@app.post("/refresh")
async def refresh(request: Request) -> Response:
    return await refresh_response(request, gate, client_id=CLIENT_ID)


# Whoever asks for this gets a device that proved its key; everybody else is answered 401.
bound = Depends(demand(require_key=True))


@app.get("/api/notes")
async def list_notes(device: Device = bound) -> list[dict[str, str]]:
    return notes[device.user_id]


@app.post("/api/notes", status_code=201)
async def add_note(given: NewNote, device: Device = bound) -> dict[str, str]:
    note = {"text": given.text, "device_id": device.device_id}
    notes[device.user_id].append(note)
    return note


# What the SDK must know, the SDK itself, and the page that imports it.
@app.get("/config.json")
async def config() -> dict[str, str]:
    return {"clientId": CLIENT_ID, "issuer": ISSUER}


REPOSITORY = Path(__file__).resolve().parents[2]
app.mount("/sdk", StaticFiles(directory=REPOSITORY / "sdk/web/dist"))
app.mount("/", StaticFiles(directory=REPOSITORY / "examples/web", html=True))

if __name__ == "__main__":
    where = urlsplit(APP_URL)
    uvicorn.run(app, host=where.hostname or "localhost", port=where.port or 80, log_level="warning")
