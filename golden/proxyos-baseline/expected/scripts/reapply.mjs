// The dashboard forgets allow-lists, HSTS, issuers and upstream protocols of its routes whenever Caddy starts, and gives
// a Caddy that was restarted alone no routes at all. `once` restores them; `watch` does so whenever they change.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { call, healthy, loaded, rows } from './proxyos.mjs'

const COUNT = process.env.STOCKADE_COUNT ?? '/run/stockade/routes'
const PAUSE = Number(process.env.STOCKADE_PAUSE ?? 30) * 1000
const digest = (routes) => createHash('sha256').update(routes.join('\n')).digest('hex')
const enabled = () => rows('SELECT id, domain FROM routes WHERE enabled = 1')

async function reapply() {
  const routes = enabled()
  // Brings routes that are in the database only; it drops HSTS and aliases, so it comes first.
  if ((await loaded()).length < routes.length) await call('caddy.reload', {})
  let failed = 0
  for (const { id, domain } of routes) {
    try {
      await call('routes.forceResync', { id })
    } catch (error) {
      failed += 1
      console.error(`stockade: ${domain}: ${error.message}`)
    }
  }
  console.log(`stockade: ${routes.length - failed} of ${routes.length} routes restored`)
  return failed === 0
}

/** What the health check compares with. */
function count() {
  mkdirSync(COUNT.slice(0, COUNT.lastIndexOf('/')), { recursive: true })
  writeFileSync(COUNT, `${enabled().length}\n`)
}

async function watch() {
  let seen
  for (;;) {
    try {
      if ((await healthy()) && rows("SELECT id FROM users WHERE role = 'admin' LIMIT 1").length > 0) {
        count()
        if (digest(await loaded()) !== seen) {
          await reapply()
          seen = digest(await loaded())
        }
      }
    } catch (error) {
      console.error(`stockade: ${error.message}`)
    }
    await new Promise((done) => setTimeout(done, PAUSE))
  }
}

if (process.argv[2] === 'watch') {
  await watch()
} else {
  count()
  process.exitCode = (await reapply()) ? 0 : 1
}
