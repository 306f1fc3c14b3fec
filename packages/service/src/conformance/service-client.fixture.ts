import {
  EC2_MODEL,
  IAM_MODEL,
  MGN_MODEL,
  SSM_MODEL,
  STS_MODEL,
  type ModelOperation,
  type ServiceModel,
} from '../http/service-model.ts'

export type ServiceName = 'mgn' | 'iam' | 'sts' | 'ec2' | 'ssm'

export const MODELS: Readonly<Record<ServiceName, ServiceModel>> = {
  mgn: MGN_MODEL,
  iam: IAM_MODEL,
  sts: STS_MODEL,
  ec2: EC2_MODEL,
  ssm: SSM_MODEL,
}

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A client of the five services, whoever wrote it. */
export interface ServiceClient {
  /** The output of an operation. Fails with AWS's name of the error in name or message. */
  call<Output = object>(service: ServiceName, operation: string, input: object): Promise<Output>
  /** The same client as another user. */
  as(key: AccessKey): ServiceClient
}

/** A call of one service: `mgn('StartTest', { … })`. */
export type Caller = <Output = object>(operation: string, input?: object) => Promise<Output>

export function callersOf(client: ServiceClient): Readonly<Record<ServiceName, Caller>> {
  const of =
    (service: ServiceName): Caller =>
    (operation, input = {}) =>
      client.call(service, operation, input)
  return { mgn: of('mgn'), iam: of('iam'), sts: of('sts'), ec2: of('ec2'), ssm: of('ssm') }
}

/** What the model says of the operation; a caller that names another is wrong. */
export function operationOf(service: ServiceName, name: string): ModelOperation {
  const operation = MODELS[service].operations[name]
  if (operation === undefined) throw new Error(`The ${service} model has no operation ${name}`)
  return operation
}
