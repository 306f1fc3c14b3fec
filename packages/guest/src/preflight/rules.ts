import { BOOT_RULES } from './boot-rules.ts'
import { LAUNCH_RULES } from './launch-rules.ts'
import { NETWORK_RULES } from './network-rules.ts'
import type { PreflightRule } from './rule.ts'
import { STORAGE_RULES } from './storage-rules.ts'
import { SYSTEM_RULES } from './system-rules.ts'

/** All that preflight looks for. */
export const PREFLIGHT_RULES: readonly PreflightRule[] = [
  ...BOOT_RULES,
  ...STORAGE_RULES,
  ...NETWORK_RULES,
  ...SYSTEM_RULES,
  ...LAUNCH_RULES,
]
