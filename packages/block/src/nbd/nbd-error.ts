/** Error numbers a server may answer (NBD protocol, "Error values"), by their name in errno.h. */
const ERROR_NAMES = new Map<number, NbdErrorName>([
  [1, 'EPERM'],
  [5, 'EIO'],
  [12, 'ENOMEM'],
  [22, 'EINVAL'],
  [28, 'ENOSPC'],
  [75, 'EOVERFLOW'],
  [95, 'ENOTSUP'],
  [108, 'ESHUTDOWN'],
])

export type NbdErrorName =
  | 'EPERM'
  | 'EIO'
  | 'ENOMEM'
  | 'EINVAL'
  | 'ENOSPC'
  | 'EOVERFLOW'
  | 'ENOTSUP'
  | 'ESHUTDOWN'

/** The server answered one request with an error; the connection goes on. */
export class NbdError extends Error {
  readonly errno: NbdErrorName

  constructor(errno: NbdErrorName, request: string) {
    super(`The block server answered ${errno} to ${request}`)
    this.name = 'NbdError'
    this.errno = errno
  }
}

/** The connection itself is gone: what was in flight may or may not have happened. */
export class NbdConnectionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NbdConnectionError'
  }
}

/** A number the protocol does not know counts as EIO, as the protocol asks for. */
export function nbdErrorName(errorNumber: number): NbdErrorName {
  return ERROR_NAMES.get(errorNumber) ?? 'EIO'
}
