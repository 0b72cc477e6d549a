/** Calls to Countersign and to the app's login: JSON back, or an error. */

import { TransportError } from "./errors.js";
import type { Platform } from "./platform.js";
import { readBody, refuse } from "./refusal.js";
import type { Outgoing, Reply } from "./wire.js";

/** How long a call may take: an ending waits for every node, a couple of seconds at the most. */
const TIMEOUT_MS = 15_000;

/** A call to be made. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  /** What the fetch standard takes as headers and body; both can be sent again. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: RequestCredentials;
}

/** An answer read to its end. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** Makes a call ready for the wire; a lost answer becomes a `TransportError`. */
export function outgoingCall(platform: Platform, call: Call): Outgoing {
  return {
    method: call.method,
    url: call.url,
    isRepeatable: true,
    send: (headers) => withDeadline((signal) => fetchWhole(platform, call, headers, signal)),
  };
}

/** The body of a success; throws the refusal otherwise. */
export async function answered({ response }: Reply): Promise<Answered> {
  const body = await readBody(response);
  return response.ok ? { status: response.status, body } : refuse(response, body);
}

/** Fetches and reads the body before the deadline, so that a body cut short is a lost answer too. */
async function fetchWhole(
  platform: Platform,
  { method, url, body, headers: own, credentials = "omit" }: Call,
  added: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const response = await platform.fetch(url.href, {
    method,
    headers: { Accept: "application/json", ...own, ...added },
    credentials,
    // A token or a proof that follows a redirect ends up where nobody meant it to.
    redirect: "error",
    cache: "no-store",
    signal,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const { status, statusText, headers } = response;
  const hasBody = text !== "" && status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? text : null, { status, statusText, headers });
}

async function withDeadline(task: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    return await task(controller.signal);
  } catch (error) {
    throw new TransportError(error);
  } finally {
    clearTimeout(timer);
  }
}
