import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'

export interface Notice {
  readonly type: 'success' | 'error' | 'info'
  readonly header: string
  readonly content?: ReactNode
}

interface NoticeBoard {
  readonly notices: readonly (Notice & { readonly id: string })[]
  readonly notify: (notice: Notice) => void
  readonly dismiss: (id: string) => void
}

const Context = createContext<NoticeBoard | undefined>(undefined)

/** Notices shown at once; older ones go. */
const NOTICES_MAX = 5

/** Keeps what happened, for whoever moves from page to page. */
export function Notifications({ children }: { readonly children: ReactNode }) {
  const [notices, setNotices] = useState<NoticeBoard['notices']>([])
  const notify = useCallback((notice: Notice) => {
    const shown = { ...notice, id: crypto.randomUUID() }
    setNotices((before) => [shown, ...before].slice(0, NOTICES_MAX))
  }, [])
  const dismiss = useCallback((id: string) => {
    setNotices((before) => before.filter((notice) => notice.id !== id))
  }, [])
  const board = useMemo(() => ({ notices, notify, dismiss }), [notices, notify, dismiss])
  return <Context value={board}>{children}</Context>
}

/** Tells the user what came of something. */
export function useNotify(): NoticeBoard['notify'] {
  return useBoard().notify
}

export function NoticeBar() {
  const { notices, dismiss } = useBoard()
  const items = notices.map(({ id, ...notice }): FlashbarProps.MessageDefinition => ({
    ...notice,
    id,
    dismissible: true,
    dismissLabel: 'Dismiss',
    onDismiss: () => dismiss(id),
  }))
  return <Flashbar items={items} stackItems />
}

function useBoard(): NoticeBoard {
  const board = useContext(Context)
  if (board === undefined) throw new Error('notices are for what Notifications shows')
  return board
}
