import { spawn } from 'node:child_process'
import { LandfallError } from '@landfall/model'
import { Command } from 'commander'
import { PROJECT_ROOT } from '../supervisor/programs.ts'
import { type CommandContext, examples } from './context.ts'

/** The quick checks first: what they find is not worth minutes of system tests. */
const SCRIPTS = ['check', 'test:console', 'test:system'] as const

/** `landfall test`: every test of the project, as CI runs them. */
export function testCommand({ output, signal, environment }: CommandContext): Command {
  return new Command('test')
    .description(
      'run all tests: types, lint, format, unit tests, then those in browsers and guests',
    )
    .addHelpText('after', examples([['test', 'exit status 0 when all pass; needs root']]))
    .action(async () => {
      for (const script of SCRIPTS) {
        output.note(`landfall: npm run ${script}`)
        await npmRun(script, environment, signal)
      }
    })
}

async function npmRun(
  script: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: PROJECT_ROOT,
    env: environment,
    stdio: 'inherit',
    signal,
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (status === 0) return
  throw new LandfallError('internal', `npm run ${script} failed (status ${status}); see above.`)
}
