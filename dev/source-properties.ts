import { debianFixture, MemoryGuest, ramdiskFixture, readGuestFacts } from '@landfall/guest'
import type { GuestFacts } from '@landfall/guest'
import type { SourceProperties } from '@landfall/model'
import type { Finding, Member } from './cast.ts'

const GIB = 1024 ** 3

/** What an agent tells of its server at the installation; `number` makes its addresses its own. */
export function propertiesOf(member: Member, number: number): SourceProperties {
  const { hostname, diskGiB, cores, ramGiB, os, firmware } = member
  const address = `10.20.${number >> 8}.${number & 255}`
  const mac = number.toString(16).padStart(4, '0')
  return {
    identificationHints: { hostname, fqdn: `${hostname}.example.org` },
    networkInterfaces: [
      {
        name: 'ens3',
        macAddress: `52:54:00:12:${mac.slice(0, 2)}:${mac.slice(2)}`,
        ips: [address, `fe80::5054:ff:fe12:${mac}`],
        isPrimary: true,
        settings: {
          addresses: [`${address}/16`],
          gateway: '10.20.0.1',
          routes: [],
          nameServers: ['10.20.0.53'],
          searchDomains: ['example.org'],
        },
      },
    ],
    disks: diskGiB.map((size, index) => ({
      deviceName: `/dev/sd${'abcdefgh'[index]}`,
      bytes: size * GIB,
      isBootDisk: index === 0,
    })),
    cpus: [{ cores, modelName: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz' }],
    ramBytes: ramGiB * GIB,
    os: { fullString: os },
    firmware,
    ...(firmware === 'uefi' && { secureBoot: true }),
  }
}

const RAMDISK = '/boot/initrd.img-6.1.0-1-amd64'

/** What is in a guest's files with such a finding. */
const FILES: Readonly<Record<Finding, Readonly<Record<string, string>>>> = {
  'ramdisk lacks drivers': { [RAMDISK]: ramdiskFixture(['ext4', 'vmw_pvscsi', 'sd_mod']) },
  'disks by hardware name': { '/etc/fstab': 'UUID=1234 / ext4 defaults 0 1\n/dev/sdb1 /srv xfs\n' },
  'other architecture': {},
}

/** What is seen within the server, or on a point of it. */
export async function factsOf({ finding }: Member): Promise<GuestFacts> {
  const changed = finding === undefined ? {} : FILES[finding]
  const facts = await readGuestFacts(new MemoryGuest({ ...debianFixture(), ...changed }))
  return finding === 'other architecture' ? { ...facts, architecture: 'aarch64' } : facts
}
