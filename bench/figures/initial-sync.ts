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
  const seconds = { ours: [] as number[], nbdcopy: [] as number[], convert: [] as number[] }
  for (let turn = 0; turn < what.runs; turn++) {
    seconds.nbdcopy.push(await copyOnce('nbdcopy', device, options))
    seconds.ours.push((await syncOnce(sides.installation, device, options)).seconds)
    seconds.convert.push(await copyOnce('convert', device, options))
  }
  const ours = median(seconds.ours)
  const row = (peer: 'nbdcopy' | 'convert', name: string, atLeast: number): Row => ({
    figure: `initial sync, ${what.name}, rate beside ${name}`,
    ours: `${significant(ours)} s`,
    peer: `${significant(median(seconds[peer]))} s`,
    ratio: median(seconds[peer]) / ours,
    target: { atLeast },
  })
  return [row('nbdcopy', 'nbdcopy', what.nbdcopyTarget), row('convert', 'qemu-img convert', 1)]
}
