import { chown, copyFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { DomainOwner } from './domain-xml.ts'

/** UEFI firmware on this host. */
export interface FirmwareFiles {
  readonly code: string
  /** What an instance's own variables begin as. With Secure Boot it holds Microsoft's keys. */
  readonly variables: string
  /** The firmware protects its variables by system management mode and does not run without. */
  readonly needsSmm: boolean
}

interface Place extends FirmwareFiles {
  readonly secureBoot: boolean
}

const DEBIAN = '/usr/share/OVMF'
const FEDORA = '/usr/share/edk2/ovmf'

/**
 * Where distributions put OVMF, the first that is there wins. Debian and Ubuntu have variables of 4
 * MiB beside the old ones of 2 MiB, in which a distrust list of today finds no room. Red Hat builds
 * one firmware, with Secure Boot, and leaves the keys out of its plain variables.
 */
const PLACES: readonly Place[] = [
  place(DEBIAN, 'OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd', { secureBoot: false, needsSmm: false }),
  place(FEDORA, 'OVMF_CODE.fd', 'OVMF_VARS.fd', { secureBoot: false, needsSmm: false }),
  place(FEDORA, 'OVMF_CODE.secboot.fd', 'OVMF_VARS.fd', { secureBoot: false, needsSmm: true }),
  place(DEBIAN, 'OVMF_CODE_4M.ms.fd', 'OVMF_VARS_4M.ms.fd', { secureBoot: true, needsSmm: true }),
  place(FEDORA, 'OVMF_CODE.secboot.fd', 'OVMF_VARS.secboot.fd', {
    secureBoot: true,
    needsSmm: true,
  }),
]

/** `unavailable`, with the package to install, when the host has none. Another root in tests. */
export async function findFirmware(secureBoot: boolean, root = '/'): Promise<FirmwareFiles> {
  for (const { secureBoot: isSecure, ...files } of PLACES) {
    if (isSecure !== secureBoot) continue
    const isThere = await Promise.all(
      [files.code, files.variables].map((p) => exists(join(root, p))),
    )
    if (isThere.every(Boolean)) return files
  }
  throw new LandfallError(
    'unavailable',
    `This host has no UEFI firmware${secureBoot ? ' with Secure Boot' : ''} for instances. ` +
      'Install the package ovmf (Debian, Ubuntu) or edk2-ovmf (Fedora, Red Hat), and launch again.',
  )
}

/**
 * Makes the instance's own variables, once: what it stored in them is kept. Nobody but QEMU needs
 * to read them.
 */
export async function prepareVariables(
  path: string,
  { variables }: FirmwareFiles,
  owner: DomainOwner,
): Promise<void> {
  if (await exists(path)) return
  const unfinished = `${path}.unfinished`
  await copyFile(variables, unfinished)
  await chown(unfinished, owner.uid, owner.gid)
  await rename(unfinished, path)
}

function place(
  folder: string,
  code: string,
  variables: string,
  needs: { readonly secureBoot: boolean; readonly needsSmm: boolean },
): Place {
  return { code: `${folder}/${code}`, variables: `${folder}/${variables}`, ...needs }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
