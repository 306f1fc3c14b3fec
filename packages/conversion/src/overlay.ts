import type { ToolRunner } from './tool-runner.ts'

/**
 * A qcow2 overlay, made without opening what is below it: a storage daemon may have that open.
 * Small subclusters keep random writes from copying 64 KiB each.
 */
export async function createOverlay(
  tools: ToolRunner,
  overlay: { path: string; backingPath: string; sizeBytes: number },
): Promise<void> {
  await tools.run('qemu-img', [
    'create',
    '-q',
    '-u',
    '-f',
    'qcow2',
    '-o',
    'extended_l2=on,lazy_refcounts=off',
    '-F',
    'qcow2',
    '-b',
    overlay.backingPath,
    overlay.path,
    String(overlay.sizeBytes),
  ])
}
