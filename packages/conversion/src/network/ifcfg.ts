import { replaceFile } from '../originals.ts'
import type { GuestFiles } from '@landfall/guest'
import type { TargetInterface } from './adapt-network.ts'

const FOLDERS = ['/etc/sysconfig/network-scripts', '/etc/sysconfig/network']

/** Settings of the source's own address and card. */
const SOURCE_SETTING = new RegExp(
  '^\\s*(BOOTPROTO|HWADDR|MACADDR|IPADDR\\d*|PREFIX\\d*|NETMASK\\d*|GATEWAY\\d*|' +
    'NETWORK|BROADCAST|DNS\\d+|IPV6ADDR|IPV6_DEFAULTGW)=',
)

/** Red Hat's and SUSE's ifcfg files. */
export async function adaptIfcfg(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  for (const folder of FOLDERS) {
    const path = `${folder}/ifcfg-${target.name}`
    const text = await files.read(path)
    if (text === undefined) continue
    const kept = text.split('\n').filter((line) => line !== '' && !SOURCE_SETTING.test(line))
    await replaceFile(files, path, [...kept, 'BOOTPROTO=dhcp', ''].join('\n'))
    return true
  }
  return false
}
