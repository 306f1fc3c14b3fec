/** Points that the default policy keeps after a week: so many, so far apart, from that age on. */
const KEPT_POINTS = [
  { count: 6, everyMinutes: 10, fromMinutes: 0 },
  { count: 24, everyMinutes: 60, fromMinutes: 60 },
  { count: 6, everyMinutes: 1440, fromMinutes: 1500 },
]

const DISKS = ['/dev/vda', '/dev/vdb'].map((deviceName) => ({
  deviceName,
  sizeBytes: 40 * 1024 ** 3,
  layerPath: `/staging${deviceName}`,
  layerBytes: 300 * 1024 ** 2,
}))

/**
 * A statement that writes the points that the schedule would have had made and kept of servers up
 * to now, where a test cannot wait for them. `servers` selects `id`, `seq`, and `since`: the moment
 * from which on there are points.
 */
export function insertKeptPoints(servers: string): string {
  const ages = KEPT_POINTS.map(
    ({ count, everyMinutes, fromMinutes }) =>
      `select ${fromMinutes} + ${everyMinutes} * n as minutes from generate_series(0, ${count - 1}) n`,
  ).join(' union all ')
  return `
    insert into points (point_id, source_server_id, state, requested_at, taken_at, reason,
        description, disks)
      select 'point-' || substr(md5(id || minutes), 1, 17), id, 'AVAILABLE', at, at, 'SCHEDULED',
        '{"consistency":"filesystem","frozen":["/","/srv"],"notFrozen":[],"freezeMs":11}',
        '${JSON.stringify(DISKS)}'
      from (select id, minutes, since,
          now() - make_interval(mins => minutes, secs => seq % 540) as at
        from (${servers}) servers, (${ages}) ages) made
      where at > since
      order by at`
}
