import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aws } from './aws-cli.fixture.ts'
import { ImageWatch } from '../images/image-watch.ts'
import { startLandfall } from './landfall.fixture.ts'

/** A whole service, its operations, and the AWS CLI's `ec2` commands on it. */
async function startWithEc2(t: TestContext) {
  const { service: http, landfall, provider } = await startLandfall(t)
  const ec2 = <Answer = Record<string, never>>(command: string, ...args: string[]) =>
    aws<Answer>(http, ['ec2', command, ...args])
  return { http, landfall, provider, ec2 }
}

interface Changes {
  readonly PreviousState: { readonly Name: string }
  readonly CurrentState: { readonly Name: string; readonly Code: number }
}

test('a launch template decides on the instance type, but where it is right-sized', async (t) => {
  const { http, landfall, provider, ec2 } = await startWithEc2(t)
  const sourceServerID = await landfall.readyServer({ tags: { Name: 'shop' } })
  const { ec2LaunchTemplateID: id } = await landfall.call<{ ec2LaunchTemplateID: string }>(
    'GetLaunchConfiguration',
    { sourceServerID },
  )
  const { LaunchTemplateVersions: before } = await ec2<{
    LaunchTemplateVersions: { VersionNumber: number; LaunchTemplateData: Record<string, unknown> }[]
  }>('describe-launch-template-versions', '--launch-template-id', id, '--versions', '$Default')
  const data = before[0]!.LaunchTemplateData
  assert.deepEqual(data['InstanceType'], 't3.small')
  assert.deepEqual(data['NetworkInterfaces'], [
    { AssociatePublicIpAddress: false, DeleteOnTermination: true, DeviceIndex: 0 },
  ])
  assert.deepEqual(
    (data['TagSpecifications'] as { ResourceType: string }[]).map((one) => one.ResourceType),
    ['instance', 'volume'],
  )
  const change = JSON.stringify({ ...data, InstanceType: 'm5.large' })
  const versionArgs = ['--launch-template-id', id, '--launch-template-data', change]
  await ec2('create-launch-template-version', ...versionArgs, '--version-description', 'bigger')
  await ec2('modify-launch-template', '--launch-template-id', id, '--default-version', '2')
  const mgn = (command: string, ...args: string[]) => aws(http, ['mgn', command, ...args])
  const launchedType = async () => {
    await mgn('start-test', '--source-server-ids', sourceServerID)
    await landfall.runJobs()
    assert.equal(provider.plans.size, 1)
    return [...provider.plans.values()][0]?.instanceType
  }
  const rightSizing = ['--target-instance-type-right-sizing-method', 'NONE']
  assert.equal(await launchedType(), 'c5.large') // Right sizing decides.
  await mgn('update-launch-configuration', '--source-server-id', sourceServerID, ...rightSizing)
  assert.equal(await launchedType(), 'm5.large')
  await ec2('modify-launch-template', '--launch-template-id', id, '--default-version', '1')
  assert.equal(await launchedType(), 't3.small')
  await assert.rejects(
    ec2('describe-launch-templates', '--launch-template-ids', 'lt-00000000000000000'),
    /InvalidLaunchTemplateId.NotFound/,
  )
})

test('the AWS CLI sees, stops, starts, tags and terminates an instance', async (t) => {
  const { http, landfall, provider, ec2 } = await startWithEc2(t)
  const sourceServerID = await landfall.readyServer({ tags: { Name: 'shop' } })
  await landfall.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await landfall.runJobs()
  const [id = ''] = [...provider.plans.keys()]
  type Instance = { InstanceId: string; InstanceType: string; State: { Name: string } }
  const instances = async (...args: string[]) => {
    const answer = await ec2<{ Reservations: { Instances: Instance[] }[] }>(
      'describe-instances',
      ...args,
    )
    return answer.Reservations.flatMap((one) => one.Instances)
  }
  assert.partialDeepStrictEqual(await instances(), [
    { InstanceId: id, InstanceType: 'c5.large', State: { Name: 'running' } },
  ])
  assert.equal((await instances('--filters', 'Name=tag:Name,Values=sh?p')).length, 1)
  assert.equal((await instances('--filters', 'Name=instance-state-name,Values=stopped')).length, 0)

  const ofInstance = ['--instance-ids', id]
  const { StoppingInstances: stopped } = await ec2<{ StoppingInstances: Changes[] }>(
    'stop-instances',
    ...ofInstance,
  )
  assert.deepEqual(stopped[0]?.CurrentState, { Code: 80, Name: 'stopped' })
  await assert.rejects(ec2('reboot-instances', ...ofInstance), /IncorrectState.*does not run/s)
  const { StartingInstances: started } = await ec2<{ StartingInstances: Changes[] }>(
    'start-instances',
    ...ofInstance,
  )
  assert.equal(started[0]?.PreviousState.Name, 'stopped')

  provider.print(id, 'login: ')
  const console = await ec2<{ Output: string }>('get-console-output', '--instance-id', id)
  assert.equal(console.Output, 'login: ') // The CLI decodes it.
  const screen = await ec2<{ ImageData: string }>('get-console-screenshot', '--instance-id', id)
  assert.equal(Buffer.from(screen.ImageData, 'base64').toString('latin1', 1, 4), 'PNG')

  await ec2('create-tags', '--resources', id, '--tags', 'Key=night,Value=yes')
  const { Tags: tags } = await ec2<{ Tags: object[] }>(
    ...(['describe-tags', '--filters', 'Name=key,Values=night'] as const),
  )
  assert.deepEqual(tags, [{ Key: 'night', ResourceId: id, ResourceType: 'instance', Value: 'yes' }])
  await ec2('delete-tags', '--resources', id, '--tags', 'Key=night')

  const protect = (option: string) => ec2('modify-instance-attribute', '--instance-id', id, option)
  await protect('--disable-api-termination')
  const wanted = ['--instance-id', id, '--attribute', 'disableApiTermination']
  assert.partialDeepStrictEqual(await ec2<object>('describe-instance-attribute', ...wanted), {
    DisableApiTermination: { Value: true },
  })
  await assert.rejects(ec2('terminate-instances', ...ofInstance), /OperationNotPermitted/)
  await protect('--no-disable-api-termination')
  await assert.rejects(ec2('terminate-instances', ...ofInstance, '--dry-run'), /DryRunOperation/)
  const { TerminatingInstances: ended } = await ec2<{ TerminatingInstances: Changes[] }>(
    'terminate-instances',
    ...ofInstance,
  )
  assert.equal(ended[0]?.CurrentState.Name, 'terminated')
  assert.deepEqual(await instances(), [])
  assert.equal((await instances(...ofInstance))[0]?.State.Name, 'terminated')
  assert.equal((await landfall.server(sourceServerID)).launchedInstance, undefined)
  await assert.rejects(ec2('start-instances', ...ofInstance), /IncorrectInstanceState/)
  await assert.rejects(
    ec2('start-instances', '--instance-ids', 'i-00000000000000000'),
    /InvalidInstanceID.NotFound/,
  )
  const wrong = { secretAccessKey: 'x'.repeat(40) }
  await assert.rejects(aws(http, ['ec2', 'describe-instances'], wrong), /AuthFailure/)
})

test('the AWS CLI makes an image of an instance, waits for it, and deregisters it', async (t) => {
  const { landfall, provider, ec2 } = await startWithEc2(t)
  const sourceServerID = await landfall.readyServer()
  await landfall.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await landfall.runJobs()
  const [instanceID = ''] = [...provider.plans.keys()]
  const create = (...more: string[]) =>
    ec2<{ ImageId: string }>('create-image', '--instance-id', instanceID, ...more)
  const { ImageId: id } = await create('--name', 'shop 1', '--description', 'x', '--no-reboot')
  await assert.rejects(create('--name', 'shop 1'), /InvalidAMIName.Duplicate/)
  await assert.rejects(create('--name', 'shop: 2'), /InvalidAMIName.Malformed/)
  await using watch = new ImageWatch(landfall.dependencies)
  await watch.look()
  await ec2('wait', 'image-available', '--image-ids', id)
  type Images = { readonly Images: readonly object[] }
  const images = async (...args: string[]) => (await ec2<Images>('describe-images', ...args)).Images
  assert.partialDeepStrictEqual(await images('--owners', 'self', '--image-ids', id), [
    {
      ImageId: id,
      Name: 'shop 1',
      Description: 'x',
      State: 'available',
      RootDeviceName: '/dev/sda',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda', Ebs: { VolumeSize: 1 } }, {}],
    },
  ])
  assert.deepEqual(await images('--owners', 'amazon'), [])
  await ec2('create-tags', '--resources', id, '--tags', 'Key=stage,Value=test')
  assert.equal((await images('--filters', 'Name=tag:stage,Values=t*')).length, 1)
  assert.equal((await images('--filters', 'Name=state,Values=pending')).length, 0)
  const ofInstance = `Name=source-instance-id,Values=${instanceID}`
  assert.equal((await images('--filters', ofInstance)).length, 1)
  await ec2('deregister-image', '--image-id', id)
  await watch.look()
  assert.equal(provider.images.size, 0)
  const unknown = ['--image-ids', id]
  await assert.rejects(ec2('describe-images', ...unknown), /InvalidAMIID.NotFound/)
  await assert.rejects(ec2('deregister-image', '--image-id', id), /InvalidAMIID.NotFound/)
})

test('the AWS CLI sees the catalogue, the network, and staging as volumes and snapshots', async (t) => {
  const { landfall, ec2 } = await startWithEc2(t)
  await landfall.readyServer()
  const types = await ec2<{ InstanceTypes: { VCpuInfo: object; MemoryInfo: object }[] }>(
    'describe-instance-types',
    ...['--instance-types', 'r5.xlarge'],
  )
  assert.partialDeepStrictEqual(types.InstanceTypes, [
    { VCpuInfo: { DefaultVCpus: 4 }, MemoryInfo: { SizeInMiB: 32_768 } },
  ])
  type Answers = Record<string, Record<string, unknown>[]>
  const first = async (command: string, member: string) =>
    (await ec2<Answers>(command))[member]?.[0] ?? assert.fail(`${command} shows nothing`)
  assert.equal((await first('describe-regions', 'Regions'))['RegionName'], 'lf-local-1')
  const zone = 'lf-local-1a'
  const zones = 'AvailabilityZones'
  assert.equal((await first('describe-availability-zones', zones))['ZoneName'], zone)
  assert.equal((await first('describe-subnets', 'Subnets'))['AvailabilityZone'], zone)
  assert.equal((await first('describe-vpcs', 'Vpcs'))['IsDefault'], true)
  assert.equal((await first('describe-security-groups', 'SecurityGroups'))['GroupName'], 'default')
  const volume = await first('describe-volumes', 'Volumes')
  const snapshots = await ec2<Answers>('describe-snapshots', '--owner-ids', 'self')
  assert.ok(snapshots['Snapshots']?.some((one) => one['VolumeId'] === volume['VolumeId']))
  const ofOthers = await ec2<Answers>('describe-snapshots', '--owner-ids', '999999999999')
  assert.deepEqual(ofOthers['Snapshots'], [])
  await assert.rejects(ec2('describe-volumes', '--volume-ids', 'vol-1'), /InvalidVolume.NotFound/)
  await assert.rejects(
    ec2('describe-vpcs', '--filters', 'Name=colour,Values=red'),
    /InvalidParameterValue.*'colour' is not supported here; there are tag-key/s,
  )
})
