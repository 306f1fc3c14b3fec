import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeReplicationConfigurationTemplatesCommand,
  UpdateReplicationConfigurationCommand,
  UpdateReplicationConfigurationTemplateCommand,
} from '@aws-sdk/client-mgn'
import { buildGuestImage, installAgent, SourceMachine } from '@landfall/cli'
import { detectAccelerator } from '@landfall/launch'
import { freePort, Installation, run } from '../installation.ts'

/** Where the demo keeps its image too: on a disk, and for the next time. */
const CACHE_DIR = '/var/tmp/landfall-demo'
const GIB = 1024 ** 3
/** Slow enough for two reboots before the first sync has ended. */
const THROTTLE_MBPS = 80
const SYNC_DEADLINE_MS = 1_800_000
const REBOOT_DEADLINE_MS = 600_000

/** Two disks: ext4 striped by LVM over both, xfs on one; a writer on each, at every boot. */
const PREPARE = `
set -e
echo 'label: gpt
size=1024M
size=512M' | sfdisk --quiet /dev/sdb
pvcreate -q -ff -y /dev/sdb1 /dev/sdc
vgcreate -q data /dev/sdb1 /dev/sdc
lvcreate -q -y -i 2 -L 1600M -n ext4 data
mkfs.ext4 -q /dev/data/ext4
mkfs.xfs -q /dev/sdb2
mkdir -p /data /logs
echo '/dev/data/ext4 /data ext4 defaults 0 2' >> /etc/fstab
echo '/dev/sdb2 /logs xfs defaults 0 2' >> /etc/fstab
mount -a
head -c 500M /dev/urandom > /data/ballast
cat > /usr/local/sbin/writer <<'WRITER'
#!/bin/sh
n=0
while :; do
  n=$((n + 1))
  head -c 40000 /dev/urandom > /data/file$((n % 40))
  head -c 20000 /dev/urandom > /logs/file$((n % 40))
  [ $((n % 10)) -eq 0 ] && sync
  sleep 0.1
done
WRITER
chmod +x /usr/local/sbin/writer
cat > /etc/systemd/system/writer.service <<'UNIT'
[Unit]
RequiresMountsFor=/data /logs
[Service]
ExecStart=/usr/local/sbin/writer
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now writer
sync
`

test('a guest of two disks, rebooted twice in its first sync, ends bit-identical', async (t) => {
  const folder = await mkdtemp('/var/tmp/landfall-guest-')
  t.after(() => rm(folder, { recursive: true }))
  await using installation = await Installation.start()
  await throttleNewServers(installation)
  const { accelerator } = await detectAccelerator({ signal: t.signal })
  const options = { accelerator, signal: t.signal, onProgress: () => undefined }
  const image = await buildGuestImage({
    ...options,
    cacheDir: CACHE_DIR,
    packages: ['lvm2', 'xfsprogs', 'fdisk'],
  })
  const disks = ['sdb', 'sdc'].map((name) => ({ name, path: join(folder, `${name}.raw`) }))
  for (const { path } of disks) {
    await writeFile(path, '')
    await truncate(path, 1.5 * GIB)
  }
  await using machine = await SourceMachine.boot({
    ...options,
    image,
    folder,
    sshPort: await freePort(),
    moreDisks: disks.map(({ path }) => ({ path, format: 'raw' })),
  })
  await machine.run(PREPARE, { signal: t.signal })

  const id = await installAgent(machine, {
    port: installation.port,
    region: 'lf-local-1',
    key: await installerKey(installation),
    caCertificatePem: await readFile(installation.caFile, 'utf8'),
    signal: t.signal,
  })
  await untilSyncing(installation, id, 'INITIAL_SYNC')
  await reboot(machine, 'systemctl reboot', t.signal)
  await untilSyncing(installation, id, 'RESCAN')
  await reboot(machine, 'sync; echo b > /proc/sysrq-trigger', t.signal)
  await untilSyncing(installation, id, 'RESCAN')
  const client = await installation.client()
  const unlimited = { sourceServerID: id, bandwidthThrottling: 0 }
  await client.send(new UpdateReplicationConfigurationCommand(unlimited))
  await installation.untilContinuous(id, SYNC_DEADLINE_MS)

  await machine.run('systemctl stop writer; fsfreeze -f /data; fsfreeze -f /logs', {
    signal: t.signal,
  })
  const point = JSON.parse(await installation.landfall('points', 'create', id, '--json')) as {
    id: string
    frozen: string[]
  }
  assert.deepEqual(new Set(point.frozen), new Set(['/', '/data', '/logs']))
  for (const { name, path } of disks) {
    const copy = join(folder, `${name}.copy`)
    const of = ['--point', point.id, '--disk', `/dev/${name}`, '--to', copy]
    await installation.landfall('points', 'export', id, ...of)
    // Frozen, nothing is under way to the guest's disk; QEMU still has it open.
    await run('qemu-img', ['compare', '-U', '-f', 'raw', '-F', 'raw', path, copy])
  }
  await machine.run('fsfreeze -u /logs; fsfreeze -u /data', { signal: t.signal })
  const report = JSON.parse(await installation.landfall('points', 'verify', id, '--json')) as {
    disks: { differentBytes: number }[]
  }
  assert.deepEqual(
    report.disks.map(({ differentBytes }) => differentBytes),
    [0, 0, 0],
  )
})

async function throttleNewServers(installation: Installation): Promise<void> {
  const client = await installation.client()
  const { items } = await client.send(new DescribeReplicationConfigurationTemplatesCommand({}))
  await client.send(
    new UpdateReplicationConfigurationTemplateCommand({
      replicationConfigurationTemplateID: items?.[0]?.replicationConfigurationTemplateID,
      bandwidthThrottling: THROTTLE_MBPS,
    }),
  )
}

async function installerKey(installation: Installation) {
  const policy = 'AWSApplicationMigrationAgentInstallationPolicy'
  const args = ['users', 'create', 'installer', '--policy', policy, '--json']
  return JSON.parse(await installation.landfall(...args)) as {
    accessKeyId: string
    secretAccessKey: string
  }
}

/** Returns in the midst of it: some of the disks has arrived, and not all. */
async function untilSyncing(
  installation: Installation,
  id: string,
  state: 'INITIAL_SYNC' | 'RESCAN',
): Promise<void> {
  const deadline = Date.now() + REBOOT_DEADLINE_MS
  for (;;) {
    const info = (await installation.sourceServer(id)).dataReplicationInfo
    const done = (info?.replicatedDisks ?? []).reduce(
      (sum, disk) =>
        sum +
        ((state === 'RESCAN' ? disk.rescannedStorageBytes : disk.replicatedStorageBytes) ?? 0),
      0,
    )
    if (info?.dataReplicationState === state && done > 0.05 * GIB) return
    assert.notEqual(info?.dataReplicationState, 'CONTINUOUS', `too late to reboot during ${state}`)
    assert.ok(Date.now() < deadline, `${id} is not in ${state}: ${JSON.stringify(info)}`)
    await sleep(500)
  }
}

async function reboot(machine: SourceMachine, command: string, signal: AbortSignal): Promise<void> {
  const bootID = () => machine.run('cat /proc/sys/kernel/random/boot_id', { signal })
  const before = await bootID()
  // The connection breaks under it.
  await machine.run(`nohup sh -c '${command}' > /dev/null 2>&1 &`, { signal }).catch(() => '')
  const deadline = Date.now() + REBOOT_DEADLINE_MS
  for (;;) {
    const now = await bootID().catch(() => before)
    if (now !== before) return
    assert.ok(Date.now() < deadline, 'the guest has not rebooted')
    await sleep(2000)
  }
}
