/** What a request says about itself, by condition key in lower case; several values are a list. */
export type PolicyContext = ReadonlyMap<string, readonly string[]>

const ANY = Symbol('*')
const ONE = Symbol('?')

type Token = string | typeof ANY | typeof ONE

/** `${aws:SourceIdentity}`; also `${*}`, `${?}` and `${$}`, which stand for the character. */
const VARIABLE = /\$\{([^}]*)\}/

/**
 * Whether `text` matches a policy's pattern: `*` and `?` are wildcards, `${key}` is what the
 * request says, literally. A variable that the request does not have matches nothing.
 */
export function matchesPattern(
  pattern: string,
  text: string,
  options: { context: PolicyContext; wildcards: boolean },
): boolean {
  const tokens = tokensOf(pattern, options)
  return tokens !== undefined && matchesTokens(tokens, text)
}

function tokensOf(
  pattern: string,
  options: { context: PolicyContext; wildcards: boolean },
): Token[] | undefined {
  const tokens: Token[] = []
  // Splitting by a group puts the variables' names at the odd places.
  for (const [index, part] of pattern.split(VARIABLE).entries()) {
    if (index % 2 === 1) {
      const value = ['*', '?', '$'].includes(part) ? part : variable(part, options.context)
      if (value === undefined) return undefined
      tokens.push(...Array.from(value))
    } else if (options.wildcards) {
      tokens.push(...Array.from(part, (c) => (c === '*' ? ANY : c === '?' ? ONE : c)))
    } else {
      tokens.push(...Array.from(part))
    }
  }
  return tokens
}

function variable(name: string, context: PolicyContext): string | undefined {
  const values = context.get(name.toLowerCase())
  return values?.length === 1 ? values[0] : undefined
}

/** Wildcards without recursion: on a mismatch the last `*` takes one character more. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  const characters = Array.from(text)
  let t = 0
  let c = 0
  let star = -1
  let starEnd = 0
  while (c < characters.length) {
    const token = tokens[t]
    if (token === ANY) {
      star = t++
      starEnd = c
    } else if (token !== undefined && (token === ONE || token === characters[c])) {
      t++
      c++
    } else if (star >= 0) {
      t = star + 1
      c = ++starEnd
    } else {
      return false
    }
  }
  while (tokens[t] === ANY) t++
  return t === tokens.length
}
