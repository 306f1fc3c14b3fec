import { some, when, type PreflightRule } from './rule.ts'

export const SYSTEM_RULES: readonly PreflightRule[] = [
  {
    id: 'other-architecture',
    severity: 'blocker',
    about: 'system',
    title: 'The system is not of 64-bit x86, which is what instances have.',
    remedy: 'It cannot be migrated.',
    check: ({ architecture }) =>
      architecture === undefined || architecture === 'x86_64' ? undefined : [architecture],
  },
  {
    id: 'system-unknown',
    severity: 'warning',
    about: 'system',
    title: 'The distribution was not recognised: there is no /etc/os-release.',
    remedy: 'Launch a test instance: systems that do not say what they are are not tested.',
    check: ({ os }) => when(os === undefined),
  },
  {
    id: 'no-systemd',
    severity: 'warning',
    about: 'system',
    title: 'The system is not started by systemd: the agent in the instance does not start.',
    remedy:
      'The first boot stays UNKNOWN, and commands reach the instance not: look at its screen ' +
      'instead.',
    check: ({ hasSystemd }) => when(!hasSystemd),
  },
  {
    id: 'selinux-enforcing',
    severity: 'information',
    about: 'system',
    title: 'SELinux is enforcing: files that the conversion wrote are labelled at the first boot.',
    remedy: 'Nothing has to be done; the first boot may take some minutes longer, and start twice.',
    check: ({ selinux }) => when(selinux === 'enforcing'),
  },
  {
    id: 'other-guest-agents',
    severity: 'information',
    about: 'system',
    title: 'Guest software of another hypervisor or cloud is installed.',
    remedy: 'It does no harm. A post-launch action can remove it from the instance.',
    check: ({ guestAgents }) => some(guestAgents),
  },
]
