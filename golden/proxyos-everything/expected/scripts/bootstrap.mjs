// Makes users, routes and API keys of plan.json in the dashboard. What is there already is left alone, so it is safe to
// repeat. Passwords and keys are shown once and kept nowhere.
import { readFileSync } from 'node:fs'
import { call, healthy, password, rows, setup } from './proxyos.mjs'

const plan = JSON.parse(readFileSync(process.env.STOCKADE_PLAN ?? '/stockade/plan.json', 'utf8'))
const say = (line) => console.log(line)

for (let tries = 0; !(await healthy()); tries += 1) {
  if (tries === 60) throw new Error('the dashboard does not answer; look at `docker logs`')
  await new Promise((done) => setTimeout(done, 1000))
}

const known = () => new Map(rows('SELECT id, email, role FROM users').map((user) => [user.email.toLowerCase(), user]))

// The first visitor of an empty dashboard would become its administrator.
if (known().size === 0) {
  const first = plan.users.find((user) => user.role === 'admin')
  if (!first) throw new Error('the plan names no administrator; list one under `users` in the profile')
  const word = password()
  await setup(first.email, word)
  say(`administrator ${first.email}, password ${word}`)
}

let users = known()
for (const { email, role } of plan.users) {
  const user = users.get(email.toLowerCase())
  if (!user) {
    const word = password()
    await call('users.create', { email, password: word, role })
    say(`${role} ${email}, password ${word}`)
  } else if (user.role !== role) {
    say(`${email} is ${user.role}, not ${role}; change it in the dashboard if the plan is right`)
  }
}
users = known()
for (const [email, user] of users) {
  if (!plan.users.some((planned) => planned.email.toLowerCase() === email)) {
    say(`${email} (${user.role}) is not in the plan; delete the account if the person has left`)
  }
}

const domains = new Set(rows('SELECT domain FROM routes').map((route) => route.domain))
for (const { create, patch } of plan.routes) {
  if (domains.has(create.domain)) continue
  await call('routes.create', create)
  const route = rows('SELECT id, domain FROM routes').find((row) => row.domain === create.domain)
  if (!route) throw new Error(`the dashboard has no route for ${create.domain}`)
  await call('routes.update', { id: route.id, patch })
  say(`route ${create.domain}`)
}
const planned = new Set(plan.routes.map(({ create }) => create.domain))
for (const domain of domains) {
  if (!planned.has(domain)) say(`route ${domain} is not in the plan`)
}

// Every 30 seconds it would join all networks of the host, where it is given a way to the engine.
await call('networks.updateSettings', { enabled: false })

const keys = new Set(rows('SELECT name FROM api_keys').map((key) => key.name))
for (const key of plan.api_keys) {
  if (keys.has(key.name)) continue
  const made = await call('apiKeys.create', key)
  say(`API key ${key.name}, ${key.expiresInDays} days, ${key.scopes.join(' ')}: ${made.key}`)
}
say('done')
