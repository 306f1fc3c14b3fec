import { MIB, SCRUB_BYTES_PER_SECOND_MAX } from '@landfall/model'
import { InvalidArgumentError } from 'commander'

/** A TCP port from the command line. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('A port is a number from 1 to 65535.')
  }
  return port
}

/** A rate of the scrub from the command line, as bytes per second. */
export function parseScrubRate(text: string): number {
  const bytesPerSecond = Number(text) * MIB
  if (!/^\d+$/.test(text) || bytesPerSecond < MIB || bytesPerSecond > SCRUB_BYTES_PER_SECOND_MAX) {
    const most = SCRUB_BYTES_PER_SECOND_MAX / MIB
    throw new InvalidArgumentError(`A rate is a whole number of MiB per second from 1 to ${most}.`)
  }
  return bytesPerSecond
}

/** A list separated by commas, without empty parts. */
export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
