import { agentFiles } from '../agent-files.ts'
import { AgentLog } from '../agent-log.ts'
import { lookAtGuest } from '../guest/look.ts'
import { DetachedAgent } from '../install/detached-agent.ts'
import { uninstallFromWithin } from '../install/uninstall.ts'
import { runAgent } from '../run.ts'
import { FakeReplicator } from './fake-replicator.ts'

// For tests: the installed agent's program (`run --install-dir DIR`), with a replicator that moves
// no data.
const files = agentFiles(process.argv.at(-1) ?? '')
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const end = await runAgent({
  files,
  log: new AgentLog({ path: files.log, olderPath: files.olderLog }),
  signal: stop.signal,
  lookAtGuest,
  startReplicator: async (options) => new FakeReplicator(options),
})
if (end === 'disconnected') {
  const agent = new DetachedAgent(files)
  await uninstallFromWithin({ files, agent, removeTracking: async () => undefined })
}
process.exit(0)
