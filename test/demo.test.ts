import assert from 'node:assert/strict'
import { test } from 'node:test'
import { landfall } from './installation.ts'

/** The commands of the life cycle, in the order in which the operator of the story gives them. */
const COMMANDS = [
  'initialize-service',
  'describe-source-servers',
  'start-test',
  'change-server-life-cycle-state',
  'start-cutover',
  'finalize-cutover',
  'mark-as-archived',
]

/**
 * The main job as a newcomer meets it, with the real AWS command line in the operator's hands: a
 * running Debian server, real disks, real guests. About 20 minutes under software emulation.
 */
test('the demo moves a running server, and says so', async () => {
  const { status, stdout, stderr } = await landfall('demo', '--aws-cli', '/usr/bin/aws')
  assert.equal(status, 0, stderr)
  assert.match(stdout, /bytes on the wire .*\n.*freeze .*\n.*whole story/)
  const given = [...stderr.matchAll(/\$ aws mgn (\S+) /g)].map(([, command]) => command)
  assert.deepEqual([...new Set(given)], COMMANDS)
})
