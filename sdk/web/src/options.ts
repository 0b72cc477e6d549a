/** What an app says about itself, checked once. */

import type { DeviceFacts } from "./api.js";
import type { KeyProvider } from "./keys.js";
import { type Platform, platformWith } from "./platform.js";
import type { RecallInstallationId } from "./state.js";
import type { Store } from "./store.js";

/** What both kinds of app say. */
export interface CommonOptions {
  /** The client application, `cli_…`. */
  readonly clientId: string;
  /** Countersign's public address. */
  readonly issuer: string;
  /** The origins that `session.fetch` may send the token to: those of the app's APIs. */
  readonly origins: readonly string[];
  /** What the device says of itself at each login and refresh. */
  readonly device?: DeviceFacts | (() => DeviceFacts | Promise<DeviceFacts>) | undefined;
  /** Gives the installation id when the browser lost it: from a cookie that the backend set, say. */
  readonly recallInstallationId?: RecallInstallationId | undefined;
  /** Keeps the key; IndexedDB when absent. */
  readonly keys?: KeyProvider | undefined;
  /** Keeps the rest; IndexedDB when absent. */
  readonly store?: Store | undefined;
  /** Takes the place of what the platform lacks. */
  readonly platform?: Partial<Platform> | undefined;
}

/** An app whose own backend logs users in and relays to Countersign. */
export interface RelayedOptions extends CommonOptions {
  readonly door: "relayed";
  /** Where logins are posted to; its origin must be one of the client's. */
  readonly loginUrl: string;
  /** Where refreshes are posted to, likewise. */
  readonly refreshUrl: string;
  /** Adds headers to both, a CSRF token say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Whether cookies go along; `same-origin` when absent. */
  readonly credentials?: RequestCredentials | undefined;
}

/** An app whose users come with an ID token of an issuer that Countersign trusts. */
export interface DirectOptions extends CommonOptions {
  readonly door: "direct";
}

/** What `createDevice` takes. */
export type DeviceOptions = RelayedOptions | DirectOptions;

/** The options, read. */
export interface Settings {
  readonly platform: Platform;
  readonly issuer: URL;
  readonly origins: ReadonlySet<string>;
  readonly facts: () => Promise<DeviceFacts>;
}

/** Reads the options; throws `TypeError` for one that cannot be meant. */
export function settingsOf(options: DeviceOptions): Settings {
  const platform = platformWith(options.platform);
  const { device = {} } = options;
  return {
    platform,
    issuer: webUrl("issuer", options.issuer, platform),
    origins: new Set(options.origins.map((origin) => originOf(origin, platform))),
    facts: async () => (typeof device === "function" ? device() : device),
  };
}

/** Reads an http or https URL, relative to the page's. */
export function webUrl(name: string, text: string, platform: Platform): URL {
  const url = parsed(text, platform);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new TypeError(`${name} is not an http or https URL: ${text}`);
  }
  return url;
}

function originOf(text: string, platform: Platform): string {
  const url = webUrl("an origin", text, platform);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`an origin has no path: ${text}`);
  }
  return url.origin;
}

function parsed(text: string, platform: Platform): URL | undefined {
  try {
    return new URL(text, platform.baseUrl());
  } catch {
    return undefined;
  }
}
