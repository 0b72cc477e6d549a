// The page of the notes example: log in, notes, your devices.

import { CountersignError, createDevice, UnexpectedAnswerError } from "/sdk/index.js";

const JSON_BODY = { "Content-Type": "application/json" };
const { clientId, issuer } = await (await fetch("/config.json")).json();

const device = createDevice({
  door: "relayed", // the backend checks the password and asks Countersign
  clientId,
  issuer,
  loginUrl: "/login",
  refreshUrl: "/refresh",
  origins: [location.origin], // who may see the token
  device: { name: browserName() },
});

device.on("ended", ({ code }) => showLogin(`This device was signed out: ${code}.`));
device.on("login_required", () => showLogin("Please log in."));

const find = (id) => document.getElementById(id);
let session = await device.resume();

async function addNote(text) {
  const response = await session.fetch("/api/notes", { method: "POST", body: JSON.stringify({ text }), headers: JSON_BODY });
  if (!response.ok) throw new Error(`the note was refused: ${response.status}`);
}

async function listNotes() {
  const response = await session.fetch("/api/notes");
  if (!response.ok) throw new Error(`the notes were refused: ${response.status}`);
  return response.json();
}

async function showNotes() {
  const items = (await listNotes()).map(({ text }) => element("li", text));
  find("notes").replaceChildren(...items);
}

async function showDevices() {
  const items = [];
  for await (const item of session.ownDevices({ state: "active" })) items.push(deviceRow(item));
  find("devices").replaceChildren(...items);
}

function deviceRow({ device_id, name, last_seen_at, is_current, active_sessions }) {
  const standing = is_current ? "this device" : active_sessions > 0 ? "signed in" : "signed out";
  const row = element("li", `${name} (${standing}), last seen ${new Date(last_seen_at).toLocaleString()} `);
  row.dataset.deviceId = device_id;
  row.append(button("Rename", async () => {
    const chosen = prompt("Name of the device", name);
    if (chosen) await session.renameDevice(device_id, chosen);
  }));
  if (!is_current && active_sessions > 0) {
    row.append(button("Sign out", () => session.logOutDevice(device_id)));
  }
  return row;
}

async function showApp() {
  find("login").hidden = true;
  find("app").hidden = false;
  find("message").textContent = "";
  find("user").textContent = session.userId;
  await showNotes();
  await showDevices();
}

function showLogin(message) {
  session = undefined;
  find("app").hidden = true;
  find("login").hidden = false;
  find("message").textContent = message;
}

/** Does what a click asks for, shows the result, and says what went wrong. */
async function act(work) {
  try {
    await work();
    if (session) await showApp();
  } catch (error) {
    // When the session is over, the events above have said so.
    if (session) find("message").textContent = error.message;
    if (!(error instanceof CountersignError)) throw error;
  }
}

find("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(event.target));
  try {
    session = await device.login({ user, password });
  } catch (error) {
    const isWrong = error instanceof UnexpectedAnswerError && error.status === 401;
    return showLogin(isWrong ? "Wrong user or password." : `You could not be logged in: ${error.message}`);
  }
  event.target.reset();
  await act(async () => {});
});

find("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const { text } = Object.fromEntries(new FormData(event.target));
  act(() => addNote(text).then(() => event.target.reset()));
});

find("end-others").addEventListener("click", () => act(() => session.endOtherSessions()));
find("logout").addEventListener("click", () => act(() => session.logout()));

function button(text, work) {
  const made = element("button", text);
  made.addEventListener("click", () => act(work));
  return made;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** What the user will recognise the device by; they can rename it. */
function browserName() {
  const [browser = "Browser"] = navigator.userAgent.match(/Firefox|Edg|Chrome|Safari/) ?? [];
  const [system = "some system"] = navigator.userAgent.match(/Windows|Android|iPhone|iPad|Mac OS|Linux/) ?? [];
  return `${browser === "Edg" ? "Edge" : browser} on ${system}`;
}

if (session) await act(async () => {});
else showLogin("");
