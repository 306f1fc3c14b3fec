import { readFileSync } from 'node:fs'
import type { CommandDocument } from './document-content.ts'

/** A document that is here from the start; its script is a file in `predefined/`. */
export interface PredefinedDocument {
  readonly name: string
  readonly description: string
  readonly script: string
  readonly parameters: NonNullable<CommandDocument['parameters']>
}

const SECONDS = '[0-9]{1,6}'

function waitSeconds(value: string, description: string) {
  return {
    WaitSeconds: { type: 'String', default: value, allowedPattern: SECONDS, description },
  } as const
}

/** By the names that MGN's have, where they are known; the others are Landfall's own. */
export const PREDEFINED_DOCUMENTS: readonly PredefinedDocument[] = [
  {
    name: 'AWSMigration-VerifyMountedVolumes',
    description: 'Volumes are mounted, readable, writable, and as large as expected.',
    script: 'verify-mounted-volumes.sh',
    parameters: {
      Volumes: {
        type: 'StringList',
        default: [''],
        allowedPattern: String.raw`(/[^=\n]*(=[0-9]{1,7})?)?`,
        description:
          'Mount points, each with the least GiB of its volume or without: /data=100. Without ' +
          'any, those that /etc/fstab mounts at boot.',
      },
    },
  },
  {
    name: 'AWSMigration-ValidateDiskSpace',
    description: 'File systems have room left.',
    script: 'validate-disk-space.sh',
    parameters: {
      Paths: {
        type: 'StringList',
        default: ['/'],
        allowedPattern: String.raw`/[^\n]*`,
        description: 'Folders whose file systems are looked at.',
      },
      MinimumFreeMiB: {
        type: 'String',
        default: '1024',
        allowedPattern: '[0-9]{1,9}',
        description: 'The least that must be free.',
      },
    },
  },
  {
    name: 'Landfall-VerifyProcesses',
    description: 'Programs run.',
    script: 'verify-processes.sh',
    parameters: {
      ProcessNames: {
        type: 'StringList',
        minItems: 1,
        allowedPattern: String.raw`[^/\n]+`,
        description: 'Names of processes, or of the files that they were started as.',
      },
      ...waitSeconds('120', 'How long they may take to be there.'),
    },
  },
  {
    name: 'Landfall-VerifyHTTPResponse',
    description: 'URLs answer with the expected status.',
    script: 'verify-http-response.sh',
    parameters: {
      Urls: {
        type: 'StringList',
        minItems: 1,
        allowedPattern: String.raw`https?://[^\s]+`,
        description: 'What is asked for, from within the instance.',
      },
      ExpectedStatus: {
        type: 'String',
        default: '200',
        allowedPattern: '[1-5][0-9]{2}',
        description: 'The status of the answer. Redirections are not followed.',
      },
      VerifyCertificates: {
        type: 'String',
        default: 'true',
        allowedValues: ['true', 'false'],
        description: 'Whether an HTTPS server must prove who it is.',
      },
      ...waitSeconds('120', 'How long the servers may take.'),
    },
  },
  {
    name: 'Landfall-VerifyConnectivity',
    description: 'Hosts accept TCP connections.',
    script: 'verify-connectivity.sh',
    parameters: {
      Targets: {
        type: 'StringList',
        minItems: 1,
        allowedPattern: String.raw`[^\s]+:[0-9]{1,5}`,
        description: 'HOST:PORT, as seen from the instance; [ADDRESS]:PORT for IPv6.',
      },
      ...waitSeconds('60', 'How long the hosts may take.'),
    },
  },
  {
    name: 'Landfall-VerifyTags',
    description: 'The instance has tags.',
    script: 'verify-tags.sh',
    parameters: {
      ExpectedTags: {
        type: 'StringList',
        minItems: 1,
        allowedPattern: String.raw`[^\n]+`,
        description: 'KEY=VALUE, or KEY with whatever value.',
      },
      InstanceTags: {
        type: 'StringList',
        description: 'What it has, each tag as JSON: the dynamic path ec2.Tags.',
      },
    },
  },
  {
    name: 'Landfall-VerifyTimeSync',
    description: 'The clock is synchronised, by chrony, ntpd or systemd-timesyncd.',
    script: 'verify-time-sync.sh',
    parameters: { ...waitSeconds('300', 'How long it may take.') },
  },
  {
    name: 'Landfall-InstallGuestAgent',
    description: "Installs QEMU's guest agent from the distribution.",
    script: 'install-guest-agent.sh',
    parameters: {},
  },
  {
    name: 'Landfall-RemoveGuestAgents',
    description:
      "Removes other hypervisors' guest agents: VMware's, VirtualBox's, Hyper-V's, Xen's.",
    script: 'remove-guest-agents.sh',
    parameters: {},
  },
]

/** The document's content, which runs the script as one step. */
export function predefinedContent({ description, script, parameters }: PredefinedDocument) {
  const text = readFileSync(new URL(`./predefined/${script}`, import.meta.url), 'utf8')
  return {
    schemaVersion: '2.2',
    description,
    parameters,
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'run',
        // A list that stands alone in a line becomes lines of its own.
        inputs: { runCommand: text.trimEnd().split('\n') },
      },
    ],
  } satisfies CommandDocument
}
