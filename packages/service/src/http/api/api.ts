import type { ServiceContext } from '../call.ts'
import type { OperationGroup } from '../operation.ts'
import type { ApiOperations } from './api-operation.ts'
import { ec2Api } from './ec2.ts'
import { iamApi, stsApi } from './identity.ts'
import { mgnApi } from './mgn.ts'
import { ssmApi } from './ssm.ts'

/** AWS's services that this one speaks for. */
export type ApiName = 'mgn' | 'ec2' | 'ssm' | 'iam' | 'sts'

/** Their operations, which protocols decode calls for. */
export type Api = Readonly<Record<ApiName, ApiOperations>>

export function createApi(service: ServiceContext, operations: OperationGroup): Api {
  return {
    mgn: mgnApi(service, operations.mgn ?? {}),
    ec2: ec2Api(service, operations.ec2 ?? {}),
    ssm: ssmApi(service, operations.ssm ?? {}),
    iam: iamApi(service),
    sts: stsApi(service),
  }
}
