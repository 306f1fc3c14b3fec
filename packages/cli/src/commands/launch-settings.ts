import { LandfallError, type LaunchPurpose, type NetworkPlan } from '@landfall/model'
import { Command, Option } from 'commander'
import { actionOwner, OWNER_ARGUMENT, type ActionOwner } from '../actions/action-owner.ts'
import { networkPlanText } from '../launch/network-plan-view.ts'
import { connect } from '../service-client/connect.ts'
import type { ServiceClient } from '../service-client/service-client.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

const TEST_NETWORKS = {
  isolated: 'ISOLATED',
  'like-cutover': 'LIKE_CUTOVER',
  default: null,
} as const

interface LaunchSettingsOptions extends ServiceOptions {
  readonly testNetwork?: keyof typeof TEST_NETWORKS
}

type NetworkSettings = (
  | { readonly sourceServerID: string }
  | { readonly launchConfigurationTemplateID: string }
) & {
  readonly testNetwork: 'ISOLATED' | 'LIKE_CUTOVER'
  readonly isDefault: boolean
}

type Planned = NetworkPlan | { readonly refusal: string }

/** What `--json` prints. */
export type LaunchSettingsView = NetworkSettings & {
  /** Only of a server. */
  readonly plans?: { readonly TEST: Planned; readonly CUTOVER: Planned }
}

const NOTE = `
A test instance is a second machine of one identity, and its source still runs. By default it is
isolated: it gets its address and meets nobody. Its agent needs no network: the first boot is
reported and commands are run all the same. Where the cutover instance goes is what the subnet of
the EC2 launch template says; whether it keeps the source's addresses, copyPrivateIp of MGN's launch
configuration.
`

/** `landfall launch-settings`: the network of a server's instances. */
export function launchSettingsCommand({ output, signal }: CommandContext): Command {
  const testNetwork = new Option('--test-network <network>', 'where test instances are launched')
  return new Command('launch-settings')
    .description("show or set the network of the server's instances, and what it comes to")
    .argument('<owner>', OWNER_ARGUMENT)
    .addOption(testNetwork.choices(Object.keys(TEST_NETWORKS)))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['launch-settings s-0123456789abcdef0', 'shows what an instance will have'],
          [
            'launch-settings s-0123456789abcdef0 --test-network like-cutover',
            'test instances are where the cutover instance will be; stop the source first if\n' +
              '      they keep its addresses',
          ],
          ['launch-settings s-0123456789abcdef0 --test-network default', 'isolated again'],
          [
            'launch-settings template --test-network like-cutover',
            'the same for all servers that register from now on',
          ],
        ]),
    )
    .action(async (argument: string, options: LaunchSettingsOptions) => {
      const client = await connect(options.dataDir)
      const owner = await actionOwner(client, argument, signal)
      const view = await readView(client, { owner, options, signal })
      output.line(options.json ? JSON.stringify(view, null, 2) : launchSettingsText(view))
    })
}

async function readView(
  client: ServiceClient,
  call: { owner: ActionOwner; options: LaunchSettingsOptions; signal: AbortSignal },
): Promise<LaunchSettingsView> {
  const { owner, options, signal } = call
  const chosen = options.testNetwork
  const settings =
    chosen === undefined
      ? client.landfall<NetworkSettings>('GetNetworkSettings', owner.id, signal)
      : client.landfall<NetworkSettings>(
          'UpdateNetworkSettings',
          { ...owner.id, testNetwork: TEST_NETWORKS[chosen] },
          signal,
        )
  const found = await settings
  if (owner.words === 'Template') return found
  const planFor = async (purpose: LaunchPurpose): Promise<Planned> => {
    try {
      const input = { ...owner.id, purpose }
      return await client.landfall<NetworkPlan>('DescribeNetworkPlan', input, signal)
    } catch (error) {
      if (!(error instanceof LandfallError) || error.code !== 'validation') throw error
      return { refusal: error.message }
    }
  }
  return { ...found, plans: { TEST: await planFor('TEST'), CUTOVER: await planFor('CUTOVER') } }
}

/** The same for people. */
export function launchSettingsText(view: LaunchSettingsView): string {
  const { testNetwork, isDefault, plans } = view
  const whose = isDefault ? 'the default' : 'its own'
  const name = Object.entries(TEST_NETWORKS).find(([, value]) => value === testNetwork)?.[0]
  const id = 'sourceServerID' in view ? view.sourceServerID : view.launchConfigurationTemplateID
  const line = `${id}: test network ${name} (${whose})`
  if (plans === undefined) return `${line}, which new servers take over`
  return [
    line,
    textOf('Test instance', plans.TEST),
    textOf('Cutover instance', plans.CUTOVER),
  ].join('\n\n')
}

function textOf(title: string, plan: Planned): string {
  if ('refusal' in plan) return `${title}: cannot be launched. ${plan.refusal}`
  return `${title}: ${networkPlanText(plan)}`
}
