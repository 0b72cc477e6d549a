/** Sending a request with a proof, again where the answer says how to mend it. */

import type { ServerClock } from "./clock.js";
import { consequenceOf } from "./codes.js";
import { BodyNotRepeatableError } from "./errors.js";
import type { DeviceKey } from "./keys.js";
import type { Prover } from "./proofs.js";
import { type Refusal, readBody, refusalOf } from "./refusal.js";

/** A request that is ready but for its proof. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  /** Whether `send` can be called again. */
  readonly isRepeatable: boolean;
  /** Sends it with these headers added. */
  send(headers: Readonly<Record<string, string>>): Promise<Response>;
}

/** An answer, and what it refuses with if Countersign refused. */
export interface Reply {
  readonly response: Response;
  readonly refusal: Refusal | undefined;
}

/** What an answer taught. */
interface Learned {
  readonly hasNonce: boolean;
  readonly hasTime: boolean;
}

/** Sends with proofs and learns from the answers: nonce and time. */
export class Wire {
  constructor(
    private readonly prover: Prover,
    private readonly clock: ServerClock,
  ) {}

  /** Sends with a fresh proof, and once more for each of: a nonce that was asked for, a clock that was wrong, a replay. */
  async send(outgoing: Outgoing, key: DeviceKey, accessToken?: string): Promise<Reply> {
    const tried = new Set<string>();
    for (;;) {
      const headers = await this.headers(outgoing, key, accessToken);
      const sentAt = this.clock.deviceTime();
      const response = await outgoing.send(headers);
      const receivedAt = this.clock.deviceTime();
      const refusal = await judged(response);
      const learned: Learned = {
        hasNonce: this.learnNonce(outgoing.url, response, refusal),
        hasTime: isDatedNow(outgoing, response) && this.clock.learn(response.headers.get("Date"), { sentAt, receivedAt }),
      };
      if (!refusal || !mends(refusal, learned, outgoing) || tried.has(refusal.code)) {
        return { response, refusal };
      }
      if (!outgoing.isRepeatable) {
        throw new BodyNotRepeatableError();
      }
      tried.add(refusal.code);
    }
  }

  /** The headers that authorise one request. */
  async headers(
    request: Pick<Outgoing, "method" | "url">,
    key: DeviceKey,
    accessToken?: string,
  ): Promise<Record<string, string>> {
    const proof = await this.prover.prove(key, { method: request.method, url: request.url, accessToken });
    return { DPoP: proof, ...(accessToken !== undefined && { Authorization: `DPoP ${accessToken}` }) };
  }

  /** Takes a nonce that came in the body of a success. */
  learnNonceOf(url: URL, nonce: string | null | undefined): void {
    this.prover.learn(url.origin, nonce);
  }

  private learnNonce(url: URL, response: Response, refusal: Refusal | undefined): boolean {
    // A backend that hands a refusal on may have lost the header.
    return this.prover.learn(url.origin, response.headers.get("DPoP-Nonce") ?? refusal?.dpop_nonce);
  }
}

/** Whether a fresh proof may do better. */
function mends(refusal: Refusal, learned: Learned, { method }: Outgoing): boolean {
  switch (consequenceOf(refusal.code)) {
    case "prove_with_nonce":
      return learned.hasNonce;
    case "prove_with_time":
      // A nonce helps too: with one, a proof may be minutes off.
      return learned.hasTime || learned.hasNonce;
    case "prove_again":
      // What the first delivery did is done: only what does nothing may be sent again without asking.
      return isSafe(method);
    default:
      return false;
  }
}

/** Reads the refusal, leaving the answer readable; the bodies of other statuses are not touched. */
async function judged(response: Response): Promise<Refusal | undefined> {
  const { status, headers } = response;
  const isJudged = status === 401 || status === 403 || (status === 400 && headers.has("DPoP-Nonce"));
  if (!isJudged) {
    return undefined;
  }
  const isJson = headers.get("Content-Type")?.includes("json") ?? false;
  return refusalOf(response, isJson ? await readBody(response.clone()) : undefined);
}

/** A successful GET may come from a cache, with the `Date` of long ago. */
function isDatedNow({ method }: Outgoing, response: Response): boolean {
  return !response.ok || !isSafe(method);
}

/** RFC 9110 section 9.2.1. */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}
