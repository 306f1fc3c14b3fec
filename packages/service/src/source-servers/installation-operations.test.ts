import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'

test('what an agent is installed with is told, and nothing secret', async (t) => {
  const service = await createTestService(t)
  assert.deepEqual(await service.call('GetAgentInstallation'), {
    endpoints: ['https://127.0.0.1:8443'],
    installerPath: '/latest/linux/landfall-replication-installer-init',
    agentVersion: '1.0.0',
    caCertificatePem: 'CA',
  })
})
