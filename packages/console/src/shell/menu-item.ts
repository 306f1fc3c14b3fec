import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown'

/** An item of a menu; with a refusal, one that says why it cannot be chosen now. */
export function menuItem(
  id: string,
  text: string,
  refusal: string | undefined,
): ButtonDropdownProps.Item {
  if (refusal === undefined) return { id, text }
  return { id, text, disabled: true, disabledReason: refusal }
}
