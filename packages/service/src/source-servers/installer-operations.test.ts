import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AgentRegistered, LandfallError } from '@landfall/model'
import { createTestService, PROPERTIES } from '../test-service.ts'

const OTHER = {
  kind: 'user',
  userName: 'other',
  accessKeyId: 'AKIAOTHER',
  arn: 'arn:aws:iam::123456789012:user/other',
  isTemporary: false,
} as const

test('a certificate is issued to the user who registered the server, and to nobody else', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const request = { sourceServerID, publicKeyPem: 'a key' }
  await assert.rejects(
    service.callForMgn('IssueClientCertificate', request, OTHER),
    (error) => error instanceof LandfallError && error.code === 'access_denied',
  )
  await service.callForMgn('IssueClientCertificate', request)
})

test('temporary credentials of the role for it install an agent, each session its own', async (t) => {
  const service = await createTestService(t)
  const session = (name: string) =>
    ({
      kind: 'role',
      roleName: 'AWSApplicationMigrationAgentInstallationRole',
      arn: `arn:aws:sts::123456789012:assumed-role/AgentInstallationRole/${name}`,
    }) as const
  const registration = {
    machineIdentity: 'a machine',
    sourceProperties: PROPERTIES,
    tags: {},
    noReplication: false,
    agentVersion: '1.0.0',
  }
  const { sourceServerID } = await service.callForMgn<AgentRegistered>(
    'RegisterAgent',
    registration,
    session('eve'),
  )
  const request = { sourceServerID, publicKeyPem: 'a key' }
  await service.callForMgn('IssueClientCertificate', request, session('eve'))
  await assert.rejects(service.callForMgn('IssueClientCertificate', request, session('ann')), {
    code: 'access_denied',
  })
})
