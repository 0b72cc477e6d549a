export { countersign } from './countersign.js'
export { RelayError } from './relay.js'
