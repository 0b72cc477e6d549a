// Judging requests and relaying logins, whatever the framework.

import { checkDemands, onTheWire, unmet } from './demands.js'
import { readOptions } from './options.js'
import { present, presentForRelay } from './presented.js'
import { refusal, unauthorized, unavailable } from './refusal.js'
import { readSession, RelayError, relayUnavailable } from './relay.js'
import { Service } from './service.js'
import { readVerdict } from './verdict.js'

/** Asks Countersign; its fields are private, so that no printed object shows the API key. */
class Countersign {
  #options
  #service
  /** The verdict on each request under way: a proof serves once, and a yes only its own request. */
  #verdicts = new WeakMap()

  constructor(options) {
    const { apiKey, ...rest } = readOptions(options)
    this.#options = rest
    this.#service = new Service(rest.url, apiKey)
  }

  async verify(request, demands = {}) {
    checkDemands(demands)
    const message = request.raw ?? request
    const earlier = this.#verdicts.get(message)
    if (earlier) return again(await earlier, demands)
    const verdict = this.#judge(message, demands)
    this.#verdicts.set(message, verdict)
    return allowedWithin(await verdict, demands)
  }

  async relayLogin(request, { clientId, userId, amr = [], event = 'login', device = request.body?.device, tokens }) {
    // Else the user "undefined" would be logged in.
    if (userId === undefined || userId === null) throw new TypeError('countersign: userId is missing')
    const facts = { event, client_id: clientId, user_id: String(userId), amr, device, tokens }
    return this.#relay(request.raw ?? request, facts)
  }

  async relayRefresh(request, { clientId, ...given }) {
    const { user_id, refresh_token, device, tokens } = { ...request.body, ...wireNames(given) }
    const facts = { event: 'refresh', client_id: clientId, user_id: String(user_id ?? ''), refresh_token, device, tokens }
    return this.#relay(request.raw ?? request, facts)
  }

  close() {
    this.#service.close()
  }

  async #judge(message, demands) {
    const { call, refused } = present(message, this.#options)
    if (refused) return refused
    if (!call) return { allowed: true, device: null, headers: {} }
    try {
      const answer = await this.#service.ask('/v1/verify', { ...call, ...onTheWire(demands) }, this.#options.timeoutMs)
      return readVerdict(answer)
    } catch (error) {
      this.#log('countersign could not judge a request', error)
      return unavailable()
    }
  }

  async #relay(message, facts) {
    const { refused, from, proof } = presentForRelay(message, this.#options)
    if (refused) throw new RelayError(refused)
    try {
      const body = { ...facts, ...from, proof }
      return readSession(await this.#service.change('/v1/sessions', body, this.#options.relayTimeoutMs))
    } catch (error) {
      if (error instanceof RelayError) throw error
      this.#log('countersign could not register a session', error)
      throw relayUnavailable()
    }
  }

  /** Only texts made here: what another library says may quote what it was given. */
  #log(message, error) {
    this.#options.log(message, { cause: error.name === 'ServiceError' ? error.message : error.name })
  }
}

/** Makes the one object that an app asks; keep it for the life of the process. */
export function countersign(options) {
  return new Countersign(options)
}

/** Lets nobody in without a token, unless that is allowed. */
function allowedWithin(verdict, { required = true }) {
  if (verdict.allowed && !verdict.device && required) return unauthorized('token_invalid', 'DPoP')
  return verdict
}

function again(verdict, demands) {
  const code = verdict.device && unmet(verdict.device, demands)
  return code ? refusal(code, 403) : allowedWithin(verdict, demands)
}

/** What was given, under the names that the device sends; a given `undefined` hides nothing. */
function wireNames({ userId, refreshToken, device, tokens }) {
  const named = { user_id: userId, refresh_token: refreshToken, device, tokens }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
