import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeSourceServersCommand,
  type DescribeSourceServersCommandInput,
  type MgnClient,
} from '@aws-sdk/client-mgn'
import type { Surroundings } from './figure.ts'
import { KeptConnection } from './kept-connection.ts'
import { PlayedAgents } from './played-agents.ts'
import { cpuSeconds, memoryMiB, treeCpuSeconds, treeMemoryMiB } from './process-use.ts'
import type { ServiceAlone } from './service-alone.ts'
import { median, percentile } from './statistics.ts'

/** Servers in a page. */
const PAGE = 100
/** Calls of each kind. */
const CALLS = 200
export const REPORTS_PER_SECOND = 500
const REPORT_SECONDS = 20
/** Agents at once: with a report of each every two seconds these are 500 a second. */
export const AGENTS_MAX = 1000
/** A second connection of each agent is opened at this rate before the load. */
const CONNECTIONS_PER_SECOND = 50
const QUIET_SECONDS = 20
const PING_PAUSE_MS = 5
/** Between pages that are asked for while agents report. */
const PAGE_PAUSE_MS = 100
const SCRAPES = 5

export interface Latency {
  readonly medianMs: number
  readonly p99Ms: number
}

/** Calls, with what one took of CPU: of service and database together. */
export interface Cost extends Latency {
  readonly cpuMs: number
}

/** Percent of one core. */
interface Use {
  readonly servicePercent: number
  readonly databasePercent: number
}

export interface AtSize {
  readonly size: number
  readonly msPerServerOfAllPages: number
  readonly firstPage: Cost
  readonly lastPage: Cost
  readonly oneByID: Cost
  readonly pageByState: Cost
  /** Of a state that a handful of servers are in. */
  readonly rareState: Cost
  readonly quiet: Use & { readonly longestPingMs: number }
  readonly load: Use & {
    readonly answeredPerSecond: number
    readonly report: Latency
    readonly page: Latency
  }
  readonly serviceMiB: number
  readonly databaseMiB: number
  readonly scrape: { readonly medianMs: number; readonly longestPingMs: number }
}

export interface Measured {
  readonly service: ServiceAlone
  readonly operator: MgnClient
  /** Every registered server. */
  readonly ids: readonly string[]
}

/** What the service takes with as many servers as are registered. */
export async function measureAtSize(
  { service, operator, ids }: Measured,
  { signal }: Pick<Surroundings, 'signal'>,
): Promise<AtSize> {
  const describe = (input: DescribeSourceServersCommandInput) =>
    costOf(service, () => operator.send(new DescribeSourceServersCommand(input)), CALLS)
  const { msPerServer, lastToken } = await walkPages(operator)
  const page = { maxResults: PAGE }
  const calls = {
    firstPage: await describe(page),
    lastPage: await describe({ ...page, nextToken: lastToken }),
    oneByID: await describe({ filters: { sourceServerIDs: ids.slice(-1) } }),
    pageByState: await describe({ ...page, filters: { lifeCycleStates: ['READY_FOR_TEST'] } }),
    rareState: await describe({ ...page, filters: { lifeCycleStates: ['CUTOVER'] } }),
  }
  const nothing = () => sleep(QUIET_SECONDS * 1000, undefined, { signal })
  const quiet = await useDuring(service, () => longestPing(service, nothing))
  const load = await reportsAndPages({ service, operator, ids }, signal)
  return {
    size: ids.length,
    msPerServerOfAllPages: msPerServer,
    ...calls,
    quiet: { ...quiet.use, longestPingMs: quiet.result },
    load,
    serviceMiB: await memoryMiB(service.processID, 'VmRSS'),
    databaseMiB: await treeMemoryMiB(service.databaseProcessID),
    scrape: await scrapes(service),
  }
}

/** One call after the other. */
export async function costOf(
  service: ServiceAlone,
  call: () => Promise<unknown>,
  calls: number,
): Promise<Cost> {
  const startedAt = performance.now()
  const { result, use } = await useDuring(service, async () => {
    const times: number[] = []
    for (let index = 0; index < calls; index++) times.push(await timeOf(call()))
    return times
  })
  const cores = (use.servicePercent + use.databasePercent) / 100
  return { ...latencyFrom(result), cpuMs: ((performance.now() - startedAt) * cores) / calls }
}

async function timeOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

function latencyFrom(timesMs: readonly number[]): Latency {
  return { medianMs: median(timesMs), p99Ms: percentile(timesMs, 0.99) }
}

/** Time for each server, and the token of the last page. An empty token is that of the first. */
async function walkPages(
  operator: MgnClient,
): Promise<{ readonly msPerServer: number; readonly lastToken: string }> {
  const startedAt = performance.now()
  let nextToken = ''
  let lastToken = ''
  let count = 0
  do {
    lastToken = nextToken
    const page = new DescribeSourceServersCommand({ maxResults: PAGE, nextToken })
    const answer = await operator.send(page)
    count += answer.items?.length ?? 0
    nextToken = answer.nextToken ?? ''
  } while (nextToken !== '')
  return { msPerServer: (performance.now() - startedAt) / count, lastToken }
}

/** Agents hold their polls and report; an operator asks for a page now and then. */
async function reportsAndPages(
  { service, operator, ids }: Measured,
  signal: AbortSignal,
): Promise<AtSize['load']> {
  await using agents = await PlayedAgents.connect(service, ids.slice(0, AGENTS_MAX))
  await agents.holdPolls(signal)
  const seconds = agents.count / CONNECTIONS_PER_SECOND
  await agents.report({ perSecond: CONNECTIONS_PER_SECOND, seconds, signal })
  const { result, use } = await useDuring(service, async () => {
    const load = { perSecond: REPORTS_PER_SECOND, seconds: REPORT_SECONDS, signal }
    const reports = agents.report(load)
    const pages: number[] = []
    await untilSettled(reports, async () => {
      const page = new DescribeSourceServersCommand({ maxResults: PAGE })
      pages.push(await timeOf(operator.send(page)))
      await sleep(PAGE_PAUSE_MS, undefined, { signal })
    })
    return { ...(await reports), page: latencyFrom(pages) }
  })
  const { latenciesMs, answeredPerSecond, page } = result
  return { ...use, answeredPerSecond, page, report: latencyFrom(latenciesMs) }
}

/** Reading all metrics, and how long that keeps another call waiting. */
async function scrapes(service: ServiceAlone): Promise<AtSize['scrape']> {
  const token = (await readFile(join(service.dataDir, 'metrics-token'), 'utf8')).trim()
  const headers = { authorization: `Bearer ${token}` }
  using connection = new KeptConnection(service)
  const times: number[] = []
  const pings: number[] = []
  for (let index = 0; index < SCRAPES; index++) {
    const scrape = async () => {
      times.push(await timeOf(connection.call('/metrics', { method: 'GET', headers })))
    }
    pings.push(await longestPing(service, scrape))
  }
  return { medianMs: median(times), longestPingMs: Math.max(...pings) }
}

/** How long a call waits at most while the work is done. */
async function longestPing(service: ServiceAlone, work: () => Promise<void>): Promise<number> {
  using connection = new KeptConnection(service)
  const ping = () => connection.call('/ping', { method: 'GET' })
  // The first one also connects.
  await ping()
  let longestMs = 0
  await untilSettled(work(), async () => {
    longestMs = Math.max(longestMs, await timeOf(ping()))
    await sleep(PING_PAUSE_MS)
  })
  return longestMs
}

/** Repeats `work` until the promise settles; rejects as it does. */
async function untilSettled(promise: Promise<unknown>, work: () => Promise<void>): Promise<void> {
  let isSettled = false
  const settle = (): void => void (isSettled = true)
  promise.then(settle, settle)
  while (!isSettled) await work()
  await promise
}

/** What service and database take of a core while the work is done. */
async function useDuring<T>(
  { processID, databaseProcessID }: ServiceAlone,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly use: Use }> {
  const read = () => Promise.all([cpuSeconds(processID), treeCpuSeconds(databaseProcessID)])
  const startedAt = performance.now()
  const [serviceBefore, databaseBefore] = await read()
  const result = await work()
  const [service, database] = await read()
  const perCent = 100_000 / (performance.now() - startedAt)
  const servicePercent = (service - serviceBefore) * perCent
  const databasePercent = (database - databaseBefore) * perCent
  return { result, use: { servicePercent, databasePercent } }
}
