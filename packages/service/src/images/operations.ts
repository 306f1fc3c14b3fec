import type { ImageView } from '@landfall/model'
import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'
import type { ImageRow } from './tables.ts'

/** Where the files of images are, which no client of EC2's asks for. */
export function imageOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      ListImages: validated(z.object({}), async () => {
        const rows = await db
          .selectFrom('images')
          .selectAll()
          .where('state', '<>', 'DEREGISTERED')
          .orderBy('seq')
          .execute()
        return { items: rows.map(viewImage) }
      }),
    },
  }
}

function viewImage({ image_id, name, state, failure, ...image }: ImageRow): ImageView {
  return {
    imageID: image_id,
    name,
    state,
    ...(failure !== null && { failureReason: failure }),
    instanceID: image.instance_id,
    createdAt: image.created_at.toISOString(),
    disks: image.disks,
  }
}
