import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError, FieldError } from '../api/call.ts'
import { useNotify } from '../shell/notifications.tsx'
import { useUnsaved } from '../shell/unsaved-changes.tsx'
import type { Bound } from './bound.ts'
import { changesTo, errorsOf, hasGap } from './changes.ts'

/** How settings that are edited stand, and what becomes of them. */
export interface FormState {
  /** Why there is nothing to save, or it cannot be saved; undefined when it can. */
  readonly unsavable: string | undefined
  readonly isDirty: boolean
  readonly isSaving: boolean
  /** What was refused that belongs to no field. */
  readonly error: string | undefined
  readonly save: () => void
  readonly discard: () => void
}

/** Settings that are edited, and saved together. */
export interface SettingsForm<Value> extends FormState {
  /** All of them as they would be saved. */
  readonly all: Bound<Value>
}

interface Options<Value> {
  /** As the service has them, also when they change there: what is edited stays edited. */
  readonly saved: Value
  /** Gets what was changed, and all settings as they should be. */
  readonly save: (changes: Partial<Value>, value: Value) => Promise<unknown>
  /** What is told when it was saved. */
  readonly notice: string
  /** Why the user may not save; undefined when they may. */
  readonly refusal: string | undefined
  /** It is not there yet: it can be saved as it stands. */
  readonly isNew?: boolean
  readonly onSaved?: () => void
}

export function useSettingsForm<Value extends object>(
  options: Options<Value>,
): SettingsForm<Value> {
  const { saved, save, notice, refusal, isNew = false, onSaved } = options
  const queries = useQueryClient()
  const notify = useNotify()
  const [edited, setEdited] = useState<Partial<Value>>({})
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const value = { ...saved, ...edited }
  const changes = changesTo(saved, value)
  const isDirty = Object.keys(changes).length > 0
  const mutation = useMutation<void, ApiError>({
    mutationFn: async () => {
      await save(changes, value)
      await queries.invalidateQueries()
    },
    onSuccess: () => {
      setEdited({})
      setErrors([])
      notify({ type: 'success', header: notice })
      onSaved?.()
    },
    onError: ({ fields }) => setErrors(fields),
  })
  useUnsaved(isDirty)
  const set = (changed: Value) => {
    const touched = Object.keys(changesTo(value, changed))
    setErrors((before) =>
      before.filter((error) => touched.every((name) => errorsOf([error], name).length === 0)),
    )
    setEdited(changesTo(saved, changed))
  }
  return {
    all: { value, set, errors, isReadOnly: refusal !== undefined },
    unsavable: refusal ?? whyNot({ isNew, isDirty, isComplete: !hasGap(value) }),
    isDirty,
    isSaving: mutation.isPending,
    error: errorBeside(mutation.error, Object.keys(value)),
    save: () => mutation.mutate(),
    discard: () => {
      setEdited({})
      setErrors([])
      mutation.reset()
    },
  }
}

function whyNot(form: { isNew: boolean; isDirty: boolean; isComplete: boolean }) {
  if (!form.isComplete) return 'A number is missing.'
  return form.isDirty || form.isNew ? undefined : 'Nothing was changed.'
}

/** The refusal, unless every part of it is shown at its field. */
function errorBeside(error: ApiError | null, names: readonly string[]): string | undefined {
  if (error === null) return undefined
  const { fields } = error
  const isShown = (field: FieldError) => names.some((name) => errorsOf([field], name).length > 0)
  return fields.length > 0 && fields.every(isShown) ? undefined : error.message
}
