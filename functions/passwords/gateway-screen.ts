import { endpoint } from '../../shared/http/call.ts';
import { gatewayScreen } from '../../shared/routes/passwords.ts';
import { openForm } from './forms.ts';
import { gatewayPage } from './gateway-page.ts';
import { show } from './screens.ts';

export const gatewayScreenEndpoint = () =>
  endpoint(gatewayScreen, async (call) => {
    const form = openForm(call);
    return show(gatewayPage({ form, company: call.query.company }), { setCookies: form.setCookies });
  });
