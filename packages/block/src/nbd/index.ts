export * from './nbd-client.ts'
export * from './nbd-connections.ts'
export { NbdConnectionError, NbdError, type NbdErrorName } from './nbd-error.ts'
