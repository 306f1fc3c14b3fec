import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { LandfallError, type ImageView } from '@landfall/model'
import { LaunchedInstance } from '../ssm/launched-instance.fixture.ts'
import { createTestService } from '../test-service.ts'
import { ImageWatch } from './image-watch.ts'
import { SlowProvider } from './slow-provider.fixture.ts'

async function begin(t: TestContext) {
  const provider = new SlowProvider()
  const service = await createTestService(t, { provider })
  const { instanceID } = await LaunchedInstance.launch(service)
  const { dependencies } = service
  let count = 0
  const create = async () => {
    const input = { InstanceId: instanceID, Name: `image ${(count += 1)}` }
    return (await service.call<{ ImageId: string }>('CreateImage', input)).ImageId
  }
  const images = async () => (await service.call<{ items: ImageView[] }>('ListImages')).items
  const states = async () => (await images()).map(({ state }) => state)
  return { provider, service, instanceID, dependencies, create, images, states }
}

test('an image is pending until its disks are copied, and says where they are', async (t) => {
  const { provider, dependencies, instanceID, create, images } = await begin(t)
  const imageID = await create()
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  await watch.look()
  assert.deepEqual(provider.begun, [imageID])
  assert.partialDeepStrictEqual(await images(), [{ state: 'PENDING', instanceID, disks: [] }])
  provider.end(imageID)
  await watch.settled()
  const [image] = await images()
  assert.equal(image?.state, 'AVAILABLE')
  assert.deepEqual(image.disks, provider.images.get(imageID))
})

test('an image that cannot be copied has failed with the reason, until it is deregistered', async (t) => {
  const { provider, service, dependencies, create, images } = await begin(t)
  const imageID = await create()
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  provider.fail(imageID, new LandfallError('unavailable', 'No space left on device.'))
  await watch.settled()
  assert.partialDeepStrictEqual(await images(), [
    { state: 'FAILED', failureReason: 'No space left on device.' },
  ])
  const { Images } = await service.call<{ Images: object[] }>('DescribeImages', {})
  assert.partialDeepStrictEqual(Images, [
    { State: 'failed', StateReason: { Message: 'No space left on device.' } },
  ])
  await watch.look()
  assert.equal(provider.begun.length, 1)
  await service.call('DeregisterImage', { ImageId: imageID })
  assert.deepEqual(await images(), [])
})

test('a service that is stopped or killed makes its pending images anew', async (t) => {
  const { provider, dependencies, create, states } = await begin(t)
  const imageID = await create()
  const stopped = new ImageWatch(dependencies)
  await stopped.look()
  await stopped[Symbol.asyncDispose]()
  assert.deepEqual(await states(), ['PENDING'])
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  assert.deepEqual(provider.begun, [imageID, imageID])
  provider.end(imageID)
  await watch.settled()
  assert.deepEqual(await states(), ['AVAILABLE'])
})

test('an image that is deregistered while it is copied leaves nothing, nor one that just was', async (t) => {
  const { provider, service, dependencies, create, states } = await begin(t)
  const [first, second] = [await create(), await create()]
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  for (const ImageId of [first, second]) await service.call('DeregisterImage', { ImageId })
  // The second is whole before anybody looks.
  provider.end(second)
  await watch.look()
  await watch.settled()
  assert.deepEqual([...provider.images.keys()], [])
  await watch.look()
  assert.deepEqual(await states(), [])
  const rows = await dependencies.db.selectFrom('images').select('image_id').execute()
  assert.deepEqual(rows, [])
})

test('an image outlives its instance; one that is not copied yet fails with it', async (t) => {
  const { provider, service, instanceID, dependencies, create, images } = await begin(t)
  const first = await create()
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  provider.end(first)
  await watch.settled()
  await create()
  await watch.look()
  await service.call('TerminateInstances', { InstanceIds: [instanceID] })
  await watch.look()
  await watch.settled()
  const [whole, lost] = await images()
  assert.equal(whole?.state, 'AVAILABLE')
  assert.ok(provider.images.has(first))
  assert.equal(lost?.failureReason, 'The instance was terminated.')
  await assert.rejects(create(), { ec2Code: 'IncorrectInstanceState' })
})

test('only so many images are copied at once, and the others have their turn', async (t) => {
  const { provider, dependencies, create, states } = await begin(t)
  const ids: string[] = []
  for (let left = 6; left > 0; left -= 1) ids.push(await create())
  await using watch = new ImageWatch(dependencies)
  await watch.look()
  assert.equal(provider.begun.length, 4)
  for (const id of provider.begun) provider.end(id)
  await watch.settled()
  await watch.look()
  assert.deepEqual(provider.begun, ids)
  for (const id of ids) provider.end(id)
  await watch.settled()
  assert.deepEqual(new Set(await states()), new Set(['AVAILABLE']))
})

test('what an image would have to be made differently for is refused', async (t) => {
  const { service, instanceID } = await begin(t)
  const input = { InstanceId: instanceID, Name: 'image', BlockDeviceMappings: [] }
  await assert.rejects(service.call('CreateImage', input), { ec2Code: 'UnsupportedOperation' })
  const unknown = { InstanceId: 'i-00000000000000000', Name: 'image' }
  await assert.rejects(service.call('CreateImage', unknown), {
    ec2Code: 'InvalidInstanceID.NotFound',
  })
})
