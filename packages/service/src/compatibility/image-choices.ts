import type { Choice } from './choice.ts'

/** What was chosen for images of instances. */
export const IMAGE_CHOICES: readonly Choice[] = [
  {
    question: '`NoReboot` of CreateImage and AWS-CreateImage',
    choice:
      "taken either way: an instance is never rebooted for its image. What is in the guest's memory " +
      'is not in it, as after a power cut',
    shownBy: 'the AWS CLI makes an image of an instance, waits for it, and deregisters it',
  },
  {
    question: 'Of which moment an image is',
    choice:
      'all disks of the one when their copy begins: a second after CreateImage, unless four others ' +
      'are being copied, or disks of the same instance',
    shownBy: 'an image is of the moment when its copy began, and outlives the instance',
  },
  {
    question: 'Image of an instance that stops, starts or ends before its disks are copied',
    choice: 'failed, with `StateReason`; nothing of it stays',
    shownBy: 'an image of an instance that is terminated meanwhile fails, and leaves nothing',
  },
  {
    question: 'StartInstances while the disks of the stopped instance are copied',
    choice: 'refused with IncorrectState',
    shownBy:
      'a stopped instance is not started while its disks are copied; what is written is noticed',
  },
  {
    question: 'Image whose copy was under way when the service was killed',
    choice: 'stays pending, and is copied from the start: it is of the later moment then',
    shownBy: 'a service that is stopped or killed makes its pending images anew',
  },
  {
    question: 'Image of a running instance with volumes of type io1 or io2',
    choice:
      'failed with the remedy, to stop it first: a copy that fails of a disk with an I/O thread can ' +
      'end QEMU 7.2, and the instance with it',
    shownBy: 'disks with threads of their own are copied only while the instance is stopped',
  },
  {
    question: 'DeregisterImage',
    choice: 'deletes the files of the image, and ends a copy that is under way',
    shownBy:
      'an image that is deregistered while it is copied leaves nothing, nor one that just was',
  },
  {
    question: 'Post-launch action AWS-CreateImage',
    choice:
      'is carried out by the service, at order 1000: it needs no agent. `executionID` is the ID of ' +
      'the image, and there are no automation executions to be asked for',
    shownBy:
      'the image is made after the checks, and its action has succeeded once it is available',
  },
]
