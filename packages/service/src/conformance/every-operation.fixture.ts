import type { TestContext } from 'node:test'
import { implementedOperations } from '../compatibility/implemented.ts'
import { callRestOfAccount } from './account-calls.fixture.ts'
import { callRestOfEc2 } from './ec2-calls.fixture.ts'
import { callImportsAndExports } from './import-export-calls.fixture.ts'
import { tellLifecycle, type World } from './lifecycle-story.fixture.ts'
import { callRestOfMgn } from './mgn-calls.fixture.ts'
import type { ServiceName } from './service-client.fixture.ts'

/** Calls every operation of the five services at least once as it is meant to be called. */
export async function callEverything(t: TestContext, world: World): Promise<void> {
  await tellLifecycle(t, world)
  await t.test('the rest of MGN', () => callRestOfMgn(world))
  await t.test('imports and exports', async () => void (await callImportsAndExports(world)))
  await t.test('the rest of EC2', () => callRestOfEc2(world))
  await t.test('the rest of IAM, STS and SSM', () => callRestOfAccount(world))
}

/** Operations that nothing can be asked of, with the reason. */
export const NEVER_VALID: Readonly<Record<string, string>> = {
  DeleteVcenterClient: 'there are no vCenter clients',
}

/** What this service does of the models. */
export function implemented(): [ServiceName, string][] {
  return [...implementedOperations()].map((id) => id.split(':') as [ServiceName, string])
}
