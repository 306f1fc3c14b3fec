/**
 * The daemon's block graph, as QMP arguments. Every layer is a qcow2 node over a file node. Backing
 * nodes are always named, so that no header is ever followed.
 */

/** The node of a layer, after its file. QEMU allows 31 characters and wants a letter first. */
export function nodeName(layer: string): string {
  return `v${layer.replace('.qcow2', '')}`
}

/**
 * L2 cache of the layer that is written to. One MiB of extended L2 entries maps 4 GiB; the default
 * of 32 MiB per layer would let a server with 50 disks take gigabytes.
 */
const ACTIVE_CACHE_BYTES = 1024 * 1024

/** Frozen layers are read now and then. */
const FROZEN_CACHE_BYTES = 256 * 1024

/**
 * How a file is accessed, the best first. Past the page cache a GiB costs the daemon a quarter of
 * the CPU, and a flush finds nothing that is still to be written. Not every filesystem can do
 * without it, nor may every process use io_uring (`kernel.io_uring_disabled`).
 */
export const FILE_ACCESSES: readonly object[] = [
  { cache: { direct: true }, aio: 'io_uring' },
  { cache: { direct: true }, aio: 'native' },
  { cache: { direct: false }, aio: 'threads' },
]

export function fileNode(options: { name: string; path: string; access: object }): object {
  return {
    driver: 'file',
    ...options.access,
    'node-name': `${options.name}-file`,
    filename: options.path,
    discard: 'unmap',
    // Follows the node above: once that is read-only, the file is reopened read-only and its write
    // lock is dropped, so that qemu-img and libguestfs may open it as a backing file.
    'auto-read-only': true,
  }
}

/** `backing`: the node below; null for none, or for one that a snapshot is about to put there. */
export function layerNode(options: {
  name: string
  backing: string | null
  frozen: boolean
}): object {
  const { name, backing, frozen } = options
  return {
    driver: 'qcow2',
    'node-name': name,
    file: `${name}-file`,
    backing,
    'read-only': frozen,
    discard: 'unmap',
    'l2-cache-size': frozen ? FROZEN_CACHE_BYTES : ACTIVE_CACHE_BYTES,
  }
}

/**
 * A node above `image` that does nothing. A job blocks the node it is asked for from being
 * snapshotted, and that must be a root: with this one it is not the node that is written to.
 */
export function standInNode(options: { name: string; image: string }): object {
  const { name, image } = options
  return { driver: 'blkdebug', 'node-name': name, image, 'read-only': true }
}

export function nbdExport(options: { id: string; node: string; writable: boolean }): object {
  const { id, node, writable } = options
  return { type: 'nbd', id, 'node-name': node, name: id, writable }
}
