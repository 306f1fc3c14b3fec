import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useState,
} from 'react'
import { useBeforeUnload, useBlocker } from 'react-router'
import { DialogFrame } from '../dialogs/dialog-frame.tsx'

type Tell = (id: string, isUnsaved: boolean) => void

const Context = createContext<Tell | undefined>(undefined)

/** Asks before a page is left on which something was changed and not saved. */
export function UnsavedChanges({ children }: { readonly children: ReactNode }) {
  const [unsaved, setUnsaved] = useState<readonly string[]>([])
  const tell = useCallback<Tell>((id, isUnsaved) => {
    setUnsaved((before) => {
      if (before.includes(id) === isUnsaved) return before
      return isUnsaved ? [...before, id] : before.filter((one) => one !== id)
    })
  }, [])
  const isUnsaved = unsaved.length > 0
  const blocker = useBlocker(
    ({ currentLocation: here, nextLocation: there }) =>
      isUnsaved && (here.pathname !== there.pathname || here.search !== there.search),
  )
  useBeforeUnload((event) => {
    if (isUnsaved) event.preventDefault()
  })
  return (
    <Context value={tell}>
      {children}
      {blocker.state === 'blocked' && (
        <LeaveDialog onStay={() => blocker.reset()} onLeave={() => blocker.proceed()} />
      )}
    </Context>
  )
}

/** Tells that something on the page is not saved; also when what told it is gone. */
export function useUnsaved(isUnsaved: boolean): void {
  const tell = useContext(Context)
  if (tell === undefined) throw new Error('useUnsaved is for what UnsavedChanges shows')
  const id = useId()
  useEffect(() => {
    tell(id, isUnsaved)
    return () => tell(id, false)
  }, [tell, id, isUnsaved])
}

interface LeaveDialogProps {
  readonly onStay: () => void
  readonly onLeave: () => void
}

function LeaveDialog({ onStay, onLeave }: LeaveDialogProps) {
  return (
    <DialogFrame
      header="Leave without saving?"
      verb="Stay"
      press={{ onClick: onStay }}
      instead={{ text: 'Leave', onClick: onLeave }}
      onEnd={onStay}
    >
      What was changed on this page is not saved, and is lost when you leave.
    </DialogFrame>
  )
}
