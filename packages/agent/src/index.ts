export { buildInstaller, type BuiltInstaller } from './package/build-installer.ts'
export { TerminalPrompter } from './install/prompter.ts'
