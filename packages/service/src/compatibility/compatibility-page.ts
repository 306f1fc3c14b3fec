import { CHOICES } from './choices.ts'
import { operationTables } from './operation-tables.ts'

/** Where the page is, seen from the repository's root. */
export const PAGE = 'docs/compatibility.md'

/**
 * The page with what is generated in it brought up to date: the tables of operations, and what was
 * chosen where AWS's documents are silent. The rest is written by hand and stays.
 */
export function compatibilityPage(page: string, implemented: ReadonlySet<string>): string {
  const withTables = replaceBlock(page, 'operations', operationTables(implemented))
  return replaceBlock(withTables, 'choices', choicesTable())
}

function choicesTable(): string {
  const rows = CHOICES.map(
    ({ question, choice, shownBy }) => `| ${question} | ${choice} | ${shownBy} |`,
  )
  const head = [
    '| question | what Landfall does, and why | shown by the test |',
    '| --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}

/** What stands between the comments `<!-- name -->` and `<!-- end of name -->`. */
function replaceBlock(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${PAGE} has no block ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`
}
