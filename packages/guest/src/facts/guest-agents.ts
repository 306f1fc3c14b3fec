import type { RememberingReader } from '../remembering-reader.ts'
import { hasProgram } from './initramfs-generators.ts'

/** Guest software of other hypervisors and clouds, by a program of each. */
const AGENTS: readonly { readonly name: string; readonly program: string }[] = [
  { name: 'VMware Tools', program: 'vmtoolsd' },
  { name: 'Hyper-V daemons', program: 'hv_kvp_daemon' },
  { name: 'Xen guest utilities', program: 'xe-daemon' },
  { name: 'VirtualBox Guest Additions', program: 'VBoxService' },
  { name: 'Azure Linux Agent', program: 'waagent' },
  { name: 'Google guest agent', program: 'google_guest_agent' },
  { name: 'AWS Systems Manager agent', program: 'amazon-ssm-agent' },
  { name: 'Parallels Tools', program: 'prltoolsd' },
  { name: 'Nutanix Guest Tools', program: 'ngt_guest_agent' },
]

export async function readGuestAgents(reader: RememberingReader): Promise<string[]> {
  const found: string[] = []
  for (const { name, program } of AGENTS) if (await hasProgram(reader, program)) found.push(name)
  return found
}
