import type { Device, DirectOptions, IdToken, LoginBody, Session } from "../../src/index.js";

/** What the pages below offer to the tests. */
export interface AppWindow extends Window {
  /** The app's device, once the script has run. */
  device: Device<LoginBody>;
  session: Session;
  /** The device of the page that logs in with ID tokens. */
  direct: Device<IdToken>;
  /** Makes that device anew, with a clock so many milliseconds off. */
  useClock(offMs: number): void;
  /** Makes a device of the same storage that has learned nothing yet. */
  anotherDevice(): Device<LoginBody>;
  /** What was heard of the session. */
  heard: string[];
  /** What came of the calls that every load makes. */
  loaded: Promise<void>;
}

/** What came of the loads of one tab. */
export interface Outcomes {
  readonly [outcome: string]: number;
}

/** A page that resumes its session and, at every load, refreshes and calls the API at once. */
export function appPage(clientId: string): string {
  return `<!doctype html><title>App</title><script type="module">
import { createDevice } from "/sdk/index.js";
const options = {
  door: "relayed", clientId: ${JSON.stringify(clientId)}, issuer: location.origin,
  loginUrl: "/login", refreshUrl: "/refresh", origins: [location.origin],
  device: { name: "Chromium" },
};
const device = createDevice(options);
const heard = [];
device.on("ended", ({ code }) => heard.push("ended " + code));
device.on("login_required", ({ reason }) => heard.push("login_required " + reason));
function count(outcome) {
  const outcomes = JSON.parse(sessionStorage.outcomes ?? "{}");
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  sessionStorage.outcomes = JSON.stringify(outcomes);
}
async function load() {
  count("begun");
  const state = await device.signInState();
  if (state.status !== "signed_in") return count(state.error.reason ?? state.error.code);
  window.session = state.session;
  // Twice, so that a tab may fall behind by more than the one token that the server still takes.
  const refreshes = state.session.refresh().then(() => state.session.refresh());
  const calls = [refreshes, state.session.fetch("/api/x").then(({ status }) => { if (status !== 200) throw status; })];
  for (const { status, reason } of await Promise.allSettled(calls)) {
    count(status === "fulfilled" ? "done" : String(reason?.kind ?? reason));
  }
}
Object.assign(window, { device, anotherDevice: () => createDevice(options), heard, loaded: load() });
</script>`;
}

/** A page that logs in with ID tokens at another origin. */
export function directPage(options: DirectOptions): string {
  return `<!doctype html><title>App</title><script type="module">
import { createDevice } from "/sdk/index.js";
const options = ${JSON.stringify(options)};
window.direct = createDevice(options);
window.useClock = (offMs) => {
  window.direct = createDevice({ ...options, platform: { now: () => Date.now() + offMs } });
};
</script>`;
}
