import { endpoint } from '../../shared/http/call.ts';
import { stylesheet } from '../../shared/routes/passwords.ts';
import { granted } from '../../shared/rules/decision.ts';
import { css } from '../../shared/screens/page-style.ts';

export const stylesheetEndpoint = () =>
  endpoint(stylesheet, async () => granted({ content: { type: 'text/css; charset=utf-8', body: css } }));
