export { startStaging, type Staging, type StagingOptions } from './staging.ts'
