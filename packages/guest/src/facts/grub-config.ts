import type { BootEntry } from './boot-entry.ts'

/** A menu as it is shown: an entry, or a menu of its own. */
export type GrubItem =
  | ({ readonly kind: 'entry' } & BootEntry)
  | {
      readonly kind: 'submenu'
      readonly id: string
      readonly title: string
      readonly items: GrubItem[]
    }

export interface GrubConfig {
  readonly items: readonly GrubItem[]
  /** The value of `default`, with its variables. */
  readonly defaultValue: string | undefined
  /** It takes entries of the Boot Loader Specification into its menu. */
  readonly usesBls: boolean
  readonly kernelOptions: string | undefined
}

interface OpenBlock {
  readonly items: GrubItem[]
  readonly entry?: { id: string; title: string; linux: string[]; initrd: string[] }
}

/**
 * What a generated grub.cfg offers. It is a script; of it the menu is read, and the settings that
 * grub-mkconfig writes.
 */
export function parseGrubConfig(text: string): GrubConfig {
  const top: OpenBlock = { items: [] }
  const open: OpenBlock[] = [top]
  let defaultValue: string | undefined
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const block = open.at(-1) ?? top
    // The first is that of the next boot alone, which GRUB's own environment says.
    const setting = /^set default=["']?([^"']*)["']?$/.exec(line)?.[1]
    if (setting !== undefined && setting !== '${next_entry}') defaultValue = setting
    if (/^(menuentry|submenu|function)\b.*\{$/.test(line)) open.push(opened(line, block))
    else if (line === '}' && open.length > 1) close(open)
    else readCommand(line, block)
  }
  return {
    items: top.items,
    defaultValue,
    usesBls: /^\s*blscfg\b/m.test(text),
    kernelOptions: /^\s*set kernelopts="(.*)"/m.exec(text)?.[1],
  }
}

function opened(line: string, parent: OpenBlock): OpenBlock {
  const words = wordsOf(line)
  const [kind = '', title = ''] = words
  const idAt = words.findIndex((word) => word === '$menuentry_id_option' || word === '--id')
  const id = idAt < 0 ? title : (words[idAt + 1] ?? title)
  if (kind === 'menuentry') {
    return { items: parent.items, entry: { id, title, linux: [], initrd: [] } }
  }
  if (kind === 'function') return { items: [] }
  const items: GrubItem[] = []
  parent.items.push({ kind: 'submenu', id, title, items })
  return { items }
}

function close(open: OpenBlock[]): void {
  const { entry, items } = open.pop() ?? { items: [] }
  const [, kernelPath = '', ...options] = entry?.linux ?? []
  if (entry === undefined) return
  const { id, title, initrd } = entry
  // Entries without a kernel (firmware settings, other systems) count when entries are numbered.
  items.push({
    kind: 'entry',
    id,
    title,
    kernelPath,
    initramfsPaths: initrd.slice(1),
    commandLine: options.join(' '),
  })
}

function readCommand(line: string, { entry }: OpenBlock): void {
  if (entry === undefined) return
  if (/^linux(16|efi)?\s/.test(line)) entry.linux = wordsOf(line)
  if (/^initrd(16|efi)?\s/.test(line)) entry.initrd = wordsOf(line)
}

/** Words as a shell takes them; variables stay as they are. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}

/** GRUB's environment block: lines, then `#` to its end. */
export function parseGrubEnvironment(text: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_]\w*)=(.*)$/.exec(line)
    if (match?.[1] !== undefined) settings.set(match[1], match[2] ?? '')
  }
  return settings
}
