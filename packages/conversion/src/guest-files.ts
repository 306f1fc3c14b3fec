/** The files of a guest that is not running. Paths are the guest's own, absolute. */
export interface GuestFiles {
  /**
   * A file's text, undefined when there is no such file. Bytes come as Latin-1, so none is lost.
   */
  read(path: string): Promise<string | undefined>
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<string[]>
  isFolder(path: string): Promise<boolean>
  /** Replaces or makes a file, and its folder when missing. Text as `read` gives it. */
  write(path: string, text: string, mode: number): Promise<void>
  /** Removes a file or a folder with all in it; silent when there is none. */
  remove(path: string): Promise<void>
  /** Makes or replaces a symbolic link, and its folder when missing. */
  link(target: string, path: string): Promise<void>
  /** Copies a file with its owner and mode, making the target's folder. */
  copy(from: string, to: string): Promise<void>
}

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
