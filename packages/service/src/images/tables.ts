import type { ImageDisk } from '@landfall/launch'
import type { ImageState } from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

export interface ImagesTable {
  image_id: string
  seq: Generated<number>
  instance_id: string
  /** No two images that were not deregistered have the same. */
  name: string
  description: string | null
  state: ImageState
  /** Why it failed. */
  failure: ColumnType<string | null, never, string>
  /** None before it is AVAILABLE. */
  disks: ColumnType<readonly ImageDisk[], never, string>
  tags: JsonColumn<Record<string, string>>
  created_at: ColumnType<Date, Date, never>
}

export type ImageRow = Selectable<ImagesTable>

export interface ImageTables {
  images: ImagesTable
}
