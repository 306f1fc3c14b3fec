import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { type InstallOptions, devicesIn, installSteps, problemOf } from './commands.ts'

const INSTALLATION = {
  endpoints: ['https://192.0.2.1:8443'],
  installerPath: '/latest/linux/installer-init',
  agentVersion: '1.0.0',
  caCertificatePem: '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n',
}

const URL = 'https://192.0.2.1:8443/latest/linux/installer-init'

const OPTIONS: InstallOptions = {
  endpoint: 'https://192.0.2.1:8443',
  region: 'lf-local-1',
  downloader: 'wget',
  devices: [],
  tags: {},
  userProvidedID: '',
  noPrompt: false,
}

const lastStep = (options: Partial<InstallOptions>) =>
  installSteps(INSTALLATION, { ...OPTIONS, ...options }).at(-1)?.text ?? ''

/** What /bin/sh makes of the command: variables, then the installer's arguments. */
function asShellReadsIt(command: string): string[] {
  const shown = command.replace(
    './installer-init',
    'sh -c \'env | grep ^AWS_; printf "%s\\n" "$@"\' x',
  )
  return execFileSync('/bin/sh', ['-c', shown], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  })
    .trimEnd()
    .split('\n')
}

test('the commands make the certificate’s file, fetch the installer by it and check it', () => {
  const [certificate, fetch, install] = installSteps(INSTALLATION, OPTIONS)
  const made = `cd $(mktemp -d) && ${certificate?.text}\ncat landfall-ca.crt`
  const file = execFileSync('/bin/sh', ['-c', made], { encoding: 'utf8' })
  assert.equal(file, INSTALLATION.caCertificatePem)
  assert.equal(
    fetch?.text,
    [
      `wget --ca-certificate=landfall-ca.crt -O installer-init ${URL}`,
      `wget --ca-certificate=landfall-ca.crt -O installer-init.sha512 ${URL}.sha512`,
      'sha512sum -c installer-init.sha512',
      'chmod +x installer-init',
    ].join('\n'),
  )
  assert.doesNotMatch(install?.text ?? '', /AWS_/)
  const [, byCurl] = installSteps(INSTALLATION, { ...OPTIONS, downloader: 'curl' })
  assert.match(byCurl?.text ?? '', /^curl -fSs --cacert landfall-ca.crt -o installer-init https/)
})

test('a shell reads every value back as it was given, whatever is in it', () => {
  const command = lastStep({
    noPrompt: true,
    devices: ['/dev/sda', '/dev/disk/by-id/$(reboot)'],
    userProvidedID: 'it\'s `id` & "co"',
    tags: { stage: 'a b; reboot', owner: '$HOME' },
    credentials: { accessKeyId: 'ASIA1', secretAccessKey: "a/b+c='", sessionToken: 'to ken' },
  })
  assert.deepEqual(asShellReadsIt(command).toSorted(), [
    '--ca-file=landfall-ca.crt',
    '--devices=/dev/sda,/dev/disk/by-id/$(reboot)',
    '--endpoint=https://192.0.2.1:8443',
    '--no-prompt',
    '--region=lf-local-1',
    '--tags',
    '--user-provided-id=it\'s `id` & "co"',
    'AWS_ACCESS_KEY_ID=ASIA1',
    "AWS_SECRET_ACCESS_KEY=a/b+c='",
    'AWS_SESSION_TOKEN=to ken',
    'owner=$HOME',
    'stage=a b; reboot',
  ])
})

test('who is not asked for a key gets places for one, which run nothing as they are', () => {
  assert.match(lastStep({ noPrompt: true }), /^AWS_ACCESS_KEY_ID='<access key ID>' /)
})

test('disks are read from what people type, and odd ones are named', () => {
  assert.deepEqual(devicesIn(' /dev/sda, /dev/sdb\n'), ['/dev/sda', '/dev/sdb'])
  assert.match(problemOf({ devices: ['sdb'], tags: {} }) ?? '', /^sdb is no disk/)
  assert.match(problemOf({ devices: [], tags: { '--force': '' } }) ?? '', /begins with no -/)
  assert.equal(problemOf({ devices: ['/dev/sdb'], tags: { a: 'b=c' } }), undefined)
})
