/** The S3-compatible store that has the buckets: one row, or none where they are folders. */
export interface BucketStoresTable {
  account_id: string
  endpoint: string
  region: string
  access_key_id: string
  /** Sealed under the master key. */
  sealed_secret: Buffer
}

export interface BucketTables {
  bucket_stores: BucketStoresTable
}
