// The backend of the notes example, on Express. A demo: users, passwords and notes live in memory.

import { fileURLToPath } from 'node:url'
import express from 'express'
import { countersign } from '@countersign/node'
import { device, sendRelay } from '@countersign/node/express'

const {
  APP_URL = 'http://localhost:3000', // what browsers call
  COUNTERSIGN_ISSUER = 'http://127.0.0.1:8080', // Countersign's public address
  COUNTERSIGN_INTERNAL_URL: url = 'http://127.0.0.1:8081', // its internal one
  COUNTERSIGN_CLIENT_ID: clientId,
  COUNTERSIGN_API_KEY: apiKey,
  DEMO_USERS = 'alice:rabbit,bob:builder', // never do this with real passwords
} = process.env

const users = new Map(DEMO_USERS.split(',').map((user) => user.split(':')))
const notes = new Map([...users.keys()].map((user) => [user, []]))

const gate = countersign({ url, apiKey, publicUrl: APP_URL })
const app = express()
app.use(express.json())

// The page, the SDK that it imports, and what the SDK must know.
app.use(express.static(folder('../web')))
app.use('/sdk', express.static(folder('../../sdk/web/dist')))
app.get('/config.json', (req, res) => res.json({ clientId, issuer: COUNTERSIGN_ISSUER }))

// You check the password. Countersign binds the session to the device.
app.post('/login', async (req, res) => {
  const { user, password } = req.body ?? {}
  if (!users.has(user) || users.get(user) !== password) {
    return res.status(401).json({ error: 'wrong user or password' })
  }
  await sendRelay(res, gate.relayLogin(req, { clientId, userId: user, amr: ['pwd'] }))
})
app.post('/refresh', (req, res) => sendRelay(res, gate.relayRefresh(req, { clientId })))

// Behind this line every request comes from a device that proved its key, or is answered 401.
app.use('/api', device(gate, { requireKey: true }))

app.get('/api/notes', (req, res) => res.json(notes.get(req.device.user_id)))

app.post('/api/notes', (req, res) => {
  const note = { text: String(req.body?.text ?? ''), device_id: req.device.device_id }
  notes.get(req.device.user_id).push(note)
  res.status(201).json(note)
})

const { port, hostname } = new URL(APP_URL)
app.listen(Number(port || 80), hostname, (error) => {
  if (error) throw error
  console.log(`notes at ${APP_URL}`)
})

function folder(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}
