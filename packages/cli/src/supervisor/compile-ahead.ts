import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ProcessDescription } from './supervised-process.ts'

/**
 * Runs a program of ours to the end of its imports, so that Node finds its modules compiled. What
 * strips the types stays in memory once it was needed (30 MiB), and takes most of a start. Not to
 * find them is no failure, and what ails the program itself shows when it is started.
 */
export async function compileAhead(description: ProcessDescription): Promise<void> {
  const { command, args, environment } = description
  await promisify(execFile)(command, [...args, '--help'], { cwd: '/', env: environment }).catch(
    () => {},
  )
}
