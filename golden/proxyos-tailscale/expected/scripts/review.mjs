// Sums up what was refused: addresses with most answers of 401, 403, 429 and 5xx, in the last days.
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

const folder = process.env.STOCKADE_LOGS ?? '/data/proxyos/'
const days = Number(process.argv[2] ?? 7)
const since = Date.now() / 1000 - days * 86400
const refused = (status) => status === 401 || status === 403 || status === 429 || status >= 500

for (const name of ['gate', 'edge', 'access']) {
  const file = `${folder}${name}.log`
  if (!existsSync(file)) continue
  let all = 0
  const found = new Map()
  for await (const line of createInterface({ input: createReadStream(file) })) {
    let entry
    try {
      entry = JSON.parse(line)
    } catch {
      continue
    }
    if (!(entry.ts >= since) || !entry.request) continue
    all += 1
    if (!refused(entry.status)) continue
    const key = `${entry.request.client_ip} ${entry.status} ${JSON.stringify(entry.request.host)}`
    const sum = found.get(key) ?? { count: 0, last: '' }
    found.set(key, { count: sum.count + 1, last: entry.request.uri })
  }
  console.log(`${name}.log: ${all} requests in ${days} days`)
  const sorted = [...found].sort((a, b) => b[1].count - a[1].count)
  for (const [key, { count, last }] of sorted.slice(0, 20)) {
    console.log(`  ${String(count).padStart(7)}  ${key}  last ${JSON.stringify(last).slice(0, 80)}`)
  }
}
