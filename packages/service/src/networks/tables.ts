/** ISOLATED: in a network of its own without a way out. LIKE_CUTOVER: where a cutover would be. */
export const TEST_NETWORKS = ['ISOLATED', 'LIKE_CUTOVER'] as const

export type TestNetwork = (typeof TEST_NETWORKS)[number]

export interface NetworkTables {
  /** Of the servers for which somebody chose. */
  network_settings: {
    source_server_id: string
    test_network: TestNetwork
  }
}
