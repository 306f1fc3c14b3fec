import ec2 from '../../data/ec2.json' with { type: 'json' }
import iam from '../../data/iam.json' with { type: 'json' }
import mgn from '../../data/mgn.json' with { type: 'json' }
import ssm from '../../data/ssm.json' with { type: 'json' }
import sts from '../../data/sts.json' with { type: 'json' }

/** A member of a structure, list or map: the shape it has, and where it travels. */
export interface ShapeReference {
  readonly shape: string
  /** Absent: in the body. */
  readonly location?: string
  readonly locationName?: string
}

/** A shape of the public API models, as `data/*.json` keeps it. */
export interface Shape {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'boolean'
    | 'timestamp'
    | 'blob'
  readonly members?: Readonly<Record<string, ShapeReference>>
  readonly required?: readonly string[]
  readonly union?: boolean
  /** Not to be shown to others than the caller. */
  readonly sensitive?: boolean
  readonly member?: ShapeReference
  readonly key?: ShapeReference
  readonly value?: ShapeReference
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly min?: number
  readonly max?: number
  readonly error?: { readonly code?: string; readonly httpStatusCode: number }
}

export interface ModelOperation {
  readonly http: {
    readonly method: string
    readonly requestUri: string
    readonly responseCode?: number
  }
  readonly input?: string
  readonly output?: string
  readonly resultWrapper?: string
  readonly errors: readonly string[]
}

export interface ServiceModel {
  readonly signingName: string
  readonly xmlNamespace?: string
  /** Of the JSON protocol: what stands before the operation in `X-Amz-Target`. */
  readonly targetPrefix?: string
  readonly operations: Readonly<Record<string, ModelOperation>>
  readonly shapes: Readonly<Record<string, Shape>>
}

export const EC2_MODEL = ec2 as unknown as ServiceModel
export const MGN_MODEL = mgn as unknown as ServiceModel
export const IAM_MODEL = iam as unknown as ServiceModel
export const SSM_MODEL = ssm as unknown as ServiceModel
export const STS_MODEL = sts as unknown as ServiceModel

/** The shape of that name; a model that lacks it is broken. */
export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name]
  if (shape === undefined) throw new Error(`The ${model.signingName} model has no shape ${name}`)
  return shape
}
