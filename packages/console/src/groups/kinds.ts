import type { Action } from '../api/call.ts'

/** Groups that MGN has: an application holds source servers, a wave holds applications. */
export type Kind = 'application' | 'wave'

interface Words {
  /** As a heading has it. */
  readonly text: string
  readonly plural: string
  readonly members: string
  readonly member: string
  readonly path: string
  /** The member of inputs and outputs that has its ID. */
  readonly id: 'applicationID' | 'waveID'
  readonly list: Action
  readonly create: Action
  readonly update: Action
  readonly archive: Action
  readonly unarchive: Action
  readonly remove: Action
  readonly associate: Action
  readonly disassociate: Action
  /** The members of inputs that name what is put into it. */
  readonly memberIDs: 'sourceServerIDs' | 'applicationIDs'
}

export const KINDS: Readonly<Record<Kind, Words>> = {
  application: {
    text: 'Application',
    plural: 'Applications',
    members: 'Source servers',
    member: 'source server',
    path: '/applications',
    id: 'applicationID',
    list: 'mgn:ListApplications',
    create: 'mgn:CreateApplication',
    update: 'mgn:UpdateApplication',
    archive: 'mgn:ArchiveApplication',
    unarchive: 'mgn:UnarchiveApplication',
    remove: 'mgn:DeleteApplication',
    associate: 'mgn:AssociateSourceServers',
    disassociate: 'mgn:DisassociateSourceServers',
    memberIDs: 'sourceServerIDs',
  },
  wave: {
    text: 'Wave',
    plural: 'Waves',
    members: 'Applications',
    member: 'application',
    path: '/waves',
    id: 'waveID',
    list: 'mgn:ListWaves',
    create: 'mgn:CreateWave',
    update: 'mgn:UpdateWave',
    archive: 'mgn:ArchiveWave',
    unarchive: 'mgn:UnarchiveWave',
    remove: 'mgn:DeleteWave',
    associate: 'mgn:AssociateApplications',
    disassociate: 'mgn:DisassociateApplications',
    memberIDs: 'applicationIDs',
  },
}

/** The greatest number that MGN puts into a group, or takes out of it, in one call. */
export const MEMBERS_AT_ONCE_MAX = 50
