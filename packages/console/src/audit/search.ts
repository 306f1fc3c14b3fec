/** What of the audit log is shown, as the page's address says it. */
export interface AuditSearch {
  /** As policies name it: `mgn:StartTest`. */
  readonly action: string
  /** An ARN, or the name that one ends with. */
  readonly caller: string
  /** ISO 8601; empty: from the beginning, and until now. */
  readonly from: string
  readonly until: string
  readonly result: '' | 'done' | 'other'
  /** The token of the page; empty: the newest. */
  readonly after: string
}

/** Calls on a page. */
const ROWS = 50

export function readSearch(params: URLSearchParams): AuditSearch {
  const text = (name: string) => params.get(name)?.trim() ?? ''
  const result = text('result')
  return {
    action: text('action'),
    caller: text('caller'),
    from: text('from'),
    until: text('until'),
    result: result === 'done' || result === 'other' ? result : '',
    after: text('after'),
  }
}

/** The input of ListAuditEvents. */
export function inputOf({ action, caller, from, until, result, after }: AuditSearch): object {
  const moment = (text: string) => new Date(text).toISOString()
  return {
    newestFirst: true,
    maxResults: ROWS,
    ...(action && { action }),
    ...(caller && { caller }),
    ...(isMoment(from) && { from: moment(from) }),
    ...(isMoment(until) && { until: moment(until) }),
    ...(result && { isDone: result === 'done' }),
    ...(after && { nextToken: after }),
  }
}

function isMoment(text: string): boolean {
  return text !== '' && !Number.isNaN(Date.parse(text))
}

/** How a caller is called in a list: the end of an ARN. */
export function callerName(caller: string): string {
  return caller.slice(caller.lastIndexOf('/') + 1)
}
