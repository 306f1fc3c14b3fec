import { instanceTypeNamed } from '@landfall/launch'
import { ID_COLUMN, NAME_COLUMN } from './columns.ts'
import type { GroupContent, RowContent } from './row-content.ts'

interface Account {
  readonly accountID: string
  readonly region: string
}

/** What is wrong with a row by itself, in sentences; nothing is looked up. */
export function checkRow(content: RowContent, account: Account): string[] {
  const { server, application, wave } = content
  const problems: (string | undefined)[] = [
    checkAccount(content, account),
    checkGroup('wave', wave),
    checkGroup('application', application),
  ]
  if (server !== undefined) {
    if (server.id === undefined && server.userProvidedID === undefined) {
      problems.push(unnamed('server', 'source server'))
    }
    const type = server.template?.instanceType
    if (type !== undefined && instanceTypeNamed(type) === undefined) {
      problems.push(
        `mgn:launch:instance-type ${type} is not in the catalogue: ` +
          '`aws ec2 describe-instance-types` lists it',
      )
    }
  }
  return problems.filter((problem) => problem !== undefined)
}

function checkAccount({ accountID, region }: RowContent, account: Account): string | undefined {
  if (accountID !== undefined && accountID !== account.accountID) {
    return `mgn:account-id is ${accountID}, and this account is ${account.accountID}`
  }
  if (region !== undefined && region !== account.region) {
    return `mgn:region is ${region}, and this region is ${account.region}`
  }
  return undefined
}

function checkGroup(kind: 'wave' | 'application', group?: GroupContent): string | undefined {
  if (group === undefined || group.id !== undefined || group.name !== undefined) return undefined
  return unnamed(kind, kind)
}

function unnamed(kind: 'server' | 'wave' | 'application', word: string): string {
  return `The row does not say which ${word} it is about: give ${NAME_COLUMN[kind]} or ${ID_COLUMN[kind]}`
}
