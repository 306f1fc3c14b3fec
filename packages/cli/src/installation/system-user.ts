import { readFile } from 'node:fs/promises'
import { runProgram } from '@landfall/launch'

/**
 * Who database, staging area, conversions and instances run as: nobody with a password or shell.
 */
export const SYSTEM_USER = 'landfall'

/** Groups it is put into where they exist, and what for. */
const GROUPS = {
  kvm: 'may use /dev/kvm',
  'libvirt-qemu': 'may pass /var/lib/libvirt/qemu, where libvirt keeps what an instance needs',
}

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The system user, made on the first start, and put into the groups it needs. */
export async function ensureSystemUser(log: (message: string) => void): Promise<SystemUser> {
  let user = await findUser(SYSTEM_USER)
  if (user === undefined) {
    await runProgram('useradd', [
      ...['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'],
      ...['--shell', '/usr/sbin/nologin', SYSTEM_USER],
    ])
    log(`Created the system user ${SYSTEM_USER}.`)
    user = await findUser(SYSTEM_USER)
  }
  if (user === undefined) throw new Error(`useradd made no user ${SYSTEM_USER}`)
  for (const group of Object.keys(GROUPS)) {
    const members = await membersOf(group)
    if (members === undefined || members.includes(SYSTEM_USER)) continue
    await runProgram('usermod', ['--append', '--groups', group, SYSTEM_USER])
  }
  return user
}

async function findUser(name: string): Promise<SystemUser | undefined> {
  const fields = await findEntry('/etc/passwd', name)
  return fields && { name, uid: Number(fields[2]), gid: Number(fields[3]) }
}

async function membersOf(group: string): Promise<string[] | undefined> {
  return (await findEntry('/etc/group', group))?.[3]?.split(',')
}

async function findEntry(file: string, name: string): Promise<string[] | undefined> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.find((line) => line.startsWith(`${name}:`))?.split(':')
}
