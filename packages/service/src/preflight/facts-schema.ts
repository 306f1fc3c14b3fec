import {
  BOOT_LOADERS,
  FACTS_LIST_MAX,
  FACTS_TEXT_MAX,
  NETWORK_MANAGERS,
  type GuestFacts,
} from '@landfall/guest'
import { z } from 'zod'

/** The shape of a guest's facts, as a check: they come from agents. */

const text = z.string().max(FACTS_TEXT_MAX)
const texts = z.array(text).max(FACTS_LIST_MAX)
const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(FACTS_LIST_MAX)
const bytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const space = z.object({ totalBytes: bytes, availableBytes: bytes })

const contents = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read'), modules: texts }),
  z.object({ kind: z.literal('unread'), why: text }),
])

const kernel = z.object({
  version: text,
  imagePath: text.exactOptional(),
  isUnified: z.literal(true).exactOptional(),
  initramfs: z
    .object({ path: text, sizeBytes: bytes, contents: contents.exactOptional() })
    .exactOptional(),
  builtin: texts,
  loadable: texts.exactOptional(),
})

const defaultKernel = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('known'),
    version: text,
    decidedBy: z.enum(['grub', 'bls', 'systemd-boot', 'firmware', 'only', 'newest']),
  }),
  z.object({ kind: z.literal('unclear'), why: text }),
])

const generator = z.discriminatedUnion('name', [
  z.object({ name: z.literal('initramfs-tools'), modules: text }),
  z.object({ name: z.literal('dracut'), isHostOnly: z.boolean(), addedDrivers: texts }),
  z.object({ name: z.literal('mkinitcpio') }),
  z.object({ name: z.literal('mkinitfs') }),
])

const boot = z.object({
  loaders: z.array(z.enum(BOOT_LOADERS)).max(BOOT_LOADERS.length),
  esp: z
    .object({
      folder: text,
      hasFallback: z.boolean(),
      hasShim: z.boolean(),
      loaders: listOf(z.object({ path: text, isSigned: z.boolean() })),
    })
    .exactOptional(),
  commandLine: text.exactOptional(),
  root: text.exactOptional(),
  resume: text.exactOptional(),
  cryptDevices: texts,
  consoles: texts,
})

const fstabEntry = z.object({
  device: text,
  folder: text,
  type: text,
  options: texts,
  naming: z.enum(['hardware', 'path', 'stable', 'network', 'other']),
  disks: texts.exactOptional(),
})

const live = z.object({
  firmware: z.enum(['bios', 'uefi']),
  isSecureBoot: z.boolean(),
  kernel: text,
  mounts: listOf(
    z.object({
      device: text,
      folder: text,
      type: text,
      disks: texts,
      layers: listOf(z.enum(['luks', 'lvm', 'multipath', 'raid'])),
    }),
  ),
})

export const guestFacts: z.ZodType<GuestFacts> = z.object({
  os: z.object({ id: text, version: text, name: text }).exactOptional(),
  architecture: text.exactOptional(),
  hasSystemd: z.boolean(),
  kernels: listOf(kernel),
  defaultKernel,
  initramfsGenerators: listOf(generator),
  boot,
  fstab: listOf(fstabEntry),
  crypttab: listOf(z.object({ name: text, device: text, key: text, options: texts })),
  storage: z.object({
    hasMdadmConf: z.boolean(),
    hasLvmDevicesFile: z.boolean(),
    hasMultipathConf: z.boolean(),
  }),
  network: z.object({
    managers: z.array(z.enum(NETWORK_MANAGERS)).max(NETWORK_MANAGERS.length),
    staticFiles: texts,
  }),
  selinux: z.enum(['enforcing', 'permissive', 'disabled']).exactOptional(),
  hasSerialGetty: z.boolean(),
  guestAgents: texts,
  space: z.object({ root: space.exactOptional(), boot: space.exactOptional() }),
  live: live.exactOptional(),
})
