/** Requests of a session: signed, refreshed when they must be, and over when the session is. */

import { consequenceOf, isEndCode } from "./codes.js";
import { BodyNotRepeatableError } from "./errors.js";
import type { Authority, Tokens } from "./tokens.js";
import type { Outgoing, Reply, Wire } from "./wire.js";

/** How often a request is sent with another access token: after a refresh, and after another tab's login. */
const AUTHORITIES = 3;

/** Sends requests with the session's token. */
export class AuthorizedWire {
  constructor(
    private readonly wire: Wire,
    private readonly tokens: Tokens,
  ) {}

  /** Sends a request; throws `SessionEndedError` or `LoginRequiredError` once there is nothing to sign with. */
  async send(outgoing: Outgoing): Promise<Reply> {
    let authority = await this.tokens.fresh();
    for (let left = AUTHORITIES - 1; ; left -= 1) {
      const { live, current } = authority;
      const reply = await this.wire.send(outgoing, current.key, live.registered.access_token);
      const next = await this.succeeding(reply, authority);
      if (!next || left === 0) {
        return reply;
      }
      if (!outgoing.isRepeatable) {
        throw new BodyNotRepeatableError();
      }
      authority = next;
    }
  }

  /** The headers that authorise one request, for whatever sends it. */
  async headers(request: Pick<Outgoing, "method" | "url">): Promise<Record<string, string>> {
    const { live, current } = await this.tokens.fresh();
    return this.wire.headers(request, current.key, live.registered.access_token);
  }

  /** What to send the request again with, if there is any point. */
  private async succeeding({ refusal }: Reply, { live }: Authority): Promise<Authority | undefined> {
    if (!refusal) {
      return undefined;
    }
    if (isEndCode(refusal.code)) {
      await this.tokens.end(live, refusal.code);
      return this.tokens.fresh();
    }
    return consequenceOf(refusal.code) === "refresh" ? this.tokens.renewed(live) : undefined;
  }
}
