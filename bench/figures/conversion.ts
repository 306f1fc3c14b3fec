import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SourceMachine } from '@landfall/cli'
import { convertPoint } from '@landfall/conversion'
import { type Accelerator, detectAccelerator, runProgram } from '@landfall/launch'
import { buildGuest, type BuiltGuest } from '../../test/guests/build-guest.ts'
import { CELLS, type GuestCell } from '../../test/guests/cell.ts'
import { CACHE_DIR } from '../../test/guests/run-cells.ts'
import { freePort } from '../../test/installation.ts'
import { type Figure, type Row, significant, type Surroundings } from '../figure.ts'

/** What instances run on. */
const TARGET = {
  machine: 'pc',
  firmware: 'bios',
  controllers: [],
  disk: (driveID: string) => `virtio-blk-pci,drive=${driveID},addr=0x5`,
  card: 'virtio-net-pci',
} as const

const GUESTS: readonly { cell: GuestCell; what: string; atMost: number }[] = [
  {
    // What virt-v2v-in-place 2.2 made of it with its file systems named by device did not come up.
    cell: { ...cellOf('sata-without-virtio'), names: 'uuid' },
    what: 'its ramdisk lacks the drivers',
    atMost: 1.1,
  },
  { cell: cellOf('ide-gpt-xfs'), what: 'its ramdisk has the drivers', atMost: 0.5 },
]

function cellOf(wanted: string): GuestCell {
  const cell = CELLS.find(({ name }) => name === wanted)
  if (cell === undefined) throw new Error(`There is no guest ${wanted}`)
  return cell
}

interface Bench extends Surroundings {
  readonly accelerator: Accelerator
  readonly folder: string
}

/** From the disk of a source to a guest that one can log in to. */
export const conversion: Figure = {
  name: 'conversion',
  programs: [
    'virt-v2v-in-place',
    'guestfish',
    'mmdebstrap',
    'qemu-system-x86_64',
    'qemu-img',
    'ssh',
  ],
  async measure(surroundings) {
    const { accelerator } = await detectAccelerator({ signal: surroundings.signal })
    const folder = await mkdtemp('/var/tmp/landfall-bench-')
    await chmod(folder, 0o711)
    const bench = { ...surroundings, accelerator, folder }
    try {
      const rows: Row[] = []
      for (const { cell, what, atMost } of GUESTS) {
        const guest = await buildGuest(cell, { ...bench, cacheDir: CACHE_DIR })
        const first = await ours(cell, guest, bench)
        const again = await ours(cell, guest, bench)
        const peer = await byHand(guest, bench)
        const figure = `conversion and boot of Debian 12, ${what}, beside virt-v2v-in-place by hand`
        const row = (title: string, seconds: number): Row => ({
          figure: title,
          ours: `${significant(seconds)} s`,
          peer: peer === undefined ? 'does not boot' : `${significant(peer)} s`,
          ratio: peer === undefined ? 0 : seconds / peer,
          target: { atMost },
        })
        rows.push(row(figure, first), row(`${figure}; the next of the same server`, again))
      }
      return rows
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

async function ours(cell: GuestCell, guest: BuiltGuest, bench: Bench): Promise<number> {
  const layerPath = await overlay(guest, bench.folder, 'layer.qcow2')
  const startedAt = performance.now()
  const stages = new Stages(bench)
  const { disks } = await convertPoint({
    conversionID: 'bench',
    workDir: join(bench.folder, 'ours'),
    applianceDir: CACHE_DIR,
    learnedDir: join(bench.folder, `learned-${cell.name}`),
    disks: [{ deviceName: '/dev/sda', layerPath, sizeBytes: await sizeBytes(layerPath) }],
    plan: {
      identity: { instanceID: 'i-0', token: '', endpoint: '', caCertificatePem: '' },
      primaryInterface: { name: 'ens3' },
      targetMac: '52:54:00:12:34:56', // QEMU's own, of a first card.
    },
    accelerator: bench.accelerator,
    signal: bench.signal,
    onProgress: ({ message }) => stages.begin(message),
  })
  stages.begin('booting')
  await boot(disks[0]?.path ?? '', guest, bench)
  stages.end()
  await rm(join(bench.folder, 'ours'), { recursive: true })
  return secondsSince(startedAt, bench, 'ours')
}

/** Undefined when what comes out does not boot. */
async function byHand(guest: BuiltGuest, bench: Bench): Promise<number | undefined> {
  const path = await overlay(guest, bench.folder, 'by-hand.qcow2')
  const startedAt = performance.now()
  await runProgram('virt-v2v-in-place', ['-i', 'disk', path], {
    signal: bench.signal,
    environment: {
      LIBGUESTFS_BACKEND: 'direct',
      LIBGUESTFS_BACKEND_SETTINGS: bench.accelerator === 'tcg' ? 'force_tcg' : '',
      LIBGUESTFS_CACHEDIR: CACHE_DIR,
    },
  })
  try {
    await boot(path, guest, bench)
  } catch (error) {
    bench.signal.throwIfAborted()
    bench.log(`conversion: by virt-v2v-in-place it does not boot: ${String(error)}`)
    return undefined
  }
  return secondsSince(startedAt, bench, 'virt-v2v-in-place')
}

async function overlay(guest: BuiltGuest, folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  await rm(path, { force: true })
  const base = ['-F', 'raw', '-b', guest.disks[0] ?? '', path]
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', ...base])
  return path
}

async function sizeBytes(path: string): Promise<number> {
  const information = await runProgram('qemu-img', ['info', '--output=json', path])
  return (JSON.parse(information) as { 'virtual-size': number })['virtual-size']
}

/** Returns once one can log in. */
async function boot(path: string, guest: BuiltGuest, bench: Bench): Promise<void> {
  const folder = join(bench.folder, 'machine')
  await mkdir(folder, { recursive: true })
  await using machine = await SourceMachine.boot({
    image: { path, format: 'qcow2', sshKeyPath: guest.sshKeyPath },
    hardware: TARGET,
    folder,
    sshPort: await freePort(),
    accelerator: bench.accelerator,
    signal: bench.signal,
    onProgress: () => undefined,
  })
  await machine.run('true', { signal: bench.signal })
}

/** Tells how long each stage took, when it ends. */
class Stages {
  readonly #log: Bench['log']
  #running: { readonly name: string; readonly startedAt: number } | undefined

  constructor({ log }: Bench) {
    this.#log = log
  }

  begin(name: string): void {
    this.end()
    this.#running = { name, startedAt: performance.now() }
  }

  end(): void {
    if (this.#running === undefined) return
    const { name, startedAt } = this.#running
    this.#log(`conversion:   ${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
    this.#running = undefined
  }
}

function secondsSince(startedAt: number, { log }: Bench, what: string): number {
  const seconds = (performance.now() - startedAt) / 1000
  log(`conversion: ${what} took ${significant(seconds)} s`)
  return seconds
}
