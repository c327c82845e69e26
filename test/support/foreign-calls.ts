/**
 * A body that each call with an id would accept, by operationId, so that what refuses it is the id alone. A new
 * call with an id and a body needs an entry here, else the isolation test fails.
 */
export const ACCEPTABLE_BODIES: Readonly<Record<string, unknown>> = {
  updateEmployee: { firstName: 'Mallory' },
  setPassword: { password: 'a password of mallory' },
  updateRole: { apiAccess: true },
  copyRole: { name: 'Copied by Mallory' },
};

/** Names of path parameters that take the id of an employee or a role. */
export const ID_PARAMETERS = new Set(['id', 'assigneeId']);
