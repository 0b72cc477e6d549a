/** What outlives a page in a browser. */

import type { RecordName, Store } from "../store.js";
import { MemoryStore } from "../store.js";
import { Database } from "./database.js";

/**
 * Keeps everything in IndexedDB, and the installation id in `localStorage` as well.
 *
 * Browsers may lose one of the two; the id is no secret, and with it the next login finds the same device record.
 * Where neither can be used, what is kept lives as long as the page.
 */
export class IndexedDbStore implements Store {
  private readonly unkept = new MemoryStore();

  /** `owner` tells the records of several clients on one origin apart: the client id. */
  constructor(
    private readonly owner: string,
    private readonly database: Database = new Database(),
  ) {}

  async get(name: RecordName): Promise<string | undefined> {
    const kept = await this.database.get(this.key(name)).catch(() => this.unkept.get(name));
    if (typeof kept === "string") {
      return kept;
    }
    return name === "installation" ? this.mirrored(name) : undefined;
  }

  async set(name: RecordName, text: string): Promise<void> {
    await this.database.put(this.key(name), text).catch(() => this.unkept.set(name, text));
    if (name === "installation") {
      this.mirror(name, text);
    }
  }

  private mirrored(name: RecordName): string | undefined {
    try {
      return globalThis.localStorage?.getItem(this.mirrorKey(name)) ?? undefined;
    } catch {
      // Reading the property throws where storage is switched off.
      return undefined;
    }
  }

  private mirror(name: RecordName, text: string): void {
    try {
      globalThis.localStorage?.setItem(this.mirrorKey(name), text);
    } catch {
      // Full or switched off; it is the second copy.
    }
  }

  private key(name: RecordName): string {
    return `${this.owner}/${name}`;
  }

  private mirrorKey(name: RecordName): string {
    return `countersign/${this.key(name)}`;
  }
}
