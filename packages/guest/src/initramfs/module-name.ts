/**
 * The kernel module that a file is, as the kernel names it: `-` and `_` are the same to it, and a
 * module may be compressed. Undefined for any other file.
 */
export function moduleOf(path: string): string | undefined {
  const name = /([^/]+)\.ko(?:\.(?:xz|zst|gz))?$/.exec(path)?.[1]
  return name?.replaceAll('-', '_')
}
