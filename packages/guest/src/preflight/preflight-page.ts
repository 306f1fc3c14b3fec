import { PREFLIGHT_SEVERITIES } from '@landfall/model'
import { PREFLIGHT_RULES } from './rules.ts'

const BEGIN = '<!-- rules -->'
const END = '<!-- end of rules -->'

/** The page with its lists made anew from the rules. */
export function withRules(page: string): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) {
    throw new Error(`the page needs the lines "${BEGIN}" and "${END}"`)
  }
  return `${before}${BEGIN}\n\n${lists()}\n\n${END}${after}`
}

const HEADINGS = { blocker: 'Blockers', warning: 'Warnings', information: 'Information' }

function lists(): string {
  return PREFLIGHT_SEVERITIES.map((severity) => {
    const rules = PREFLIGHT_RULES.filter((rule) => rule.severity === severity)
    const items = rules.map(({ id, title, remedy }) => `- \`${id}\`: ${title} _${remedy}_`)
    return `### ${HEADINGS[severity]}\n\n${items.join('\n')}`
  }).join('\n\n')
}
