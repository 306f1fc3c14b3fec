import type { ShapeReference } from './service-model.ts'

/** How a query protocol names what is in a form and in an answer. */
export interface QueryNames {
  /** A member of a structure in a form. */
  readonly inputMember: (name: string, member: ShapeReference) => string
  /** The item of a list in a form, counted from 1. */
  readonly inputItem: (list: string, index: number) => string
  /** A member of a structure in an answer. */
  readonly outputMember: (name: string, member: ShapeReference) => string
  /** The items of a list in an answer. */
  readonly outputItem: (item: ShapeReference) => string
}

/** IAM and STS: names as in the model, lists of `member`s. */
export const QUERY_NAMES: QueryNames = {
  inputMember: (name) => name,
  inputItem: (list, index) => `${list}.member.${index}`,
  outputMember: (name) => name,
  outputItem: () => 'member',
}

/** EC2: the wire's own names, which begin with a capital in a form; lists of `item`s. */
export const EC2_NAMES: QueryNames = {
  inputMember(name, { locationName = name }) {
    return locationName.charAt(0).toUpperCase() + locationName.slice(1)
  },
  inputItem: (list, index) => `${list}.${index}`,
  outputMember: (name, { locationName = name }) => locationName,
  outputItem: ({ locationName = 'item' }) => locationName,
}
