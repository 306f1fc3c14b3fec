import type { ButtonProps } from '@cloudscape-design/components/button'
import type { Action } from '../api/call.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { usePermission } from './session.ts'

interface PermittedButtonProps extends Omit<ButtonProps, 'disabled' | 'disabledReason'> {
  /** All that the button's work takes. */
  readonly actions: readonly Action[]
  /** Why it is not possible now, for whoever may. */
  readonly lacks?: string | undefined
}

/** A button for what the user may do; who may not is told why. */
export function PermittedButton({ actions, lacks, ...button }: PermittedButtonProps) {
  const permission = usePermission()
  const reason = actions.map(permission).find((one) => one !== undefined) ?? lacks
  return <RefusableButton {...button} refusal={reason} />
}
