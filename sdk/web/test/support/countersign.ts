import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A running `countersign serve --dev` of a folder of its own. */
export interface Countersign {
  /** Where devices reach it, as proofs name it. */
  readonly publicUrl: string;
  /** Its public listener, whatever stands before it. */
  readonly listenerUrl: string;
  readonly internalUrl: string;
  readonly apiKey: string;
  stop(): Promise<void>;
}

/** Starts the binary that COUNTERSIGN_BIN names; a missing one fails the run. */
export async function startCountersign(publicUrl?: string): Promise<Countersign> {
  const binary = process.env["COUNTERSIGN_BIN"];
  if (!binary) {
    throw new Error("COUNTERSIGN_BIN must name the countersign binary");
  }
  const folder = await mkdtemp(join(tmpdir(), "countersign-web-"));
  const listen = ["public", "internal", "metrics"].flatMap((name) => [`--${name}-listen`, "127.0.0.1:0"]);
  const url = publicUrl ? ["--public-url", publicUrl] : [];
  const child = spawn(binary, ["serve", "--dev", "--log-level", "warn", "--data-dir", folder, ...listen, ...url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const found = await announced(child);
    return { ...found, publicUrl: publicUrl ?? found.publicUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Calls the internal listener; throws at anything but success. */
export async function asBackend(server: Countersign, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${server.internalUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${server.apiKey}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.status === 204 ? undefined : response.json();
}

/** Registers a client whose logins come to these origins; gives its id. */
export async function createClient(server: Countersign, origins: string[], more: object = {}): Promise<string> {
  const client = { name: "Web", platform: "web", audience: "https://api.example", origins, ...more };
  const { client_id: id } = (await asBackend(server, "POST", "/v1/clients", client)) as { client_id: string };
  return id;
}

async function announced(child: ChildProcess): Promise<Omit<Countersign, "stop">> {
  if (!child.stdout) {
    throw new Error("the server has no standard output");
  }
  let urls: RegExpExecArray | null = null;
  for await (const line of createInterface(child.stdout)) {
    urls ??= /^listening public=(\S+) internal=(\S+)/.exec(line);
    const apiKey = /^API_KEY=(\S+)/.exec(line)?.[1];
    if (urls && apiKey) {
      child.stdout.resume();
      return { publicUrl: urls[1] ?? "", listenerUrl: urls[1] ?? "", internalUrl: urls[2] ?? "", apiKey };
    }
  }
  throw new Error("the server ended before it listened");
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
