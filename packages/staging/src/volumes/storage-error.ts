import { NbdConnectionError, NbdError } from '@landfall/block'
import { LandfallError } from '@landfall/model'

/** Why a volume did not do what it was asked for. */
export class StorageError extends Error {
  /** `no_space`: the staging disk is full. `lost`: the whole set has to be opened anew. */
  readonly kind: 'no_space' | 'failed' | 'lost'

  constructor(kind: StorageError['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageError'
    this.kind = kind
  }
}

/**
 * The errors of NBD, QMP and the file system as a `StorageError`; expected failures as they are.
 */
export async function asStorage<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (cause) {
    if (cause instanceof LandfallError || cause instanceof StorageError) throw cause
    throw new StorageError(kindOf(cause), cause instanceof Error ? cause.message : String(cause), {
      cause,
    })
  }
}

function kindOf(cause: unknown): StorageError['kind'] {
  if (cause instanceof NbdConnectionError) return 'lost'
  if (cause instanceof NbdError) return cause.errno === 'ENOSPC' ? 'no_space' : 'failed'
  return (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'no_space' : 'failed'
}
