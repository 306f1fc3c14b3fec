import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionOf, draftOf, newDraft, type PostLaunchAction } from './action.ts'

const ACTION: PostLaunchAction = {
  actionID: 'check',
  actionName: 'Check the shop',
  documentIdentifier: 'Check',
  documentVersion: '$DEFAULT',
  order: 1007,
  category: 'VALIDATION',
  description: 'Looks at the shop.',
  active: true,
  mustSucceedForCutover: true,
  timeoutSeconds: 60,
  parameters: {
    Urls: [
      { parameterType: 'STRING', parameterName: 'first' },
      { parameterType: 'SECURE_STRING', parameterName: 'second' },
    ],
  },
  externalParameters: { Instance: { dynamicPath: 'ec2.InstanceId' } },
}

test('an action that is edited and left alone is the same', () => {
  assert.deepEqual(actionOf(draftOf(ACTION)), ACTION)
})

test('a new action comes after all others, and never among the predefined ones', () => {
  assert.equal(newDraft([]).order, 1001)
  assert.equal(newDraft([{ ...ACTION, order: 407 }]).order, 1001)
  assert.equal(newDraft([ACTION]).order, 1008)
})
