import { readFile } from 'node:fs/promises'
import { runProgram } from '@landfall/launch'

/** Who database, staging area, conversions and instances run as: nobody with a password or shell. */
export const SYSTEM_USER = 'landfall'

/** Members may use /dev/kvm. */
const KVM_GROUP = 'kvm'

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The system user, made on the first start; in the group that may use KVM where there is one. */
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
  const kvmMembers = await membersOf(KVM_GROUP)
  if (kvmMembers !== undefined && !kvmMembers.includes(SYSTEM_USER)) {
    await runProgram('usermod', ['--append', '--groups', KVM_GROUP, SYSTEM_USER])
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
