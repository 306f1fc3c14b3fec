/** `NAME=value` lines of a shell-like file, quotes taken away; the last of a name counts. */
export function shellSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
    const [, name, value = ''] = match ?? []
    if (name !== undefined) settings.set(name, unquoted(value.trim()))
  }
  return settings
}

/** A comment after a value that has no quotes is no part of it. */
function unquoted(value: string): string {
  const quoted = /^(["'])(.*?)\1/.exec(value)
  return quoted?.[2] ?? value.replace(/\s+#.*$/, '').trim()
}

/** Lines without comments and blanks, each as its words. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
}
