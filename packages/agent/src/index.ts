export { buildInstaller, type BuiltInstaller } from './package/build-installer.ts'
