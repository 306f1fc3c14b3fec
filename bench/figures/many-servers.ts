import { Agent } from 'node:https'
import { MgnClient } from '@aws-sdk/client-mgn'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { type Figure, type Row, significant, withinLimit } from '../figure.ts'
import { registerServers, settleServers } from '../played-servers.ts'
import {
  AGENTS_MAX,
  type AtSize,
  type Cost,
  measureAtSize,
  REPORTS_PER_SECOND,
} from '../servers-at-size.ts'
import { type InGroups, measureInGroups } from '../servers-in-groups.ts'
import { type ServiceAlone, startServiceAlone } from '../service-alone.ts'

const SIZES = [100, 300, 1000, 3000, 10_000]

/** An answer that a person waits for seems immediate up to here. */
const IMMEDIATE_MS = 100
/** A quarter of the time between two reports of an agent. */
const REPORT_MS_MAX = 500
/** Of one core, for looking after servers while nobody calls. */
const QUIET_PERCENT_MAX = 20
/** What returns as much may take so much longer with a hundred times as many servers. */
const GROWTH_MAX = 1.5

/** What 100 to 10,000 registered servers cost the service: calls, memory, work in background. */
export const manyServers: Figure = {
  name: 'many-servers',
  programs: ['psql'],
  async measure({ log, signal }) {
    await using service = await startServiceAlone(signal)
    const operator = operatorOf(service)
    const ids: string[] = []
    const sizes: AtSize[] = []
    for (const size of SIZES) {
      const startedAt = performance.now()
      const fresh = await registerServers(service, { from: ids.length, to: size }, signal)
      const perSecond = (fresh.length * 1000) / (performance.now() - startedAt)
      ids.push(...fresh)
      log(`many-servers: ${size} servers, registered at ${significant(perSecond)} a second`)
      await settleServers(service)
      const found = await measureAtSize({ service, operator, ids }, { signal })
      sizes.push(found)
      log(JSON.stringify(found))
    }
    const groups = await measureInGroups({ service, operator, ids })
    log(`many-servers, by the number of servers:\n${curve(sizes)}`)
    const first = sizes[0]
    const last = sizes.at(-1)
    if (first === undefined || last === undefined) return []
    return [...growthRows([first, last]), ...loadRows(last), ...groupRows(groups)]
  },
}

function operatorOf({ endpoint, region, credentials, caPem }: ServiceAlone): MgnClient {
  const httpsAgent = new Agent({ ca: caPem, keepAlive: true })
  const requestHandler = new NodeHttpHandler({ httpsAgent })
  return new MgnClient({ endpoint: endpoint.href, region, credentials, requestHandler })
}

/** What something takes with most servers beside what it takes with fewest. */
function growth(
  [first, last]: readonly [AtSize, AtSize],
  what: string,
  of: (at: AtSize) => number,
  unit = 'ms',
): Row {
  const count = ({ size }: AtSize) => size.toLocaleString('en')
  return {
    figure: `${what}, ${count(last)} servers beside ${count(first)}`,
    ours: `${significant(of(last))} ${unit}`,
    peer: `${significant(of(first))} ${unit}`,
    ratio: of(last) / of(first),
  }
}

function growthRows(ends: readonly [AtSize, AtSize]): Row[] {
  const [, last] = ends
  const calls = [
    growth(ends, 'CPU of a first page of 100', (at) => at.firstPage.cpuMs),
    growth(ends, 'CPU of a last page of 100', (at) => at.lastPage.cpuMs),
    growth(ends, 'CPU of a page of 100 of one state', (at) => at.pageByState.cpuMs),
    growth(ends, 'CPU of the few of another state', (at) => at.rareState.cpuMs),
    growth(ends, 'CPU of one server by its ID', (at) => at.oneByID.cpuMs),
    growth(ends, 'all pages, time for each server', (at) => at.msPerServerOfAllPages),
  ]
  return [
    withinLimit({
      figure: `page of 100 of ${last.size.toLocaleString('en')} servers, p99`,
      value: last.firstPage.p99Ms,
      limit: IMMEDIATE_MS,
      unit: 'ms',
    }),
    ...calls.map((row) => ({ ...row, target: { atMost: GROWTH_MAX } })),
    growth(ends, 'RSS of the service', (at) => at.serviceMiB, 'MiB'),
    growth(ends, 'memory of PostgreSQL (Pss)', (at) => at.databaseMiB, 'MiB'),
  ]
}

function loadRows({ load, quiet, scrape }: AtSize): Row[] {
  return [
    {
      figure: `status calls answered, ${AGENTS_MAX} agents that also hold their polls`,
      ours: `${significant(load.answeredPerSecond)}/s`,
      peer: `${REPORTS_PER_SECOND}/s sent`,
      ratio: load.answeredPerSecond / REPORTS_PER_SECOND,
      target: { atLeast: 0.99 },
    },
    withinLimit({
      figure: 'CPU of the service meanwhile, of one core',
      value: load.servicePercent,
      limit: 100,
      unit: '%',
    }),
    withinLimit({
      figure: 'CPU of service and PostgreSQL meanwhile, of one core',
      value: load.servicePercent + load.databasePercent,
      limit: 100,
      unit: '%',
    }),
    withinLimit({
      figure: 'status call meanwhile, p99',
      value: load.report.p99Ms,
      limit: REPORT_MS_MAX,
      unit: 'ms',
    }),
    withinLimit({
      figure: 'page of 100 meanwhile, p99',
      value: load.page.p99Ms,
      limit: REPORT_MS_MAX,
      unit: 'ms',
    }),
    withinLimit({
      figure: 'CPU of the service while nobody calls, of one core',
      value: quiet.servicePercent,
      limit: QUIET_PERCENT_MAX,
      unit: '%',
    }),
    withinLimit({
      figure: 'longest that its own work kept a call waiting',
      value: quiet.longestPingMs,
      limit: IMMEDIATE_MS,
      unit: 'ms',
    }),
    withinLimit({
      figure: 'longest that reading all metrics kept a call waiting',
      value: scrape.longestPingMs,
      limit: REPORT_MS_MAX,
      unit: 'ms',
    }),
  ]
}

function groupRows({ fewApplications, allApplications, allWaves }: InGroups): Row[] {
  const each = ({ cpuMs, count }: Cost & { readonly count: number }) => cpuMs / count
  return [
    {
      figure: `list of ${allApplications.count} applications of 20 servers, CPU for each`,
      ours: `${significant(each(allApplications))} ms`,
      peer: `${significant(each(fewApplications))} ms in a list of ${fewApplications.count}`,
      ratio: each(allApplications) / each(fewApplications),
      target: { atMost: GROWTH_MAX },
    },
    {
      figure: `list of ${allWaves.count} waves of the same servers, CPU`,
      ours: `${significant(allWaves.cpuMs)} ms`,
      peer: `${significant(allApplications.cpuMs)} ms for the applications`,
      ratio: allWaves.cpuMs / allApplications.cpuMs,
      target: { atMost: GROWTH_MAX },
    },
  ]
}

/** A Markdown table with a column for each size. */
function curve(sizes: readonly AtSize[]): string {
  const line = (what: string, of: (at: AtSize) => number) => [
    what,
    ...sizes.map((at) => significant(of(at))),
  ]
  const lines = [
    ['servers', ...sizes.map(({ size }) => size.toLocaleString('en'))],
    Array.from({ length: sizes.length + 1 }, () => '---'),
    line('first page of 100, median, ms', (at) => at.firstPage.medianMs),
    line('first page of 100, p99, ms', (at) => at.firstPage.p99Ms),
    line('first page of 100, CPU, ms', (at) => at.firstPage.cpuMs),
    line('last page of 100, CPU, ms', (at) => at.lastPage.cpuMs),
    line('page of 100 of one state, CPU, ms', (at) => at.pageByState.cpuMs),
    line('the few of another state, CPU, ms', (at) => at.rareState.cpuMs),
    line('one server by its ID, CPU, ms', (at) => at.oneByID.cpuMs),
    line('all pages, ms for each server', (at) => at.msPerServerOfAllPages),
    line('500 status calls a second: p99, ms', (at) => at.load.report.p99Ms),
    line('CPU of the service, % of a core', (at) => at.load.servicePercent),
    line('CPU of PostgreSQL, % of a core', (at) => at.load.databasePercent),
    line('page of 100 meanwhile, p99, ms', (at) => at.load.page.p99Ms),
    line('nobody calls: CPU of the service, %', (at) => at.quiet.servicePercent),
    line('CPU of PostgreSQL, %', (at) => at.quiet.databasePercent),
    line('longest wait of a call, ms', (at) => at.quiet.longestPingMs),
    line('reading all metrics, ms', (at) => at.scrape.medianMs),
    line('longest wait of a call meanwhile, ms', (at) => at.scrape.longestPingMs),
    line('RSS of the service, MiB', (at) => at.serviceMiB),
    line('memory of PostgreSQL, MiB', (at) => at.databaseMiB),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
