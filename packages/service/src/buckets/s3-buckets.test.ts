import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { S3Buckets } from './s3-buckets.ts'

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' }
const REGION = 'eu-west-1'

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Uint8Array, data: string) =>
  createHmac('sha256', key).update(data).digest()

/** The signature as S3's documents compute it, with no library of the code under test. */
function signatureOf({ method, url = '', headers }: IncomingMessage): string {
  const authorization = headers.authorization ?? ''
  const signed = /SignedHeaders=([^,]*)/.exec(authorization)?.[1] ?? ''
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name])}\n`)
  const hash = String(headers['x-amz-content-sha256'])
  const request = [method, url, '', lines.join(''), signed, hash].join('\n')
  const time = String(headers['x-amz-date'])
  const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const key = [REGION, 's3', 'aws4_request'].reduce<Uint8Array>(
    hmac,
    hmac(`AWS4${KEY.secretAccessKey}`, time.slice(0, 8)),
  )
  return hmac(key, toSign).toString('hex')
}

/** A store that keeps objects in memory and refuses what is signed wrongly. */
async function startStore(t: TestContext) {
  const objects = new Map<string, Buffer>()
  const owners: unknown[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    owners.push(request.headers['x-amz-expected-bucket-owner'])
    const given = /Signature=(\w+)/.exec(request.headers.authorization ?? '')?.[1]
    const refuse = (status: number, code: string) => {
      response.writeHead(status)
      response.end(`<Error><Code>${code}</Code><Message>It is so.</Message></Error>`)
    }
    const url = request.url ?? ''
    if (given !== signatureOf(request)) return refuse(403, 'SignatureDoesNotMatch')
    if (url.startsWith('/broken/')) return refuse(503, 'SlowDown')
    if (request.method === 'PUT') {
      if (sha256(body) !== request.headers['x-amz-content-sha256']) return refuse(400, 'BadDigest')
      objects.set(decodeURIComponent(url), body)
      return response.end()
    }
    const object = objects.get(decodeURIComponent(url))
    return object === undefined ? refuse(404, 'NoSuchKey') : response.end(object)
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { objects, owners, endpoint }
}

const { signal } = new AbortController()

async function* pieces(...texts: string[]) {
  yield* texts
}

test('objects of a store are put and opened by signed requests', async (t) => {
  const { objects, owners, endpoint } = await startStore(t)
  const buckets = new S3Buckets({ endpoint, region: REGION, ...KEY })
  const location = { bucket: 'inventory', key: "2026/june (2)'s + ä.csv", owner: '123456789012' }
  await buckets.put(location, pieces('a,', 'b'), signal)
  assert.deepEqual([...objects.keys()], [`/inventory/${location.key}`])
  assert.equal(await text(await buckets.open(location, signal)), 'a,b')
  assert.deepEqual(owners, ['123456789012', '123456789012'])
})

test('what a store refuses is told with its own words', async (t) => {
  const { endpoint } = await startStore(t)
  const buckets = new S3Buckets({ endpoint, region: REGION, ...KEY })
  const open = (bucket: string, from = buckets) =>
    from.open({ bucket, key: 'none.csv', owner: null }, signal)
  await assert.rejects(open('inventory'), {
    code: 'not_found',
    message: `${endpoint} answers 404 NoSuchKey for inventory/none.csv: It is so.`,
  })
  await assert.rejects(open('broken'), { code: 'unavailable', message: /503 SlowDown/ })
  const wrong = new S3Buckets({ endpoint, region: REGION, ...KEY, secretAccessKey: 'wrong' })
  await assert.rejects(open('inventory', wrong), { code: 'validation', message: /403 Signature/ })
  const nobody = new S3Buckets({ endpoint: 'http://127.0.0.1:1', region: REGION, ...KEY })
  await assert.rejects(open('inventory', nobody), { code: 'unavailable', message: /:1 cannot/ })
})
