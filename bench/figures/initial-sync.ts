import { Installation, run } from '../../test/installation.ts'
import type { LoopDisk } from '../../test/loop-disk.ts'
import { type Figure, type Row, significant, type Surroundings } from '../figure.ts'
import { copyOnce, syncOnce } from '../initial-copy.ts'
import { PeerCertificates } from '../peer-certificates.ts'
import { debianDisk, randomDisk } from '../source-disk.ts'
import { median } from '../statistics.ts'

const GIB = 1024 ** 3
/** Longer than any buffer on the way, and still a minute for all runs. */
const RANDOM_DISK_BYTES = 2 * GIB
const RUNS = 3
/** Short runs spread more. */
const SHORT_RUNS = 5

/** The target is about the first; the others say what of it is the storage daemon's. */
const PEERS = [
  { program: 'nbdcopy', setup: 'stock' },
  { program: 'nbdcopy', setup: 'as ours' },
  { program: 'convert', setup: 'stock' },
  { program: 'convert', setup: 'as ours' },
] as const

const LOOPBACK = { address: '127.0.0.1' }

/** Initial sync over loopback, beside nbdcopy and qemu-img to a storage daemon with TLS. */
export const initialSync: Figure = {
  name: 'initial-sync',
  programs: ['nbdcopy', 'qemu-img', 'qemu-storage-daemon', 'openssl', 'losetup', 'blockdev', 'dd'],
  async measure(surroundings) {
    await using installation = await Installation.start()
    await using certificates = await PeerCertificates.create([LOOPBACK.address])
    const sides = { installation, certificates }
    const rows: Row[] = []
    {
      surroundings.log('initial-sync: incompressible disk')
      await using disk = await randomDisk(RANDOM_DISK_BYTES)
      const what = { name: '2 GiB incompressible', disk, runs: RUNS, nbdcopyTarget: 0.9 }
      rows.push(...(await compare(what, sides, surroundings)))
    }
    surroundings.log('initial-sync: Debian root disk')
    await using disk = await debianDisk(surroundings)
    const what = { name: 'Debian root disk', disk, runs: SHORT_RUNS, nbdcopyTarget: 1 }
    rows.push(...(await compare(what, sides, surroundings)))
    return rows
  },
}

/** Runs take turns, so that a slower minute of the machine slows all of them. */
async function compare(
  what: { name: string; disk: LoopDisk; runs: number; nbdcopyTarget: number },
  sides: { installation: Installation; certificates: PeerCertificates },
  surroundings: Surroundings,
): Promise<Row[]> {
  const { device } = what.disk
  const sizeBytes = Number((await run('blockdev', ['--getsize64', device])).stdout)
  const options = { ...surroundings, place: LOOPBACK, sizeBytes, ...sides }
  const ours: number[] = []
  const peers = PEERS.map((peer) => ({ ...peer, seconds: [] as number[] }))
  for (let turn = 0; turn < what.runs; turn++) {
    ours.push((await syncOnce(sides.installation, device, options)).seconds)
    for (const { program, setup, seconds } of peers) {
      seconds.push(await copyOnce(program, device, { ...options, setup }))
    }
  }
  return peers.map(({ program, setup, seconds }): Row => {
    const name = program === 'convert' ? 'qemu-img convert' : program
    const isTheTarget = program === 'nbdcopy' && setup === 'stock'
    return {
      figure: `initial sync, ${what.name}, rate beside ${name}, its storage daemon ${setup}`,
      ours: `${significant(median(ours))} s`,
      peer: `${significant(median(seconds))} s`,
      ratio: median(seconds) / median(ours),
      ...(isTheTarget ? { target: { atLeast: what.nbdcopyTarget } } : {}),
    }
  })
}
