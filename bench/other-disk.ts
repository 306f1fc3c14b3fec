/**
 * Where the staging area of another machine stands in for its disk: memory. On one disk each end
 * would have half of it.
 */
export const OTHER_DISK = '/dev/shm'
