import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildGuestImage, installAgent, SourceMachine } from '@landfall/cli'
import { detectAccelerator } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { freePort, Installation, run } from '../installation.ts'

/** Where the demo keeps its image too: on a disk, and for the next time. */
const CACHE_DIR = '/var/tmp/landfall-demo'
const GIB = 1024 ** 3
/** Slow enough for two reboots before the first sync has ended. */
const THROTTLE_MBPS = 80
const SYNC_DEADLINE_MS = 1_800_000
const REBOOT_DEADLINE_MS = 600_000

/** Points under the writers' load before one is interrupted: how long they freeze is told. */
const POINTS = 5

/** By port of the controller: which disk is `sda` changes from boot to boot. */
const FIRST = '/dev/disk/by-path/*-ata-2'
const SECOND = '/dev/disk/by-path/*-ata-3'

/**
 * Two disks: ext4 striped by LVM over both, xfs on one; a writer on each, at every boot. Prints
 * their names.
 */
const PREPARE = `
set -e
first=$(readlink -f ${FIRST})
second=$(readlink -f ${SECOND})
echo 'label: gpt
size=1024M
size=512M' | sfdisk --quiet $first
udevadm settle
pvcreate -q -ff -y \${first}1 $second >&2
vgcreate -q data \${first}1 $second >&2
lvcreate -q -y -i 2 -L 1600M -n ext4 data >&2
mkfs.ext4 -q /dev/data/ext4
mkfs.xfs -q -L logs \${first}2
mkdir -p /data /logs
echo '/dev/data/ext4 /data ext4 defaults 0 2' >> /etc/fstab
echo 'LABEL=logs /logs xfs defaults 0 2' >> /etc/fstab
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
systemctl enable --now writer >&2
sync
echo $first $second
`

/**
 * Hard, as soon as the agent notes that it is about to freeze: while state and point are half.
 * Nothing is started for each look, which here takes longer than the rest of a point.
 */
const REBOOT_MID_POINT = `
until set -- /run/landfall-agent/*/frozen.json; [ -e "$1" ]; do :; done
echo b > /proc/sysrq-trigger`
/** In seconds since 1970, by the clock that points have their time from. */
const BOOT_TIME = `sed -n 's/^btime //p' /proc/stat`
const REBOOT_AT_ONCE = 'sync; echo b > /proc/sysrq-trigger'

test('a guest of two disks, rebooted in its syncs and in a point, ends bit-identical', async (t) => {
  const folder = await mkdtemp('/var/tmp/landfall-guest-')
  t.after(() => rm(folder, { recursive: true }))
  await using installation = await Installation.start()
  await installation.throttleNewServers(THROTTLE_MBPS)
  const { accelerator } = await detectAccelerator({ signal: t.signal })
  const options = { accelerator, signal: t.signal, onProgress: () => undefined }
  const image = await buildGuestImage({
    ...options,
    cacheDir: CACHE_DIR,
    packages: ['lvm2', 'xfsprogs', 'fdisk'],
  })
  const images = ['first.raw', 'second.raw'].map((name) => join(folder, name))
  for (const path of images) {
    await writeFile(path, '')
    await truncate(path, 1.5 * GIB)
  }
  await using machine = await SourceMachine.boot({
    ...options,
    image,
    folder,
    sshPort: await freePort(),
    moreDisks: images.map((path) => ({ path, format: 'raw' })),
  })
  const names = (await machine.run(PREPARE, { signal: t.signal })).trim().split(' ')

  const id = await installAgent(machine, {
    port: installation.port,
    region: 'lf-local-1',
    key: await createInstallerKey(installation),
    caCertificatePem: await readFile(installation.caFile, 'utf8'),
    signal: t.signal,
  })
  await untilSyncing(installation, id, 'INITIAL_SYNC')
  await reboot(machine, 'systemctl reboot', t.signal)
  await untilSyncing(installation, id, 'RESCAN')
  await reboot(machine, REBOOT_AT_ONCE, t.signal)
  await untilSyncing(installation, id, 'RESCAN')
  await installation.liftThrottle(id)
  await installation.untilContinuous(id, SYNC_DEADLINE_MS)

  for (let index = 0; index < POINTS; index += 1) {
    const { consistency, freezeMs } = await createPoint(installation, id)
    assert.equal(consistency, 'filesystem')
    t.diagnostic(`frozen for ${freezeMs} ms`)
  }
  // It writes on; after the reboot there are only the reads of the rescan.
  await machine.run('systemctl disable writer', { signal: t.signal })
  const rebooted = await beginReboot(machine, REBOOT_MID_POINT, t.signal)
  const interrupted = createPoint(installation, id).catch((error: Error) => error)
  await rebooted()
  const bootedAt = Number(await machine.run(BOOT_TIME, { signal: t.signal })) * 1000
  // The service asks for it again until its deadline: a half point is none.
  const repeated = await interrupted
  if (repeated instanceof Error) assert.match(repeated.message, /The point was not there in time/)
  else assert.ok(Date.parse(repeated.takenAt) > bootedAt, `${repeated.takenAt}, before the reboot`)
  await installation.untilContinuous(id, SYNC_DEADLINE_MS)

  await machine.run('fsfreeze -f /data; fsfreeze -f /logs', {
    signal: t.signal,
  })
  const point = await createPoint(installation, id)
  assert.deepEqual(new Set(point.frozen), new Set(['/', '/data', '/logs']))
  for (const [index, path] of images.entries()) {
    const copy = `${path}.copy`
    const of = ['--point', point.id, '--disk', names[index] ?? '', '--to', copy]
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

async function createPoint(installation: Installation, id: string) {
  return JSON.parse(await installation.landfall('points', 'create', id, '--json')) as {
    id: string
    frozen: string[]
    consistency: string
    freezeMs: number
    takenAt: string
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
  const rebooted = await beginReboot(machine, command, signal)
  await rebooted()
}

/** Returns once the command runs; what it gives returns when the machine is there again. */
async function beginReboot(
  machine: SourceMachine,
  command: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const bootID = () => machine.run('cat /proc/sys/kernel/random/boot_id', { signal })
  const before = await bootID()
  // The connection breaks under it.
  await machine.run(`nohup sh -c '${command}' > /dev/null 2>&1 &`, { signal }).catch(() => '')
  const deadline = Date.now() + REBOOT_DEADLINE_MS
  return async () => {
    for (;;) {
      const now = await bootID().catch(() => before)
      if (now !== before) return
      assert.ok(Date.now() < deadline, 'the guest has not rebooted')
      await sleep(2000)
    }
  }
}
