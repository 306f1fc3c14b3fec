import type { GuestFiles } from '@landfall/guest'

/**
 * Where originals go. Not beside the files: several programs read every file of a folder, whatever
 * its ending, and would take the original for configuration.
 */
export const ORIGINALS_DIR = '/var/lib/landfall-originals'

/** Replaces a configuration file of the guest and keeps the first original. */
export async function replaceFile(files: GuestFiles, path: string, text: string): Promise<void> {
  await keepOriginal(files, path)
  await files.write(path, text, 0o644)
}

/** Takes a configuration file out of the guest's sight. */
export async function setAside(files: GuestFiles, path: string): Promise<void> {
  await keepOriginal(files, path)
  await files.remove(path)
}

async function keepOriginal(files: GuestFiles, path: string): Promise<void> {
  const original = ORIGINALS_DIR + path
  if ((await files.read(original)) === undefined) await files.copy(path, original)
}
