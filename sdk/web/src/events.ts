/** What happens to the session, told in every tab. */

import type { EndCode } from "./codes.js";
import type { LoginReason } from "./errors.js";
import type { Channel } from "./platform.js";
import { asObject } from "./record.js";

/** The events and what each tells. */
export interface DeviceEvents {
  /** Somebody logged in. */
  readonly signed_in: { readonly userId: string; readonly sessionId: string };
  /** The server ended the session. */
  readonly ended: { readonly code: EndCode };
  /** There is no session any more, and the server did not end it. */
  readonly login_required: { readonly reason: LoginReason };
}

/** The name of an event. */
export type DeviceEventType = keyof DeviceEvents;

type Listener = (type: DeviceEventType, detail: DeviceEvents[DeviceEventType]) => void;

/** Tells listeners here, and over the channel those in other tabs. */
export class Events {
  private readonly listeners = new Set<Listener>();

  constructor(private readonly channel: Channel | undefined) {
    if (channel) {
      channel.onmessage = ({ data }: MessageEvent<unknown>) => this.receive(data);
    }
  }

  /** Calls `listener` at every event of that type, until the returned function is called. */
  on<T extends DeviceEventType>(type: T, listener: (detail: DeviceEvents[T]) => void): () => void {
    const entry: Listener = (happened, detail) => {
      if (happened === type) {
        listener(detail as DeviceEvents[T]);
      }
    };
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** Tells everybody. */
  emit<T extends DeviceEventType>(type: T, detail: DeviceEvents[T]): void {
    this.channel?.postMessage({ type, detail });
    this.tell(type, detail);
  }

  /** Closes the channel: nothing is heard of other tabs any more. */
  close(): void {
    this.channel?.close();
    this.listeners.clear();
  }

  private receive(message: unknown): void {
    const { type, detail } = asObject(message) ?? {};
    if (type === "signed_in" || type === "ended" || type === "login_required") {
      this.tell(type, detail as DeviceEvents[typeof type]);
    }
  }

  private tell(type: DeviceEventType, detail: DeviceEvents[DeviceEventType]): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(type, detail);
      } catch (error) {
        // One listener's defect must not keep the others from hearing; it is reported as any other.
        void Promise.reject(error);
      }
    }
  }
}
