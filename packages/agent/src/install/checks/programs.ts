import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { failed, passed, type CheckResult } from './check.ts'

const NAME = 'Programs'

/** Where the agent looks for programs, whatever the installer's own PATH is. */
const PROGRAM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** What the agent runs on the source server to make a point. */
const NEEDED = [
  {
    program: 'fsfreeze',
    // BusyBox has one too, which knows no --version and is not asked the same way.
    option: '--version',
    says: /util-linux/,
    remedy: 'fsfreeze, which holds filesystems still for a point, is missing. Install util-linux.',
  },
  {
    program: 'sync',
    option: '--help',
    says: /--file-system|-d?f\b/,
    remedy: 'sync cannot write out a single filesystem (sync -f). Install coreutils 8.24 or newer.',
  },
]

/** Whether the programs are there that a point needs, and know what is asked of them. */
export async function checkPrograms(programPath = PROGRAM_PATH): Promise<CheckResult> {
  const problems: string[] = []
  const env = { PATH: programPath, LC_ALL: 'C' }
  for (const { program, option, says, remedy } of NEEDED) {
    const said = await promisify(execFile)(program, [option], { env }).then(
      ({ stdout, stderr }) => stdout + stderr,
      () => '',
    )
    if (!says.test(said)) problems.push(remedy)
  }
  if (problems.length > 0) return failed(NAME, ...problems)
  return passed(NAME, NEEDED.map(({ program }) => program).join(', '))
}
