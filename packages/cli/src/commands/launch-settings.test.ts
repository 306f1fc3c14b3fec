import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchSettingsText } from './launch-settings.ts'

test('of the template is shown what new servers take over', () => {
  const text = launchSettingsText({
    launchConfigurationTemplateID: 'lct-0123456789abcdef0',
    testNetwork: 'LIKE_CUTOVER',
    isDefault: false,
  })
  assert.equal(
    text,
    'lct-0123456789abcdef0: test network like-cutover (its own), which new servers take over',
  )
})

test('what becomes of each interface is shown, or why nothing can', () => {
  const of = (name: string, address: string) => ({
    name,
    sourceMacAddress: '00:11:22:33:44:55',
    sourceAddresses: [address],
  })
  const settings = {
    addresses: ['192.0.2.10/24'],
    gateway: '192.0.2.1',
    routes: [{ destination: '198.51.100.0/24', gateway: '192.0.2.254' }],
    nameServers: ['192.0.2.53'],
    searchDomains: [],
  }
  const text = launchSettingsText({
    sourceServerID: 's-0123456789abcdef0',
    testNetwork: 'LIKE_CUTOVER',
    isDefault: false,
    plans: {
      TEST: {
        network: { name: 'lan', kind: 'bridge', bridge: 'br0' },
        interfaces: [
          { ...of('ens3', '192.0.2.10'), target: 'STATIC', settings },
          { ...of('ens4', '10.0.0.5'), target: 'NOT_ATTACHED' },
        ],
      },
      CUTOVER: { refusal: 'The address is elsewhere.' },
    },
  })
  assert.equal(
    text,
    [
      's-0123456789abcdef0: test network like-cutover (its own)',
      '',
      'Test instance: network lan (bridge br0)',
      'Interface  MAC on the source  Addresses on the source  Instance',
      'ens3       00:11:22:33:44:55  192.0.2.10               192.0.2.10/24; gateway 192.0.2.1; ' +
        '198.51.100.0/24 via 192.0.2.254; DNS 192.0.2.53',
      'ens4       00:11:22:33:44:55  10.0.0.5                 not attached',
      '',
      'Cutover instance: cannot be launched. The address is elsewhere.',
    ].join('\n'),
  )
})
