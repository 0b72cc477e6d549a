/** What `fetch` takes, made ready for being signed and sent more than once. */

import type { Platform } from "./platform.js";
import type { Outgoing } from "./wire.js";

/** What a call of `fetch` asks for, with the URL that it will go to. */
export async function outgoingFetch(
  platform: Platform,
  url: URL,
  input: RequestInfo | URL,
  init: RequestInit = {},
): Promise<Outgoing> {
  if (isRequest(input)) {
    return ofRequest(platform, url, new Request(input, init));
  }
  const base = new Headers(init.headers);
  return {
    method: normalized(init.method ?? "GET"),
    url,
    isRepeatable: !isStream(init.body),
    send: (added) => platform.fetch(url.href, { ...init, redirect: redirect(init.redirect), headers: merged(base, added) }),
  };
}

/** The URL that a call of `fetch` goes to. */
export function targetOf(platform: Platform, input: RequestInfo | URL): URL {
  return new URL(isRequest(input) ? input.url : String(input), platform.baseUrl());
}

/** A `Request` is read once and its body kept, whatever it was made from. */
async function ofRequest(platform: Platform, url: URL, request: Request): Promise<Outgoing> {
  const body = request.body === null ? undefined : await request.arrayBuffer();
  return {
    method: request.method,
    url,
    isRepeatable: true,
    send: (added) => {
      const { credentials, mode, cache, referrer, referrerPolicy, integrity, keepalive, signal, method } = request;
      const init: RequestInit = { credentials, cache, referrer, referrerPolicy, integrity, keepalive, signal, method };
      return platform.fetch(url.href, {
        ...init,
        // The mode of a navigation cannot be asked for.
        ...(mode !== "navigate" && { mode }),
        redirect: redirect(request.redirect),
        headers: merged(request.headers, added),
        ...(body && { body }),
      });
    },
  };
}

/** A token must not follow a redirect, and the proof names the first URL only: asking to follow means failing there. */
function redirect(asked: RequestRedirect | undefined): RequestRedirect {
  return asked === "manual" ? "manual" : "error";
}

function merged(base: Headers, added: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(base);
  for (const [name, value] of Object.entries(added)) {
    headers.set(name, value);
  }
  return headers;
}

/** The Fetch standard, "normalize a method": what the proof names must be what is sent. */
function normalized(method: string): string {
  const upper = method.toUpperCase();
  return ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].includes(upper) ? upper : method;
}

function isRequest(input: RequestInfo | URL): input is Request {
  return typeof Request !== "undefined" && input instanceof Request;
}

/** Streams, and the iterables that some platforms take in their place, are used up by sending. */
function isStream(body: BodyInit | null | undefined): boolean {
  if (typeof body !== "object" || body === null) {
    return false;
  }
  const isReadable = typeof ReadableStream !== "undefined" && body instanceof ReadableStream;
  return isReadable || Symbol.asyncIterator in body;
}
