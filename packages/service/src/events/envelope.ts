import { arnOf } from '@landfall/model'
import type { EventRow } from './tables.ts'

/** EventBridge's standard envelope, as MGN's events have it. */
export function envelope(
  row: EventRow,
  account: { readonly accountID: string; readonly region: string },
): object {
  return {
    version: '0',
    id: row.event_id,
    'detail-type': row.detail_type,
    source: 'aws.mgn',
    account: account.accountID,
    time: row.at.toISOString().replace(/\.\d{3}/, ''),
    region: account.region,
    resources: [arnOf('sourceServer', row.source_server_id, account)],
    detail: row.detail,
  }
}
