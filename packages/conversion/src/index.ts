export { convertPoint } from './convert-point.ts'
export { inspectPoint } from './inspect-point.ts'
export type { InspectionOptions } from './inspect-point.ts'
export type {
  ConversionDisk,
  ConversionOptions,
  ConversionProgress,
  ConversionResult,
} from './convert-point.ts'
