import type { SelectProps } from '@cloudscape-design/components/select'

/** EC2's volume types, and what each is here, where the staging area decides on the medium. */
export const VOLUME_TYPES = [
  { value: '', label: 'Not chosen', description: 'As gp2.' },
  { value: 'gp3', label: 'gp3', description: 'Takes limits of operations and throughput.' },
  { value: 'gp2', label: 'gp2', description: 'Takes no limits.' },
  { value: 'io2', label: 'io2', description: 'A thread of its own; takes a limit of operations.' },
  { value: 'io1', label: 'io1', description: 'A thread of its own; takes a limit of operations.' },
  { value: 'st1', label: 'st1', description: 'As gp2.' },
  { value: 'sc1', label: 'sc1', description: 'As gp2.' },
  { value: 'standard', label: 'standard', description: 'As gp2.' },
] as const satisfies readonly SelectProps.Option[]
