/** What travels over HTTP, by the names of the API; from docs/openapi.json. */

import type { components, operations } from "./openapi.js";

type Schemas = components["schemas"];

/** Why Countersign refuses; closed and documented. */
export type ErrorCode = Schemas["ErrorCode"];

/** The body of a refusal (RFC 9457). */
export type Problem = Schemas["Problem"];

/** What a device says of itself. */
export type DeviceReport = Schemas["DeviceReport"];

/** What an app may say of its device; the SDK adds the installation id. */
export type DeviceFacts = Omit<DeviceReport, "installation_id" | "device_secret">;

/** A session with the tokens it was given. */
export type RegisteredSession = Schemas["RegisteredSession"];

/** How far a device is trusted. */
export type TrustLevel = Schemas["TrustLevel"];

/** One device in the user's list. */
export type DeviceItem = Schemas["DeviceItem"];

/** One page of the user's devices. */
export type OwnDevices = Schemas["OwnDevices"];

/** Which of the user's devices to list, and which page of them. */
export type OwnDevicesQuery = NonNullable<operations["list_own_devices"]["parameters"]["query"]>;

/** How many sessions a call ended. */
export type Ended = Schemas["Ended"];
