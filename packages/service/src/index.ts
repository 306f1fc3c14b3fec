export { clusterConnectionString, startCluster } from './database/cluster.ts'
export type { Cluster, ClusterOptions } from './database/cluster.ts'
