import type { DevelopmentService } from './development-service.ts'
import { type Key, Operator } from './operator.ts'

/** Who works with the service besides its administrator. */
export interface People {
  readonly administrator: Operator
  readonly ann: Operator
  readonly ben: Operator
}

/** Of users whose password is one to be typed often; it protects nothing. */
export const PASSWORD = 'landfall-development'

/** With the policies they have, and who signs in to the console. */
const USERS = [
  { name: 'ann', policies: ['AdministratorAccess'], signsIn: true },
  { name: 'ben', policies: ['AWSApplicationMigrationFullAccess'], signsIn: true },
  { name: 'vera', policies: ['AWSApplicationMigrationReadOnlyAccess'], signsIn: true },
  {
    name: 'installer',
    policies: ['AWSApplicationMigrationAgentInstallationPolicy'],
    signsIn: false,
  },
]

const WAVE_PLANNER = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['mgn:Describe*', 'mgn:List*', 'mgn:*Wave*'], Resource: '*' },
  ],
}

/** Makes the users, with passwords, policies and access keys. */
export async function invitePeople(service: DevelopmentService): Promise<People> {
  const { server } = service
  const administrator = new Operator(server, service.administrator, '127.0.0.1')
  const keys = new Map<string, Key>()
  for (const { name, policies, signsIn } of USERS) {
    const UserName = name
    await administrator.call('iam:CreateUser', { UserName })
    for (const policy of policies) {
      const PolicyArn = `arn:aws:iam::aws:policy/${policy}`
      await administrator.call('iam:AttachUserPolicy', { UserName, PolicyArn })
    }
    type Created = { AccessKey: { AccessKeyId: string; SecretAccessKey: string } }
    const { AccessKey } = await administrator.call<Created>('iam:CreateAccessKey', { UserName })
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey
    keys.set(name, { accessKeyId, secretAccessKey })
    if (!signsIn) continue
    const password = { userName: name, password: PASSWORD }
    await administrator.call('landfall:SetUserPassword', password)
  }
  await administrator.call('iam:CreatePolicy', {
    PolicyName: 'WavePlanner',
    Description: 'Plans waves, and moves nothing',
    PolicyDocument: JSON.stringify(WAVE_PLANNER),
  })
  const personOf = (name: string, address: string) => {
    const key = keys.get(name)
    if (key === undefined) throw new Error(`${name} was not invited`)
    return new Operator(server, key, address)
  }
  return {
    administrator,
    ann: personOf('ann', '10.20.0.11'),
    ben: personOf('ben', '10.20.0.12'),
  }
}
