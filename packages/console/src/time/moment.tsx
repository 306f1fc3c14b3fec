const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** A moment in the viewer's time zone; in UTC when it is pointed at. */
export function Moment({ at }: { readonly at: string | undefined }) {
  if (at === undefined) return '–'
  const date = new Date(at)
  return (
    <time dateTime={at} title={`${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`}>
      {FORMAT.format(date)}
    </time>
  )
}
