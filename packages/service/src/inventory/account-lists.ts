import type { CallContext, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { refuseToken, type PageRequest } from '../pages.ts'

/** What MGN lists of an account's surroundings, of which there is little here. */
export function accountListOperations(): OperationGroup {
  return {
    mgn: {
      /** The account itself: there is no organization to manage others in. */
      async ListManagedAccounts(input: PageRequest, { accountID }: CallContext) {
        refuseToken(input)
        return { items: [{ accountId: accountID }] }
      },
      /** None: without an agent nothing is replicated yet. */
      async DescribeVcenterClients(input: PageRequest) {
        refuseToken(input)
        return { items: [] }
      },
      async DeleteVcenterClient({ vcenterClientID }: { readonly vcenterClientID: string }) {
        return found<object>(undefined, 'VcenterClient', vcenterClientID)
      },
    },
  }
}
