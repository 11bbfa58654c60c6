// Asks iam-simulate what stands on the standard input; see __main__.py. Argument: where it is installed.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
const require = createRequire(process.argv[2] + '/')
const { runSimulation } = await import(
  pathToFileURL(require.resolve('@cloud-copilot/iam-simulate')).href)
const sheet = JSON.parse(readFileSync(0, 'utf8'))
const results = []
const began = process.hrtime.bigint()
for (const asked of sheet.requests) {
  const answer = await runSimulation({
    request: {
      principal: asked.principal, action: asked.action,
      resource: { resource: asked.resource, accountId: asked.account },
      contextVariables: asked.context },
    identityPolicies: sheet.policies, serviceControlPolicies: [], resourceControlPolicies: []
  }, {})
  results.push(answer.overallResult ?? answer.resultType ?? JSON.stringify(answer).slice(0, 300))
}
const seconds = Number(process.hrtime.bigint() - began) / 1e9
process.stdout.write(JSON.stringify({ per_second: results.length / seconds, results }))
