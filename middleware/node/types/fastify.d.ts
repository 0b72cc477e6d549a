import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import type { Countersign, Demands, Device, Relayed } from './index.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** `null` for a request without a token where that is allowed. */
    device: Device | null
  }
  interface FastifyContextConfig {
    /** This route's demands; `false` leaves it out. */
    device?: Demands | false
  }
}

/** Lets requests on with `request.device`, or answers them. */
export const devicePlugin: FastifyPluginAsync<Demands & { countersign: Countersign }>
/** Answers a login or refresh with what a relay call gives. */
export function sendRelay(reply: FastifyReply, relaying: Promise<Relayed>): Promise<FastifyReply>
