/**
 * The files of a guest, to look at: of one that runs, by whoever runs in it, or of the disks of one
 * that does not. Paths are the guest's own, absolute.
 */
export interface GuestReader {
  /**
   * A file's text, undefined when there is no such file. Bytes come as Latin-1, so none is lost.
   */
  read(path: string): Promise<string | undefined>
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<string[]>
  isFolder(path: string): Promise<boolean>
  /**
   * A file's bytes, or those of a part, piece by piece, so that no large file has to be in memory;
   * undefined when there is no such file.
   */
  stream(path: string, part?: FilePart): Promise<AsyncIterable<Buffer> | undefined>
  /** A file's size; undefined when there is no such file. */
  sizeBytes(path: string): Promise<number | undefined>
  /** What a symbolic link says; undefined when there is none of that name. */
  linkTarget(path: string): Promise<string | undefined>
  /** Of the filesystem that a folder is in; undefined when there is no such folder. */
  space(folder: string): Promise<FilesystemSpace | undefined>
}

export interface FilePart {
  /** Default 0: its first bytes. */
  readonly offset?: number
  /** Fewer where the file ends before. */
  readonly bytesMax: number
}

export interface FilesystemSpace {
  readonly totalBytes: number
  /** What programs other than root's may take. */
  readonly availableBytes: number
}

/** The files of a guest that is not running, to be changed. */
export interface GuestFiles extends GuestReader {
  /** Replaces or makes a file, and its folder when missing. Text as `read` gives it. */
  write(path: string, text: string, mode: number): Promise<void>
  /** Removes a file or a folder with all in it; silent when there is none. */
  remove(path: string): Promise<void>
  /** Makes or replaces a symbolic link, and its folder when missing. */
  link(target: string, path: string): Promise<void>
  /** Copies a file with its owner and mode, making the target's folder. */
  copy(from: string, to: string): Promise<void>
}

export interface GuestSystem extends GuestFiles {
  /** The filesystem or swap UUID behind a source's device path; undefined when it has none. */
  uuidOf(devicePath: string): Promise<string | undefined>
}
