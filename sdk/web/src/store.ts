/** Where the SDK keeps what must outlive a page. */

/** What is kept: one text for each. */
export type RecordName =
  /** The installation id; worth keeping longest. */
  | "installation"
  /** The session and its tokens, which are worthless without the device's key. */
  | "session";

/** Keeps texts by name, shared by everything that is the same installation. */
export interface Store {
  /** The text of that name; `undefined` when there is none. */
  get(name: RecordName): Promise<string | undefined>;
  /** Keeps a text in place of the one before. */
  set(name: RecordName, text: string): Promise<void>;
}

/** Keeps everything for as long as the process lives; for tests. */
export class MemoryStore implements Store {
  private readonly texts = new Map<RecordName, string>();

  async get(name: RecordName): Promise<string | undefined> {
    return this.texts.get(name);
  }

  async set(name: RecordName, text: string): Promise<void> {
    this.texts.set(name, text);
  }
}
