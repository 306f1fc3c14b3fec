import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LandfallError } from '@landfall/model'
import { createTestService } from '../test-service.ts'

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
