/** Numbers as numbers, as the packages of kernels are ordered: 6.1.0-9 before 6.1.0-10. */
const COLLATOR = new Intl.Collator('en', { numeric: true })

/** Newest first. */
export function newestFirst(a: string, b: string): number {
  return COLLATOR.compare(b, a)
}
