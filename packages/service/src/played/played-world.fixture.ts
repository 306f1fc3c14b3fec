import type { SourceDisk } from '@landfall/model'
import type { Caller } from '../http/operation.ts'

/** What those need who play agents, staging area and instances for the real service. */
export interface PlayedWorld {
  /** Calls the operation `{name}ForMgn`. */
  callForMgn<T>(name: string, input: object, caller: Caller): Promise<T>
  readonly now: () => Date
  disksOf(sourceServerID: string): Promise<readonly SourceDisk[]>
}
