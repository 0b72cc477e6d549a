import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";

const BUILT = new URL("../../dist/", import.meta.url);

/** Serves a page at `/` and the built SDK below `/sdk/`. */
export function siteOf(page: () => string): (path: string, response: ServerResponse) => Promise<void> {
  return async (path, response) => {
    if (path === "/") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page());
      return;
    }
    const file = /^\/sdk\/([\w/-]+\.js)$/.exec(path)?.[1];
    const script = file && (await readFile(new URL(file, BUILT)).catch(() => undefined));
    if (script) {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(script);
    } else {
      response.writeHead(404).end();
    }
  };
}
