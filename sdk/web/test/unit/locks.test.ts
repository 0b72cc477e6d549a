import { expect, test } from "vitest";
import { InProcessLocks, type Locks, WebLocks } from "../../src/locks.js";

/** `navigator.locks` as far as it is used; the real one is used in test/browser. */
class FakeManager {
  private readonly locks = new InProcessLocks();

  request<T>(name: string, task: () => Promise<T>): Promise<T> {
    return this.locks.run(`manager ${name}`, task);
  }
}

const KINDS: [string, () => Locks][] = [
  ["in the process", () => new InProcessLocks()],
  ["of the browser", () => new WebLocks(new FakeManager() as unknown as LockManager)],
];

test.each(KINDS)("locks %s let one through at a time, in order", async (_name, make) => {
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
    return name;
  };
  const locks = make();
  const runs = [locks.run("a", task("1")), locks.run("a", task("2"))];
  expect(await Promise.all(runs)).toEqual(["1", "2"]);
  expect(log).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
});

test("a failed task lets the next one through, and is reported", async () => {
  const locks = new InProcessLocks();
  const failed = locks.run("a", () => Promise.reject(new Error("no")));
  const next = locks.run("a", async () => "yes");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});

test("other names do not wait", async () => {
  const locks = new InProcessLocks();
  const never = locks.run("a", () => new Promise(() => undefined));
  expect(await locks.run("b", async () => "yes")).toBe("yes");
  void never;
});
