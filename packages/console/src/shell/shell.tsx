import AppLayout from '@cloudscape-design/components/app-layout'
import Spinner from '@cloudscape-design/components/spinner'
import SideNavigation, {
  type SideNavigationProps,
} from '@cloudscape-design/components/side-navigation'
import TopNavigation from '@cloudscape-design/components/top-navigation'
import { Suspense } from 'react'
import { Outlet, useHref, useLocation, useNavigate } from 'react-router'
import { ROOMS } from '../rooms.tsx'
import { useSession } from '../session/session.ts'
import { NoticeBar } from './notifications.tsx'
import { UnsavedChanges } from './unsaved-changes.tsx'

const TOP_ID = 'top'

/** What is around every page. */
export function Shell() {
  const navigate = useNavigate()
  const base = useHref('/').replace(/\/$/, '')
  const { pathname } = useLocation()
  const room = ROOMS.find(({ path }) => pathname.startsWith(path))
  const items: SideNavigationProps.Item[] = ROOMS.map(({ text, path }) => ({
    type: 'link',
    text,
    href: base + path,
  }))
  const follow = (event: CustomEvent<{ href?: string; external?: boolean }>) => {
    const { href, external } = event.detail
    if (href === undefined || external === true) return
    event.preventDefault()
    void navigate(href.slice(base.length) || '/')
  }
  return (
    <>
      <div id={TOP_ID}>
        <TopBar home={`${base}/`} onFollow={follow} />
      </div>
      <AppLayout
        headerSelector={`#${TOP_ID}`}
        toolsHide
        ariaLabels={{
          navigation: 'Rooms of the console',
          navigationToggle: 'Open the navigation',
          navigationClose: 'Close the navigation',
          notifications: 'Notices',
        }}
        notifications={<NoticeBar />}
        navigation={
          <SideNavigation
            header={{ text: 'Landfall', href: `${base}/` }}
            activeHref={room === undefined ? '' : base + room.path}
            items={items}
            onFollow={follow}
          />
        }
        content={
          <Suspense fallback={<Spinner size="large" />}>
            <UnsavedChanges>
              <Outlet />
            </UnsavedChanges>
          </Suspense>
        }
      />
    </>
  )
}

interface TopBarProps {
  readonly home: string
  readonly onFollow: (event: CustomEvent<{ href?: string; external?: boolean }>) => void
}

function TopBar({ home, onFollow }: TopBarProps) {
  const { session, signOut } = useSession()
  return (
    <TopNavigation
      identity={{ href: home, title: 'Landfall', onFollow }}
      utilities={[
        { type: 'button', text: session.region, disableUtilityCollapse: false },
        {
          type: 'menu-dropdown',
          text: session.userName,
          description: session.arn,
          iconName: 'user-profile',
          items: [{ id: 'sign-out', text: 'Sign out' }],
          onItemClick: () => signOut(),
        },
      ]}
    />
  )
}
