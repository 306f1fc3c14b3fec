import { LandfallError } from '@landfall/model'

/** A refusal that EC2 has a name of its own for. */
export class Ec2Error extends LandfallError {
  /** As clients compare it: `InvalidLaunchTemplateId.NotFound`. */
  readonly ec2Code: string

  constructor(ec2Code: string, message: string) {
    super('validation', message)
    this.name = 'Ec2Error'
    this.ec2Code = ec2Code
  }
}
