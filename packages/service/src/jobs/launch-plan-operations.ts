import { diskHintsOf, instanceSize, instanceTypeNamed } from '@landfall/launch'
import { findTransition, LandfallError } from '@landfall/model'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { changeLifecycle } from '../lifecycle/change-lifecycle.ts'
import { readServer } from '../source-servers/records.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { validated } from '../valid-input.ts'
import { planLaunch, type PlannedLaunch } from './launch-plan.ts'
import { findEarlier, protectionText } from './remove-instances.ts'

/** What a launch would make of a server now, and all that would refuse it; nothing is changed. */
export function launchPlanOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing } = dependencies
  return {
    landfall: {
      GetLaunchPlan: validated(ofServer, async ({ sourceServerID }, context) => {
        const server = await readServer(db, sourceServerID)
        const event = findTransition('StartCutover', server.state) ? 'StartCutover' : 'StartTest'
        const purpose = event === 'StartCutover' ? 'CUTOVER' : 'TEST'
        const planned = await planLaunch(dependencies, sourceServerID, { purpose })
        const earlier = await findEarlier(db, { sourceServerID })
        const kept = earlier.filter((instance) => instance.is_protected).map(protectionText)
        const refusal = await refusalOf(server, event, context)
        return {
          sourceServerID,
          purpose,
          ...viewPlan(planned, server),
          removes: earlier.map((instance) => instance.instance_id),
          notes: planned.notes,
          problems: [...(refusal === undefined ? [] : [refusal]), ...planned.problems, ...kept],
        }
      }),
    },
  }

  /** Why the call that launches would be refused: it is made, and taken back. */
  async function refusalOf(
    { source_server_id: sourceServerID }: SourceServerRow,
    event: 'StartTest' | 'StartCutover',
    context: CallContext,
  ): Promise<string | undefined> {
    const takenBack = new Error('taken back')
    try {
      return await db.transaction().execute(async (trx) => {
        await changeLifecycle(trx, { sourceServerID, event, now: context.now(), timing })
        throw takenBack
      })
    } catch (error) {
      if (error === takenBack) return undefined
      if (error instanceof LandfallError) return error.message
      throw error
    }
  }
}

function viewPlan({ input, isProtected, typeReason }: PlannedLaunch, server: SourceServerRow) {
  const { name, instanceType, firmware, secureBoot, network, start, tags } = input
  const type = instanceTypeNamed(instanceType)
  const sizes = new Map(server.properties.disks.map((disk) => [disk.deviceName, disk.bytes]))
  return {
    name,
    instanceType,
    typeReason,
    ...(type && instanceSize(type, input.host)),
    firmware,
    secureBoot,
    disks: input.disks.map(({ deviceName, volume = {} }) => ({
      deviceName,
      bytes: sizes.get(deviceName) ?? 0,
      ...(volume.volumeType !== undefined && { volumeType: volume.volumeType }),
      ...diskHintsOf(volume),
    })),
    ...(network && { network }),
    tags,
    start,
    terminationProtection: isProtected,
  }
}
