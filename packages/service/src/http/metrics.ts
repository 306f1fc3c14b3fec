import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { writeDurably } from '../durable-file.ts'

/** One metric with all its samples. Everything here is a gauge: what is so now. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

export type MetricBatches = AsyncIterable<readonly Metric[]> | Iterable<readonly Metric[]>

export interface MetricsOptions {
  /** Who shows it as a bearer token may read the metrics. */
  readonly token: string
  /** In batches: a metric of one may go on in the next. */
  readonly collect: () => MetricBatches
}

const TOKEN_BYTES = 32

/**
 * The token for reading metrics, made at the first start. A monitoring system cannot sign as AWS's
 * clients do, and loopback is no proof: instances on QEMU's user networking come from there.
 */
export async function loadMetricsToken(file: string): Promise<string> {
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (found.trim() !== '') return found.trim()
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await writeDurably(file, `${token}\n`, { mode: 0o600 })
  return token
}

/** `GET /metrics` in Prometheus' text format 0.0.4. */
export function routeMetrics(server: FastifyInstance, options: MetricsOptions): void {
  server.get('/metrics', async (request, reply) => {
    if (!isToken(request.headers.authorization, options.token)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .type('text/plain')
        .send('Send the token of the file metrics-token in the data directory as bearer token.\n')
    }
    const text = await formatMetrics(options.collect())
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text)
  })
}

function isToken(authorization: string | undefined, token: string): boolean {
  const shown = Buffer.from(authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return shown.length === wanted.length && timingSafeEqual(shown, wanted)
}

/** All samples of a metric stand together. A metric without samples is left out. */
export async function formatMetrics(batches: MetricBatches): Promise<string> {
  const texts = new Map<string, string[]>()
  for await (const batch of batches) {
    for (const { name, help, samples } of batch) {
      if (samples.length === 0) continue
      const text = texts.get(name) ?? [`# HELP ${name} ${help}\n# TYPE ${name} gauge\n`]
      text.push(
        samples.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}\n`).join(''),
      )
      texts.set(name, text)
    }
  }
  return [...texts.values()].flat().join('')
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
    return `${name}="${escaped}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
