import { ERROR_CODES, type ErrorCode, LandfallError, errorCode, errorText } from '@landfall/model'

/** What an installation in the background tells the command that started it. */
export type ParentMessage =
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

export function failedMessage(error: unknown): ParentMessage {
  return { kind: 'failed', code: errorCode(error), message: errorText(error) }
}

/** The failure on the parent's side. */
export function failureOf(message: ParentMessage & { kind: 'failed' }): LandfallError {
  const code = ERROR_CODES.includes(message.code) ? message.code : 'internal'
  return new LandfallError(code, message.message)
}
