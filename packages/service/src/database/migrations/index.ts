import type { Migration } from 'kysely/migration'
import * as identity from './001-identity.ts'
import * as lifecycle from './002-lifecycle.ts'
import * as pointPolicies from './003-point-policies.ts'
import * as mismatches from './004-mismatches.ts'
import * as inventory from './005-inventory.ts'
import * as policies from './006-policies.ts'
import * as launchTemplates from './007-launch-templates.ts'
import * as instances from './008-instances.ts'
import * as ssm from './009-ssm.ts'
import * as audit from './010-audit.ts'
import * as events from './011-events.ts'
import * as ssmCommands from './012-ssm-commands.ts'
import * as importExport from './013-import-export.ts'
import * as manyServers from './014-many-servers.ts'
import * as launchedInstances from './015-launched-instances.ts'
import * as actionRuns from './016-action-runs.ts'
import * as networks from './017-networks.ts'
import * as preflight from './018-preflight.ts'
import * as diskKeys from './019-disk-keys.ts'
import * as rehearsals from './020-rehearsals.ts'
import * as images from './021-images.ts'
import * as templateTestNetwork from './022-template-test-network.ts'
import * as console from './023-console.ts'
import * as replicationSamples from './024-replication-samples.ts'
import * as firstBoots from './025-first-boots.ts'
import * as serverList from './026-server-list.ts'

/** Every migration, in order of name. One that was released is never changed: add the next one. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-identity': identity,
  '002-lifecycle': lifecycle,
  '003-point-policies': pointPolicies,
  '004-mismatches': mismatches,
  '005-inventory': inventory,
  '006-policies': policies,
  '007-launch-templates': launchTemplates,
  '008-instances': instances,
  '009-ssm': ssm,
  '010-audit': audit,
  '011-events': events,
  '012-ssm-commands': ssmCommands,
  '013-import-export': importExport,
  '014-many-servers': manyServers,
  '015-launched-instances': launchedInstances,
  '016-action-runs': actionRuns,
  '017-networks': networks,
  '018-preflight': preflight,
  '019-disk-keys': diskKeys,
  '020-rehearsals': rehearsals,
  '021-images': images,
  '022-template-test-network': templateTestNetwork,
  '023-console': console,
  '024-replication-samples': replicationSamples,
  '025-first-boots': firstBoots,
  '026-server-list': serverList,
}
