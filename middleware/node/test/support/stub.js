// A service that misbehaves, as a row of `services` in the table says.

import { once } from 'node:events'
import net from 'node:net'

/** Listens on a free port; `down` is a port on which nothing listens any more. */
export async function startStub(row, countersignUrl) {
  const sockets = new Set()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', () => answer(socket, row, countersignUrl))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  if (row.server === 'none') await stop()
  return { url, stop }
}

function answer(socket, row, countersignUrl) {
  if (row.sends !== '') socket.write(text(row).replace('{countersign}', countersignUrl))
  if (row.then === 'close') socket.end()
  if (row.then === 'trickle') every(100, socket, ' ')
  if (row.then === 'flood') every(10, socket, ' '.repeat(64 * 1024))
}

function text({ sends, status = '200 OK', body }) {
  if (sends) return sends
  const json = JSON.stringify(body)
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`
}

function every(milliseconds, socket, piece) {
  const timer = setInterval(() => socket.write(piece), milliseconds)
  socket.on('close', () => clearInterval(timer))
}
