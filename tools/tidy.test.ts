import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageOf, readManifest, readSourceFiles, ROOT, targetOf } from './source-files.ts'

/**
 * The rules of the house that neither compiler nor linter keeps. Each violation says what to do
 * instead.
 */

/** What a package may import: arrows point down, never up or sideways (docs/ARCHITECTURE.md). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  wire: ['model'],
  block: ['model'],
  guest: ['model'],
  launch: ['model'],
  conversion: ['model', 'guest', 'launch'],
  agent: ['model', 'guest', 'wire', 'block'],
  staging: ['model', 'guest', 'wire', 'block', 'conversion', 'launch'],
  service: ['model', 'guest', 'launch'],
  console: ['model'],
  cli: ['model', 'agent', 'console', 'launch', 'service'],
}

const LINE_CHARACTERS_MAX = 100
/** The formatter breaks code. What is left are comments, and sentences, which stay searchable. */
const LONG_SENTENCE = /^(?!\s*(?:\/?\*|\/\/)).*['"`].{40,}/
const FILE_LINES_MAX = 400

/** Files longer than the limit, each with the reason why it is one file. */
const LONG_FILES: Readonly<Record<string, string>> = {}

/** Files besides `main.ts` that read arguments or environment, each with the reason. */
const ENVIRONMENT_READERS: Readonly<Record<string, string>> = {
  'packages/agent/src/running/fake-agent-main.ts': 'the entry of a program that tests run',
  'packages/conversion/src/tool-runner.ts': 'passes our environment on to the programs it starts',
  'packages/launch/src/libvirt/daemons.ts': 'adds folders to the PATH of the daemons it starts',
  'packages/launch/src/run-program.ts': 'passes our environment on to the programs it starts',
}

const files = readSourceFiles()
const productFiles = files.filter((file) => !/\.(test|contract|fixture)\.ts$/.test(file.path))

function expectNone(violations: readonly string[]): void {
  assert.ok(violations.length === 0, `\n${violations.join('\n')}\n`)
}

test('packages import only what lies below them', () => {
  expectNone(
    files.flatMap(({ path, packageName, imports }) => {
      if (packageName === undefined) return []
      const allowed = MAY_IMPORT[packageName]
      if (allowed === undefined) return [`${path}: give package ${packageName} a row in MAY_IMPORT`]
      return imports
        .filter((specifier) => specifier.startsWith('@landfall/'))
        .filter((specifier) => {
          const name = specifier.split('/')[1] ?? ''
          return name !== packageName && !allowed.includes(name)
        })
        .map(
          (specifier) =>
            `${path} imports ${specifier}: ${packageName} may import ` +
            `${allowed.join(', ') || 'no other package'}. Move the shared part down, or pass it in`,
        )
    }),
  )
})

test('packages are imported by name, files by path', () => {
  expectNone(
    files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const name = packageOf(specifier)
        if (name?.startsWith('@landfall/') && specifier !== name) {
          return [`${file.path} imports ${specifier}: export it from ${name}'s index.ts`]
        }
        if (name === `@landfall/${file.packageName}`) {
          return [`${file.path} imports its own package by name: import the file (./….ts)`]
        }
        if (name !== undefined || specifier.startsWith('node:')) return []
        const owner = /^packages\/([^/]+)\//.exec(targetOf(file, specifier))?.[1]
        const leaves = file.packageName !== undefined && owner !== file.packageName
        return leaves ? [`${file.path} imports ${specifier}: import the package by its name`] : []
      }),
    ),
  )
})

test('what is imported is declared in the manifest beside it', () => {
  expectNone(
    files.flatMap(({ path, packageName, imports }) => {
      if (packageName === undefined) return [] // Root tests use what the workspaces install.
      const { dependencies, developmentDependencies } = readManifest(packageName)
      const isTest = /\.(test|contract|fixture)\.ts$/.test(path)
      return imports.flatMap((specifier) => {
        const name = packageOf(specifier)
        if (name === undefined || name === `@landfall/${packageName}`) return []
        if (dependencies.has(name) || (isTest && developmentDependencies.has(name))) return []
        return [`${path} imports ${name}: declare it in packages/${packageName}/package.json`]
      })
    }),
  )
})

test('every dependency has its reason in docs/ARCHITECTURE.md, and no other has', () => {
  const declared = new Set<string>()
  for (const file of globSync('{,packages/*/}package.json', { cwd: ROOT })) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(ROOT, file), 'utf8'),
    ) as {
      dependencies?: object
      devDependencies?: object
    }
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) declared.add(name)
  }
  const page = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8')
  const [, section = ''] = page.split(/^## Dependencies$/m)
  const rows = section.split(/^## /m)[0] ?? ''
  const told = rows.split('\n').flatMap((row) => {
    const [, cell = ''] = row.split('|')
    return Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name)
  })
  const foreign = [...declared].filter((name) => !name.startsWith('@landfall/'))
  assert.deepEqual(told.toSorted(), foreign.toSorted())
})

test('what a manifest declares is imported', () => {
  const peers = new Set(['@opentelemetry/api']) // pg-boss asks for it; nobody here imports it.
  expectNone(
    Object.keys(MAY_IMPORT).flatMap((packageName) => {
      const imported = new Set(
        files
          .filter((file) => file.packageName === packageName)
          .flatMap((file) => file.imports.map((specifier) => packageOf(specifier))),
      )
      return [...readManifest(packageName).dependencies]
        .filter((name) => !imported.has(name) && !peers.has(name))
        .map((name) => `packages/${packageName}/package.json declares ${name}: remove it, unused`)
    }),
  )
})

test('only main.ts files read arguments and environment', () => {
  expectNone(
    productFiles
      .filter(({ path, packageName }) => packageName !== undefined && !path.endsWith('/main.ts'))
      .filter(({ path }) => ENVIRONMENT_READERS[path] === undefined)
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, index) =>
          /\bprocess\s*\.\s*(argv|env)\b/.test(line)
            ? [`${path}:${index + 1}: take it as an argument, from main.ts`]
            : [],
        ),
      ),
  )
})

test('nobody switches off the type checker or other tests', () => {
  const asAny = new RegExp(String.raw`\bas` + String.raw`\s+any\b`)
  const only = new RegExp(String.raw`\b(test|describe|it|suite)\.` + String.raw`only\b`)
  expectNone(
    files.flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => [
        ...(asAny.test(line) ? [`${path}:${index + 1}: name the type, or parse the value`] : []),
        ...(only.test(line) ? [`${path}:${index + 1}: remove .only before you hand it in`] : []),
      ]),
    ),
  )
})

test('lines are at most 100 columns, files at most 400 lines', () => {
  expectNone(
    files.flatMap(({ path, lines }) => [
      ...lines.flatMap((line, index) =>
        line.length > LINE_CHARACTERS_MAX && !LONG_SENTENCE.test(line)
          ? [`${path}:${index + 1}: ${line.length} columns; break the line`]
          : [],
      ),
      ...(lines.length > FILE_LINES_MAX + 1 && LONG_FILES[path] === undefined
        ? [`${path}: ${lines.length} lines; split it, or give the reason in LONG_FILES`]
        : []),
    ]),
  )
})

test('the exceptions above are still needed', () => {
  const paths = new Map(files.map((file) => [file.path, file]))
  expectNone([
    ...Object.keys(ENVIRONMENT_READERS)
      .filter((path) => !/process\.(argv|env)/.test(paths.get(path)?.text ?? ''))
      .map((path) => `ENVIRONMENT_READERS: remove ${path}`),
    ...Object.keys(LONG_FILES)
      .filter((path) => (paths.get(path)?.lines.length ?? 0) <= FILE_LINES_MAX + 1)
      .map((path) => `LONG_FILES: remove ${path}`),
  ])
})
