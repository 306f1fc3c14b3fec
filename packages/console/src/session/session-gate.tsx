import { useQuery, useQueryClient } from '@tanstack/react-query'
import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import { type ReactNode, useCallback, useEffect, useMemo } from 'react'
import { ApiError, send } from '../api/call.ts'
import { Context, type Session } from './session.ts'
import { SignInPage } from './sign-in-page.tsx'

const KEY = ['session']
const PATH = '/console/session'

/** So often it is looked whether the session has ended, and what policies allow by now. */
const POLL_MS = 60_000

/** Shows what is in it to whoever is signed in, and to everybody else the form to do so. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient()
  const { data, error, isPending } = useQuery<Session, ApiError>({
    queryKey: KEY,
    queryFn: ({ signal }) => send<Session>('GET', PATH, { signal }),
    refetchInterval: POLL_MS,
    retry: (_, failure) => failure.status === 0,
  })
  const signOut = useCallback(() => {
    const forget = () => void queries.resetQueries()
    send('DELETE', PATH).then(forget, forget)
  }, [queries])
  // Whatever call hears first that the session has ended.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error: failure } = query.state
        const isNews = query.queryKey[0] !== KEY[0] && failure instanceof ApiError
        if (isNews && failure.isSignedOut) void queries.invalidateQueries({ queryKey: KEY })
      }),
    [queries],
  )
  const value = useMemo(
    () => (data && !error ? { session: data, signOut } : undefined),
    [data, error, signOut],
  )
  if (isPending) {
    return (
      <Box textAlign="center" padding="xxl">
        <Spinner size="large" />
      </Box>
    )
  }
  if (value === undefined) {
    const notice = error === null || error.isSignedOut ? undefined : error.message
    return (
      <SignInPage
        onSignedIn={(session) => queries.setQueryData(KEY, session)}
        {...(notice !== undefined && { notice })}
        hasExpired={error?.type === 'ExpiredTokenException'}
      />
    )
  }
  return <Context value={value}>{children}</Context>
}
