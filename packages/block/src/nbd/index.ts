export * from './nbd-client.ts'
export { NbdConnectionError, NbdError, type NbdErrorName } from './nbd-error.ts'
