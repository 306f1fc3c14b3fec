import {
  isId,
  STDERR_CHARACTERS_MAX,
  STDOUT_CHARACTERS_MAX,
  STEP_STATUSES,
  type InstanceCommandResult,
  type InstanceFacts,
  type InstancePoll,
  type InstanceProof,
} from '@landfall/model'
import { z } from 'zod'

/** The shapes of model/src/instance-commands.ts, as checks. */

const short = z.string().max(256)
const commandIDs = z.array(z.string().max(36)).max(1000)
/** As many as a document of 64 KiB can have. */
const STEPS_MAX = 1000
/** What SSM's TraceOutput can have. */
const TRACE_CHARACTERS_MAX = 2500

const proof = {
  instanceID: z.string().refine((id) => isId('instance', id), 'is not the ID of an instance'),
  token: short,
} satisfies Record<keyof InstanceProof, z.ZodType>

const facts: z.ZodType<InstanceFacts> = z.object({
  agentVersion: z.string().regex(/^\d{1,6}(\.\d{1,6}){2,3}$/),
  platformName: short,
  platformVersion: short,
  computerName: z.string().min(1).max(255),
  ipAddress: z.union([z.ipv4(), z.ipv6()]).exactOptional(),
})

export const instancePoll: z.ZodType<InstancePoll> = z.object({
  ...proof,
  waitSeconds: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER),
  facts,
  running: commandIDs,
  cancelling: commandIDs,
})

export const instanceCommandResult: z.ZodType<InstanceProof & InstanceCommandResult> = z.object({
  ...proof,
  commandID: z.string().max(36),
  status: z.enum(STEP_STATUSES),
  trace: z.string().max(TRACE_CHARACTERS_MAX).exactOptional(),
  steps: z
    .array(
      z.object({
        name: short,
        status: z.enum(STEP_STATUSES),
        exitStatus: z.int32(),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime(),
        stdout: z.string().max(STDOUT_CHARACTERS_MAX),
        stderr: z.string().max(STDERR_CHARACTERS_MAX),
      }),
    )
    .max(STEPS_MAX),
})
