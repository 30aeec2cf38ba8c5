// Stands in for the dashboard: the calls the scripts use, with its checks of session, wrapping and fields. Its database is
// a JSON file. `/push` is what it does when it starts: all routes to Caddy, in the short form that loses things.
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const FILE = process.env.STANDIN_STATE
const CADDY = 'http://localhost:2019'
const state = () => JSON.parse(readFileSync(FILE, 'utf8'))
const change = (how) => {
  const all = state()
  how(all)
  writeFileSync(FILE, JSON.stringify(all))
}

class Refused extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}
const must = (truth, status, message) => {
  if (!truth) throw new Refused(status, message)
}

function session(cookie) {
  const [header, body, sign] = (cookie ?? '').replace('proxyos_token=', '').split('.')
  const wanted = createHmac('sha256', process.env.PROXYOS_SECRET).update(`${header}.${body}`).digest('base64url')
  must(sign === wanted, 401, 'no session')
  const { userId, exp } = JSON.parse(Buffer.from(body, 'base64url').toString())
  must(exp > Date.now() / 1000 && exp < Date.now() / 1000 + 120, 401, 'a session of more than two minutes')
  const user = state().users.find((user) => user.id === userId)
  must(user?.role === 'admin', 403, 'no administrator')
}

async function caddy(method, path, body) {
  const headers = { 'Content-Type': 'application/json', Origin: CADDY }
  const response = await fetch(`${CADDY}/${path}`, { method, headers, body: JSON.stringify(body) })
  must(response.ok, response.status === 404 ? 404 : 500, await response.text())
}

const short = (route) => ({
  '@id': `proxyos-route-${route.id}`,
  match: [{ host: [route.domain] }],
  handle: [{ handler: 'static_response', body: route.name }],
})
const whole = (route) => ({
  ...short(route),
  handle: [{ handler: 'headers', response: { set: { 'X-Whole': [route.upstreamProtocol ?? ''] } } }, ...short(route).handle],
})
const push = () => caddy('PATCH', 'config/apps/http/servers/main/routes', state().routes.filter((it) => it.enabled).map(short))

const only = (input, names) => must(Object.keys(input).every((name) => names.includes(name)), 400, `fields: ${Object.keys(input)}`)

const procedures = {
  'users.create': ({ email, password, role }) => {
    must(password.length >= 8 && ['admin', 'operator', 'viewer'].includes(role), 400, 'user')
    change((all) => all.users.push({ id: randomUUID(), email, role, password, totp_enabled: 0 }))
  },
  'routes.create': async (input) => {
    only(input, ['name', 'domain', 'upstreams', 'lbPolicy', 'tlsMode', 'healthCheckEnabled', 'healthCheckPath'])
    must(input.upstreams.length > 0 && input.upstreams.every((it) => it.weight === undefined), 400, 'upstreams')
    must(!state().routes.some((route) => route.domain === input.domain), 409, 'there already')
    const route = { id: randomUUID(), enabled: 1, ...input }
    change((all) => all.routes.push(route))
    await caddy('POST', 'config/apps/http/servers/main/routes', short(route))
  },
  'routes.update': async ({ id, patch }) => {
    only(patch, ['upstreamProtocol'])
    must(['http', 'https-trusted', 'https-insecure'].includes(patch.upstreamProtocol), 400, 'protocol')
    change((all) => Object.assign(all.routes.find((route) => route.id === id), patch))
    await caddy('PATCH', `id/proxyos-route-${id}`, whole(state().routes.find((route) => route.id === id)))
  },
  'routes.forceResync': async ({ id }) => {
    await caddy('PATCH', `id/proxyos-route-${id}`, whole(state().routes.find((route) => route.id === id)))
  },
  'caddy.reload': push,
  'networks.updateSettings': ({ enabled }) => change((all) => (all.joins = enabled)),
  'apiKeys.create': ({ name, scopes, expiresInDays }) => {
    must(scopes.length > 0 && expiresInDays >= 1 && expiresInDays <= 3650, 400, 'key')
    change((all) => all.api_keys.push({ id: randomUUID(), name, scopes: JSON.stringify(scopes), days: expiresInDays }))
    return { id: name, key: `pxos_${name}` }
  },
}

async function answer(request, text) {
  if (request.url === '/api/health') return { status: 'ok' }
  if (request.url === '/push') return push()
  if (request.url === '/api/auth/setup') {
    const { email, password } = JSON.parse(text)
    must(state().users.length === 0, 403, 'there is a user')
    must(password.length >= 8, 400, 'password')
    change((all) => all.users.push({ id: randomUUID(), email, role: 'admin', password, totp_enabled: 0 }))
    return {}
  }
  const procedure = procedures[request.url.replace('/api/trpc/', '')]
  must(procedure && request.method === 'POST', 404, request.url)
  session(request.headers.cookie)
  const { json } = JSON.parse(text)
  must(json !== undefined, 400, 'not wrapped')
  return { result: { data: { json: (await procedure(json)) ?? null } } }
}

createServer((request, response) => {
  let text = ''
  request.on('data', (part) => (text += part))
  request.on('end', async () => {
    try {
      const body = JSON.stringify(await answer(request, text) ?? {})
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
    } catch (error) {
      response.writeHead(error.status ?? 500).end(error.message)
    }
  })
}).listen(3000, '127.0.0.1')
