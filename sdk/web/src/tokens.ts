/** The tokens of a session: when they are refreshed, by whom, and what a lost answer costs (nothing). */

import type { DeviceReport } from "./api.js";
import type { ServerClock } from "./clock.js";
import { type EndCode, consequenceOf, isEndCode } from "./codes.js";
import {
  LoginRequiredError,
  type LoginReason,
  RefusedError,
  SessionEndedError,
  TransportError,
  UnexpectedAnswerError,
} from "./errors.js";
import type { CurrentKey, DeviceKey, KeyRing } from "./keys.js";
import type { Platform } from "./platform.js";
import type { BoundSession, LiveRecord } from "./record.js";
import type { SavedState } from "./state.js";

/** How often a refresh is sent whose answer is lost. */
const ATTEMPTS = 4;

/** The pause before the second attempt; it doubles with each. */
const FIRST_PAUSE_MS = 300;

/** How often the store is read again for tokens that another tab must have got. */
const REREADS = 5;

/** An access token is refreshed this long before it expires, so that it arrives in time. */
const LEEWAY_MS = 10_000;

/** Has tokens rotated, by whichever door. */
export type Refresh = (session: BoundSession, device: DeviceReport, key: DeviceKey) => Promise<BoundSession>;

/** What a request is authorised with. */
export interface Authority {
  readonly live: LiveRecord;
  readonly current: CurrentKey;
}

/** What the tokens are kept and refreshed with. */
export interface TokenSources {
  readonly state: SavedState;
  readonly keys: KeyRing;
  readonly clock: ServerClock;
  readonly platform: Platform;
  readonly refresh: Refresh;
  readonly report: () => Promise<DeviceReport>;
}

/** The tokens of one user's session, as the store has them now. */
export class Tokens {
  private inFlight: Promise<LiveRecord> | undefined;

  constructor(
    private readonly sources: TokenSources,
    private readonly userId: string,
  ) {}

  /** What the next request is authorised with; refreshes first when that is about to expire. */
  async fresh(): Promise<Authority> {
    const live = await this.current();
    const lifetime = remaining(live, this.sources.clock.now());
    if (lifetime === "fresh") {
      return this.authority(live);
    }
    try {
      return await this.renewed(live);
    } catch (error) {
      // Refreshing early is a courtesy: what is still valid goes on being used.
      if (lifetime === "stale" && isLost(error)) {
        return this.authority(live);
      }
      throw error;
    }
  }

  /** What to authorise with after `seen` was refused as expired. */
  async renewed(seen: LiveRecord): Promise<Authority> {
    return this.authority(await this.refresh(seen));
  }

  /** The session as it is kept. */
  async current(): Promise<LiveRecord> {
    const live = await this.sources.state.live(this.userId);
    this.sources.clock.recall(live.skewMs);
    return live;
  }

  /** Has the tokens rotated, unless that happened since `seen`; calls at the same time share one refresh. */
  async refresh(seen: LiveRecord): Promise<LiveRecord> {
    const shared = this.inFlight;
    if (!shared) {
      this.inFlight = this.sources.state.exclusively(() => this.replace(seen)).finally(() => {
        this.inFlight = undefined;
      });
      return this.inFlight;
    }
    const live = await shared;
    return isSame(live, seen) ? this.refresh(seen) : live;
  }

  /** Takes the server's word that the session of `live` is over; gives the one that took its place, if any. */
  end({ registered: { session_id: sessionId } }: LiveRecord, code: EndCode): Promise<LiveRecord> {
    return this.sources.state.exclusively(async () => {
      await this.wipe(sessionId, code);
      return this.current();
    });
  }

  /** Wipes the session for a reason found here. */
  leave(sessionId: string, reason: LoginReason): Promise<void> {
    return this.sources.state.exclusively(() => this.sources.state.leave(sessionId, reason));
  }

  private async authority(live: LiveRecord): Promise<Authority> {
    const current = await this.sources.keys.find(live.jkt);
    if (current) {
      return { live, current };
    }
    await this.leave(live.registered.session_id, "key_lost");
    throw new LoginRequiredError("key_lost");
  }

  /** Under the lock: whoever had it before may have done the work. */
  private async replace(seen: LiveRecord): Promise<LiveRecord> {
    for (let attempt = 1; ; attempt += 1) {
      const live = await this.current();
      if (!isSame(live, seen)) {
        return live;
      }
      try {
        return await this.present(live);
      } catch (error) {
        if (!isLost(error) || attempt >= ATTEMPTS) {
          return this.judge(live, error);
        }
        // The same token with a fresh proof: until its successor is used, the server gives the same one.
        await this.sources.platform.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  private async present(live: LiveRecord): Promise<LiveRecord> {
    const { clock, keys, refresh, report, state } = this.sources;
    const current = await keys.find(live.jkt);
    if (!current) {
      return this.lose(live, "key_lost");
    }
    const answer = await refresh(live.registered, await report(), current.key);
    const kept = live.registered.refresh_token ?? null;
    const registered = { ...answer, refresh_token: answer.refresh_token ?? kept };
    return state.rotate({ ...live, registered, receivedAt: clock.now(), skewMs: clock.skewMs });
  }

  /** Decides what a refused refresh means. */
  private async judge(live: LiveRecord, error: unknown): Promise<LiveRecord> {
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    const { code } = error;
    if (isEndCode(code)) {
      await this.wipe(live.registered.session_id, code);
      throw new SessionEndedError(code);
    }
    switch (code) {
      case "refresh_superseded":
        return this.reread(live);
      case "key_mismatch":
        return this.lose(live, "key_lost");
      default:
        throw error;
    }
  }

  /** Another tab has the newer token, and where there are no locks it may not have kept it yet. */
  private async reread(seen: LiveRecord): Promise<LiveRecord> {
    for (let reread = 1; reread <= REREADS; reread += 1) {
      const live = await this.current();
      if (!isSame(live, seen)) {
        return live;
      }
      await this.sources.platform.sleep(FIRST_PAUSE_MS);
    }
    return this.lose(seen, "tokens_lost");
  }

  private async lose(live: LiveRecord, reason: LoginReason): Promise<never> {
    await this.sources.state.leave(live.registered.session_id, reason);
    throw new LoginRequiredError(reason);
  }

  private async wipe(sessionId: string, code: EndCode): Promise<void> {
    const outcome = await this.sources.state.end(sessionId, code);
    if (outcome === "wiped" && consequenceOf(code) === "ends_session_and_key") {
      await this.sources.keys.discard();
    }
  }
}

/** Whether a failed call may have been done all the same, or may succeed if repeated. */
function isLost(error: unknown): boolean {
  if (error instanceof TransportError) {
    return true;
  }
  if (error instanceof RefusedError) {
    return error.status >= 500 || consequenceOf(error.code) === "prove_again";
  }
  return error instanceof UnexpectedAnswerError && error.status >= 500;
}

function isSame(one: LiveRecord, other: LiveRecord): boolean {
  return one.registered.access_token === other.registered.access_token;
}

/** How much of its life an access token has left. */
function remaining({ registered, receivedAt }: LiveRecord, now: number): "fresh" | "stale" | "expired" {
  const lifetimeMs = (registered.expires_in ?? Number.POSITIVE_INFINITY) * 1_000;
  const expiresAt = receivedAt + lifetimeMs;
  if (now >= expiresAt) {
    return "expired";
  }
  // Never longer than half its life, or a token of seconds would be refreshed at every use.
  return now + Math.min(LEEWAY_MS, lifetimeMs / 2) >= expiresAt ? "stale" : "fresh";
}
