import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { LandfallError } from '@landfall/model'

/**
 * How long filesystems stand still at most, whatever happens to the agent: programs notice little
 * of two seconds, and much of more.
 */
export const FREEZE_MS_MAX = 2000

/**
 * A helper that says nothing for longer is given up; its own timer has thawed everything by then.
 */
const ANSWER_MS_MAX = FREEZE_MS_MAX + 3000

/** 0 or 1, for the whole system: whether RCU grace periods are made short. */
export const HURRY = '/sys/kernel/rcu_expedited'

/**
 * The helper: POSIX sh, started before anything is frozen. It thaws when told to, when its input
 * ends (the agent is dead), and from a second process when the time is over, whichever comes first.
 * Nothing in it writes to a disk. Everything it runs was run once before, so that it is in memory.
 * A thaw fails on what is not frozen: that is how it knows whether its timer came first.
 *
 * A freeze waits in the kernel for several RCU grace periods, 35 to 60 ms in all, in which nobody
 * can write. While it lasts the kernel is asked to hurry them (`rcu_expedited`), which takes 3 ms
 * in all, where nobody asked already and the kernel lets us.
 */
const SCRIPT = `
trap '' PIPE TERM INT HUP
seconds=$1
shift
hurry=${HURRY}
fsfreeze --version >/dev/null 2>&1 || { echo "absent"; exit 1; }
sleep 0
echo ready
read -r word || exit 0
if [ "$word" = sync ]; then
  for mount; do sync -f "$mount" >/dev/null 2>&1; done
  echo synced
  read -r word || exit 0
fi
[ "$word" = freeze ] || exit 0
calm=
read -r calm <"$hurry"
end_hurry() { [ "$calm" != 0 ] || echo 0 >"$hurry"; }
(
  sleep "$seconds" >/dev/null 2>&1
  echo timeout
  end_hurry
  round=0
  while [ "$round" -lt 30 ]; do
    for mount; do fsfreeze --unfreeze "$mount" >/dev/null 2>&1; done
    sleep 1 >/dev/null 2>&1
    round=$((round + 1))
  done
) </dev/null &
timer=$!
[ "$calm" != 0 ] || echo 1 >"$hurry"
frozen=
index=0
for mount; do
  index=$((index + 1))
  if reason=$(fsfreeze --freeze "$mount" 2>&1); then
    frozen="$index $frozen"
    echo "frozen $index"
  else
    echo "unfrozen $index $reason"
  fi
done
end_hurry
echo done
read -r word
held=held
for index in $frozen; do
  eval "mount=\\\${$index}"
  fsfreeze --unfreeze "$mount" >/dev/null 2>&1 || held=void
done
kill -KILL "$timer"
echo "$held"
`

export interface Frozen {
  readonly frozen: readonly string[]
  readonly unfrozen: readonly { readonly mountPoint: string; readonly why: string }[]
}

/**
 * Holds filesystems still for a moment. `start`, `sync`, `freeze`, `thaw`; disposing thaws too.
 */
export class FreezeHelper implements Disposable {
  readonly #mountPoints: readonly string[]
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(mountPoints: readonly string[], child: ChildProcess) {
    this.#mountPoints = mountPoints
    this.#child = child
    this.#lines = linesOf(child)
  }

  /** Starts the process; nothing is frozen yet. `mountPoints` in the order to freeze them. */
  static async start(mountPoints: readonly string[]): Promise<FreezeHelper> {
    const seconds = String(FREEZE_MS_MAX / 1000)
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'landfall-freeze', seconds, ...mountPoints], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // In a session of its own: what ends the agent's process group must not end the thaw.
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    })
    child.stdin?.on('error', () => undefined)
    const helper = new FreezeHelper(mountPoints, child)
    if ((await helper.#next()) === 'ready') return helper
    helper[Symbol.dispose]()
    const sentence = 'The program fsfreeze is missing on the source server: install util-linux'
    throw new LandfallError('unavailable', sentence)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Writes out what the freeze would otherwise write while nobody else can. May be left out. */
  async sync(): Promise<void> {
    this.#child.stdin?.write('sync\n')
    await this.#next()
  }

  /**
   * Freezes what can be frozen; says what could not, and why. Undefined when the helper died or its
   * time was over before the last filesystem stood still.
   */
  async freeze(): Promise<Frozen | undefined> {
    const frozen: string[] = []
    const unfrozen: { mountPoint: string; why: string }[] = []
    this.#child.stdin?.write('freeze\n')
    for (;;) {
      const line = await this.#next()
      if (line === 'done') return { frozen, unfrozen }
      if (line === undefined || line === 'timeout') return undefined
      const [, word, index, why] = /^(\w+) (\d+) ?(.*)$/.exec(line) ?? []
      const mountPoint = this.#mountPoints[Number(index) - 1]
      if (mountPoint === undefined) throw new Error(`freeze helper said ${line}`)
      // Somebody else holds it frozen: it stands still, and is theirs to thaw.
      if (word === 'frozen' || /busy/i.test(why ?? '')) frozen.push(mountPoint)
      else unfrozen.push({ mountPoint, why: why ?? '' })
    }
  }

  /** Thaws, and says whether everything had stood still until now. */
  async thaw(): Promise<boolean> {
    this.#child.stdin?.write('thaw\n')
    for (;;) {
      const line = await this.#next()
      if (line === 'timeout') continue
      return line === 'held'
    }
  }

  [Symbol.dispose](): void {
    this.#child.stdin?.end()
    this.#child.unref()
    this.#child.stdout?.destroy()
  }

  /** The next line; undefined when the helper has ended or says nothing for too long. */
  async #next(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), ANSWER_MS_MAX)
    try {
      const line = await Promise.race([this.#lines.next(), promise])
      return line === undefined || line.done === true ? undefined : line.value
    } finally {
      clearTimeout(timer)
    }
  }
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error('the freeze helper has no output')
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}
