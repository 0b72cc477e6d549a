/** One installation of an app: how users log in on it, and how their sessions go on. */

import type { DeviceReport } from "./api.js";
import { AuthorizedWire } from "./authorized.js";
import { ServerClock } from "./clock.js";
import { consequenceOf } from "./codes.js";
import { DirectDoor, type Door, type IdToken, type LoginBody, RelayedDoor } from "./doors.js";
import { LoginRequiredError, RefusedError, SessionEndedError } from "./errors.js";
import { type DeviceEventType, type DeviceEvents, Events } from "./events.js";
import { Database } from "./indexeddb/database.js";
import { IndexedDbKeyProvider } from "./indexeddb/keys.js";
import { IndexedDbStore } from "./indexeddb/store.js";
import { KeyRing } from "./keys.js";
import { type DeviceOptions, type DirectOptions, type RelayedOptions, type Settings, settingsOf, webUrl } from "./options.js";
import { OwnCalls } from "./own.js";
import { Prover } from "./proofs.js";
import type { LiveRecord, SessionRecord } from "./record.js";
import { Session } from "./session.js";
import { SavedState } from "./state.js";
import { Tokens } from "./tokens.js";
import { Wire } from "./wire.js";

/** Whether somebody is logged in here, and if not, why. */
export type SignInState =
  | { readonly status: "signed_in"; readonly session: Session }
  | { readonly status: "ended"; readonly error: SessionEndedError }
  | { readonly status: "login_required"; readonly error: LoginRequiredError };

/** Makes the device of an app with a backend of its own. */
export function createDevice(options: RelayedOptions): Device<LoginBody>;
/** Makes the device of an app that logs in with ID tokens. */
export function createDevice(options: DirectOptions): Device<IdToken>;
/** Makes the device; nothing is read or sent yet. */
export function createDevice(options: DeviceOptions): Device<LoginBody> | Device<IdToken> {
  const settings = settingsOf(options);
  const clock = new ServerClock(() => settings.platform.now());
  const wire = new Wire(new Prover(settings.platform, clock), clock);
  return options.door === "relayed"
    ? new Device(options, settings, clock, wire, relayedDoor(options, settings, wire))
    : new Device(options, settings, clock, wire, directDoor(options, settings, wire));
}

/** One installation of an app in one browser, the same in every tab. */
export class Device<Credentials> {
  private readonly keys: KeyRing;
  private readonly events: Events;
  private readonly state: SavedState;

  /** Devices come from `createDevice`. */
  constructor(
    options: DeviceOptions,
    private readonly settings: Settings,
    private readonly clock: ServerClock,
    private readonly wire: Wire,
    private readonly door: Door<Credentials>,
  ) {
    const { clientId, recallInstallationId = () => undefined } = options;
    const { platform } = settings;
    const database = new Database();
    const store = options.store ?? new IndexedDbStore(clientId, database);
    this.keys = new KeyRing(options.keys ?? new IndexedDbKeyProvider(clientId, database), platform);
    this.events = new Events(platform.openChannel(`countersign:${clientId}`));
    this.state = new SavedState(clientId, store, this.events, platform, recallInstallationId);
  }

  /**
   * Logs a user in and begins their session.
   *
   * Makes the device's key if there is none, be it lost. Rejects with `RefusedError` when Countersign refuses, and with
   * `UnexpectedAnswerError` when the app's backend does: a wrong password, say.
   */
  login(credentials: Credentials): Promise<Session> {
    return this.state.exclusively(async () => {
      const live = await this.register(credentials).catch(async (error: unknown) => {
        if (!(error instanceof RefusedError) || consequenceOf(error.code) !== "ends_session_and_key") {
          throw error;
        }
        // This key stays dead: the device comes back with a new one, if at all.
        await this.keys.discard();
        return this.register(credentials);
      });
      await this.state.begin(live);
      return this.session(live);
    });
  }

  /** The session that was begun earlier, in any tab; `undefined` when a login is required. */
  async resume(): Promise<Session | undefined> {
    const state = await this.signInState();
    return state.status === "signed_in" ? state.session : undefined;
  }

  /** Whether somebody is logged in here. */
  async signInState(): Promise<SignInState> {
    const record = await this.checked();
    switch (record.kind) {
      case "live":
        return { status: "signed_in", session: this.session(record) };
      case "ended":
        return { status: "ended", error: new SessionEndedError(record.code) };
      case "login_required":
        return { status: "login_required", error: new LoginRequiredError(record.reason) };
    }
  }

  /** Calls `listener` at every event of that type in any tab, until the returned function is called. */
  on<T extends DeviceEventType>(type: T, listener: (detail: DeviceEvents[T]) => void): () => void {
    return this.events.on(type, listener);
  }

  /** The id of this installation; made at the first need and kept. */
  installationId(): Promise<string> {
    return this.state.exclusively(() => this.state.installationId());
  }

  /**
   * The RFC 7638 thumbprint of the device's key; made at the first need and kept.
   *
   * Where Countersign wants ID tokens bound to the key, it is what the app gives the issuer as `nonce`.
   */
  keyThumbprint(): Promise<string> {
    return this.state.exclusively(async () => (await this.keys.findOrMake()).jkt);
  }

  /** Forgets the session here without telling the server; `Session.logout` is what ends it. */
  forget(): Promise<void> {
    return this.state.exclusively(async () => {
      const record = await this.state.read();
      if (record.kind === "live") {
        await this.state.leave(record.registered.session_id, "logged_out");
      }
    });
  }

  /** Stops hearing of other tabs. */
  close(): void {
    this.events.close();
  }

  private async register(credentials: Credentials): Promise<LiveRecord> {
    const { key, jkt } = await this.keys.findOrMake();
    const registered = await this.door.login(credentials, await this.report(), key);
    return { kind: "live", registered, jkt, receivedAt: this.clock.now(), skewMs: this.clock.skewMs };
  }

  /** The record, once the key that it is bound to is seen to be there. */
  private async checked(): Promise<SessionRecord> {
    const record = await this.state.read();
    if (record.kind !== "live" || (await this.keys.find(record.jkt))) {
      return record;
    }
    await this.state.exclusively(() => this.state.leave(record.registered.session_id, "key_lost"));
    return { kind: "login_required", reason: "key_lost" };
  }

  private async report(): Promise<DeviceReport> {
    return { ...(await this.settings.facts()), installation_id: await this.state.installationId() };
  }

  private session({ registered: { user_id: userId } }: LiveRecord): Session {
    const { clock, keys, settings, state } = this;
    const { issuer, origins, platform } = settings;
    const refresh = this.door.refresh.bind(this.door);
    const tokens = new Tokens({ state, keys, clock, platform, refresh, report: () => this.report() }, userId);
    const wire = new AuthorizedWire(this.wire, tokens);
    return new Session({ userId, tokens, wire, own: new OwnCalls(platform, wire, issuer), origins, platform });
  }
}

function relayedDoor(options: RelayedOptions, { platform }: Settings, wire: Wire): RelayedDoor {
  const loginUrl = webUrl("loginUrl", options.loginUrl, platform);
  const refreshUrl = webUrl("refreshUrl", options.refreshUrl, platform);
  return new RelayedDoor(platform, wire, { loginUrl, refreshUrl }, options);
}

function directDoor(options: DirectOptions, { platform, issuer }: Settings, wire: Wire): DirectDoor {
  return new DirectDoor(platform, wire, issuer, options.clientId);
}
