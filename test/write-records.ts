import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { record } from './record-writer.ts'

// Writes numbered records in turn to the files named on the command line, for ever. A number on
// standard output says that its record is durable.
const files = process.argv.slice(2).map((path) => openSync(path, 'a'))
process.on('exit', () => files.forEach((file) => closeSync(file)))
for (let number = 1; ; number += 1) {
  const file = files[(number - 1) % files.length]
  if (file === undefined) throw new Error('Name at least one file')
  writeSync(file, record(number))
  fsyncSync(file)
  writeSync(1, `${number}\n`)
}
