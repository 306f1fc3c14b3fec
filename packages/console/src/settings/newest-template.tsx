import type { ReactNode } from 'react'
import type { Action } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { Loaded } from './loaded.tsx'
import { NoTemplate } from './no-template.tsx'

/** What the service shows of templates at once; there is one, unless somebody made more. */
const TEMPLATES_MAX = 1000

interface NewestTemplateProps<Template> {
  readonly action: Action
  /** What is loaded: "the launch template". */
  readonly what: string
  readonly children: (template: Template) => ReactNode
}

/** The template that new servers take their settings from: the newest; or a way to have one. */
export function NewestTemplate<Template>(props: NewestTemplateProps<Template>) {
  const { action, what, children } = props
  const query = usePolled<{ readonly items: readonly Template[] }>(action, {
    maxResults: TEMPLATES_MAX,
  })
  return (
    <Loaded query={query} what={what}>
      {({ items }) => {
        const newest = items.at(-1)
        return newest === undefined ? <NoTemplate /> : children(newest)
      }}
    </Loaded>
  )
}
