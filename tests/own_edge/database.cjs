// Stands in for `better-sqlite3` over the JSON file of dashboard.mjs, for the questions the scripts ask.
const { readFileSync } = require('node:fs')

module.exports = class {
  constructor(path, options) {
    if (!options.readonly) throw new Error('the scripts only read')
    this.path = path
  }
  prepare(query) {
    const [, columns, table, condition] = /^SELECT (.+) FROM (\w+)(?: WHERE (\w+ = \S+))?(?: LIMIT 1)?$/.exec(query)
    const wanted = columns.split(', ')
    const holds = (row) => {
      const [column, value] = condition?.split(' = ') ?? []
      return !column || String(row[column]) === value.replaceAll("'", '')
    }
    return {
      all: () =>
        JSON.parse(readFileSync(this.path, 'utf8'))
          [table].filter(holds)
          .map((row) => Object.fromEntries(wanted.map((name) => [name, row[name]]))),
    }
  }
  close() {}
}
