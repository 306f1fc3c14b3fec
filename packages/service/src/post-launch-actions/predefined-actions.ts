import { CREATE_IMAGE } from '../ssm/create-image-document.ts'
import { PREDEFINED_DOCUMENTS, type PredefinedDocument } from '../ssm/predefined-documents.ts'
import type { ActionDocument } from './tables.ts'

/** MGN's API puts actions after them: from 1001 on. */
export const PREDEFINED_ORDER_MAX = 1000

/** How a predefined document is used as an action. */
interface Use extends Pick<ActionDocument, 'actionName' | 'order' | 'category'> {
  readonly externalParameters?: ActionDocument['externalParameters']
}

/** What changes the guest comes first, then what looks whether all is well; an image keeps that. */
const USES: Readonly<Record<string, Use>> = {
  'Landfall-RemoveGuestAgents': {
    actionName: 'Remove guest agents',
    order: 101,
    category: 'OPERATING_SYSTEM',
  },
  'Landfall-InstallGuestAgent': {
    actionName: 'Install guest agent',
    order: 102,
    category: 'OPERATING_SYSTEM',
  },
  'AWSMigration-VerifyMountedVolumes': {
    actionName: 'Volume integrity validation',
    order: 401,
    category: 'VALIDATION',
  },
  'AWSMigration-ValidateDiskSpace': {
    actionName: 'Validate disk space',
    order: 402,
    category: 'VALIDATION',
  },
  'Landfall-VerifyTimeSync': {
    actionName: 'Verify time synchronisation',
    order: 403,
    category: 'VALIDATION',
  },
  'Landfall-VerifyTags': {
    actionName: 'Verify tags',
    order: 404,
    category: 'VALIDATION',
    externalParameters: { InstanceTags: { dynamicPath: 'ec2.Tags' } },
  },
  'Landfall-VerifyProcesses': {
    actionName: 'Process status validation',
    order: 405,
    category: 'VALIDATION',
  },
  'Landfall-VerifyConnectivity': {
    actionName: 'Connectivity checks',
    order: 406,
    category: 'NETWORKING',
  },
  'Landfall-VerifyHTTPResponse': {
    actionName: 'Verify HTTP response',
    order: 407,
    category: 'VALIDATION',
  },
  [CREATE_IMAGE.name]: {
    actionName: 'Create AMI from instance',
    order: PREDEFINED_ORDER_MAX,
    category: 'BACKUP',
    externalParameters: { InstanceId: { dynamicPath: 'ec2.InstanceId' } },
  },
}

export interface PredefinedAction extends Use {
  readonly document: Pick<PredefinedDocument, 'name' | 'description' | 'parameters'>
}

/** In their order. */
export const PREDEFINED_ACTIONS: readonly PredefinedAction[] = [
  ...PREDEFINED_DOCUMENTS,
  CREATE_IMAGE,
]
  .flatMap((document) => {
    const use = USES[document.name]
    return use === undefined ? [] : [{ document, ...use }]
  })
  .toSorted((a, b) => a.order - b.order)
