import { endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { gatewayScreen } from '../../shared/routes/gateway.ts';
import { show } from '../../shared/screens/screens.ts';
import { gatewayPage } from './gateway-page.ts';

export const gatewayScreenEndpoint = () =>
  endpoint(gatewayScreen, async (call) => {
    const form = openForm(call);
    return show(gatewayPage({ form, company: call.query.company }), { setCookies: form.setCookies });
  });
