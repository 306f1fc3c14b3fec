export { convertPoint } from './convert-point.ts'
export type {
  ConversionDisk,
  ConversionOptions,
  ConversionProgress,
  ConversionResult,
} from './convert-point.ts'
