import type { Dependencies } from '../dependencies.ts'
import type { Buckets } from './buckets.ts'
import { FolderBuckets } from './folder-buckets.ts'
import { S3Buckets } from './s3-buckets.ts'

/** An S3-compatible store, and the key with which it is asked. */
export interface BucketStore {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

type World = Pick<Dependencies, 'db' | 'secretBox'>

/** What the secret is sealed for. */
export const SEALED_FOR = 'bucket store'

export async function findBucketStore({ db, secretBox }: World): Promise<BucketStore | undefined> {
  const row = await db.selectFrom('bucket_stores').selectAll().executeTakeFirst()
  if (row === undefined) return undefined
  const { endpoint, region, access_key_id: accessKeyId, sealed_secret: sealed } = row
  return { endpoint, region, accessKeyId, secretAccessKey: secretBox.open(sealed, SEALED_FOR) }
}

/** The buckets of the store that is set, else those that are folders in `root`. */
export function createBuckets(world: World, root: string): Buckets {
  const folders = new FolderBuckets(root)
  const present = async (): Promise<Buckets> => {
    const store = await findBucketStore(world)
    return store === undefined ? folders : new S3Buckets(store)
  }
  return {
    open: async (location, signal) => (await present()).open(location, signal),
    put: async (location, file, signal) => (await present()).put(location, file, signal),
  }
}
