/** What the tests with real guests share with the demo. */
export { buildGuestImage } from './demo/guest-image.ts'
export { installDebian, pathRules } from './demo/debian-root.ts'
export type { DebianSuite } from './demo/debian-root.ts'
export { hardwareArguments } from './demo/hardware.ts'
export type { Hardware, MachineDisk } from './demo/hardware.ts'
export { installAgent } from './demo/install-agent.ts'
export { SourceMachine } from './demo/source-machine.ts'
