/** The user's own calls to Countersign's public listener. */

import type { DeviceItem, Ended, OwnDevices, OwnDevicesQuery } from "./api.js";
import type { AuthorizedWire } from "./authorized.js";
import { answered, outgoingCall } from "./call.js";
import { below } from "./doors.js";
import { LoginRequiredError, SessionEndedError } from "./errors.js";
import type { Platform } from "./platform.js";

/** The largest page that the server gives. */
const MAX_LIMIT = 100;

/** What a call is besides its path. */
interface Asked {
  readonly query?: OwnDevicesQuery;
  readonly body?: object;
}

/** The calls under `/v1/me`, and the logout. */
export class OwnCalls {
  constructor(
    private readonly platform: Platform,
    private readonly wire: AuthorizedWire,
    private readonly issuer: URL,
  ) {}

  /** All devices that the query lets through. */
  async *list(query: OwnDevicesQuery): AsyncGenerator<DeviceItem, void, undefined> {
    let cursor: string | undefined;
    for (;;) {
      const page = await this.page({ limit: MAX_LIMIT, ...query, ...(cursor !== undefined && { cursor }) });
      yield* page.data;
      const next = page.next_cursor ?? undefined;
      // A page may be empty before the end; a cursor that repeats is no progress.
      if (next === undefined || next === cursor) {
        return;
      }
      cursor = next;
    }
  }

  /** One page. */
  page(query: OwnDevicesQuery): Promise<OwnDevices> {
    return this.call("GET", "v1/me/devices", { query });
  }

  /** Names a device. */
  async rename(deviceId: string, name: string): Promise<DeviceItem> {
    return this.call("PATCH", devicePath(deviceId), { body: { name } });
  }

  /** Removes a device. */
  async remove(deviceId: string): Promise<Ended> {
    return this.call("DELETE", devicePath(deviceId));
  }

  /** Logs a device out. */
  async logOut(deviceId: string): Promise<Ended> {
    return this.call("POST", `${devicePath(deviceId)}/logout`);
  }

  /** Ends all sessions but this. */
  endOthers(): Promise<Ended> {
    return this.call("POST", "v1/me/sessions/end-others");
  }

  /** Ends this session. */
  async logout(): Promise<void> {
    try {
      await this.call("POST", "v1/logout");
    } catch (error) {
      // That it is over already is what was asked for.
      if (!(error instanceof SessionEndedError || error instanceof LoginRequiredError)) {
        throw error;
      }
    }
  }

  /** The answers are believed to be what the API documents: they come from the issuer. */
  private async call<T>(method: string, path: string, { query = {}, body }: Asked = {}): Promise<T> {
    const url = below(this.issuer, path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) {
        url.searchParams.set(name, String(value));
      }
    }
    const content = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const reply = await this.wire.send(outgoingCall(this.platform, { method, url, ...content }));
    return (await answered(reply)).body as T;
  }
}

function devicePath(deviceId: string): string {
  // No URL can hold these as a segment, however they are encoded: they would name another resource.
  if (["", ".", ".."].includes(deviceId)) {
    throw new TypeError(`not the id of a device: ${deviceId}`);
  }
  return `v1/me/devices/${encodeURIComponent(deviceId)}`;
}
