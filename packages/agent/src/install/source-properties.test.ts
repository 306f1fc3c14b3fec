import assert from 'node:assert/strict'
import { hostname, release } from 'node:os'
import { test } from 'node:test'
import { makeTree } from './fake-sysfs.ts'
import { collectSourceProperties } from './source-properties.ts'

const ROUTES =
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
  'eth1\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0\n' +
  'br0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
  'br0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'

test('describes the machine: cards, default route, system, firmware', async (t) => {
  const root = await makeTree(t, {
    'proc/net/route': ROUTES,
    'proc/meminfo': 'MemTotal:        2048 kB\n',
    'etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    'etc/hosts': `127.0.0.1 localhost\n192.0.2.1 ${hostname()}.example.org ${hostname()}\n`,
    'sys/class/net/eth1/address': '02:00:00:00:00:01\n',
    'sys/class/net/eth1/device/vendor': '',
    'sys/class/net/br0/address': '02:00:00:00:00:02\n',
    'sys/class/net/docker0/address': '02:00:00:00:00:03\n',
    'sys/firmware/efi/fw_platform_size': '64',
  })
  const disk = { deviceName: '/dev/sda', bytes: 1024, isBootDisk: true }
  const properties = await collectSourceProperties([disk], root)
  assert.deepEqual(
    properties.networkInterfaces.map(({ name, macAddress, isPrimary }) => [
      name,
      macAddress,
      isPrimary,
    ]),
    [
      ['br0', '02:00:00:00:00:02', true],
      ['eth1', '02:00:00:00:00:01', false],
    ],
  )
  assert.equal(properties.identificationHints.fqdn, `${hostname()}.example.org`)
  assert.equal(properties.ramBytes, 2 * 1024 * 1024)
  assert.equal(properties.os.fullString, `linux ${release()} Debian GNU/Linux 12 (bookworm)`)
  assert.deepEqual([properties.firmware, properties.secureBoot], ['uefi', false])
  assert.deepEqual(properties.disks, [disk])
})

test('an IPv6 default route counts where there is no other; BIOS machines have no EFI', async (t) => {
  const zeros = '0'.repeat(32)
  const route = (to: string, dev: string) =>
    `${to} 00 ${zeros} 00 ${zeros} 00000400 00000001 00000000 00000001     ${dev}\n`
  const root = await makeTree(t, {
    'proc/net/route': 'Iface\tDestination\n',
    'proc/net/ipv6_route': route(zeros, 'lo') + route(zeros, 'ens3'),
    'sys/class/net/ens3/address': '02:00:00:00:00:01\n',
  })
  const properties = await collectSourceProperties([], root)
  assert.deepEqual(properties.networkInterfaces[0]?.name, 'ens3')
  assert.deepEqual([properties.firmware, properties.secureBoot], ['bios', false])
})

test('Secure Boot is on where UEFI says so, and not where it was switched off', async (t) => {
  const variable = 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
  for (const value of [0, 1]) {
    const root = await makeTree(t, {
      [variable]: `\u0006\u0000\u0000\u0000${String.fromCodePoint(value)}`,
    })
    const properties = await collectSourceProperties([], root)
    assert.deepEqual([properties.firmware, properties.secureBoot], ['uefi', value === 1])
  }
})
