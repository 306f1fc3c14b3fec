import type { InstanceAction, InstanceView } from '@landfall/model'
import { call, type Action } from '../api/call.ts'
import type { Deed } from '../dialogs/confirm-dialog.tsx'

/** Something an operator does to instances. */
export interface InstanceDeed extends Deed {
  readonly id: string
  /** What the service refuses by, and EC2's name of it. */
  readonly action: InstanceAction
  readonly input?: object
}

/** In the order of EC2's own console. */
export const INSTANCE_DEEDS: readonly InstanceDeed[] = [
  {
    id: 'start',
    action: 'StartInstances',
    text: 'Start instance',
    effect: 'Its power is switched on, and it boots from its disks as they are.',
    undo: { possible: true, how: 'Stop it.' },
    verb: 'Start',
  },
  {
    id: 'stop',
    action: 'StopInstances',
    text: 'Stop instance',
    effect:
      'Its operating system is asked to shut down. One that does not listen goes on running; it can ' +
      'be stopped by force.',
    undo: { possible: true, how: 'Start it: its disks stay.' },
    verb: 'Stop',
  },
  {
    id: 'force-stop',
    action: 'StopInstances',
    input: { Force: true },
    text: 'Stop instance by force',
    effect:
      'Its power is cut. What its operating system has not written to the disks yet is lost, as ' +
      'after a power failure.',
    undo: { possible: false, how: 'It can be started again; what was not written stays lost.' },
    verb: 'Stop by force',
  },
  {
    id: 'reboot',
    action: 'RebootInstances',
    text: 'Reboot instance',
    effect: 'Its operating system is asked to start anew. Whoever is connected to it is cut off.',
    undo: { possible: false, how: 'It comes up again by itself.' },
    verb: 'Reboot',
  },
  {
    id: 'terminate',
    action: 'TerminateInstances',
    text: 'Terminate instance',
    effect: 'It is stopped and removed, with its disks and all that was written on them.',
    undo: {
      possible: false,
      how: 'Another can be launched from a point; what was written on this one is lost.',
    },
    verb: 'Terminate',
  },
]

export function permissionFor({ action }: Pick<InstanceDeed, 'action'>): Action {
  return action === 'OpenInstanceScreen' ? `landfall:${action}` : `ec2:${action}`
}

export async function runDeed(
  deed: InstanceDeed,
  instances: readonly InstanceView[],
): Promise<void> {
  const InstanceIds = instances.map(({ instanceID }) => instanceID)
  await call(permissionFor(deed), { InstanceIds, ...deed.input })
}

/** Why it cannot be done to all of them; undefined when it can. */
export function refusalOf(
  { action }: Pick<InstanceDeed, 'action'>,
  instances: readonly Pick<InstanceView, 'instanceID' | 'refusals'>[],
): string | undefined {
  if (instances.length === 0) return 'Select instances first.'
  const refused = instances.find(({ refusals }) => refusals[action] !== undefined)
  const reason = refused?.refusals[action]
  return instances.length === 1 || reason === undefined
    ? reason
    : `${refused?.instanceID}: ${reason}`
}
