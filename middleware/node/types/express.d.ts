import type { RequestHandler, Response } from 'express'
import type { Countersign, Demands, Device, Relayed } from './index.js'

declare global {
  namespace Express {
    interface Request {
      /** Set by `device()`; `null` for a request without a token where that is allowed. */
      device?: Device | null
    }
  }
}

/** Middleware that lets a request on with `req.device`, or answers it. */
export function device(countersign: Countersign, demands?: Demands): RequestHandler
/** Answers a login or refresh with what a relay call gives. */
export function sendRelay(res: Response, relaying: Promise<Relayed>): Promise<void>
