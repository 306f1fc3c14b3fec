import { repeat } from './background.ts'
import type { OperationDependencies } from './dependencies.ts'
import { EventDelivery } from './events/event-delivery.ts'
import { StallWatch } from './events/stall-watch.ts'
import { ImageWatch } from './images/image-watch.ts'
import { TaskRunner } from './import-export/task-runner.ts'
import { BootWatch } from './instances/boot-watch.ts'
import { PointSchedule } from './points/point-schedule.ts'
import { ActionWatch } from './post-launch-actions/action-watch.ts'
import { PointInspections } from './preflight/point-inspections.ts'
import { RehearsalSchedule } from './rehearsals/rehearsal-schedule.ts'
import { ReplicationSampler } from './replication-history/replication-sampler.ts'
import { CommandWatch } from './ssm/command-watch.ts'

/**
 * Starts what the service does of its own accord, now and again and again. `signal` stops imports
 * and exports where they are; disposing waits for what is under way.
 */
export function startSchedules(
  world: OperationDependencies,
  { eventsFile, signal }: { readonly eventsFile: string; readonly signal: AbortSignal },
): AsyncDisposable {
  const { timing } = world
  const imageWatch = new ImageWatch(world)
  const schedules = [
    [new BootWatch(world), timing.bootWatchMs],
    [new PointSchedule(world), timing.pointScheduleMs],
    [new PointInspections(world), timing.pointInspectionMs],
    [new RehearsalSchedule(world), timing.rehearsalScheduleMs],
    [new CommandWatch(world), timing.commandWatchMs],
    [new ActionWatch(world), timing.actionWatchMs],
    [imageWatch, timing.imageWatchMs],
    [new EventDelivery({ ...world, eventsFile }), timing.eventDeliveryMs],
    [new StallWatch(world), timing.stallWatchMs],
    [new ReplicationSampler(world), timing.replicationSampleMs],
    [new TaskRunner(world, signal), timing.taskRunnerMs],
  ] as const
  const running = new AsyncDisposableStack()
  running.use(imageWatch)
  for (const [schedule, pauseMs] of schedules) running.use(repeat(() => schedule.look(), pauseMs))
  return running
}
