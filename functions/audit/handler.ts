import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { auditRoutes } from '../../shared/routes/audit.ts';
import { exportAuditEndpoint } from './export-audit.ts';
import { listAuditEndpoint } from './list-audit.ts';
import { listEmployeeAuditEndpoint } from './list-employee-audit.ts';

export const handler = await bearerFunction(auditRoutes, (table) => [
  listAuditEndpoint(table),
  listEmployeeAuditEndpoint(table),
  exportAuditEndpoint(table),
]);
