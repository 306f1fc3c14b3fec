import { Command } from 'commander'
import { type ImageView, LandfallError } from '@landfall/model'
import { connect } from '../service-client/connect.ts'
import { formatBytes } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'
import { addExportOptions, exportDisk, type ExportOptions } from './export-options.ts'

const NOTE = `
Images are made with "aws ec2 create-image", or by the post-launch action AWS-CreateImage, and
deleted with "aws ec2 deregister-image". Their files stand alone, and may be copied away.
`

/** `landfall images`: where the files of images of instances are. */
export function imagesCommand(context: CommandContext): Command {
  return new Command('images')
    .description('images of launched instances: their files, and disks of them in other formats')
    .addCommand(listCommand(context))
    .addCommand(exportCommand(context))
}

function listCommand({ output, signal }: CommandContext): Command {
  return new Command('list')
    .description('list the images with their files')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTE + examples([['images list', 'a paragraph for each image']]))
    .action(async ({ dataDir, json }: ServiceOptions) => {
      const images = await readImages(dataDir, signal)
      output.line(json ? JSON.stringify(images, null, 2) : describeImages(images))
    })
}

function exportCommand(context: CommandContext): Command {
  const command = new Command('export')
    .description('write one disk of an image to a file')
    .argument('<image>', 'image ID, ami-…')
  return addExportOptions(command, 'qcow2')
    .addHelpText(
      'after',
      examples([
        [
          'images export ami-0123456789abcdef0 --disk /dev/sda --to web01.vmdk --format vmdk',
          'a disk that boots on KVM, for another place',
        ],
      ]),
    )
    .action(async (imageID: string, options: ExportOptions) => {
      await exportDisk(context, options, {
        name: 'Image',
        idMember: 'imageID',
        id: imageID,
        disks: async () =>
          findAvailable(await readImages(options.dataDir, context.signal), imageID).disks,
      })
    })
}

async function readImages(dataDir: string, signal: AbortSignal): Promise<readonly ImageView[]> {
  const client = await connect(dataDir)
  const { items } = await client.landfall<{ items: ImageView[] }>('ListImages', {}, signal)
  return items
}

function findAvailable(images: readonly ImageView[], imageID: string): ImageView {
  const image = images.find((one) => one.imageID === imageID)
  if (image === undefined) {
    const message = `There is no image ${imageID}: see "landfall images list".`
    throw new LandfallError('not_found', message)
  }
  if (image.state === 'AVAILABLE') return image
  const message = `Image ${imageID} is ${image.state}: only what is AVAILABLE has files.`
  throw new LandfallError('conflict', message)
}

/** For a person: each image, with the sizes of its disks and of their files. */
export function describeImages(images: readonly ImageView[]): string {
  if (images.length === 0) return 'There are no images.'
  return images.map(describe).join('\n')
}

function describe({ imageID, name, state, instanceID, createdAt, ...image }: ImageView): string {
  const lines = [`${imageID}  ${state}  ${name}`, `  of ${instanceID}, asked for at ${createdAt}`]
  if (image.failureReason !== undefined) lines.push(`  ${image.failureReason}`)
  for (const { deviceName, sizeBytes, fileBytes, path } of image.disks) {
    const size = formatBytes(sizeBytes)
    lines.push(`  ${deviceName}, ${size}: ${path} (${formatBytes(fileBytes)})`)
  }
  return lines.join('\n')
}
