import { type ErrorDetails, LandfallError } from '@landfall/model'

/** A refusal that SSM has a shape of its own for. */
export class SsmError extends LandfallError {
  /** The name of the shape: `InvalidDocument`. */
  readonly ssmCode: string

  constructor(ssmCode: string, message: string, details: ErrorDetails = {}) {
    super('validation', message, details)
    this.name = 'SsmError'
    this.ssmCode = ssmCode
  }
}
