import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportCommands } from './export-commands.ts'

test('every disk gets a command of its own, whatever it is called', () => {
  const command = ['landfall', 'instances', 'export', 'i-1']
  const deviceNames = ['/dev/sda', "/dev/mapper/it's"]
  assert.equal(
    exportCommands({ command, deviceNames, name: 'i-1' }),
    'landfall instances export i-1 --disk /dev/sda --to i-1-sda.qcow2 --format qcow2\n' +
      String.raw`landfall instances export i-1 --disk '/dev/mapper/it'\''s' ` +
      String.raw`--to 'i-1-it'\''s.qcow2' --format qcow2`,
  )
})
