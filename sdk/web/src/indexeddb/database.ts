/** The one IndexedDB database of the SDK: one object store, addressed by text. */

const NAME = "countersign";

/** Raise it when the object store changes; `upgrade` then has to bring every older one up. */
const VERSION = 1;

const OBJECT_STORE = "records";

/** One database, opened when first needed and again when the browser closed it. */
export class Database {
  private opened: Promise<IDBDatabase> | undefined;

  /** `indexedDb` is the browser's, unless a test brings its own. */
  constructor(private readonly indexedDb: IDBFactory = globalThis.indexedDB) {}

  /** The value under a key; `undefined` when there is none. */
  get(key: string): Promise<unknown> {
    return this.run("readonly", (records) => records.get(key));
  }

  /** Puts a value in place of the one before; resolves once it is kept. */
  async put(key: string, value: unknown): Promise<void> {
    await this.run("readwrite", (records) => records.put(value, key));
  }

  /** Removes a value; fine when there is none. */
  async delete(key: string): Promise<void> {
    await this.run("readwrite", (records) => records.delete(key));
  }

  private async run<T>(mode: IDBTransactionMode, act: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    try {
      return await transact(await this.open(), mode, act);
    } catch (error) {
      if (!isClosedConnection(error)) {
        throw error;
      }
      // Clearing site data, or a crash of the storage process, closes the connection under the page.
      this.opened = undefined;
      return transact(await this.open(), mode, act);
    }
  }

  private open(): Promise<IDBDatabase> {
    this.opened ??= this.connect().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  private async connect(): Promise<IDBDatabase> {
    const request = this.indexedDb.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    const database = await settled(request);
    const forget = (): void => {
      this.opened = undefined;
    };
    database.onclose = forget;
    // Another tab wants to delete or upgrade it: a connection that stays would block that for ever.
    database.onversionchange = () => {
      database.close();
      forget();
    };
    return database;
  }
}

function upgrade(database: IDBDatabase): void {
  if (!database.objectStoreNames.contains(OBJECT_STORE)) {
    database.createObjectStore(OBJECT_STORE);
  }
}

async function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  act: (records: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const transaction = database.transaction(OBJECT_STORE, mode);
  const request = act(transaction.objectStore(OBJECT_STORE));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? request.error);
    transaction.onerror = () => reject(transaction.error ?? request.error);
  });
  return request.result;
}

function settled<T>(request: IDBOpenDBRequest & IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function isClosedConnection(error: unknown): boolean {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return name === "InvalidStateError" || name === "NotFoundError" || name === "AbortError";
}
