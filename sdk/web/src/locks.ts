/** One at a time: across tabs with Web Locks, else within this one. */

/** Runs tasks of the same name one after another. */
export interface Locks {
  /** Runs `task` once nothing else of that name runs; gives what it gives. */
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** Locks that hold across the tabs and workers of an origin (the Web Locks API). */
export class WebLocks implements Locks {
  /** `manager` is `navigator.locks`. */
  constructor(private readonly manager: LockManager) {}

  run<T>(name: string, task: () => Promise<T>): Promise<T> {
    // Assigned by the callback before the request resolves; its type would lose T otherwise.
    return this.manager.request(name, task) as Promise<T>;
  }
}

/** Locks that hold within this process, for platforms that have one process only. */
export class InProcessLocks implements Locks {
  private static readonly tails = new Map<string, Promise<void>>();

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const tails = InProcessLocks.tails;
    const before = tails.get(name);
    let release = (): void => undefined;
    const tail = new Promise<void>((resolve) => {
      release = resolve;
    });
    tails.set(name, tail);
    try {
      await before;
      return await task();
    } finally {
      release();
      if (tails.get(name) === tail) {
        tails.delete(name);
      }
    }
  }
}
