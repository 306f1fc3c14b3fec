import assert from 'node:assert/strict'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { TOKEN_AUTHENTICATED } from '../instances/operations.ts'
import type { OperationGroup } from '../http/operation.ts'
import type { AccessKey } from './service-client.fixture.ts'
import { MGN_MODEL } from '../http/service-model.ts'
import { send, signed, type Call } from '../http/test-client.ts'
import type { TestService } from '../http/test-service.ts'

export interface Asked {
  /** As policies name it: `mgn:StartTest`. */
  readonly action: string
  readonly call: Call
}

/** A call of every operation, with an input that names the source server and is wrong otherwise. */
export function everyCall(operations: Required<OperationGroup>, serverArn: string): Asked[] {
  const { mgn, forMgn, ec2, ssm, landfall: own } = operations
  const body = JSON.stringify({ sourceServerID: serverArn.split('/').at(-1) })
  const post = (prefix: string, path: string) => (name: string) => ({
    action: `${prefix}:${name}`,
    call: { path: `${path}${name}`, body },
  })
  const form = (prefix: string) => (name: string) => ({
    action: `${prefix}:${name}`,
    call: { path: '/', body: `Action=${name}&Version=1` },
  })
  return [
    ...Object.keys(mgn).map((name) => ({
      action: `mgn:${name}`,
      call: modelCall(name, serverArn, body),
    })),
    ...Object.keys(forMgn)
      .filter((name) => !TOKEN_AUTHENTICATED.has(name)) // Whoever calls.
      .map(post('mgn', '/')),
    ...Object.keys(own).map(post('landfall', '/landfall/')),
    ...Object.keys(iamOperations).map(form('iam')),
    ...Object.keys(stsOperations).map(form('sts')),
    ...Object.keys(ec2).map(form('ec2')),
    ...Object.keys(ssm).map((name) => ({
      action: `ssm:${name}`,
      call: { path: '/', body: '{}', headers: { 'x-amz-target': `AmazonSSM.${name}` } },
    })),
  ]
}

function modelCall(name: string, serverArn: string, body: string): Call {
  const { method, requestUri } = MGN_MODEL.operations[name]!.http
  const path = requestUri.replace('{resourceArn}', encodeURIComponent(serverArn))
  return { method, path, ...(method === 'POST' && { body }) }
}

/** Those of the calls that the key's owner is not denied. */
export async function allowedActions(
  target: Pick<TestService, 'url' | 'port' | 'caFile'>,
  key: AccessKey,
  calls: readonly Asked[],
): Promise<string[]> {
  const signer = { port: target.port, administrator: key }
  const allowed: string[] = []
  for (const { action, call } of calls) {
    const name = action.slice(0, action.indexOf(':'))
    const scope = { service: name === 'landfall' ? 'mgn' : name }
    const answer = await send(target, await signed(signer, call, scope))
    assert.ok(answer.status < 500, `${action}: ${answer.text}`)
    if (!/not authorized to perform/.test(answer.text)) allowed.push(action)
  }
  return allowed
}
