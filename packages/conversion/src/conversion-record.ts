import { access, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConversionResult } from './convert-point.ts'

interface Record {
  /** Hash of the request that the result answers. */
  readonly identity: string
  readonly result: ConversionResult
}

/** The result of a completed conversion of the same request, if its disks are there. */
export async function readRecord(
  workDir: string,
  identity: string,
): Promise<ConversionResult | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath(workDir), 'utf8')) as Record
    if (record.identity !== identity) return undefined
    for (const disk of record.result.disks) await access(disk.path)
    return record.result
  } catch {
    // Missing or unreadable: then it was not completed, and is done again.
    return undefined
  }
}

/** Durable when it returns, with the overlays it speaks of. */
export async function writeRecord(
  workDir: string,
  identity: string,
  result: ConversionResult,
): Promise<void> {
  for (const disk of result.disks) await sync(disk.path)
  const path = recordPath(workDir)
  const record: Record = { identity, result }
  {
    await using file = await open(`${path}.new`, 'w', 0o640)
    await file.writeFile(JSON.stringify(record))
    await file.sync()
  }
  await rename(`${path}.new`, path)
  await sync(dirname(path))
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

function recordPath(workDir: string): string {
  return join(workDir, 'conversion.json')
}
