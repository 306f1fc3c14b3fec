import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentFiles } from '../agent-files.ts'
import { AgentClient } from '../service-client/agent-client.ts'
import { HttpsTransport } from '../service-client/https-transport.ts'
import { FakeService } from '../service-client/fake-service.ts'
import { InstanceCommands } from './instance-commands.ts'

/** A test has no time. */
export const SHORT_PAUSES = { minMs: 5, maxMs: 5 }

export const INSTANCE_ID = 'i-0123456789abcdef0'

/** An instance without an agent that runs, and the service that it belongs to. */
export async function prepareInstance(t: TestContext) {
  const service = await FakeService.start(t)
  const files = agentFiles(await mkdtemp(join(tmpdir(), 'landfall-instance-')))
  t.after(() => rm(files.installDir, { recursive: true, force: true }))
  const identity = {
    instanceID: INSTANCE_ID,
    token: 'once',
    endpoint: service.endpoint,
    caCertificatePem: service.caPem,
  }
  await writeFile(files.instance, JSON.stringify(identity))
  const client = new AgentClient(
    new HttpsTransport({ endpoint: new URL(service.endpoint), caPem: service.caPem }),
  )
  t.after(() => client.close())
  return { service, files, identity, client }
}

/** Runs commands as the agent does until the test ends, or `stop` is called. */
export function startCommands(
  t: TestContext,
  instance: Awaited<ReturnType<typeof prepareInstance>>,
  log: (message: string) => void = () => {},
) {
  const ending = new AbortController()
  const commands = new InstanceCommands({
    ...instance,
    log,
    signal: ending.signal,
    pauses: SHORT_PAUSES,
  })
  const ended = commands.run()
  const stop = async () => {
    ending.abort()
    await ended
  }
  t.after(stop)
  return { ended, stop }
}

/** Waits until `condition` holds; the test's own time limit is the only clock. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20)
}
