import { join } from 'node:path'

/** Where everything of one installation lives unless `--data-dir` says otherwise. */
export const DATA_DIRECTORY_DEFAULT = '/var/lib/landfall'

/** The paths of an installation that the command line itself reads or writes. */
export function pathsOf(dataDir: string) {
  return {
    root: dataDir,
    config: join(dataDir, 'config.json'),
    credentials: join(dataDir, 'credentials.json'),
    certificateAuthority: join(dataDir, 'ca', 'ca.crt'),
    postgres: join(dataDir, 'postgres'),
    run: join(dataDir, 'run'),
    logs: join(dataDir, 'logs'),
    staging: join(dataDir, 'staging'),
    instances: join(dataDir, 'instances'),
    images: join(dataDir, 'images'),
    buckets: join(dataDir, 'buckets'),
    software: join(dataDir, 'software'),
    console: join(dataDir, 'console'),
    /** Where the checkout appears to the staging area when its own folder is closed to it. */
    program: join(dataDir, 'program'),
    lock: join(dataDir, 'run', 'up.lock'),
  } as const
}

export type DataPaths = ReturnType<typeof pathsOf>
