import type { Rights, RoleFacts } from './rights.ts';

/** Administrator is the first role of every tenant. */
export const ADMINISTRATOR_ROLE_ID = 1;

const ALL: Rights = {
  hr: ['view', 'modify', 'delete'],
  security: ['view', 'modify', 'delete'],
  company: ['view', 'modify', 'delete'],
  audit: ['view', 'modify', 'delete'],
};

const VIEW_HR: Rights = { hr: ['view'] };

/** The roles that every tenant begins with; ids follow the order. Only Administrator has API Access (M15). */
const BUILT_IN: readonly Pick<RoleFacts, 'name' | 'external' | 'rights'>[] = [
  { name: 'Administrator', external: false, rights: ALL },
  { name: 'Project Manager', external: false, rights: VIEW_HR },
  { name: 'CRM Manager', external: false, rights: VIEW_HR },
  { name: 'Finance Manager', external: false, rights: { ...VIEW_HR, company: ['view'] } },
  { name: 'Service Desk Manager', external: false, rights: VIEW_HR },
  { name: 'User', external: false, rights: {} },
  { name: 'External User', external: true, rights: {} },
  { name: 'External Manager', external: true, rights: {} },
];

export function builtInRoles(): RoleFacts[] {
  return BUILT_IN.map((role, index) => {
    const administrator = index + 1 === ADMINISTRATOR_ROLE_ID;
    return { id: index + 1, ...role, active: true, system: true, administrator, apiAccess: administrator };
  });
}
