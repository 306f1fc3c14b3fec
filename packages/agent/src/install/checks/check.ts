/** The outcome of one check. Problems are sentences that end with the remedy. */
export type CheckResult =
  | { readonly name: string; readonly outcome: 'ok'; readonly detail?: string }
  | { readonly name: string; readonly outcome: 'failed'; readonly problems: readonly string[] }
  | { readonly name: string; readonly outcome: 'skipped'; readonly detail: string }

export function passed(name: string, detail?: string): CheckResult {
  return { name, outcome: 'ok', ...(detail === undefined ? {} : { detail }) }
}

export function failed(name: string, ...problems: readonly string[]): CheckResult {
  return { name, outcome: 'failed', problems }
}

/** For a check that cannot be made because of another one's failure. */
export function skipped(name: string, detail: string): CheckResult {
  return { name, outcome: 'skipped', detail }
}
