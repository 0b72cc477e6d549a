/** One login on a device, and what can be done with it. */

import type { DeviceItem, Ended, OwnDevices, OwnDevicesQuery } from "./api.js";
import type { AuthorizedWire } from "./authorized.js";
import { OriginNotListedError } from "./errors.js";
import { outgoingFetch, targetOf } from "./fetching.js";
import type { OwnCalls } from "./own.js";
import type { Platform } from "./platform.js";
import type { BoundSession } from "./record.js";
import type { Tokens } from "./tokens.js";

/** What the server said of the session at the login or the last refresh, tokens left out. */
export type SessionDetails = Omit<BoundSession, "access_token" | "refresh_token" | "token_type" | "expires_in">;

/** What a session is made of. */
export interface SessionParts {
  readonly userId: string;
  readonly tokens: Tokens;
  readonly wire: AuthorizedWire;
  readonly own: OwnCalls;
  readonly origins: ReadonlySet<string>;
  readonly platform: Platform;
}

/**
 * One user's login on this device, the same in every tab.
 *
 * Every method rejects with `SessionEndedError` once the server ended the session, and with `LoginRequiredError` once
 * there is none for another reason.
 */
export class Session {
  /** The app's own id of the user. */
  readonly userId: string;

  /** Sessions come from a `Device`. */
  constructor(private readonly parts: SessionParts) {
    this.userId = parts.userId;
  }

  /**
   * Calls the app's API as `fetch` does, with the session's token and a fresh proof.
   *
   * Refuses any origin that is not among `origins`, and fails at redirects unless asked for `manual` ones. A body that
   * is a `ReadableStream` cannot be sent again: where it would have to be, it rejects with `BodyNotRepeatableError`.
   */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { platform, wire } = this.parts;
    const url = this.listed(targetOf(platform, input));
    const { response } = await wire.send(await outgoingFetch(platform, url, input, init));
    return response;
  };

  /**
   * The headers that authorise one request, `Authorization` and `DPoP`, for whatever is not sent by `fetch`.
   *
   * `method` as it will be sent, `url` as it will be called. They serve once.
   */
  async authorize(method: string, url: string | URL): Promise<Record<string, string>> {
    const target = this.listed(targetOf(this.parts.platform, url));
    return this.parts.wire.headers({ method, url: target });
  }

  /** Has the tokens rotated now; there is hardly ever a need to, `fetch` sees to it. */
  async refresh(): Promise<void> {
    const { tokens } = this.parts;
    await tokens.refresh(await tokens.current());
  }

  /** What the server last said of the session. */
  async details(): Promise<SessionDetails> {
    const { registered } = await this.parts.tokens.current();
    const { access_token: _a, refresh_token: _r, token_type: _t, expires_in: _e, ...details } = registered;
    return details;
  }

  /** The user's devices, page by page as they are asked for. */
  ownDevices(query: Omit<OwnDevicesQuery, "cursor"> = {}): AsyncGenerator<DeviceItem, void, undefined> {
    return this.parts.own.list(query);
  }

  /** One page of the user's devices, with the totals. */
  ownDevicesPage(query: OwnDevicesQuery = {}): Promise<OwnDevices> {
    return this.parts.own.page(query);
  }

  /** Gives one of the user's devices a name of 1 to 120 characters. */
  renameDevice(deviceId: string, name: string): Promise<DeviceItem> {
    return this.parts.own.rename(deviceId, name);
  }

  /** Removes one of the user's devices from the account, and ends its session. */
  removeDevice(deviceId: string): Promise<Ended> {
    return this.parts.own.remove(deviceId);
  }

  /** Logs one of the user's devices out; it stays in the list. */
  logOutDevice(deviceId: string): Promise<Ended> {
    return this.parts.own.logOut(deviceId);
  }

  /** Ends all other sessions of the user. */
  endOtherSessions(): Promise<Ended> {
    return this.parts.own.endOthers();
  }

  /**
   * Ends this session, in every tab; fine if it was over already.
   *
   * When no answer comes it rejects and the session stays, so that it can be tried again; `Device.forget` does without
   * the server.
   */
  async logout(): Promise<void> {
    const { own, tokens } = this.parts;
    const live = await tokens.current().catch(() => undefined);
    if (live) {
      await own.logout();
      await tokens.leave(live.registered.session_id, "logged_out");
    }
  }

  private listed(url: URL): URL {
    if (!this.parts.origins.has(url.origin)) {
      throw new OriginNotListedError(url.origin);
    }
    return url;
  }
}
