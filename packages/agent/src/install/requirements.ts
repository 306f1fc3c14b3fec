/** What the agent needs of its machine. The installer's shell part checks with the same numbers. */

/** The agent's own bound is 150 MiB resident; MGN asks for 300 MB. */
export const RAM_MIB_NEEDED = 150

/** The unpacked program is about 120 MiB; twice that while a reinstall replaces the old one. */
export const SPACE_MIB_TO_UNPACK = 300

/** After unpacking: two log files of 5 MiB, keys and settings. */
export const SPACE_MIB_TO_RUN = 32

/** Node's build demands it; Debian 10, RHEL 8 and Ubuntu 20.04 have it. */
export const GLIBC_NEEDED = '2.28'

/** SigV4 refuses requests whose time is off by more (AWS's own limit). */
export const CLOCK_OFFSET_MINUTES_MAX = 5
