import type { CommandDocument } from './document-content.ts'

/** As AWS's document of this name; the service itself does what it says, and no agent. */
export const CREATE_IMAGE = {
  name: 'AWS-CreateImage',
  description: "Makes an image of the instance's disks.",
  parameters: {
    InstanceId: { type: 'String', description: 'The instance: the dynamic path ec2.InstanceId.' },
    NoReboot: {
      type: 'Boolean',
      default: false,
      description: 'Either way the instance is not rebooted for its image.',
    },
    AutomationAssumeRole: {
      type: 'String',
      default: '',
      description: 'Has no meaning here: the service needs no role.',
    },
  },
} as const satisfies {
  readonly name: string
  readonly description: string
  readonly parameters: NonNullable<CommandDocument['parameters']>
}

/** What GetDocument shows. */
export const CREATE_IMAGE_CONTENT = {
  schemaVersion: '0.3',
  description: CREATE_IMAGE.description,
  assumeRole: '{{ AutomationAssumeRole }}',
  parameters: CREATE_IMAGE.parameters,
  mainSteps: [
    {
      action: 'aws:createImage',
      name: 'createImage',
      onFailure: 'Abort',
      inputs: {
        InstanceId: '{{ InstanceId }}',
        ImageName: '{{ InstanceId }}_{{ global:DATE_TIME }}',
        NoReboot: '{{ NoReboot }}',
      },
    },
  ],
  outputs: ['createImage.ImageId'],
}

/** What AWS puts in the place of `global:DATE_TIME`. */
export function imageName(instanceID: string, now: Date): string {
  const [date = '', time = ''] = now.toISOString().slice(0, 19).split('T')
  return `${instanceID}_${date}_${time.replaceAll(':', '.')}`
}
