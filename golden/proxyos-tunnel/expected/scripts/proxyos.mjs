// What the scripts of this folder share: the database, calls to the dashboard, and Caddy's own interface.
import { createHmac, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

const APP = process.env.STOCKADE_APP ?? '/app/apps/web/'
const DATABASE = process.env.PROXYOS_DB_PATH ?? '/data/proxyos/proxyos.db'
const DASHBOARD = process.env.PROXYOS_INTERNAL_URL ?? 'http://127.0.0.1:3000'
const CADDY = process.env.CADDY_ADMIN_URL ?? 'http://localhost:2019'

/** Rows of a query; the database is the dashboard's, so it is only read here. */
export function rows(query) {
  const Database = createRequire(APP)('better-sqlite3')
  const database = new Database(DATABASE, { readonly: true, fileMustExist: true })
  try {
    return database.prepare(query).all()
  } finally {
    database.close()
  }
}

/** A password of 24 characters that nobody has seen yet. */
export function password() {
  return randomBytes(18).toString('base64url')
}

/** A session of one minute for an administrator; no password or TOTP code needs to lie anywhere for it. */
function session() {
  const secret = process.env.PROXYOS_SECRET
  if (!secret) throw new Error('PROXYOS_SECRET is not set; start this with /command/with-contenv')
  const admin = rows("SELECT id FROM users WHERE role = 'admin' LIMIT 1")[0]
  if (!admin) throw new Error('there is no administrator yet; run bootstrap.mjs first')
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ userId: admin.id, role: 'admin', iat: now, exp: now + 60 })}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

async function answer(name, response) {
  const text = await response.text()
  if (!response.ok) throw new Error(`${name} answers ${response.status}: ${text.slice(0, 300)}`)
  return text === '' ? null : JSON.parse(text)
}

/** Calls a procedure of the dashboard as an administrator. Its bodies are wrapped, unlike those of its own samples. */
export async function call(procedure, input) {
  const response = await fetch(`${DASHBOARD}/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: `proxyos_token=${session()}` },
    body: JSON.stringify({ json: input }),
    signal: AbortSignal.timeout(20000),
  })
  return (await answer(procedure, response))?.result?.data?.json
}

/** Makes the first administrator; the dashboard refuses once there is a user. */
export async function setup(email, password) {
  const response = await fetch(`${DASHBOARD}/api/auth/setup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
    signal: AbortSignal.timeout(20000),
  })
  await answer('setup', response)
}

/** Whether the dashboard works. */
export async function healthy() {
  try {
    return (await fetch(`${DASHBOARD}/api/health`, { signal: AbortSignal.timeout(5000) })).ok
  } catch {
    return false
  }
}

/** Routes that Caddy has from the dashboard, as their text. */
export async function loaded() {
  // Node calls this a request across origins, and Caddy then wants to see its own.
  const asked = { headers: { Origin: CADDY }, signal: AbortSignal.timeout(5000) }
  const response = await fetch(`${CADDY}/config/apps/http/servers/main/routes`, asked)
  const routes = (await answer('Caddy', response)) ?? []
  return routes.filter((route) => String(route['@id'] ?? '').startsWith('proxyos-route-')).map((route) => JSON.stringify(route))
}
