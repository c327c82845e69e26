/**
 * The single table, in one place: the CDK stack deploys it, the local stack creates it.
 * Keys are built in shared/store/keys.ts; docs/data-model.md lists them.
 */
export const tableDefinition = {
  partitionKey: 'PK',
  sortKey: 'SK',
  timeToLiveAttribute: 'expiresAt',
  streamViewType: 'NEW_AND_OLD_IMAGES',
  indexes: [
    /** A tenant's employees by name; the tenants of the deployment. */
    { name: 'byName', partitionKey: 'listPK', sortKey: 'listSK' },
    /** What the audit says of one employee, by time. */
    { name: 'bySubject', partitionKey: 'subjectPK', sortKey: 'subjectSK' },
  ],
} as const;
