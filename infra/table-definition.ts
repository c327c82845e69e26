import { LISTED_EMPLOYEE_FIELDS, LISTED_PERSON_FIELDS } from '../shared/store/items.ts';

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
    /** A tenant's employees by name. Compact: text filters and other sorts read all of a tenant's rows. */
    { name: 'byName', partitionKey: 'listPK', sortKey: 'listSK', attributes: LISTED_EMPLOYEE_FIELDS },
    /** A tenant's people by name, active and inactive apart: what pickers read does not grow with API Employees. */
    {
      name: 'peopleByName',
      partitionKey: 'peoplePK',
      sortKey: 'listSK',
      attributes: LISTED_PERSON_FIELDS,
    },
    /** What the audit says of one employee, by time; one person's sessions; the tenants of the deployment. */
    { name: 'bySubject', partitionKey: 'subjectPK', sortKey: 'subjectSK' },
  ],
} as const satisfies TableDefinition;

type KeyNames = { readonly partitionKey: string; readonly sortKey: string };
export type IndexDefinition = KeyNames & {
  readonly name: string;
  /** What the index holds besides the keys; whole items without it. */
  readonly attributes?: readonly string[];
};
type TableDefinition = KeyNames & {
  readonly timeToLiveAttribute: string;
  readonly streamViewType: 'NEW_AND_OLD_IMAGES';
  readonly indexes: readonly IndexDefinition[];
};
