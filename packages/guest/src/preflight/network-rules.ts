import { some, when, type PreflightRule } from './rule.ts'

export const NETWORK_RULES: readonly PreflightRule[] = [
  {
    id: 'network-settings-unknown',
    severity: 'warning',
    about: 'network',
    title: 'No network settings that are known were found: the instance may have no address.',
    remedy:
      'Launch a test instance. Known are netplan, ifupdown, ifcfg files, systemd-networkd and ' +
      'NetworkManager profiles.',
    check: ({ network }) => when(network.managers.length === 0),
  },
  {
    id: 'static-address',
    severity: 'information',
    about: 'network',
    title:
      'Addresses are set in files: an instance asks for one by DHCP, unless it is to keep them.',
    remedy:
      'See that whoever names the address (DNS, firewalls, peers) learns the new one, or set ' +
      'copyPrivateIp.',
    check: ({ network }) => some(network.staticFiles),
  },
]
