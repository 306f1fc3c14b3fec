import { readFile } from 'node:fs/promises'
import { TerminalPrompter } from '@landfall/agent'

/** What `ps` is not to show, and so no argument: a file's first line, or typed unseen. */
export async function readSecret(what: string, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8')
    return text.split(/\r?\n/, 1)[0] ?? ''
  }
  const prompter = new TerminalPrompter(process.stdin, process.stderr)
  try {
    return await prompter.askHidden(`${what}: `)
  } finally {
    prompter.close()
  }
}
