/** What the tests with real guests share with the demo. */
export { buildGuestImage } from './demo/guest-image.ts'
export { installAgent } from './demo/install-agent.ts'
export { SourceMachine } from './demo/source-machine.ts'
