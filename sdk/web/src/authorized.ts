/** Requests of a session: signed, refreshed when they must be, and over when the session is. */

import { type EndCode, consequenceOf, isEndCode } from "./codes.js";
import { BodyNotRepeatableError } from "./errors.js";
import type { Refusal } from "./refusal.js";
import type { Authority, Tokens } from "./tokens.js";
import type { Outgoing, Reply, Wire } from "./wire.js";

/** What may make a refused request succeed. */
type Remedy =
  | { readonly kind: "refresh" }
  /** The session is over, unless a login has put another in its place meanwhile. */
  | { readonly kind: "replace"; readonly code: EndCode };

/** Sends requests with the session's token. */
export class AuthorizedWire {
  constructor(
    private readonly wire: Wire,
    private readonly tokens: Tokens,
  ) {}

  /**
   * Sends a request, again after each remedy once.
   *
   * Throws `SessionEndedError` or `LoginRequiredError` once there is nothing to sign with.
   */
  async send(outgoing: Outgoing): Promise<Reply> {
    let authority = await this.tokens.fresh();
    const tried = new Set<Remedy["kind"]>();
    for (;;) {
      const { live, current } = authority;
      const reply = await this.wire.send(outgoing, current.key, live.registered.access_token);
      const remedy = remedyFor(reply.refusal);
      if (!remedy || tried.has(remedy.kind)) {
        return reply;
      }
      tried.add(remedy.kind);
      authority = await this.apply(remedy, authority);
      if (!outgoing.isRepeatable) {
        throw new BodyNotRepeatableError();
      }
    }
  }

  /** The headers that authorise one request, for whatever sends it. */
  async headers(request: Pick<Outgoing, "method" | "url">): Promise<Record<string, string>> {
    const { live, current } = await this.tokens.fresh();
    return this.wire.headers(request, current.key, live.registered.access_token);
  }

  private async apply(remedy: Remedy, { live }: Authority): Promise<Authority> {
    if (remedy.kind === "refresh") {
      return this.tokens.renewed(live);
    }
    await this.tokens.end(live, remedy.code);
    return this.tokens.fresh();
  }
}

function remedyFor(refusal: Refusal | undefined): Remedy | undefined {
  if (refusal?.status !== 401 && refusal?.status !== 403) {
    return undefined;
  }
  if (!isEndCode(refusal.code)) {
    return consequenceOf(refusal.code) === "refresh" ? { kind: "refresh" } : undefined;
  }
  // An app's API may have a code of that name for something of its own: a refresh shows what the server says.
  return isOurs(refusal) ? { kind: "replace", code: refusal.code } : { kind: "refresh" };
}

/** Whether a refusal is Countersign's problem, handed on in full (RFC 9457 section 3.1.1). */
function isOurs({ type, code }: Refusal): boolean {
  return type === `https://countersign.dev/problems/${code}`;
}
