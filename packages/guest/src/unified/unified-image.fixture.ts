/** Where the PE header is, behind a DOS stub, and where the first section's bytes are. */
const PE_AT = 0x80
const SECTIONS_AT = 0x1000
const FILE_ALIGNMENT = 512

/** A PE file with these sections, aligned and padded as ukify and objcopy do it. */
export function peFile(sections: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(sections)
  const header = Buffer.alloc(SECTIONS_AT)
  header.write('MZ', 'latin1')
  header.writeUInt32LE(PE_AT, 0x3c)
  header.write('PE\0\0', PE_AT, 'latin1')
  header.writeUInt16LE(0x8664, PE_AT + 4)
  header.writeUInt16LE(entries.length, PE_AT + 6)
  const optionalBytes = 240
  header.writeUInt16LE(optionalBytes, PE_AT + 20)
  const bodies: Buffer[] = []
  let offset = SECTIONS_AT
  for (const [index, [name, text]] of entries.entries()) {
    const at = PE_AT + 24 + optionalBytes + index * 40
    const paddedBytes = Math.ceil(text.length / FILE_ALIGNMENT) * FILE_ALIGNMENT
    header.write(name, at, 'latin1')
    header.writeUInt32LE(text.length, at + 8)
    header.writeUInt32LE(0x10000 + offset, at + 12)
    header.writeUInt32LE(paddedBytes, at + 16)
    header.writeUInt32LE(offset, at + 20)
    const body = Buffer.alloc(paddedBytes)
    body.write(text, 'latin1')
    bodies.push(body)
    offset += paddedBytes
  }
  return Buffer.concat([header, ...bodies])
}

/** A kernel image as far as it says its version. */
export function kernelImage(version: string): string {
  const image = Buffer.alloc(4096)
  image.write('HdrS', 0x202, 'latin1')
  image.writeUInt16LE(0x400, 0x20e)
  image.write(`${version} (builder@example) #1`, 0x600, 'latin1')
  return image.toString('latin1')
}

/** A unified kernel image, as a file's text. */
export function unifiedImage(parts: {
  readonly version: string
  readonly commandLine: string
  /** As a file's text. */
  readonly initramfs: string
  readonly osRelease?: string
}): string {
  const { version, commandLine, initramfs, osRelease = 'ID=debian\nVERSION_ID="12"\n' } = parts
  return peFile({
    '.text': 'the stub',
    '.osrel': osRelease,
    '.cmdline': `${commandLine}\0`,
    '.uname': version,
    '.initrd': initramfs,
    '.linux': kernelImage(version),
  }).toString('latin1')
}
