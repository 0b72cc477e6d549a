/** The session as it is kept, and the lock under which it is changed. */

import type { EndCode } from "./codes.js";
import { uuidV4 } from "./encoding.js";
import { LoginRequiredError, type LoginReason, SessionEndedError } from "./errors.js";
import type { Events } from "./events.js";
import type { Platform } from "./platform.js";
import {
  type InstallationRecord,
  type LiveRecord,
  type SessionRecord,
  readInstallation,
  readSession,
  written,
} from "./record.js";
import type { Store } from "./store.js";

/** Gives the installation id where the store has none. */
export type RecallInstallationId = () => Promise<string | undefined> | string | undefined;

/** The one place that reads and writes the store. */
export class SavedState {
  constructor(
    private readonly clientId: string,
    private readonly store: Store,
    private readonly events: Events,
    private readonly platform: Platform,
    private readonly recall: RecallInstallationId,
  ) {}

  /** Runs what changes the session, one at a time among all tabs. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.platform.locks.run(`countersign:${this.clientId}`, task);
  }

  /** What is known of the session. */
  async read(): Promise<SessionRecord> {
    const record = readSession(await this.store.get("session"));
    if (record) {
      return record;
    }
    // Whatever ends a session leaves a record: one that is missing was taken by the browser.
    const installation = await this.readInstallation();
    return { kind: "login_required", reason: installation?.isRegistered ? "key_lost" : "no_session" };
  }

  /** The session, if it is live and of that user; throws why not. */
  async live(userId: string): Promise<LiveRecord> {
    const record = await this.read();
    switch (record.kind) {
      case "ended":
        throw new SessionEndedError(record.code);
      case "login_required":
        // Whoever asks had a session: none ever being here means that the storage was emptied.
        throw new LoginRequiredError(record.reason === "no_session" ? "key_lost" : record.reason);
      case "live":
        if (record.registered.user_id !== userId) {
          throw new LoginRequiredError("user_changed");
        }
        return record;
    }
  }

  /** Keeps a login, whatever was there before; only under the lock. */
  async begin(live: LiveRecord): Promise<void> {
    const { installation_id: installationId, user_id: userId, session_id: sessionId } = live.registered;
    await this.writeInstallation({ installationId, isRegistered: true });
    await this.write(live);
    this.events.emit("signed_in", { userId, sessionId });
  }

  /** Keeps rotated tokens, unless the session has ended meanwhile; only under the lock. */
  async rotate(live: LiveRecord): Promise<LiveRecord> {
    const current = await this.live(live.registered.user_id);
    if (current.registered.session_id !== live.registered.session_id) {
      return current;
    }
    await this.write(live);
    return live;
  }

  /** Wipes the session because the server ended it, unless another took its place; only under the lock. */
  async end(sessionId: string, code: EndCode): Promise<"wiped" | "replaced"> {
    if (!(await this.isCurrent(sessionId))) {
      return "replaced";
    }
    await this.write({ kind: "ended", code });
    this.events.emit("ended", { code });
    return "wiped";
  }

  /** Wipes the session for a reason found here; only under the lock. */
  async leave(sessionId: string, reason: LoginReason): Promise<void> {
    if (await this.isCurrent(sessionId)) {
      await this.write({ kind: "login_required", reason });
      this.events.emit("login_required", { reason });
    }
  }

  /** The installation id; makes one where there is none. */
  async installationId(): Promise<string> {
    const kept = await this.readInstallation();
    if (kept) {
      return kept.installationId;
    }
    const recalled = await this.recall();
    const installationId = recalled ?? uuidV4(this.platform.randomBytes(16));
    await this.writeInstallation({ installationId, isRegistered: false });
    return installationId;
  }

  private async isCurrent(sessionId: string): Promise<boolean> {
    const record = await this.read();
    return record.kind === "live" && record.registered.session_id === sessionId;
  }

  private async write(record: SessionRecord): Promise<void> {
    await this.store.set("session", written(record));
  }

  private async readInstallation(): Promise<InstallationRecord | undefined> {
    return readInstallation(await this.store.get("installation"));
  }

  private async writeInstallation(record: InstallationRecord): Promise<void> {
    await this.store.set("installation", written(record));
  }
}
