import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Page, chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A Chromium with a profile that outlives it. */
export class Browser {
  private context: BrowserContext | undefined;

  private constructor(private readonly profile: string) {}

  /** Starts the Chromium that CHROMIUM_BIN names, else the system's. */
  static async start(): Promise<Browser> {
    const browser = new Browser(await mkdtemp(join(tmpdir(), "countersign-profile-")));
    await browser.launch();
    return browser;
  }

  /** Ends the process and starts another on the same profile. */
  async restart(): Promise<void> {
    await this.context?.close();
    await this.launch();
  }

  /** Opens a tab. */
  async open(url: string): Promise<Page> {
    if (!this.context) {
      throw new Error("not running");
    }
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  /** Deletes all that the browser keeps of an origin. */
  async clear(page: Page, storageTypes: string): Promise<void> {
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.clearDataForOrigin", { origin: new URL(page.url()).origin, storageTypes });
    await session.detach();
  }

  async stop(): Promise<void> {
    await this.context?.close();
    await rm(this.profile, { recursive: true, force: true });
  }

  private async launch(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
      args: ARGUMENTS,
      headless: true,
    });
  }
}
