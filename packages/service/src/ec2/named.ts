import { Ec2Error } from './ec2-error.ts'

/** Whoever names something must name the one that is there. */
export function named(names: readonly string[] = [], only: string, ec2Code: string) {
  const unknown = names.find((name) => name !== only)
  if (unknown === undefined) return
  throw new Ec2Error(ec2Code, `'${unknown}' does not exist; there is ${only}.`)
}
