import { Installation, run } from '../../test/installation.ts'
import { type Figure, significant } from '../figure.ts'
import { copyOnce, syncOnce } from '../initial-copy.ts'
import { PeerCertificates } from '../peer-certificates.ts'
import { ShapedLink } from '../shaped-link.ts'
import { dataBytes, debianDisk } from '../source-disk.ts'
import { median } from '../statistics.ts'

const LINK_MBPS = 200
const RUNS = 3
const MIB = 1024 * 1024

/** Initial sync of a Debian root disk through a link that is slower than everything else. */
export const slowLink: Figure = {
  name: 'slow-link',
  programs: ['nbdcopy', 'qemu-storage-daemon', 'openssl', 'ip', 'tc', 'nsenter', 'losetup', 'dd'],
  async measure(surroundings) {
    await using link = await ShapedLink.create(LINK_MBPS)
    // After the link, so that its certificates are for the link's address too.
    await using installation = await Installation.start()
    await using certificates = await PeerCertificates.create([link.address])
    await using disk = await debianDisk(surroundings)
    const { device } = disk
    const place = { address: link.address, networkNamespace: link.networkNamespace }
    const sizeBytes = Number((await run('blockdev', ['--getsize64', device])).stdout)
    const within = (command: readonly string[]) => link.within(command)
    const options = { ...surroundings, place, sizeBytes, certificates, within }
    const data = await dataBytes(device)
    const seconds = { ours: [] as number[], nbdcopy: [] as number[] }
    const bytes = { ours: [] as number[], nbdcopy: [] as number[] }
    const counted = async (to: number[], work: () => Promise<unknown>): Promise<void> => {
      const before = await link.bytesOut()
      await work()
      to.push((await link.bytesOut()) - before)
      surroundings.log(`slow-link: ${significant((to.at(-1) ?? 0) / MIB)} MiB on the wire`)
    }
    for (let turn = 0; turn < RUNS; turn++) {
      await counted(bytes.nbdcopy, async () => {
        seconds.nbdcopy.push(await copyOnce('nbdcopy', device, options))
      })
      await counted(bytes.ours, async () => {
        seconds.ours.push((await syncOnce(installation, device, options)).seconds)
      })
    }
    const [ours, nbdcopy] = [median(seconds.ours), median(seconds.nbdcopy)]
    const wire = (of: number[]): string => `${significant(median(of) / MIB)} MiB`
    return [
      {
        figure: `initial sync, Debian root disk, ${LINK_MBPS} Mbit/s, rate beside nbdcopy`,
        ours: `${significant(ours)} s`,
        peer: `${significant(nbdcopy)} s`,
        ratio: nbdcopy / ours,
        target: { atLeast: 2.5 },
      },
      {
        figure: 'bytes on the wire ÷ bytes read that are not zero, there',
        ours: wire(bytes.ours),
        peer: `${significant(data / MIB)} MiB of data (nbdcopy sent ${wire(bytes.nbdcopy)})`,
        ratio: median(bytes.ours) / data,
        target: { atMost: 0.4 },
      },
    ]
  },
}
