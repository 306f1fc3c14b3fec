import Button, { type ButtonProps } from '@cloudscape-design/components/button'

interface RefusableButtonProps extends Omit<ButtonProps, 'disabled' | 'disabledReason'> {
  /** Why it cannot be done now; undefined: it can. */
  readonly refusal: string | undefined
}

/** A button that says why it cannot be pressed. */
export function RefusableButton({ refusal, ...button }: RefusableButtonProps) {
  if (refusal === undefined) return <Button {...button} />
  return <Button {...button} disabled disabledReason={refusal} />
}
