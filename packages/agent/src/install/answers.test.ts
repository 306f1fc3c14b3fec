import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherAnswers, parseEndpoint, parseTags, type InstallFlags } from './answers.ts'
import type { Prompter } from './prompter.ts'

const FLAGS: InstallFlags = {
  prompt: true,
  replication: true,
  installDir: '/var/lib/landfall-agent',
}

class Script implements Prompter {
  readonly asked: string[] = []
  readonly #replies: readonly string[]
  constructor(replies: readonly string[]) {
    this.#replies = replies
  }
  async ask(question: string): Promise<string> {
    this.asked.push(question)
    return this.#replies[this.asked.length - 1] ?? ''
  }
  askHidden(question: string): Promise<string> {
    return this.ask(`hidden ${question}`)
  }
  close(): void {}
}

test('asks for what is missing, secrets hidden, in the order of MGN', async () => {
  const script = new Script(['lf-local-1', 'host', 'AKIA1', 's3cret'])
  const answers = await gatherAnswers(FLAGS, {}, script)
  assert.deepEqual(
    script.asked.map((question) => question.split(/[:(]/)[0]?.trim()),
    ['Region name', 'Address of the service', 'Access key ID', 'hidden Secret access key'],
  )
  assert.equal(answers.endpoint.href, 'https://host:8443/')
  assert.deepEqual(answers.credentials, { accessKeyId: 'AKIA1', secretAccessKey: 's3cret' })
})

test('a temporary key is asked for its session token', async () => {
  const script = new Script(['r', 'host', 'ASIA1', 's', 'token'])
  const { credentials } = await gatherAnswers(FLAGS, {}, script)
  assert.equal(credentials.sessionToken, 'token')
})

test('the environment answers, and flags win over it', async () => {
  const env = {
    AWS_REGION: 'env-region-1',
    AWS_ENDPOINT_URL: 'https://env:9',
    AWS_ACCESS_KEY_ID: 'AKIAENV',
    AWS_SECRET_ACCESS_KEY: 'env',
  }
  const script = new Script([])
  const answers = await gatherAnswers({ ...FLAGS, region: 'lf-local-1' }, env, script)
  assert.deepEqual(script.asked, [])
  assert.equal(answers.region, 'lf-local-1')
  assert.equal(answers.endpoint.host, 'env:9')
})

test('without prompts everything wrong and missing is named at once', async () => {
  const flags = {
    ...FLAGS,
    prompt: false,
    tags: ['noequals'],
    forceVolumes: true,
    installDir: 'relative',
    caFile: '/does/not/exist',
  }
  await assert.rejects(gatherAnswers(flags, {}, new Script([])), (error: Error) => {
    for (const part of [
      /--region is missing/,
      /--endpoint is missing/,
      /--aws-access-key-id is missing/,
      /--aws-secret-access-key is missing/,
      /--force-volumes needs --devices/,
      /--install-dir relative must be an absolute path/,
      /--tags noequals is not KEY=VALUE/,
      /--ca-file \/does\/not\/exist cannot be read/,
    ]) {
      assert.match(error.message, part)
    }
    return true
  })
})

test('takes hosts as MGN does, and URLs', () => {
  assert.equal(parseEndpoint('host').endpoint.href, 'https://host:8443/')
  assert.equal(parseEndpoint('host:9443').endpoint.href, 'https://host:9443/')
  assert.equal(parseEndpoint('https://host').endpoint.href, 'https://host/')
  assert.equal(parseEndpoint('[::1]:8443').endpoint.href, 'https://[::1]:8443/')
  assert.equal(parseEndpoint('http://host').problems.length, 1)
  assert.equal(parseEndpoint('not a host').problems.length, 1)
})

test('values of tags may hold an equals sign', () => {
  assert.deepEqual(parseTags(['a=b=c', 'empty=']).tags, { a: 'b=c', empty: '' })
  assert.match(parseTags([`k=${'v'.repeat(257)}`]).problems.join(), /at most 256/)
})
