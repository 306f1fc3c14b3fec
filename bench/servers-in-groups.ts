import {
  AssociateApplicationsCommand,
  AssociateSourceServersCommand,
  CreateApplicationCommand,
  CreateWaveCommand,
  ListApplicationsCommand,
  ListWavesCommand,
} from '@aws-sdk/client-mgn'
import { type Cost, costOf, type Measured } from './servers-at-size.ts'

const SERVERS_PER_APPLICATION = 20
const APPLICATIONS_PER_WAVE = 50
/** A list to hold the whole one against. */
const FEW_APPLICATIONS = 10
const CALLS = 20

/** Calls of each kind, with the groups that each returned. */
export interface InGroups {
  readonly fewApplications: Cost & { readonly count: number }
  readonly allApplications: Cost & { readonly count: number }
  readonly allWaves: Cost & { readonly count: number }
}

/** Puts every server into an application, and these into waves; what listing them takes then. */
export async function measureInGroups({ service, operator, ids }: Measured): Promise<InGroups> {
  const applications: string[] = []
  for (const sourceServerIDs of slices(ids, SERVERS_PER_APPLICATION)) {
    const name = `application ${applications.length}`
    const { applicationID } = await operator.send(new CreateApplicationCommand({ name }))
    await operator.send(new AssociateSourceServersCommand({ applicationID, sourceServerIDs }))
    applications.push(applicationID ?? '')
  }
  const waves = slices(applications, APPLICATIONS_PER_WAVE)
  for (const [index, applicationIDs] of waves.entries()) {
    const { waveID } = await operator.send(new CreateWaveCommand({ name: `wave ${index}` }))
    await operator.send(new AssociateApplicationsCommand({ waveID, applicationIDs }))
  }
  const list = async (count: number) => {
    const call = () => operator.send(new ListApplicationsCommand({ maxResults: count }))
    return { count, ...(await costOf(service, call, CALLS)) }
  }
  return {
    fewApplications: await list(FEW_APPLICATIONS),
    allApplications: await list(applications.length),
    allWaves: {
      count: waves.length,
      ...(await costOf(service, () => operator.send(new ListWavesCommand({})), CALLS)),
    },
  }
}

function slices<T>(values: readonly T[], length: number): T[][] {
  const count = Math.ceil(values.length / length)
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * length, (index + 1) * length),
  )
}
