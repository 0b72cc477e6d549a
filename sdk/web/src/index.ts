/** The browser side of Countersign: sessions that are bound to the device they began on. */

export type {
  DeviceFacts,
  DeviceItem,
  DeviceReport,
  Ended,
  ErrorCode,
  OwnDevices,
  OwnDevicesQuery,
  Problem,
  RegisteredSession,
  TrustLevel,
} from "./api.js";
export type { EndCode } from "./codes.js";
export { rawSignature } from "./der.js";
export { createDevice, Device, type SignInState } from "./device.js";
export type { IdToken, LoginBody } from "./doors.js";
export type { Bytes } from "./encoding.js";
export {
  BodyNotRepeatableError,
  CountersignError,
  type CountersignFailure,
  LoginRequiredError,
  type LoginReason,
  OriginNotListedError,
  RefusedError,
  SessionEndedError,
  TransportError,
  UnexpectedAnswerError,
  UnsupportedError,
} from "./errors.js";
export type { DeviceEvents, DeviceEventType } from "./events.js";
export { browserAttributes, fingerprint, type FingerprintAttributes } from "./fingerprint.js";
export { Database } from "./indexeddb/database.js";
export { IndexedDbKeyProvider } from "./indexeddb/keys.js";
export { IndexedDbStore } from "./indexeddb/store.js";
export type { DeviceKey, KeyProvider, PublicJwk } from "./keys.js";
export { InProcessLocks, type Locks, WebLocks } from "./locks.js";
export type { CommonOptions, DeviceOptions, DirectOptions, RelayedOptions } from "./options.js";
export type { Channel, Platform } from "./platform.js";
export { Session, type SessionDetails } from "./session.js";
export type { RecallInstallationId } from "./state.js";
export { MemoryStore, type RecordName, type Store } from "./store.js";
