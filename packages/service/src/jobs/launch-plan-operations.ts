import { diskHintsOf, instanceSize, instanceTypeNamed } from '@landfall/launch'
import { findTransition, LandfallError, type LaunchPlanView } from '@landfall/model'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { changeLifecycle } from '../lifecycle/change-lifecycle.ts'
import { readServer } from '../source-servers/records.ts'
import { recommendedType } from '../source-servers/source-server-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { validated } from '../valid-input.ts'
import { planLaunch, rightSizingReason, type PlannedLaunch } from './launch-plan.ts'
import { findEarlier, protectionText } from './remove-instances.ts'

/** Without a purpose: of the launch that comes next. */
const ofLaunch = ofServer.extend({ purpose: z.enum(['TEST', 'CUTOVER']).exactOptional() })

/** What a launch would make of a server now, and all that would refuse it; nothing is changed. */
export function launchPlanOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing } = dependencies
  return {
    landfall: {
      GetLaunchPlan: validated(ofLaunch, async ({ sourceServerID, ...input }, context) => {
        const server = await readServer(db, sourceServerID)
        const next = findTransition('StartCutover', server.state) ? 'CUTOVER' : 'TEST'
        const { purpose = next } = input
        const event = purpose === 'CUTOVER' ? 'StartCutover' : 'StartTest'
        const planned = await planLaunch(dependencies, sourceServerID, { purpose })
        const earlier = await findEarlier(db, { sourceServerID })
        const kept = earlier.filter((instance) => instance.is_protected).map(protectionText)
        const refusal = await refusalOf(server, event, context)
        return {
          sourceServerID,
          purpose,
          ...viewPlan(planned, server),
          ...rightSizing(server),
          removes: earlier.map((instance) => instance.instance_id),
          notes: planned.notes,
          // Of the moment, not of the settings; one of the problems.
          ...(refusal !== undefined && { refusal }),
          problems: [...(refusal === undefined ? [] : [refusal]), ...planned.problems, ...kept],
        } satisfies LaunchPlanView
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

/** What right sizing would choose, also where it is off; nothing where the size is not known. */
function rightSizing({ properties }: SourceServerRow) {
  if (properties.disks.length === 0) return {}
  const instanceType = recommendedType(properties)
  return { rightSizing: { instanceType, reason: rightSizingReason(properties) } }
}

function viewPlan({ input, isProtected, typeReason }: PlannedLaunch, server: SourceServerRow) {
  const { name, instanceType, firmware, secureBoot = false, network, start, tags } = input
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
