/** An archive of empty or given files, as `cpio -H newc` makes it. */
export function cpio(files: Readonly<Record<string, string>>): Buffer {
  const entries = [...Object.entries(files), ['TRAILER!!!', ''] as const]
  const bytes = Buffer.concat(entries.map(([name, text]) => entry(name, Buffer.from(text))))
  return padded(bytes, 512)
}

/** Modules of a kernel, as an initial ramdisk has them. */
export function modules(names: readonly string[]): Record<string, string> {
  const paths = names.map((name) => [`usr/lib/modules/6.1.0-1-amd64/kernel/${name}`, name] as const)
  return Object.fromEntries(paths)
}

function entry(name: string, content: Buffer): Buffer {
  const field = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')
  const fields = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0]
  const header = Buffer.from(`070701${fields.map(field).join('')}${name}\0`, 'latin1')
  return Buffer.concat([padded(header, 4), padded(content, 4)])
}

function padded(bytes: Buffer, multiple: number): Buffer {
  const zeros = (multiple - (bytes.length % multiple)) % multiple
  return Buffer.concat([bytes, Buffer.alloc(zeros)])
}
