import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ec2Resources } from './ec2-resources.ts'

test('a call of EC2 is about the instances and images that it names, and images are of no account', () => {
  const account = { accountID: '123456789012', region: 'lf-local-1' }
  const instance = 'arn:aws:ec2:lf-local-1:123456789012:instance/i-1'
  const image = 'arn:aws:ec2:lf-local-1::image/ami-1'
  assert.deepEqual(ec2Resources({ InstanceId: 'i-1', Name: 'x' }, account), [instance])
  assert.deepEqual(ec2Resources({ ImageId: 'ami-1' }, account), [image])
  assert.deepEqual(ec2Resources({ Resources: ['ami-1', 'i-1'] }, account), [image, instance])
  assert.deepEqual(ec2Resources({}, account), ['*'])
})
