import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

export interface SourceFile {
  /** Relative to the project's root. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  /** What it imports, as written. */
  readonly imports: readonly string[]
  /** The folder below `packages/` it belongs to; absent for tests and tools at the root. */
  readonly packageName?: string
}

export interface Manifest {
  readonly dependencies: ReadonlySet<string>
  readonly developmentDependencies: ReadonlySet<string>
}

const PATTERNS = [
  'packages/*/src/**/*.{ts,tsx}',
  'packages/console/{build/**/*,*}.ts',
  'test/**/*.ts',
  'bench/**/*.ts',
  'dev/**/*.ts',
  'tools/**/*.ts',
]

/** Static imports and re-exports begin a line; dynamic ones count when they name a literal. */
const IMPORTS = [
  /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'/gm,
  /^import '([^']+)'/gm,
  /\bimport\('([^']+)'\)/g,
]

/** Every TypeScript file that people write here. */
export function readSourceFiles(): SourceFile[] {
  return globSync(PATTERNS, { cwd: ROOT }).map((path) => parse(path))
}

function parse(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const imports = IMPORTS.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), (match) => match[1] ?? ''),
  )
  const packageName = /^packages\/([^/]+)\//.exec(path)?.[1]
  const lines = text.split('\n')
  return { path, text, lines, imports, ...(packageName === undefined ? {} : { packageName }) }
}

/** The manifest beside the file's code: its package's, or the root's. */
export function readManifest(packageName: string | undefined): Manifest {
  const folder = packageName === undefined ? ROOT : join(ROOT, 'packages', packageName)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
    devDependencies?: Record<string, string>
  }
  return {
    dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
    developmentDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
  }
}

/** `@scope/name` or `name` of an imported package; undefined for files and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]
}

/** Where a relative import leads, from the project's root. */
export function targetOf(file: SourceFile, specifier: string): string {
  return relative(ROOT, join(ROOT, dirname(file.path), specifier))
}
