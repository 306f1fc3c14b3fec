import { readFile } from 'node:fs/promises'
import { errorText, LandfallError } from '@landfall/model'
import { z } from 'zod'
import { networksSchema } from './networks/networks.ts'
import { PREFLIGHT_SETTINGS } from './preflight/point-inspections.ts'
import { QUOTAS } from './quotas.ts'

const port = z.int().min(1).max(65_535)

/** A year: rarer is never, which is 0. */
const POINTS_EVERY_MINUTES_MAX = 365 * 24 * 60

const quota = z.int().min(0)

const configuration = z.object({
  region: z.string().regex(/^[a-z]{2}-(gov-)?[a-z]+-\d$/),
  accountID: z.string().regex(/^\d{12}$/),
  port,
  replicationPort: port,
  addresses: z.array(z.string().min(1)).min(1),
  /** For cutover instances; an administrator writes them into the file (docs/networks.md). */
  networks: networksSchema.default([]),
  /** Instead of MGN's; an administrator writes them into the file. */
  quotas: z
    .strictObject({
      replicatingServers: quota.default(QUOTAS.replicatingServers),
      serversNotArchived: quota.default(QUOTAS.serversNotArchived),
      servers: quota.default(QUOTAS.servers),
    })
    .default(QUOTAS),
  /** The same: how points are looked into. */
  preflight: z
    .strictObject({
      pointsEveryMinutes: z
        .int()
        .min(0)
        .max(POINTS_EVERY_MINUTES_MAX)
        .default(PREFLIGHT_SETTINGS.pointsEveryMinutes),
    })
    .default(PREFLIGHT_SETTINGS),
})

/** `config.json` of the data directory, as `landfall up` writes it. */
export type Configuration = Readonly<z.infer<typeof configuration>>

/** Throws with the reason when the file is not there or not as it must be. */
export async function readConfiguration(file: string): Promise<Configuration> {
  try {
    return configuration.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new LandfallError(
      'validation',
      `The configuration ${file} cannot be used (${errorText(cause)}). \`landfall up\` writes it.`,
      { cause },
    )
  }
}
